//! Fits to latencies of a small machine whose numbers are known.

mod fitted;
mod left_out;
mod machine;
mod text;

//! What the simulator does in a second: estimates, by speed and from genomes, and stepped arrays.
//!
//! Rates of one run stand beside each other; their ratios are what to compare. SCALE-Sim's rate on
//! the same layers is `benches/scalesim.py`'s.

mod estimates;
mod stepping;

criterion::criterion_main!(estimates::benches, stepping::benches);

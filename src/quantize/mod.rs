//! Post-training quantization: a folded float graph and calibration images in, an int8 graph out.
//!
//! ```text
//! fold -> observe ranges -> count values -> choose ranges -> rewrite -> correct biases -> judge
//! ```
//!
//! [`run`] is all of it. [`calibrate`] runs the float graph over images and keeps the smallest and
//! the largest element of every activation; [`histogram`] is a second pass, from which
//! [`methods`] choose narrower ranges. [`quantize`] turns the graph into one of `i8` tensors,
//! inputs and outputs included, as LiteRT and the compilers of edge accelerators take them:
//!
//! - activations have one scale and zero point each ([`grids`]); operators that only move or
//!   select elements keep them;
//! - weights are symmetric, with one scale per output channel of a convolution, and one for all of a
//!   dense layer ([`weights`]);
//! - biases are `i32`, in units of the input's scale times the weights'.

mod error;
mod options;
mod ranges;
mod run;

pub mod histogram;
pub mod methods;

pub mod grids;
pub mod weights;

mod rewrite;
mod unsigned;

mod bias;
mod mixed;
mod sensitivity;

mod signal;
mod twins;
mod values;

pub use error::QuantizeError;
pub use options::{Choice, Judged, Method, Options, UnknownMethod};
pub use ranges::{Range, Ranges, calibrate};
pub use rewrite::quantize;
pub use run::{Activation, Quantized, run};
pub use sensitivity::Layer;
pub use signal::Power;
pub use unsigned::unsigned;

#[cfg(test)]
mod tests;

//! Model files: a verified graph in, bytes out, and back.
//!
//! [`onnx::write`] and [`tflite::write`] take any [`kernels::Verified`] graph whose constants have
//! values, float or int8, and give the same bytes for the same graph, always. What no output
//! depends on is left out. [`onnx::read`] and [`tflite::read`] take the bytes of any file of theirs and
//! give a verified graph, in which operators outside the vocabulary are [`kernels::Op::Foreign`].
//!
//! This crate knows ONNX and TFLite. It deliberately does not know the disk, training or any
//! particular chip.
#![deny(clippy::print_stdout)]

pub mod onnx;
pub mod tflite;

mod constants;
mod countable;
mod error;
mod metadata;
mod names;
mod read_error;

#[cfg(test)]
mod samples;

pub use error::{ExportError, Format};
pub use metadata::Metadata;
pub use read_error::ReadError;

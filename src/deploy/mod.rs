//! Targets: what a graph must look like for a machine, and the files written for it.

mod bundle;
mod metadata;
mod target;

pub use bundle::{Bundle, FLOAT_ONNX, INT8_ONNX, INT8_TFLITE, write_bundle};
pub use metadata::metadata;
pub use target::{TARGETS, Target};

//! Model files: a verified graph in, bytes out.
//!
//! This crate knows ONNX and TFLite. It deliberately does not know the disk, training or any
//! particular chip.
#![deny(clippy::print_stdout)]

//! From a float network to the files that deploy it: what a target needs of a graph, where the
//! network and its calibration data come from, and the bundle that is written.

mod argmax;
mod bundle;
mod golden;
mod header;
mod metadata;
mod simulated;
mod target;
mod untrained;

pub mod calibration;
pub mod record;
pub mod source;

pub use argmax::with_classes;
pub use bundle::{
    Bundle, CARD, Deployment, FLOAT_ONNX, FLOAT_TFLITE, INT8_HEADER, INT8_ONNX, INT8_TFLITE,
    RECORD, make_folder, onnx, tflite, write_bundle,
};
pub use calibration::Calibration;
pub use golden::Golden;
pub use metadata::metadata;
pub use source::{Origin, Source};
pub use target::{TARGETS, Target};

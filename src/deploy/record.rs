//! `bundle.json`: what a bundle holds and where its figures come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::source::{DataOrigin, Origin};
use crate::space::ednas::Upsampling;
use crate::task::Task;
use crate::validate::metrics::Scores;

/// The schema of [`BundleRecord`].
pub const SCHEMA: &str = "ednas.bundle/1";

/// `ednas.bundle/1`: a deployed network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of `ednas`.
    pub ednas_version: String,
    /// The name of the network.
    pub network: String,
    /// What it was built and exported for, such as `coral`.
    pub target: String,
    /// How its heads return to the size of the image; nothing for networks of others.
    pub upsampling: Option<Upsampling>,
    /// Where its values come from.
    pub origin: Origin,
    /// What it was trained on; nothing for networks of others.
    pub data: Option<DataOrigin>,
    /// How it became 8-bit integers.
    pub quantization: QuantizationRecord,
    /// Parameters of the float network.
    pub params: u64,
    /// Multiply-accumulates of one inference.
    pub macs: u64,
    /// Inputs of the int8 network, in order.
    pub inputs: Vec<TensorRecord>,
    /// Outputs of the int8 network, in order.
    pub outputs: Vec<TensorRecord>,
    /// How good it is; nothing where there is no data to tell.
    pub accuracy: Option<AccuracyRecord>,
    /// What the simulator says of one inference, by machine; the target first.
    pub simulated: Vec<SimulatedRecord>,
    /// Every other file by its path in the bundle.
    pub files: BTreeMap<String, FileRecord>,
}

/// How a network became 8-bit integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantizationRecord {
    /// How ranges were chosen.
    pub method: String,
    /// What they were read from.
    pub calibration: String,
    /// The type of activations in `model_int8.onnx`: `int8` or `uint8`.
    pub onnx_activations: String,
}

/// An input or output of the int8 network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorRecord {
    /// Its name in every file.
    pub name: String,
    /// Channels last, as in the TFLite files; ONNX files have the channels second.
    pub shape: Vec<usize>,
    /// The type of its elements, such as `i8`.
    pub dtype: String,
    /// `real = scale * (stored - zero_point)`; nothing where elements are no reals.
    pub scale: Option<f32>,
    /// See `scale`.
    pub zero_point: Option<i32>,
    /// What it predicts; nothing for inputs, and for outputs that are named after no task.
    pub task: Option<Task>,
    /// The file of golden elements, exactly what goes in or must come out, `[n, ...]`.
    pub golden: String,
    /// The same of the float network.
    pub golden_float: String,
}

/// Metrics of both networks on the same samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyRecord {
    /// Samples of the validation split.
    pub samples: usize,
    /// Of the float network.
    pub float: Scores,
    /// Of the int8 network.
    pub int8: Scores,
}

/// One inference of the int8 network on one simulated machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedRecord {
    /// The machine.
    pub profile: String,
    /// Milliseconds; nothing where the machine cannot run the network.
    pub latency_ms: Option<f64>,
    /// Share of the latency that rests on assumed numbers, 0 to 1.
    pub assumed_share: f64,
    /// Operators that the accelerator runs.
    pub accelerator_operators: usize,
    /// Operators that its host runs.
    pub host_operators: usize,
    /// The most activations that live on the chip at once.
    pub activation_peak_bytes: u64,
    /// Millijoules; nothing where the profile does not tell.
    pub energy_mj: Option<f64>,
    /// Why the machine cannot run it.
    pub infeasible: Option<String>,
}

/// A file of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its size.
    pub bytes: u64,
    /// FNV-1a of its bytes, 16 hexadecimal digits.
    pub fingerprint: String,
}

//! Written files, run by the runtimes of others: onnxruntime and LiteRT agree with `kernels`.

mod maker;
mod network;
mod runtime;
mod spread;
mod zoo;

use exporters::{Metadata, onnx, tflite};
pub(crate) use runtime::python;
use runtime::{Case, check};

/// The largest difference that counts as agreement.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tolerance {
    /// Every element the same.
    Exact,
    /// One step of int8.
    OneStep,
    /// Float summed in another order: 1e-4 of values around 1.
    Float,
}

impl Tolerance {
    fn most(self) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::OneStep => 1.0,
            Self::Float => 1e-4,
        }
    }
}

/// QDQ is computed in float, so that a tie may round to the other side.
#[test]
fn onnxruntime_agrees() {
    let write = |case: &Case| onnx::write(&case.graph, &Metadata::default());
    check(
        &zoo::cases(),
        "model.onnx",
        "check_onnx.py",
        write,
        |case| case.tolerance,
    );
}

/// `kernels` computes int8 as LiteRT does: not one element differs.
#[test]
fn litert_agrees() {
    let write = |case: &Case| tflite::write(&case.graph, &Metadata::default());
    check(
        &zoo::cases(),
        "model.tflite",
        "check_tflite.py",
        write,
        |case| match case.tolerance {
            Tolerance::Exact | Tolerance::OneStep => Tolerance::Exact,
            Tolerance::Float => Tolerance::Float,
        },
    );
}

/// Shapes and quantizations are drawn at random.
#[test]
fn litert_agrees_under_many_quantizations() {
    let write = |case: &Case| tflite::write(&case.graph, &Metadata::default());
    let tolerance = |case: &Case| case.tolerance;
    check(
        &spread::cases(),
        "model.tflite",
        "check_tflite.py",
        write,
        tolerance,
    );
}

/// Calibrated, quantized and written: through all layers, not one element differs.
#[test]
fn litert_agrees_on_mt_edge() {
    let write = |case: &Case| tflite::write(&case.graph, &Metadata::default());
    let tolerance = |case: &Case| case.tolerance;
    check(
        &[network::mt_edge()],
        "model.tflite",
        "check_tflite.py",
        write,
        tolerance,
    );
}

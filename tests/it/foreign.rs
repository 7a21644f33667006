//! Written files, run by the runtimes of others: onnxruntime, LiteRT and tract agree with
//! `kernels`.

mod maker;
mod network;
mod onnx_cases;
mod quantizer;
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
    /// The same through the sixty layers of a network, each of which adds its own.
    FloatNetwork,
}

impl Tolerance {
    fn most(self) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::OneStep => 1.0,
            Self::Float => 1e-4,
            Self::FloatNetwork => 1e-2,
        }
    }
}

/// Every operator in float and int8, and a whole network in float.
///
/// In int8 the network tells a runtime that computes QDQ in float nothing: random values amplify
/// a tie that falls to the other side until nothing is alike (one step at 1 % of the input pixels
/// moves the outputs by 12 steps in the mean).
fn cases_in_float() -> Vec<Case> {
    let [float, _] = network::mt_edge();
    zoo::cases().into_iter().chain([float]).collect()
}

/// QDQ is computed in float, so that a tie may round to the other side.
#[test]
fn onnxruntime_agrees() {
    let write = |case: &Case| onnx::write(&case.graph, &Metadata::default());
    check(
        &cases_in_float(),
        "model.onnx",
        "check_onnx.py",
        write,
        |case| case.tolerance,
    );
}

/// `kernels` computes int8 as LiteRT does: through a whole network, not one element differs.
#[test]
fn litert_agrees() {
    let cases: Vec<Case> = zoo::cases().into_iter().chain(network::mt_edge()).collect();
    let write = |case: &Case| tflite::write(&case.graph, &Metadata::default());
    check(
        &cases,
        "model.tflite",
        "check_tflite.py",
        write,
        |case| match case.tolerance {
            Tolerance::Exact | Tolerance::OneStep => Tolerance::Exact,
            Tolerance::Float | Tolerance::FloatNetwork => case.tolerance,
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

/// The runtime that validation uses, on the same files as onnxruntime.
///
/// DIFFERENCE: tract 0.23.9 replaces a quantized softmax by a table of single elements, as if it
/// were elementwise. A release that repairs it fails this test.
#[cfg(feature = "validate")]
#[test]
fn tract_agrees() {
    use ednas::validate::tract::Model;

    let is_wrong = |case: &Case| ["softmax-image-int8", "softmax-rows-int8"].contains(&&*case.name);
    for case in cases_in_float() {
        let bytes = onnx::write(&case.graph, &Metadata::default()).unwrap();
        let found = Model::load(&bytes).unwrap().run(&case.inputs).unwrap();
        let expected = kernels::eval::evaluate(&case.graph, &case.inputs).unwrap();
        for (found, expected) in found.iter().zip(&expected) {
            let most = runtime::largest_difference(found, expected);
            let name = &case.name;
            let agrees = most <= case.tolerance.most();
            assert_eq!(agrees, !is_wrong(&case), "{name}: differs by {most}");
        }
    }
}

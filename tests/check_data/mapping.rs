//! What is left to the CPU of model files, as the vendors' compilers leave it.

use hwmodels::compile::refusals;
use hwmodels::profile::Profile;
use kernels::work::{Precision, tasks};

use super::models::files;

/// The machines, in the order of [`ON_THE_CPU`].
const MACHINES: [&str; 3] = ["ethos-u55-128", "ethos-u85-256", "coral-edgetpu"];

/// By file: what Vela 5.2.0 leaves to the CPU for an Ethos-U55 of 128 multipliers and for an Ethos-U85
/// of 256, and what runs on the CPU beside an Edge TPU according to who published the file. Every
/// other file runs whole.
const ON_THE_CPU: [(&str, [&[&str]; 3]); 5] = [
    (
        "deeplabv3_mnv2_dm05_pascal_quant",
        [&["ResizeBilinear_2"], &[], &["ResizeBilinear_2", "ArgMax"]],
    ),
    (
        "deeplabv3_mnv2_pascal_quant",
        [&["ResizeBilinear_2"], &[], &["ResizeBilinear_2", "ArgMax"]],
    ),
    // Vela stops at a file whose operator has no operand; no compiler takes the operator.
    ("model_invoking_error", [&["tensor 1"]; 3]),
    (
        "posenet_mobilenet_v1_075_353_481_16_quant_decoder",
        [&["poses"]; 3],
    ),
    ("traffic_model", [&["TFLite_Detection_PostProcess"]; 3]),
];

#[test]
fn compilers_leave_the_same_operators_to_the_cpu() {
    for path in files() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let graph = exporters::tflite::read(&std::fs::read(&path).unwrap()).unwrap();
        let list = tasks(&graph, Precision::AsIs).unwrap();
        let known = ON_THE_CPU.iter().find(|(file, _)| *file == name);
        let known = known.map_or([&[][..]; 3], |(_, known)| *known);
        for (machine, expected) in MACHINES.into_iter().zip(known) {
            let refusals = refusals(&Profile::named(machine).unwrap(), &list);
            let tasks = list.tasks().iter().zip(refusals);
            let hosted = tasks.filter(|(_, refusal)| refusal.is_some());
            let hosted: Vec<&str> = hosted.map(|(task, _)| task.name.as_str()).collect();
            assert_eq!(hosted, expected, "{name} on {machine}");
        }
    }
}

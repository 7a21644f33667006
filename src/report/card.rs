//! `card.md` of a bundle: what the network is, how good and how fast, and how to run it.

use std::fmt::Write;
use std::path::Path;

use super::numbers::{bytes, count, three};
use crate::deploy::record::{AccuracyRecord, BundleRecord, SimulatedRecord, TensorRecord};
use crate::deploy::source::Origin;
use crate::task::Task;

/// The card of a bundle, in Markdown.
#[must_use]
pub fn card(record: &BundleRecord) -> String {
    let mut text = format!("# {}\n\n", record.network);
    let _ = writeln!(text, "{}", origin(&record.origin));
    let _ = writeln!(
        text,
        "It has {} parameters and takes {} multiply-accumulates an inference. It was exported \
         for **{}**.\n",
        count(record.params),
        count(record.macs),
        record.target
    );
    text += &tensors(record);
    text += &accuracy(record);
    text += &simulated(&record.simulated);
    text += &running(record);
    text
}

/// What a person is told after the files were written to `folder`.
#[must_use]
pub fn summary(record: &BundleRecord, folder: &Path) -> String {
    let mut text = format!(
        "{} for {} in {}\n\n",
        record.network,
        record.target,
        folder.display()
    );
    let width = record.files.keys().map(String::len).max().unwrap_or(0);
    for (name, file) in &record.files {
        let _ = writeln!(text, "{name:width$}  {:>9}", bytes(file.bytes));
    }
    if let Some(machine) = record.simulated.first() {
        let latency = machine.latency_ms.map(|ms| format!("{} ms", three(ms)));
        let _ = writeln!(
            text,
            "\n{}: {} simulated, {} operators on the accelerator, {} on the host",
            machine.profile,
            latency.as_deref().unwrap_or("cannot run it"),
            machine.accelerator_operators,
            machine.host_operators
        );
    }
    text
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Untrained { network, seed } => format!(
            "`{network}` with **random values** (seed {seed}): it shows what compilers and \
             runtimes make of the network, and predicts nothing."
        ),
        Origin::Trained {
            network,
            steps,
            seed,
        } => format!("`{network}`, trained for {steps} steps from seed {seed}."),
        Origin::File { name } => format!("The network of `{name}`, quantized."),
    }
}

fn tensors(record: &BundleRecord) -> String {
    let mut text = "## Inputs and outputs of the int8 models\n\n\
                    | tensor | shape (TFLite) | type | real value | meaning |\n|---|---|---|---|---|\n"
        .to_owned();
    let inputs = record
        .inputs
        .iter()
        .map(|tensor| (tensor, input(record).to_owned()));
    let outputs = record.outputs.iter().map(|tensor| (tensor, output(tensor)));
    for (tensor, meaning) in inputs.chain(outputs) {
        let TensorRecord {
            name, shape, dtype, ..
        } = tensor;
        let _ = writeln!(
            text,
            "| `{name}` | {shape:?} | {dtype} | {} | {meaning} |",
            real(tensor)
        );
    }
    text + "\nONNX files take and give the same tensors with the channels second, `[n, c, h, w]`.\n\n"
}

fn real(tensor: &TensorRecord) -> String {
    match (tensor.scale, tensor.zero_point) {
        (Some(scale), Some(zero_point)) => format!("{scale} * (q - {zero_point})"),
        (_, _) => "-".to_owned(),
    }
}

fn input(record: &BundleRecord) -> &'static str {
    match record.origin {
        Origin::File { .. } => "as the float model takes it",
        Origin::Untrained { .. } | Origin::Trained { .. } => {
            "RGB, 0 to 255, as x = rgb / 127.5 - 1"
        }
    }
}

fn output(tensor: &TensorRecord) -> String {
    match tensor.task {
        None => "as the float model gives it".to_owned(),
        Some(Task::Segmentation) if tensor.scale.is_none() => "the class of each pixel".to_owned(),
        Some(Task::Segmentation) => "a score per class; the largest is the class".to_owned(),
        Some(Task::Depth) => "inverse depth, 1.850 / meters".to_owned(),
        Some(Task::Normals) => {
            "a vector, x right, y down, z forward; divide it by its length for the unit normal"
                .to_owned()
        }
    }
}

fn accuracy(record: &BundleRecord) -> String {
    let mut text = "## Accuracy\n\n".to_owned();
    let Some(AccuracyRecord {
        samples,
        float,
        int8,
    }) = &record.accuracy
    else {
        return text + "Not measured: there are no labels for this network.\n\n";
    };
    text += "| metric | float | int8 |\n|---|---|---|\n";
    for (metric, value) in float {
        let int8 = int8
            .get(metric)
            .map_or_else(|| "-".to_owned(), |v| three(*v));
        let _ = writeln!(text, "| {} | {} | {int8} |", metric.name(), three(*value));
    }
    let data = record.data.as_ref().map_or("its data", |data| &data.name);
    let _ = writeln!(text, "\nOn {samples} validation images of {data}.\n");
    text
}

fn simulated(machines: &[SimulatedRecord]) -> String {
    let mut text = "## Simulated inference of the int8 model\n\n\
                    | machine | latency | rests on assumed numbers | operators on accelerator | \
                    on host | peak activations on chip |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for machine in machines {
        let latency = match (machine.latency_ms, &machine.infeasible) {
            (_, Some(reason)) => format!("cannot run: {reason}"),
            (Some(ms), None) => format!("{} ms", three(ms)),
            (None, None) => "-".to_owned(),
        };
        let _ = writeln!(
            text,
            "| {} | {latency} | {:.0} % | {} | {} | {} |",
            machine.profile,
            100.0 * machine.assumed_share,
            machine.accelerator_operators,
            machine.host_operators,
            bytes(machine.activation_peak_bytes)
        );
    }
    text + "\n"
}

fn running(record: &BundleRecord) -> String {
    let mut text = format!(
        "## Quantization\n\nRanges: {}, from {}. Weights have a scale per output channel, \
         activations one scale and zero point each; ONNX activations are {}.\n\n",
        record.quantization.method,
        record.quantization.calibration,
        record.quantization.onnx_activations
    );
    text += "## Files\n\n\
        | file | is |\n|---|---|\n\
        | `model_int8.tflite` | int8 in, int8 out: for LiteRT, edgetpu_compiler, Vela |\n\
        | `model_int8.h` | the same as a C array |\n\
        | `model_int8.onnx` | the same network as quantize-dequantize pairs |\n\
        | `model.onnx`, `model.tflite` | the float network |\n\
        | `golden/` | an input and the exact outputs of the int8 network; `golden/float/` those of \
        the float network |\n\
        | `run.py` | runs the TFLite file with LiteRT on the golden input |\n\
        | `run.rs`, `Cargo.toml` | runs the ONNX file with tract: `cargo run --release` |\n\
        | `bundle.json` | this card for programs, and a fingerprint of every file |\n";
    text
}

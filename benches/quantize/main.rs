//! Accuracy after quantization, beside onnxruntime's own static quantization of the same float
//! model on the same calibration images.
//!
//! ```sh
//! cargo bench --bench quantize -- CHECKPOINT.safetensors...
//! ```
//!
//! Give the seeds of one network together: the last table is their mean. The int8 networks are
//! evaluated by `kernels`, onnxruntime's by onnxruntime, and the metrics are the same. Needs the
//! project's Python environment.

mod peer;
mod table;

use std::path::Path;

use anyhow::Context;
use ednas::data::{Dataset, Sample, Split};
use ednas::deploy::{Calibration, Source, calibration::image};
use ednas::quantize::{self, Choice, Options};
use ednas::report::Console;
use ednas::task::Task;
use ednas::validate::metrics::{Evaluation, Predictions, Scores, argmax};
use kernels::eval::{evaluate, to_integers, to_reals};
use kernels::{Data, Verified};
use rayon::prelude::*;

use table::Row;

/// Images that both sides are calibrated on.
const CALIBRATION_IMAGES: usize = 32;

/// What is tried: a method, and whether biases are corrected.
const SETTINGS: [(&str, bool); 8] = [
    ("minmax", false),
    ("percentile:99.99", false),
    ("mse", false),
    ("entropy", false),
    ("auto", false),
    ("minmax", true),
    ("mse", true),
    ("auto", true),
];

fn main() -> anyhow::Result<()> {
    let arguments = std::env::args().skip(1);
    let checkpoints: Vec<String> = arguments.filter(|a| !a.starts_with("--")).collect();
    if checkpoints.is_empty() {
        println!("nothing compared: give checkpoints of `ednas train`");
        return Ok(());
    }
    let mut all = Vec::new();
    for checkpoint in &checkpoints {
        let rows = compared(Path::new(checkpoint)).with_context(|| checkpoint.clone())?;
        println!("{checkpoint}\n{}\n", table::text(&rows));
        all.push(rows);
    }
    println!("mean of {}\n{}", all.len(), table::text(&table::mean(&all)));
    Ok(())
}

/// The float network, ours by every setting, and onnxruntime's by every setting.
fn compared(checkpoint: &Path) -> anyhow::Result<Vec<Row>> {
    let source = Source::checkpoint(checkpoint)?;
    let origin = source.data.as_ref().context("a trained network has data")?;
    let [height, width] = origin.size;
    let data = Dataset::open(&origin.name, height, width, origin.seed)?;
    let indices: Vec<usize> = (0..origin.validation_samples).collect();
    let validation = data.samples(Split::Validation, &indices)?;
    let calibration =
        Calibration::of_dataset(&origin.name, origin.seed, origin.size, CALIBRATION_IMAGES)?;
    let mut rows = vec![Row::new(
        "float",
        judged(&source.graph, &validation, &origin.tasks)?,
    )];
    for (method, bias_correction) in SETTINGS {
        let options = Options {
            choice: method.parse::<Choice>()?,
            bias_correction,
            inputs: source.input_range(),
            ..Options::default()
        };
        let samples = &calibration.samples;
        let found = quantize::run(&source.graph, samples, &options, &Console::default())?;
        let scores = judged(&found.int8, &validation, &origin.tasks)?;
        rows.push(Row::new(&options.to_string(), scores));
        eprintln!("{options}");
    }
    rows.extend(peer::rows(&source, &calibration, &validation)?);
    Ok(rows)
}

/// The metrics of a network, evaluated by `kernels`.
fn judged(graph: &Verified, samples: &[Sample], tasks: &[Task]) -> anyhow::Result<Scores> {
    let outputs: Vec<Vec<Vec<f32>>> = samples
        .par_iter()
        .map(|sample| {
            let Data::F32(reals) = image(sample) else {
                anyhow::bail!("an image is made of floats");
            };
            let input = to_integers(&graph[graph.inputs[0]], &reals)?;
            let outputs = evaluate(graph, &[input])?;
            let pairs = graph.outputs.iter().zip(&outputs);
            Ok(pairs
                .map(|(&id, data)| to_reals(&graph[id], data))
                .collect::<Result<_, _>>()?)
        })
        .collect::<anyhow::Result<_>>()?;
    let names: Vec<&str> = graph.outputs.iter().map(|&id| &*graph[id].name).collect();
    let mut evaluation = Evaluation::new(tasks);
    for (outputs, sample) in outputs.iter().zip(samples) {
        add(&mut evaluation, &names, outputs, sample)?;
    }
    Ok(evaluation.scores()?)
}

/// Judges what a network says of one image, channels last.
fn add(
    evaluation: &mut Evaluation,
    names: &[&str],
    outputs: &[Vec<f32>],
    sample: &Sample,
) -> anyhow::Result<()> {
    let of = |task: Task| {
        let position = names.iter().position(|name| *name == task.name());
        position.map(|position| outputs[position].as_slice())
    };
    let classes =
        of(Task::Segmentation).map(|scores| argmax(scores, Task::Segmentation.channels()));
    let classes = classes.transpose()?;
    let predictions = Predictions {
        classes: classes.as_deref(),
        depth: of(Task::Depth),
        normals: of(Task::Normals),
    };
    evaluation.add(&predictions, &sample.into())?;
    Ok(())
}

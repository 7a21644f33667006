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

mod judge;
mod peer;
mod table;

use std::path::Path;

use anyhow::Context;
use ednas::data::{Dataset, Split};
use ednas::deploy::{Calibration, Source};
use ednas::quantize::{self, Choice, Options};
use ednas::report::Console;

use judge::Judge;
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
    let indices: Vec<usize> = (0..data.len(Split::Validation)).collect();
    let validation = data.samples(Split::Validation, &indices)?;
    let calibration =
        Calibration::of_dataset(&origin.name, origin.seed, origin.size, CALIBRATION_IMAGES)?;
    let judge = Judge::new(&source.graph, &validation)?;
    let mut rows = vec![judge.evaluated("float", &source.graph)?];
    for (method, bias_correction) in SETTINGS {
        let options = Options {
            choice: method.parse::<Choice>()?,
            bias_correction,
            inputs: source.input_range(),
            ..Options::default()
        };
        let samples = &calibration.samples;
        let found = quantize::run(&source.graph, samples, &options, &Console::default())?;
        rows.push(judge.evaluated(&options.to_string(), &found.int8)?);
        eprintln!("{options}");
    }
    rows.extend(peer::rows(&source, &calibration, &judge)?);
    Ok(rows)
}

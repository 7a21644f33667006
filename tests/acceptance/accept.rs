//! Exports a network for a target, and has the runtimes and compilers of others take every file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use exporters::{Metadata, onnx, tflite};
use serde_json::Value;

/// What two runtimes may differ by in the sums of floats, over the power of an output.
const FLOAT_NOISE_MAX: f64 = 1e-6;

/// What a runtime that computes int8 in float may differ by, over the power of an output: ties
/// round to the other side, and random weights pass that on.
const QDQ_NOISE_MAX: f64 = 0.05;

/// A network to export with random values.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    /// A name or a genome.
    pub(crate) model: String,
    pub(crate) tasks: &'static str,
    pub(crate) target: &'static str,
    pub(crate) seed: u64,
}

impl Export {
    /// Writes the bundle to `folder`.
    pub(crate) fn write(&self, folder: &Path) {
        let seed = self.seed.to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args(["export", &self.model, "--untrained", "--size", "128"])
            .args(["--seed", &seed, "--tasks", self.tasks])
            .args(["--target", self.target, "-o"])
            .arg(folder)
            .output()
            .unwrap();
        said(&output);
    }
}

/// onnx, onnxruntime and LiteRT take the models of all `bundles` and compute the golden outputs.
pub(crate) fn runtimes_agree(bundles: &[PathBuf]) {
    let output = Command::new(python("python"))
        .arg(root().join("tests/python/accept_bundles.py"))
        .args(bundles)
        .output()
        .unwrap();
    let text = said(&output);
    let mut outputs = 0;
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let figure = |name: &str| record[name].as_f64().unwrap();
        assert_eq!(record["litert_int8_steps"], 0, "{record}");
        for name in ["litert_float_noise", "onnxruntime_float_noise"] {
            assert!(figure(name) <= FLOAT_NOISE_MAX, "{name}: {record}");
        }
        let noise = figure("onnxruntime_int8_noise");
        assert!(noise <= QDQ_NOISE_MAX, "{record}");
        outputs += 1;
    }
    assert!(outputs >= bundles.len(), "{text}");
}

/// The bundle's own runner in Rust: tract takes the QDQ model.
#[cfg(feature = "validate")]
pub(crate) fn tract_agrees(bundle: &Path) {
    run::check(bundle.to_str().unwrap()).unwrap();
}

/// What every bundle carries as `run.rs`.
#[cfg(feature = "validate")]
#[path = "../../src/deploy/runner/run.rs"]
#[expect(dead_code, reason = "`main` is what a bundle starts with")]
mod run;

/// Both float files, read, written and read again, hold the same graph.
pub(crate) fn float_files_come_back(bundle: &Path) {
    let bytes = |name: &str| std::fs::read(bundle.join(name)).unwrap();
    let metadata = Metadata::default();
    let first = tflite::read(&bytes("model.tflite")).unwrap();
    let again = tflite::read(&tflite::write(&first, &metadata).unwrap()).unwrap();
    assert_eq!(*first, *again);
    let options = onnx::ReadOptions::default();
    let first = onnx::read(&bytes("model.onnx"), &options).unwrap();
    let again = onnx::read(&onnx::write(&first, &metadata).unwrap(), &options).unwrap();
    assert_eq!(*first, *again);
}

/// What Vela leaves to the CPU of the int8 `.tflite` file at `model`, by the name of the result, as
/// its table of operators says; the rest is on the NPU of `accelerator` (`--accelerator-config`).
pub(crate) fn left_by_vela(model: &Path, accelerator: &str) -> Vec<String> {
    let folder = model.with_extension("vela");
    let output = Command::new(python("vela"))
        .arg(model)
        .args(["--accelerator-config", accelerator, "--verbose-performance"])
        .arg("--output-dir")
        .arg(&folder)
        .output()
        .unwrap();
    let text = said(&output);
    let stem = model.file_stem().unwrap().to_str().unwrap();
    let table = csv::Reader::from_path(folder.join(format!("{stem}_per-layer.csv")));
    let rows: Vec<BTreeMap<String, String>> =
        table.unwrap().deserialize().map(Result::unwrap).collect();
    let [npu, cpu] = ["NPU", "CPU"].map(|target| {
        let on = rows.iter().filter(|row| row["Target"] == target);
        on.map(|row| row["Name"].clone()).collect::<Vec<_>>()
    });
    assert_eq!(npu.len() + cpu.len(), rows.len(), "{text}");
    assert!(npu.len() > 100, "{text}");
    cpu
}

/// A command of the Python that has the runtimes: `EDNAS_PYTHON`, or what `make setup-test` made.
fn python(name: &str) -> PathBuf {
    let python = std::env::var_os("EDNAS_PYTHON")
        .map_or_else(|| root().join(".venv/bin/python"), PathBuf::from);
    python.with_file_name(name)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command that must succeed printed.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    text
}

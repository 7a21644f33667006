//! A sweep on disk: model files, the manifest, and the script that runs them on a board.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use exporters::{Metadata, onnx, tflite};

use super::probe::Probe;
use crate::report::{progress, write_atomically};

/// Runs the files on a board: one file that needs numpy and an interpreter of TFLite.
const BENCH_BOARD: &str = include_str!("bench_board.py");

/// A row of the manifest.
const COLUMNS: [&str; 9] = [
    "id",
    "model_file",
    "onnx_file",
    "family",
    "isolates",
    "macs",
    "parameters",
    "input_bytes",
    "output_bytes",
];

/// The file of a probe, below the folder of its sweep.
pub(super) fn tflite_file(id: &str) -> String {
    format!("tflite/{id}.tflite")
}

/// The same network as int8 ONNX.
fn onnx_file(id: &str) -> String {
    format!("onnx/{id}.onnx")
}

/// Writes `probes` into `folder`: `tflite/ID.tflite` and `onnx/ID.onnx` each, `manifest.csv` and
/// `bench_board.py`. Gives the bytes of all files.
///
/// A file is there whole or not at all; the manifest comes last.
///
/// # Errors
///
/// When a file cannot be written; the error names it.
pub fn write(folder: &Path, probes: &[Probe]) -> Result<u64> {
    let mut bytes = 0;
    let bar = progress("writing models", probes.len() as u64);
    for probe in probes {
        bytes += write_models(folder, probe).with_context(|| format!("probe {}", probe.id))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    bytes += put(folder.join("bench_board.py"), BENCH_BOARD.as_bytes())?;
    bytes += put(folder.join("manifest.csv"), &manifest(probes)?)?;
    Ok(bytes)
}

fn write_models(folder: &Path, probe: &Probe) -> Result<u64> {
    let metadata = Metadata::default();
    let model = tflite::write(&probe.network, &metadata)?;
    let twin = onnx::write(&probe.network, &metadata)?;
    let bytes = put(folder.join(tflite_file(&probe.id)), &model)?;
    Ok(bytes + put(folder.join(onnx_file(&probe.id)), &twin)?)
}

fn put(path: PathBuf, bytes: &[u8]) -> Result<u64> {
    write_atomically(&path, bytes)?;
    Ok(bytes.len() as u64)
}

fn manifest(probes: &[Probe]) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for probe in probes {
        let cost = probe.cost();
        let [input_bytes, output_bytes] = probe.ends_bytes();
        let (model, twin) = (tflite_file(&probe.id), onnx_file(&probe.id));
        let numbers = [cost.macs, cost.params, input_bytes, output_bytes].map(|n| n.to_string());
        let words = [&probe.id, &model, &twin, probe.family, &probe.isolates];
        table.write_record(words.into_iter().chain(numbers.iter().map(String::as_str)))?;
    }
    Ok(table.into_inner()?)
}

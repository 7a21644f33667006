//! The files that deploy a network: models for every runtime, golden vectors, runners, and what a
//! person or a program needs to know of them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use exporters::{onnx, tflite};
use kernels::Verified;
use kernels::cost::graph_cost;
use serde_json::Value as Json;

use super::golden::Golden;
use super::header::header;
use super::metadata;
use super::record::{
    AccuracyRecord, BundleRecord, FileRecord, QuantizationRecord, SCHEMA, TensorRecord,
};
use super::simulated::simulated;
use super::source::Source;
use super::target::Target;
use crate::fingerprint::fingerprint;
use crate::quantize::unsigned;
use crate::report::{card, remove_if_there};

/// The float network, as trained.
pub const FLOAT_ONNX: &str = "model.onnx";
/// The same for LiteRT.
pub const FLOAT_TFLITE: &str = "model.tflite";
/// The int8 network as quantize-dequantize pairs.
pub const INT8_ONNX: &str = "model_int8.onnx";
/// The int8 network, int8 in and out, as compilers for accelerators read it.
pub const INT8_TFLITE: &str = "model_int8.tflite";
/// [`INT8_TFLITE`] as a C array.
pub const INT8_HEADER: &str = "model_int8.h";
/// What a program reads: a [`BundleRecord`].
pub const RECORD: &str = "bundle.json";
/// What a person reads.
pub const CARD: &str = "card.md";

/// The runners, and what cargo needs to know of the one in Rust.
const RUNNERS: [(&str, &str); 3] = [
    ("run.py", include_str!("runner/run.py")),
    ("run.rs", include_str!("runner/run.rs")),
    ("Cargo.toml", include_str!("runner/Cargo.toml.txt")),
];

/// A network that is ready to be written.
#[derive(Clone, Debug)]
pub struct Deployment<'a> {
    /// The float network and where it comes from.
    pub source: &'a Source,
    /// The same in 8-bit integers, `i8` in and out.
    pub int8: &'a Verified,
    /// How it became so.
    pub quantization: QuantizationRecord,
    /// What it is for.
    pub target: &'a Target,
    /// What goes in where golden outputs are made, and what comes out.
    pub golden: Golden,
    /// How good it is, where there is data to tell.
    pub accuracy: Option<AccuracyRecord>,
}

/// Files by path, ready to be written, [`RECORD`] last.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Path in the folder, and bytes, of each file.
    pub files: Vec<(String, Vec<u8>)>,
    /// What [`RECORD`] holds.
    pub record: BundleRecord,
}

impl Bundle {
    /// The files of a network.
    ///
    /// # Errors
    ///
    /// [`exporters::ExportError`], with the file it stood in the way of.
    pub fn new(deployment: &Deployment) -> Result<Self> {
        let mut files = models(deployment)?;
        let golden = &deployment.golden;
        files.extend(golden.files()?);
        let runners = RUNNERS.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        files.extend(runners);
        let mut record = record(deployment)?;
        files.push((CARD.to_owned(), card::card(&record).into_bytes()));
        record.files = listed(&files);
        let mut text = serde_json::to_string_pretty(&record).context("a record is plain data")?;
        text.push('\n');
        files.push((RECORD.to_owned(), text.into_bytes()));
        Ok(Self { files, record })
    }
}

fn models(deployment: &Deployment) -> Result<Vec<(String, Vec<u8>)>> {
    let (float, int8) = (&deployment.source.graph, deployment.int8);
    let source = deployment.source;
    let qdq = match deployment.quantization.onnx_activations.as_str() {
        "uint8" => onnx(&unsigned(int8), source, INT8_ONNX)?,
        _ => onnx(int8, source, INT8_ONNX)?,
    };
    let flat = tflite(int8, source, INT8_TFLITE)?;
    let array = header("model_int8_tflite", &flat).into_bytes();
    let files = [
        (FLOAT_ONNX, onnx(float, source, FLOAT_ONNX)?),
        (FLOAT_TFLITE, tflite(float, source, FLOAT_TFLITE)?),
        (INT8_ONNX, qdq),
        (INT8_TFLITE, flat),
        (INT8_HEADER, array),
    ];
    Ok(files.map(|(name, bytes)| (name.to_owned(), bytes)).into())
}

/// The bytes of the ONNX file called `name`, with what it says about itself.
///
/// # Errors
///
/// [`exporters::ExportError`], with the name of the file.
pub fn onnx(graph: &Verified, source: &Source, name: &str) -> Result<Vec<u8>> {
    let bytes = onnx::write(graph, &metadata(graph, source));
    bytes.with_context(|| format!("cannot make {name}"))
}

/// The bytes of the TFLite file called `name`, with what it says about itself.
///
/// # Errors
///
/// [`exporters::ExportError`], with the name of the file.
pub fn tflite(graph: &Verified, source: &Source, name: &str) -> Result<Vec<u8>> {
    let bytes = tflite::write(graph, &metadata(graph, source));
    bytes.with_context(|| format!("cannot make {name}"))
}

fn record(deployment: &Deployment) -> Result<BundleRecord> {
    let Deployment {
        source,
        int8,
        target,
        golden,
        ..
    } = deployment;
    let cost = graph_cost(&source.graph);
    let tensors = |ids: &[kernels::TensorId]| {
        let records = ids.iter().map(|&id| {
            let tensor = &int8[id];
            let grid = tensor.quantization.as_ref();
            TensorRecord {
                name: tensor.name.clone(),
                shape: tensor.shape.to_vec(),
                dtype: tensor.dtype.name().to_owned(),
                scale: grid.map(|grid| grid.scales[0]),
                zero_point: grid.map(|grid| grid.zero_points[0]),
                task: tensor.name.parse().ok(),
                golden: golden.path(&tensor.name),
                golden_float: golden.float_path(&tensor.name),
            }
        });
        records.collect()
    };
    Ok(BundleRecord {
        schema: SCHEMA.to_owned(),
        ednas_version: env!("CARGO_PKG_VERSION").to_owned(),
        network: source.graph.name.clone(),
        target: target.name.clone(),
        upsampling: source.upsampling,
        origin: source.origin.clone(),
        data: source.data.clone(),
        quantization: deployment.quantization.clone(),
        params: cost.params,
        macs: cost.macs,
        inputs: tensors(&int8.inputs),
        outputs: tensors(&int8.outputs),
        accuracy: deployment.accuracy.clone(),
        simulated: simulated(int8, target.profile.as_ref())?,
        files: BTreeMap::new(),
    })
}

fn listed(files: &[(String, Vec<u8>)]) -> BTreeMap<String, FileRecord> {
    let records = files.iter().map(|(name, bytes)| {
        let record = FileRecord {
            bytes: bytes.len() as u64,
            fingerprint: fingerprint(bytes),
        };
        (name.clone(), record)
    });
    records.collect()
}

/// Makes the folder at `path`, and those around it, where they are missing.
///
/// # Errors
///
/// When it cannot be made; the error names it.
pub fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))
}

/// Writes the files of `bundle` to the folder `dir`, which is made if it is missing. All bytes
/// reach the disk before the first file takes its name, so that a full disk leaves what was there.
/// What a bundle that was there had more of is removed.
///
/// # Errors
///
/// When a file cannot be written; the error names it.
pub fn write_bundle(dir: &Path, bundle: &Bundle) -> Result<()> {
    make_folder(dir)?;
    let former = arrays_there(dir);
    let staged = tempfile::Builder::new()
        .prefix(".ednas-")
        .suffix(".part")
        .tempdir_in(dir)
        .with_context(|| format!("cannot write to {}", dir.display()))?;
    for (number, (name, bytes)) in bundle.files.iter().enumerate() {
        let write = || -> std::io::Result<()> {
            let mut file = File::create(staged.path().join(number.to_string()))?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().with_context(|| format!("cannot write {}", dir.join(name).display()))?;
    }
    for (number, (name, _)) in bundle.files.iter().enumerate() {
        let path = dir.join(name);
        path.parent().map_or(Ok(()), make_folder)?;
        fs::rename(staged.path().join(number.to_string()), &path)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let is_left = |path: &&PathBuf| {
        !bundle
            .files
            .iter()
            .any(|(name, _)| dir.join(name) == **path)
    };
    for path in former.iter().filter(is_left) {
        remove_if_there(path)?;
    }
    Ok(())
}

/// The arrays that the record of a bundle in `dir` names; none where there is no such record.
fn arrays_there(dir: &Path) -> Vec<PathBuf> {
    let text = fs::read(dir.join(RECORD)).unwrap_or_default();
    let record: Json = serde_json::from_slice(&text).unwrap_or_default();
    let tensors = ["inputs", "outputs"].map(|key| record[key].as_array().cloned());
    let tensors = tensors.into_iter().flatten().flatten();
    let named = tensors.flat_map(|tensor| {
        let named = ["golden", "golden_float"].map(|key| tensor[key].as_str().map(PathBuf::from));
        named.into_iter().flatten()
    });
    let is_inside = |path: &PathBuf| {
        let mut parts = path.components();
        parts.all(|part| matches!(part, Component::Normal(_)))
            && path.extension().is_some_and(|end| end == "npy")
    };
    let inside = named.filter(is_inside);
    inside.map(|path| dir.join(path)).collect()
}

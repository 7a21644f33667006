//! Hands cases to a Python script and judges what it reports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use exporters::ExportError;
use kernels::{Data, Graph, TensorId, Verified, eval};
use serde_json::{Value, json};

use super::Tolerance;

/// A graph, what goes in, and how closely a runtime that computes int8 in float must agree.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) graph: Verified,
    pub(super) inputs: Vec<Data>,
    pub(super) tolerance: Tolerance,
}

/// Writes every case with `write`, runs `script` on them, and compares with `kernels` as closely
/// as `tolerance` asks.
pub(super) fn check(
    cases: &[Case],
    file: &str,
    script: &str,
    write: impl Fn(&Case) -> Result<Vec<u8>, ExportError>,
    tolerance: impl Fn(&Case) -> Tolerance,
) {
    let root = tempfile::tempdir().unwrap();
    for case in cases {
        let folder = root.path().join(&case.name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(file), write(case).unwrap()).unwrap();
        describe(&folder, case);
    }
    let measured = run(script, root.path());
    for case in cases {
        let records = measured.get(&case.name).map_or(&[][..], Vec::as_slice);
        assert!(!records.is_empty(), "{} was not run", case.name);
        for record in records {
            let most = record["max"].as_f64().unwrap();
            let name = &case.name;
            assert!(
                most <= tolerance(case).most(),
                "{name}: differs by {most}, expected {:?}: {record}",
                tolerance(case)
            );
        }
    }
}

/// Writes inputs, expected outputs and `case.json`.
fn describe(folder: &Path, case: &Case) {
    let expected = eval::evaluate(&case.graph, &case.inputs).unwrap();
    let graph = &case.graph;
    let inputs = tensors(folder, graph, &graph.inputs, &case.inputs);
    let outputs = tensors(folder, graph, &graph.outputs, &expected);
    let record = json!({ "inputs": inputs, "outputs": outputs });
    fs::write(folder.join("case.json"), record.to_string()).unwrap();
}

fn tensors(folder: &Path, graph: &Graph, ids: &[TensorId], data: &[Data]) -> Vec<Value> {
    let tensor = |(&id, data): (&TensorId, &Data)| {
        let tensor = &graph[id];
        let file = format!("{}.raw", tensor.name);
        fs::write(folder.join(&file), little_endian(data)).unwrap();
        json!({
            "name": tensor.name,
            "dtype": tensor.dtype.name(),
            "shape": tensor.shape.to_vec(),
            "file": file,
        })
    };
    ids.iter().zip(data).map(tensor).collect()
}

fn little_endian(data: &Data) -> Vec<u8> {
    match data {
        Data::F32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::I8(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::U8(v) => v.to_vec(),
        Data::I32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::I64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

/// The records that `script` prints, by case.
fn run(script: &str, folder: &Path) -> BTreeMap<String, Vec<Value>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python(root))
        .arg(root.join("tests/python").join(script))
        .arg(folder)
        .output()
        .unwrap();
    let (text, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{script}: {text}\n{errors}");
    let mut records: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let case = record["case"].as_str().unwrap().to_owned();
        records.entry(case).or_default().push(record);
    }
    records
}

/// The Python that has the runtimes: `EDNAS_PYTHON`, or what `make setup-test` made.
pub(crate) fn python(root: &Path) -> PathBuf {
    let python = std::env::var_os("EDNAS_PYTHON")
        .map_or_else(|| root.join(".venv/bin/python"), PathBuf::from);
    assert!(
        python.exists(),
        "{} is not there: run `make setup-test`, or set EDNAS_PYTHON",
        python.display()
    );
    python
}

/// The largest difference between two results of one type and length.
#[cfg(feature = "validate")]
pub(super) fn largest_difference(found: &Data, expected: &Data) -> f64 {
    assert_eq!(found.dtype(), expected.dtype());
    assert_eq!(found.len(), expected.len());
    let pairs = numbers(found).into_iter().zip(numbers(expected));
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[cfg(feature = "validate")]
fn numbers(data: &Data) -> Vec<f64> {
    match data {
        Data::F32(v) => v.iter().map(|&x| f64::from(x)).collect(),
        Data::I8(v) => v.iter().map(|&x| f64::from(x)).collect(),
        Data::U8(v) => v.iter().map(|&x| f64::from(x)).collect(),
        Data::I32(v) => v.iter().map(|&x| f64::from(x)).collect(),
        Data::I64(_) => panic!("no case has 64-bit results"),
    }
}

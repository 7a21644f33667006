//! ONNX's own test cases of single operators: each is read or refused with a reason, and what is
//! inside the vocabulary gives what the case says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use exporters::ReadError;
use exporters::onnx::{ReadOptions, read};
use kernels::eval::evaluate;
use kernels::{Data, Op, TensorId};
use serde_json::Value;

use super::runtime::python;

/// At least how many cases are read, and how many of them are evaluated.
const READ_MIN: usize = 1600;
const EVALUATED_MIN: usize = 200;

/// What became of cases.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    read: usize,
    evaluated: usize,
    /// Those that give something else, with what.
    differ: Vec<String>,
    /// Those of operator sets that are not read.
    of_other_sets: usize,
    /// Those of operators that the case spells out as others, whose shapes are computed.
    spelled_out: usize,
}

#[test]
fn onnx_cases_evaluate_as_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python(root))
        .arg(root.join("tests/python/onnx_cases.py"))
        .arg(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut count = Count::default();
    let mut folders: Vec<PathBuf> = fs::read_dir(folder.path())
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders {
        case(&folder, &mut count);
    }
    println!("{count:#?}");
    assert_eq!(count.differ, Vec::<String>::new());
    assert!(count.read >= READ_MIN, "{count:?}");
    assert!(count.evaluated >= EVALUATED_MIN, "{count:?}");
}

fn case(folder: &Path, count: &mut Count) {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let record: Value =
        serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
    let bytes = fs::read(folder.join("model.onnx")).unwrap();
    let graph = match read(&bytes, &ReadOptions::default()) {
        Ok(graph) => graph,
        Err(ReadError::Format { .. }) => {
            count.of_other_sets += 1;
            return;
        }
        Err(ReadError::Contradiction { .. }) if name.contains("_expanded") => {
            count.spelled_out += 1;
            return;
        }
        Err(error) => panic!("{name}: {error}"),
    };
    count.read += 1;
    let foreign = graph
        .nodes
        .iter()
        .any(|node| matches!(node.op, Op::Foreign { .. }));
    let list = |what: &str| record[what].as_array().unwrap().clone();
    for (record, &id) in list("outputs").iter().zip(&graph.outputs) {
        let (own, expected) = (&graph[id].shape, shape(record));
        if **own != *expected && !is_channels_last(own, &expected) {
            count
                .differ
                .push(format!("{name}: {own} beside {expected:?}"));
            return;
        }
    }
    if foreign {
        return;
    }
    let data = |what: &str, ids: &[TensorId]| -> Vec<Data> {
        let records = list(what);
        let tensors = records.iter().zip(ids);
        let data = tensors.map(|(record, &id)| in_order(&graph[id].shape, folder, record));
        data.collect()
    };
    let expected = data("outputs", &graph.outputs);
    match evaluate(&graph, &data("inputs", &graph.inputs)) {
        Ok(found) => {
            count.evaluated += 1;
            let mut pairs = found.iter().zip(&expected);
            if let Some((found, expected)) = pairs.find(|(found, expected)| !alike(found, expected))
            {
                count
                    .differ
                    .push(format!("{name}: {found:?} beside {expected:?}"));
            }
        }
        Err(error) => count.differ.push(format!("{name}: {error}")),
    }
}

fn shape(record: &Value) -> Vec<usize> {
    let extents = record["shape"].as_array().unwrap().iter();
    extents
        .map(|d| usize::try_from(d.as_u64().unwrap()).unwrap())
        .collect()
}

/// Whether `own` is `shape` with the channels last.
fn is_channels_last(own: &[usize], shape: &[usize]) -> bool {
    matches!((own, shape), (&[n, h, w, c], &[n2, c2, h2, w2]) if [n, c, h, w] == [n2, c2, h2, w2])
}

/// The elements of a tensor of the case in the order of the graph, where its shape is `own`.
fn in_order(own: &[usize], folder: &Path, record: &Value) -> Data {
    let bytes = fs::read(folder.join(record["file"].as_str().unwrap())).unwrap();
    let shape = shape(record);
    let moves = *own != *shape && is_channels_last(own, &shape);
    match record["dtype"].as_str().unwrap() {
        "f32" => Data::F32(ordered(&decoded(&bytes, f32::from_le_bytes), &shape, moves).into()),
        "i32" => Data::I32(ordered(&decoded(&bytes, i32::from_le_bytes), &shape, moves).into()),
        "i64" => Data::I64(ordered(&decoded(&bytes, i64::from_le_bytes), &shape, moves).into()),
        "i8" => Data::I8(ordered(&decoded(&bytes, i8::from_le_bytes), &shape, moves).into()),
        _ => Data::U8(ordered(&bytes, &shape, moves).into()),
    }
}

fn decoded<T, const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (elements, _) = bytes.as_chunks();
    elements.iter().map(|&element| number(element)).collect()
}

/// The elements, channels last where they move.
fn ordered<T: Copy>(elements: &[T], shape: &[usize], moves: bool) -> Vec<T> {
    if moves {
        channels_last(elements, shape)
    } else {
        elements.to_vec()
    }
}

fn channels_last<T: Copy>(elements: &[T], shape: &[usize]) -> Vec<T> {
    let (c, pixels) = (shape[1], shape[2] * shape[3]);
    let mut last = Vec::with_capacity(elements.len());
    for image in elements.chunks_exact(c * pixels) {
        for pixel in 0..pixels {
            last.extend((0..c).map(|channel| image[channel * pixels + pixel]));
        }
    }
    last
}

fn alike(found: &Data, expected: &Data) -> bool {
    match (found, expected) {
        (Data::F32(found), Data::F32(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(&**expected)
                    .all(|(a, b)| (a - b).abs() <= 1e-4 * (1.0 + b.abs()))
        }
        (found, expected) => found == expected,
    }
}

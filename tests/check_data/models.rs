//! Model files of others: each reads and verifies, and counts as LiteRT's tools count it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use exporters::tflite;
use kernels::cost::graph_cost;
use kernels::eval::evaluate;
use kernels::{Data, DataType, Op, Verified};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::Value;

/// The `.tflite` files of `models/real` and, where they were unpacked, `models/structures`.
pub(super) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["real", "structures"] {
        let folder = super::folder().join("models").join(folder);
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        files.extend(paths.filter(|path| path.extension().is_some_and(|e| e == "tflite")));
    }
    files.sort();
    assert!(!files.is_empty(), "models/real has no .tflite files");
    files
}

/// The counts of another reader, by file name.
fn counted(files: &[PathBuf]) -> BTreeMap<String, Value> {
    by_file("count_tflite.py", files)
}

/// The records that a script of `tests/python` prints, by file name.
pub(super) fn by_file(script: &str, arguments: &[PathBuf]) -> BTreeMap<String, Value> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join(".venv/bin/python"))
        .arg(root.join("tests/python").join(script))
        .args(arguments)
        .output()
        .expect("`make setup-test` makes .venv");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let records = text.lines().map(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        (record["file"].as_str().unwrap().to_owned(), record)
    });
    records.collect()
}

/// The bytes of the constants that a network holds, each once.
pub(super) fn constant_bytes(graph: &Verified) -> usize {
    graph.constant_ids().map(|id| graph[id].bytes()).sum()
}

#[test]
fn model_files_count_as_others_count_them() {
    let files = files();
    let counted = counted(&files);
    println!("file, operators, foreign, MACs M, constants KiB, foreign operators");
    for path in &files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let graph = tflite::read(&std::fs::read(path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut foreign: BTreeMap<&str, u64> = BTreeMap::new();
        for node in &graph.nodes {
            if let Op::Foreign { kind, .. } = &node.op {
                *foreign.entry(kind).or_default() += 1;
            }
        }
        let expected = &counted[&name];
        let operators = expected["operators"].as_object().unwrap();
        let count: u64 = operators.values().map(|n| n.as_u64().unwrap()).sum();
        // A matrix product of an image is two nodes: the image is flattened first.
        assert!(graph.nodes.len() as u64 >= count, "{name}: operators");
        for (kind, found) in &foreign {
            assert_eq!(operators[*kind], *found, "{name}: {kind}");
        }
        let macs = graph_cost(&graph).macs;
        assert_eq!(macs, expected["macs"], "{name}: multiply-accumulates");
        let bytes = constant_bytes(&graph);
        assert_eq!(bytes, expected["constant_bytes"], "{name}: constants");
        println!(
            "{name}, {count}, {}, {:.2}, {:.1}, {foreign:?}",
            foreign.values().sum::<u64>(),
            macs as f64 / 1e6,
            bytes as f64 / 1024.0,
        );
    }
}

/// Files whose every operator is in the vocabulary, with 8-bit inputs and outputs.
const EVALUATED: [&str; 8] = [
    "mobilenet_edgetpu_0.75_224_post_training_quant",
    "mobilenet_v1_0.25_128_quant",
    "mobilenet_v2_1.0_224_quant",
    "tf2_mobilenet_v2_1.0_224_ptq",
    "tiny_ad01_int8",
    "tiny_kws_ref_model",
    "tiny_pretrainedResnet_quant",
    "tiny_vww_96_int8",
];

/// Noise in, and at most one step from what LiteRT gives out.
#[test]
fn whole_files_evaluate_as_litert_runs_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec![folder.path().to_owned()];
    let mut random = Pcg64Mcg::seed_from_u64(7);
    for name in EVALUATED {
        let name = format!("{name}.tflite");
        let path = super::folder().join("models/real").join(&name);
        let graph = tflite::read(&std::fs::read(&path).unwrap()).unwrap();
        let mut noise = Vec::new();
        let mut inputs = Vec::new();
        for &id in &graph.inputs {
            let bytes: Vec<u8> = (0..graph[id].bytes()).map(|_| random.random()).collect();
            noise.extend(&bytes);
            inputs.push(if graph[id].dtype == DataType::U8 {
                Data::U8(bytes.into())
            } else {
                Data::I8(bytes.iter().map(|byte| byte.cast_signed()).collect())
            });
        }
        let outputs = evaluate(&graph, &inputs).unwrap();
        let bytes = outputs.iter().flat_map(|data| match data {
            Data::U8(values) => values.to_vec(),
            Data::I8(values) => values.iter().map(|value| value.cast_unsigned()).collect(),
            Data::F32(_) | Data::I32(_) | Data::I64(_) => panic!("{name} has 8-bit outputs"),
        });
        std::fs::write(folder.path().join(format!("{name}.in")), &noise).unwrap();
        let out = folder.path().join(format!("{name}.out"));
        std::fs::write(out, bytes.collect::<Vec<u8>>()).unwrap();
        arguments.push(path);
    }
    let found = by_file("run_tflite.py", &arguments);
    assert_eq!(found.len(), EVALUATED.len());
    for (name, record) in found {
        assert!(record["steps"].as_u64().unwrap() <= 1, "{name}: {record}");
    }
}

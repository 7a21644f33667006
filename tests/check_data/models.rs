//! Model files of others: each reads and verifies, and counts as LiteRT's tools count it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use exporters::tflite;
use kernels::cost::graph_cost;
use kernels::{Op, Verified};
use serde_json::Value;

/// The `.tflite` files of `models/real` and, where they were unpacked, `models/structures`.
fn files() -> Vec<PathBuf> {
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
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var_os("EDNAS_PYTHON").map(PathBuf::from);
    let output = Command::new(python.unwrap_or_else(|| root.join(".venv/bin/python")))
        .arg(root.join("tests/python/count_tflite.py"))
        .args(files)
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
fn constant_bytes(graph: &Verified) -> usize {
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
            if let Op::Foreign { kind } = &node.op {
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

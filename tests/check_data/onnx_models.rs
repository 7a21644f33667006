//! ONNX files of others: each reads and verifies, counts as the onnx package counts it, and gives
//! what onnxruntime gives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use exporters::onnx::{ReadOptions, Region, read};
use kernels::cost::graph_cost;
use kernels::eval::evaluate;
use kernels::{Data, DataType, Op, Shape, Verified};

use super::models::{by_file, constant_bytes};

/// Inputs whose extents a file leaves open.
const OPEN: [(&str, &str, &[usize]); 1] = [("qtdnn_10x5_101_i32_biases", "input", &[101, 10])];

/// Files whose every operator is in the vocabulary, and how far a result may be from onnxruntime's:
/// what floats of this size lose in as many layers, or one step of what is quantized last.
const EVALUATED: [(&str, f32); 6] = [
    ("light_resnet50", 1e-3),
    ("light_shufflenet", 1e-3),
    ("light_squeezenet", 1e-3),
    ("mobilenetv2", 1e-3),
    ("qtdnn_10x5_101_i32_biases", 0.03125),
    ("resnet18", 1e-3),
];

fn folder() -> PathBuf {
    super::folder().join("models/onnx")
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "onnx"));
    files.sort();
    assert!(!files.is_empty(), "models/onnx has no .onnx files");
    files
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn options(name: &str) -> ReadOptions<'static> {
    let open = OPEN.iter().filter(|(file, ..)| *file == name);
    ReadOptions {
        shapes: open
            .map(|(_, input, shape)| ((*input).to_owned(), shape.to_vec()))
            .collect(),
        external: None,
    }
}

/// `input=101,10`
fn extents(shape: &[usize]) -> String {
    let extents: Vec<String> = shape.iter().map(ToString::to_string).collect();
    extents.join(",")
}

#[test]
fn onnx_files_count_as_others_count_them() {
    let files = files();
    let mut arguments = Vec::new();
    for path in &files {
        arguments.push(path.clone());
        let open = OPEN.iter().filter(|(file, ..)| *file == stem(path));
        arguments.extend(open.map(|(_, input, s)| format!("{input}={}", extents(s)).into()));
    }
    let counted = by_file("count_onnx.py", &arguments);
    println!("file, operators, nodes, foreign, MACs M, constants KiB, read ms, foreign operators");
    for path in &files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(path).unwrap();
        let start = Instant::now();
        let graph = read(&bytes, &options(&stem(path))).unwrap_or_else(|e| panic!("{name}: {e}"));
        let took = start.elapsed();
        let expected = &counted[&name];
        let operators = expected["operators"].as_object().unwrap();
        let mut foreign: BTreeMap<&str, u64> = BTreeMap::new();
        for node in &graph.nodes {
            if let Op::Foreign { kind, .. } = &node.op {
                *foreign.entry(kind).or_default() += 1;
            }
        }
        for (kind, found) in &foreign {
            assert_eq!(operators[*kind], *found, "{name}: {kind}");
        }
        let macs = graph_cost(&graph).macs;
        assert_eq!(macs, expected["macs"], "{name}: multiply-accumulates");
        let constants = constant_bytes(&graph);
        assert_eq!(constants, expected["constant_bytes"], "{name}: constants");
        println!(
            "{name}, {}, {}, {}, {:.2}, {:.1}, {:.2}, {foreign:?}",
            operators.values().map(|n| n.as_u64().unwrap()).sum::<u64>(),
            graph.nodes.len(),
            foreign.values().sum::<u64>(),
            macs as f64 / 1e6,
            constants as f64 / 1024.0,
            took.as_secs_f64() * 1e3,
        );
    }
}

/// Random weights, from files beside the model, and noise in.
#[test]
fn onnx_files_evaluate_as_onnxruntime_runs_them() {
    let made = tempfile::tempdir().unwrap();
    let mut arguments = vec![made.path().to_owned()];
    for (name, _) in EVALUATED {
        let file = folder().join(format!("{name}.onnx")).display().to_string();
        let open = OPEN.iter().find(|(file, ..)| *file == name);
        arguments.push(match open {
            Some((_, _, shape)) => format!("{file}:{}", extents(shape)).into(),
            None => file.into(),
        });
    }
    assert_eq!(by_file("run_onnx.py", &arguments).len(), EVALUATED.len());
    let bytes = |name: &str, extension: &str| {
        std::fs::read(made.path().join(format!("{name}.{extension}"))).unwrap()
    };
    let supply = |region: Region<'_>| {
        let all = std::fs::read(made.path().join(region.location)).unwrap();
        let start = usize::try_from(region.offset).unwrap();
        Ok(Some(all[start..start + region.length].to_vec()))
    };
    for (name, most) in EVALUATED {
        let options = ReadOptions {
            external: Some(&supply),
            ..options(name)
        };
        let graph = read(&bytes(name, "onnx"), &options).unwrap();
        let expected = floats(&bytes(name, "out"));
        let found = run(&graph, &floats(&bytes(name, "in")));
        assert_eq!(found.len(), expected.len(), "{name}");
        let size = expected.iter().fold(1.0, |size: f32, v| size.max(v.abs()));
        let pairs = found.iter().zip(&expected);
        let off = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{name}: off by {off}, of {size}");
        assert!(off <= most * size, "{name}: off by {off}, of {size}");
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (elements, _) = bytes.as_chunks();
    elements.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

/// What a network makes of an input, both in the order of the file.
fn run(graph: &Verified, input: &[f32]) -> Vec<f32> {
    let (x, y) = (&graph[graph.inputs[0]], &graph[graph.outputs[0]]);
    assert_eq!([x.dtype, y.dtype], [DataType::F32; 2]);
    let input = match x.shape.nhwc() {
        Some([n, h, w, c]) => transposed(input, [n, c, h * w]),
        None => input.to_vec(),
    };
    let Data::F32(found) = evaluate(graph, &[Data::F32(input.into())])
        .unwrap()
        .remove(0)
    else {
        panic!("the network gives floats");
    };
    match Shape::nhwc(&y.shape) {
        Some([n, h, w, c]) => transposed(&found, [n, h * w, c]),
        None => found.to_vec(),
    }
}

/// `[n, a, b]` as `[n, b, a]`.
fn transposed(elements: &[f32], [_, a, b]: [usize; 3]) -> Vec<f32> {
    let images = elements.chunks_exact(a * b);
    let of = |image: &[f32]| -> Vec<f32> {
        (0..b)
            .flat_map(|j| (0..a).map(move |i| i * b + j))
            .map(|at| image[at])
            .collect()
    };
    images.flat_map(of).collect()
}

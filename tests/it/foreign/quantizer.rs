//! What onnxruntime's quantizer writes: read as a network of integers throughout, which evaluates as
//! onnxruntime runs it.

use std::fs;
use std::path::Path;
use std::process::Command;

use exporters::onnx::{ReadOptions, read};
use kernels::eval::evaluate;
use kernels::{Data, Verified};
use serde_json::Value;

use super::runtime::python;

/// How many steps of the last result a network may be off: a runtime that computes QDQ in floats
/// rounds ties to the other side, layer after layer.
const STEPS_MAX: f64 = 2.0;

/// Operators of the small network when none of it is left in floats. What the quantizer keeps behind
/// an activation that its grid already cuts off is gone from the file.
const OF_INTEGERS: [&str; 10] = [
    "quantize",
    "conv2d",
    "depthwise_conv2d",
    "conv2d",
    "add",
    "max_pool",
    "concat",
    "reshape",
    "dense",
    "dequantize",
];

#[test]
fn what_the_quantizer_of_onnxruntime_writes_is_of_integers() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python(root))
        .arg(root.join("tests/python/quantize_onnx.py"))
        .arg(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut forms = 0;
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let name = record["file"].as_str().unwrap();
        let file =
            |extension: &str| fs::read(folder.path().join(format!("{name}.{extension}"))).unwrap();
        let graph = read(&file("onnx"), &ReadOptions::default()).unwrap();
        let found = run(&graph, &file("in"));
        let expected = floats(&file("out"));
        assert_eq!(found.len(), expected.len());
        let most = match record["scale"].as_f64() {
            None => 1e-4,
            Some(scale) => {
                let operators: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
                assert_eq!(operators, OF_INTEGERS, "{name}");
                forms += 1;
                STEPS_MAX * 1.001 * scale
            }
        };
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                f64::from((found - expected).abs()) <= most,
                "{name}: {found} beside {expected}"
            );
        }
    }
    assert_eq!(forms, 4);
}

/// Runs a network on an image of the file, channels first.
fn run(graph: &Verified, image: &[u8]) -> Vec<f32> {
    let image = floats(image);
    let [_, h, w, c] = graph[graph.inputs[0]].shape.nhwc().unwrap();
    let pixel = |p: usize| (0..c).map(move |channel| channel * h * w + p);
    let last: Vec<f32> = (0..h * w).flat_map(pixel).map(|i| image[i]).collect();
    match evaluate(graph, &[Data::F32(last.into())])
        .unwrap()
        .remove(0)
    {
        Data::F32(values) => values.to_vec(),
        other @ (Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_)) => {
            panic!("the network gives floats, found {other:?}")
        }
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (elements, _) = bytes.as_chunks();
    elements.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

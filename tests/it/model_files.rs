//! Model files as MODEL of a command.

use exporters::{Metadata, onnx, tflite};
use kernels::op::Unary;
use kernels::{DataType, GraphBuilder, Op, Quantization, verify};

use super::commands::{record, refused};

/// An int8 file of one operator, `[1, 8, 8, 16]` in and out.
fn file() -> Vec<u8> {
    let mut b = GraphBuilder::new("written as");
    let x = b.input("x", [1, 8, 8, 16], DataType::I8);
    let y = b.push("y", Op::Unary(Unary::Relu), &[x]).unwrap();
    for id in [x, y] {
        b.tensor_mut(id).quantization = Some(Quantization::per_tensor(0.5, 0));
    }
    b.output(y);
    tflite::write(&verify(b.finish()).unwrap(), &Metadata::default()).unwrap()
}

/// The same as ONNX.
fn onnx_file() -> Vec<u8> {
    let graph = tflite::read(&file()).unwrap();
    onnx::write(&graph, &Metadata::default()).unwrap()
}

#[test]
fn a_file_is_shown_and_priced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.tflite");
    std::fs::write(&path, file()).unwrap();
    let model = path.to_str().unwrap();

    let shown = record(&["model", "show", model, "--json"]);
    assert_eq!(shown["size"], serde_json::json!([8, 8]));
    assert_eq!(shown["genome"], serde_json::Value::Null);
    assert_eq!(shown["layers"][0]["network"], "small");
    assert_eq!(shown["layers"][0]["op"], "relu");

    let priced = record(&["estimate", model, "--profile", "coral-edgetpu", "--json"]);
    assert_eq!(priced["precision"], "as-is");
    assert_eq!(priced["traffic"]["input_bytes"], 1024);

    // A default that is given is refused like any other value.
    for option in [
        ["--size", "128"],
        ["--size", "256"],
        ["--tasks", "seg,depth"],
        ["--classes", "19"],
    ] {
        refused(
            &[&["model", "show", model][..], &option].concat(),
            &["small.tflite", option[0]],
        );
    }
}

#[test]
fn an_exploration_with_a_file_says_the_size_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.tflite");
    std::fs::write(&path, file()).unwrap();
    let model = path.to_str().unwrap();
    let explore = [
        "--profile",
        "systolic-32x32-ws",
        "--vary",
        "array.rows=8,16",
        "--json",
    ];
    let of_file = record(&[&["explore", model][..], &explore].concat());
    assert_eq!(of_file["size"], serde_json::json!([8, 8]));
    let of_two = record(&[&["explore", model, "mt-edge"][..], &explore].concat());
    assert_eq!(of_two["size"], serde_json::Value::Null);
}

#[test]
fn damaged_and_missing_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.tflite");
    let bytes = file();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let model = path.to_str().unwrap();
    refused(&["model", "show", model], &["half.tflite", "expected"]);
    let missing = folder.path().join("missing.tflite");
    let missing = missing.to_str().unwrap();
    let arguments = ["estimate", missing, "--profile", "coral-edgetpu"];
    refused(&arguments, &["missing.tflite"]);
}

#[test]
fn onnx_files_are_shown_and_priced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.onnx");
    std::fs::write(&path, onnx_file()).unwrap();
    let model = path.to_str().unwrap();

    let shown = record(&["model", "show", model, "--json"]);
    assert_eq!(shown["size"], serde_json::json!([8, 8]));
    assert_eq!(shown["layers"][0]["network"], "small");
    assert_eq!(shown["layers"][0]["op"], "relu");

    let priced = record(&["estimate", model, "--profile", "coral-edgetpu", "--json"]);
    assert_eq!(priced["traffic"]["input_bytes"], 1024);
    let arguments = [
        "diff",
        model,
        "mt-edge",
        "--profile",
        "coral-edgetpu",
        "--json",
    ];
    assert_eq!(record(&arguments)["schema"], "ednas.diff/1");

    let wrong = ["model", "show", model, "--shape", "other=1,2"];
    refused(&wrong, &["small.onnx", "`other`", "the inputs x"]);
    let wrong = ["model", "show", model, "--shape", "x=1,16,8,9"];
    refused(&wrong, &["small.onnx", "found 9", "8 as extent 3 of `x`"]);
    let wrong = ["model", "show", "mt-edge", "--shape", "x=1,16,8,8"];
    refused(&wrong, &["mt-edge", "--size"]);
}

/// The bytes of a written file whose height says nothing until it is given.
#[test]
fn extents_that_may_change_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.onnx");
    let mut bytes = onnx_file();
    // The extents of `x` as messages: each a field of 2 bytes that holds one number.
    let extents = [10, 2, 8, 1, 10, 2, 8, 16, 10, 2, 8, 8, 10, 2, 8, 8];
    let found = bytes.windows(16).position(|window| window == extents);
    let height = found.unwrap() + 11;
    bytes[height] = 0;
    std::fs::write(&path, bytes).unwrap();
    let model = path.to_str().unwrap();

    let show = ["model", "show", model];
    refused(
        &show,
        &["input `x` is [1, 16, ?, 8]", "--shape", "x=1,16,224,8"],
    );
    let given = ["model", "show", model, "--shape", "x=1,16,12,8", "--json"];
    assert_eq!(record(&given)["size"], serde_json::json!([12, 8]));
}

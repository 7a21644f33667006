//! What the writer writes, read back by prost, and what it refuses.

use std::fmt::Write;

use expect_test::expect;
use kernels::{DataType, GraphBuilder, Op, TensorId, verify};
use prost::Message;

use super::message::{Model, ValueInfo};
use super::write;
use crate::{Metadata, samples};

/// Everything but the elements.
fn dump(bytes: &[u8]) -> String {
    let model = Model::decode(bytes).unwrap();
    let graph = model.graph.unwrap();
    let mut out = String::new();
    let (ir, opset) = (model.ir_version, model.opset_import[0].version);
    writeln!(out, "{} ir {ir} opset {opset}", graph.name).unwrap();
    for (what, values) in [("input", &graph.input), ("output", &graph.output)] {
        for value in values {
            writeln!(out, "{what} {}", described(value)).unwrap();
        }
    }
    for tensor in &graph.initializer {
        let (name, dims, kind) = (&tensor.name, &tensor.dims, tensor.data_type);
        let bytes = tensor.raw_data.len();
        writeln!(out, "constant {name} {dims:?} type {kind}, {bytes} bytes").unwrap();
    }
    for node in &graph.node {
        write!(out, "{} {:?}", node.op_type, node.input).unwrap();
        for attribute in &node.attribute {
            write!(out, " {}=", attribute.name).unwrap();
            match (attribute.f, attribute.i, &attribute.s) {
                (Some(f), _, _) => write!(out, "{f}").unwrap(),
                (_, Some(i), _) => write!(out, "{i}").unwrap(),
                (_, _, Some(s)) => write!(out, "{}", str::from_utf8(s).unwrap()).unwrap(),
                _ => write!(out, "{:?}", attribute.ints).unwrap(),
            }
        }
        writeln!(out, " -> {:?}", node.output).unwrap();
    }
    for property in &model.metadata_props {
        writeln!(out, "{} = {}", property.key, property.value).unwrap();
    }
    out
}

fn described(value: &ValueInfo) -> String {
    let kind = value.r#type.clone().unwrap().tensor_type.unwrap();
    let dims: Vec<i64> = kind
        .shape
        .unwrap()
        .dim
        .iter()
        .map(|d| d.dim_value.unwrap())
        .collect();
    format!("{} {dims:?} type {}", value.name, kind.elem_type)
}

#[test]
fn writes_float() {
    let metadata = Metadata::default().with("task.sum", "none");
    let bytes = write(&samples::small_float(), &metadata).unwrap();
    expect![[r#"
        small ir 8 opset 17
        input image [1, 2, 4, 4] type 1
        input skip [1, 3, 4, 4] type 1
        output sum [1, 3, 4, 4] type 1
        constant w [3, 2, 3, 3] type 1, 216 bytes
        constant b [3] type 1, 12 bytes
        constant scalar/0 [] type 1, 4 bytes
        constant scalar/6 [] type 1, 4 bytes
        constant up/sizes [4] type 7, 32 bytes
        Conv ["image", "w", "b"] kernel_shape=[3, 3] strides=[2, 2] dilations=[1, 1] pads=[0, 0, 1, 1] group=1 -> ["conv/Conv"]
        Clip ["conv/Conv", "scalar/0", "scalar/6"] -> ["conv"]
        Resize ["conv", "", "", "up/sizes"] mode=nearest coordinate_transformation_mode=asymmetric nearest_mode=floor -> ["up"]
        Add ["up", "skip"] -> ["sum"]
        layout = NCHW
        task.sum = none
    "#]].assert_eq(&dump(&bytes));
}

#[test]
fn writes_int8_as_quantize_dequantize_pairs() {
    let bytes = write(&samples::small_int8(), &Metadata::default()).unwrap();
    expect![[r#"
        small ir 8 opset 17
        input image [1, 2, 4, 4] type 3
        input skip [1, 3, 4, 4] type 3
        output sum [1, 3, 4, 4] type 3
        constant image/scale [] type 1, 4 bytes
        constant image/zero_point [] type 3, 1 bytes
        constant w [3, 2, 3, 3] type 3, 54 bytes
        constant w/scale [3] type 1, 12 bytes
        constant b [3] type 6, 12 bytes
        constant b/scale [3] type 1, 12 bytes
        constant scalar/0 [] type 1, 4 bytes
        constant scalar/6 [] type 1, 4 bytes
        constant conv/scale [] type 1, 4 bytes
        constant conv/zero_point [] type 3, 1 bytes
        constant up/sizes [4] type 7, 32 bytes
        constant up/scale [] type 1, 4 bytes
        constant up/zero_point [] type 3, 1 bytes
        constant skip/scale [] type 1, 4 bytes
        constant skip/zero_point [] type 3, 1 bytes
        constant sum/scale [] type 1, 4 bytes
        constant sum/zero_point [] type 3, 1 bytes
        DequantizeLinear ["image", "image/scale", "image/zero_point"] -> ["image/DequantizeLinear"]
        DequantizeLinear ["w", "w/scale"] axis=0 -> ["w/DequantizeLinear"]
        DequantizeLinear ["b", "b/scale"] axis=0 -> ["b/DequantizeLinear"]
        Conv ["image/DequantizeLinear", "w/DequantizeLinear", "b/DequantizeLinear"] kernel_shape=[3, 3] strides=[2, 2] dilations=[1, 1] pads=[0, 0, 1, 1] group=1 -> ["conv/Conv"]
        Clip ["conv/Conv", "scalar/0", "scalar/6"] -> ["conv/Clip"]
        QuantizeLinear ["conv/Clip", "conv/scale", "conv/zero_point"] -> ["conv"]
        DequantizeLinear ["conv", "conv/scale", "conv/zero_point"] -> ["conv/DequantizeLinear"]
        Resize ["conv/DequantizeLinear", "", "", "up/sizes"] mode=nearest coordinate_transformation_mode=asymmetric nearest_mode=floor -> ["up/Resize"]
        QuantizeLinear ["up/Resize", "up/scale", "up/zero_point"] -> ["up"]
        DequantizeLinear ["up", "up/scale", "up/zero_point"] -> ["up/DequantizeLinear"]
        DequantizeLinear ["skip", "skip/scale", "skip/zero_point"] -> ["skip/DequantizeLinear"]
        Add ["up/DequantizeLinear", "skip/DequantizeLinear"] -> ["sum/Add"]
        QuantizeLinear ["sum/Add", "sum/scale", "sum/zero_point"] -> ["sum"]
        layout = NCHW
    "#]].assert_eq(&dump(&bytes));
}

#[test]
fn the_same_graph_gives_the_same_bytes() {
    let write = || write(&samples::small_int8(), &Metadata::default()).unwrap();
    assert_eq!(write(), write());
}

#[test]
fn refuses_parameters_without_values() {
    let mut graph = samples::small_float().into_graph();
    let weights = graph.tensor_named("w").map(TensorId::index).unwrap();
    graph.tensors[weights].content = kernels::tensor::Content::Parameter;
    let error = write(&verify(graph).unwrap(), &Metadata::default()).unwrap_err();
    expect!["tensor `w` has no values: train the network or load its weights, then export"]
        .assert_eq(&error.to_string());
}

#[test]
fn refuses_batch_norm_without_an_image_or_rows() {
    let mut b = GraphBuilder::new("g");
    let x = b.input("x", [2, 3, 4], DataType::F32);
    let parameters = ["gamma", "beta", "mean", "variance"].map(|name| b.parameter(name, [4]));
    let [gamma, beta, mean, variance] = parameters;
    let norm = Op::BatchNorm { epsilon: 1e-3 };
    let y = b
        .push("bn", norm, &[x, gamma, beta, mean, variance])
        .unwrap();
    b.output(y);
    let error = write(&verify(b.finish()).unwrap(), &Metadata::default()).unwrap_err();
    expect!["node `bn`: batch_norm cannot be written as ONNX: its operand must have 2 or 4 dimensions, found 3"].assert_eq(&error.to_string());
}

//! Files made of messages, and graphs in a line per node.

use std::fmt::Write;

use expect_test::Expect;
use kernels::tensor::Content;
use kernels::{TensorId, Verified};
use prost::Message;

use crate::onnx::message::{
    Attribute, Dimension, Graph, Model, Node, OperatorSet, Tensor, TensorShape, TensorType, Type,
    ValueInfo,
};
use crate::onnx::{ReadOptions, read};

pub(super) const F32: i32 = 1;
pub(super) const I8: i32 = 3;
pub(super) const I32: i32 = 6;
pub(super) const I64: i32 = 7;
pub(super) const F16: i32 = 10;

/// A value of a shape, in which -1 is an extent without a name.
pub(super) fn info(name: &str, kind: i32, shape: &[i64]) -> ValueInfo {
    let dim = shape.iter().map(|&d| Dimension {
        dim_value: (d != -1).then_some(d),
        dim_param: None,
    });
    ValueInfo {
        name: name.to_owned(),
        r#type: Some(Type {
            tensor_type: Some(TensorType {
                elem_type: kind,
                shape: Some(TensorShape { dim: dim.collect() }),
            }),
        }),
    }
}

pub(super) fn tensor(name: &str, kind: i32, dims: &[i64], raw_data: Vec<u8>) -> Tensor {
    Tensor {
        name: name.to_owned(),
        data_type: kind,
        dims: dims.to_vec(),
        raw_data,
        ..Tensor::default()
    }
}

pub(super) fn floats(name: &str, dims: &[i64], values: &[f32]) -> Tensor {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    tensor(name, F32, dims, bytes)
}

/// Floats that count up from 0.
pub(super) fn ramp(name: &str, dims: &[i64]) -> Tensor {
    let count = u16::try_from(dims.iter().product::<i64>()).unwrap();
    let values: Vec<f32> = (0..count).map(f32::from).collect();
    floats(name, dims, &values)
}

pub(super) fn whole(name: &str, values: &[i64]) -> Tensor {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let count = i64::try_from(values.len()).unwrap();
    tensor(name, I64, &[count], bytes)
}

/// Operands and results are separated by blanks; `-` is one that is left out.
pub(super) fn node(op_type: &str, inputs: &str, outputs: &str, more: &[Attribute]) -> Node {
    let names = |list: &str| {
        let names = list.split_whitespace();
        names
            .map(|name| if name == "-" { "" } else { name }.to_owned())
            .collect()
    };
    Node {
        op_type: op_type.to_owned(),
        input: names(inputs),
        output: names(outputs),
        attribute: more.to_vec(),
        ..Node::default()
    }
}

pub(super) fn of_domain(domain: &str, node: Node) -> Node {
    Node {
        domain: domain.to_owned(),
        ..node
    }
}

/// A graph of nodes, from an input to what the last node gives.
pub(super) fn graph(input: ValueInfo, initializer: Vec<Tensor>, node: Vec<Node>) -> Graph {
    let last = node.last().unwrap().output[0].clone();
    let output = ValueInfo {
        name: last,
        r#type: None,
    };
    Graph {
        name: "made".to_owned(),
        input: vec![input],
        output: vec![output],
        initializer,
        node,
        ..Graph::default()
    }
}

pub(super) fn file_of(opset: i64, graph: Graph) -> Vec<u8> {
    let model = Model {
        ir_version: 8,
        opset_import: vec![OperatorSet {
            domain: String::new(),
            version: opset,
        }],
        graph: Some(graph),
        ..Model::default()
    };
    model.encode_to_vec()
}

pub(super) fn file(graph: Graph) -> Vec<u8> {
    file_of(17, graph)
}

pub(super) fn ints(name: &str, values: &[i64]) -> Attribute {
    Attribute {
        name: name.to_owned(),
        ints: values.to_vec(),
        kind: 7,
        ..Attribute::default()
    }
}

pub(super) fn int(name: &str, value: i64) -> Attribute {
    Attribute {
        name: name.to_owned(),
        i: Some(value),
        kind: 2,
        ..Attribute::default()
    }
}

/// The nodes with the shapes and types of what they read and write, or why there are none.
pub(super) fn check(bytes: &[u8], expected: &Expect) {
    check_with(bytes, &ReadOptions::default(), expected);
}

pub(super) fn check_with(bytes: &[u8], options: &ReadOptions<'_>, expected: &Expect) {
    match read(bytes, options) {
        Ok(graph) => expected.assert_eq(&dump(&graph)),
        Err(error) => expected.assert_eq(&error.to_string()),
    }
}

pub(super) fn dump(graph: &Verified) -> String {
    let mut text = String::new();
    for node in &graph.nodes {
        let list = |ids: &[TensorId]| {
            let described = ids.iter().map(|&id| {
                let tensor = &graph[id];
                let known = match tensor.content {
                    Content::Computed => "",
                    Content::Parameter => " unknown",
                    Content::Constant(_) => " known",
                };
                format!("{} {}{}{known}", tensor.name, tensor.dtype, tensor.shape)
            });
            described.collect::<Vec<_>>().join(", ")
        };
        let (inputs, outputs) = (list(&node.inputs), list(&node.outputs));
        writeln!(text, "{}: {inputs} -> {outputs}", node.op.name()).unwrap();
    }
    text
}

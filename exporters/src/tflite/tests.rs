//! What the writer writes, read back by a reader of its own, and what it refuses.

mod reader;

use std::fmt::Write;

use expect_test::{Expect, expect};
use kernels::op::{Padding, Pool2d, PoolKind, Unary};
use kernels::{DataType, GraphBuilder, Op, Quantization, TensorId, verify};

use super::schema::field;
use super::write;
use crate::{ExportError, Metadata, samples};
use reader::Table;

/// Everything but the elements: tensors, operators by code and version, signature, metadata.
fn dump(bytes: &[u8]) -> String {
    let mut out = String::new();
    let model = Table::root(bytes);
    let codes = model.tables(field::model::OPERATOR_CODES);
    let buffers = model.tables(field::model::BUFFERS);
    let subgraph = model.tables(field::model::SUBGRAPHS)[0];
    let tensors = subgraph.tables(field::subgraph::TENSORS);
    let names: Vec<String> = tensors
        .iter()
        .map(|t| t.text(field::tensor::NAME))
        .collect();
    writeln!(out, "version {}", model.u32(field::model::VERSION)).unwrap();
    for (tensor, name) in tensors.iter().zip(&names) {
        let shape = tensor.i32s(field::tensor::SHAPE);
        let kind = tensor.i8(field::tensor::TYPE);
        let buffer = tensor.u32(field::tensor::BUFFER) as usize;
        let bytes = buffers[buffer].bytes(field::buffer::DATA).len();
        write!(out, "tensor {name} {shape:?} type {kind}, {bytes} bytes").unwrap();
        if let Some(q) = tensor.table(field::tensor::QUANTIZATION) {
            let scales = q.f32s(field::quantization::SCALES);
            let zero_points = q.i64s(field::quantization::ZERO_POINTS);
            let dimension = q.i32(field::quantization::DIMENSION);
            write!(out, ", {scales:?} {zero_points:?} along {dimension}").unwrap();
        }
        writeln!(out).unwrap();
    }
    let named = |places: Vec<i32>| -> Vec<&str> {
        let name = |i: i32| names[usize::try_from(i).unwrap()].as_str();
        places.into_iter().map(name).collect()
    };
    for operator in subgraph.tables(field::subgraph::OPERATORS) {
        let code = codes[operator.u32(field::operator::CODE_INDEX) as usize];
        writeln!(
            out,
            "operator {} ({}) version {}, options {}: {:?} -> {:?}",
            code.i32(field::operator_code::CODE),
            code.i8(field::operator_code::DEPRECATED_CODE),
            code.i32(field::operator_code::VERSION),
            operator.u8(field::operator::OPTIONS_TYPE),
            named(operator.i32s(field::operator::INPUTS)),
            named(operator.i32s(field::operator::OUTPUTS)),
        )
        .unwrap();
    }
    for signature in model.tables(field::model::SIGNATURES) {
        let maps = |slot| -> Vec<String> {
            let maps = signature.tables(slot);
            maps.iter()
                .map(|m| m.text(field::tensor_map::NAME))
                .collect()
        };
        let key = signature.text(field::signature::KEY);
        let inputs = maps(field::signature::INPUTS);
        let outputs = maps(field::signature::OUTPUTS);
        writeln!(out, "signature {key}: {inputs:?} -> {outputs:?}").unwrap();
    }
    for note in model.tables(field::model::METADATA) {
        let buffer = note.u32(field::metadata::BUFFER) as usize;
        let text = buffers[buffer].bytes(field::buffer::DATA);
        let text = std::str::from_utf8(text).unwrap();
        writeln!(out, "{} = {text}", note.text(field::metadata::NAME)).unwrap();
    }
    out
}

#[test]
fn writes_float() {
    let metadata = Metadata::default().with("task.sum", "none");
    let bytes = write(&samples::small_float(), &metadata).unwrap();
    expect![[r#"
        version 3
        tensor image [1, 4, 4, 2] type 0, 0 bytes
        tensor skip [1, 4, 4, 3] type 0, 0 bytes
        tensor w [3, 3, 3, 2] type 0, 216 bytes
        tensor b [3] type 0, 12 bytes
        tensor conv [1, 2, 2, 3] type 0, 0 bytes
        tensor up/size [2] type 2, 8 bytes
        tensor up [1, 4, 4, 3] type 0, 0 bytes
        tensor sum [1, 4, 4, 3] type 0, 0 bytes
        operator 3 (3) version 1, options 1: ["image", "w", "b"] -> ["conv"]
        operator 97 (97) version 1, options 74: ["conv", "up/size"] -> ["up"]
        operator 0 (0) version 1, options 11: ["up", "skip"] -> ["sum"]
        signature serving_default: ["image", "skip"] -> ["sum"]
        task.sum = none
    "#]]
    .assert_eq(&dump(&bytes));
}

#[test]
fn writes_int8() {
    let bytes = write(&samples::small_int8(), &Metadata::default()).unwrap();
    expect![[r#"
        version 3
        tensor image [1, 4, 4, 2] type 9, 0 bytes, [0.5] [3] along 0
        tensor skip [1, 4, 4, 3] type 9, 0 bytes, [0.25] [0] along 0
        tensor w [3, 3, 3, 2] type 9, 54 bytes, [0.01, 0.02, 0.03] [0, 0, 0] along 0
        tensor b [3] type 2, 12 bytes, [0.005, 0.01, 0.015] [0, 0, 0] along 0
        tensor conv [1, 2, 2, 3] type 9, 0 bytes, [0.025] [-128] along 0
        tensor up/size [2] type 2, 8 bytes
        tensor up [1, 4, 4, 3] type 9, 0 bytes, [0.025] [-128] along 0
        tensor sum [1, 4, 4, 3] type 9, 0 bytes, [0.3] [-5] along 0
        operator 3 (3) version 3, options 1: ["image", "w", "b"] -> ["conv"]
        operator 97 (97) version 2, options 74: ["conv", "up/size"] -> ["up"]
        operator 0 (0) version 2, options 11: ["up", "skip"] -> ["sum"]
        signature serving_default: ["image", "skip"] -> ["sum"]
    "#]]
    .assert_eq(&dump(&bytes));
}

#[test]
fn the_same_graph_gives_the_same_bytes() {
    let write = || write(&samples::small_int8(), &Metadata::default()).unwrap();
    assert_eq!(write(), write());
}

#[test]
fn elements_start_at_multiples_of_16() {
    let bytes = write(&samples::small_int8(), &Metadata::default()).unwrap();
    let model = Table::root(&bytes);
    let buffers = model.tables(field::model::BUFFERS);
    let elements = buffers.iter().map(|b| b.bytes(field::buffer::DATA));
    let mut checked = 0;
    for data in elements.filter(|data| !data.is_empty()) {
        let start = data.as_ptr() as usize - bytes.as_ptr() as usize;
        assert!(start.is_multiple_of(16), "{start}");
        checked += 1;
    }
    assert!(checked > 2);
}

fn refused(error: ExportError, expected: &Expect) {
    expected.assert_eq(&error.to_string());
}

fn int8_unary(op: Op, scale: f32, zero_point: i32) -> ExportError {
    let mut b = GraphBuilder::new("g");
    let x = b.input("x", [1, 4, 4, 2], DataType::I8);
    let y = b.push("y", op, &[x]).unwrap();
    b.tensor_mut(x).quantization = Some(Quantization::per_tensor(0.5, 0));
    b.tensor_mut(y).quantization = Some(Quantization::per_tensor(scale, zero_point));
    b.output(y);
    write(&verify(b.finish()).unwrap(), &Metadata::default()).unwrap_err()
}

#[test]
fn refuses_what_tflite_cannot_say() {
    refused(
        int8_unary(Op::Unary(Unary::Sigmoid), 0.1, 0),
        &expect![
            "node `y`: sigmoid cannot be written as TFLite: its result must have scale 1/256 and zero point -128, found scale 0.1 zero point 0"
        ],
    );
    let padding = Padding {
        top: 1,
        ..Padding::VALID
    };
    let pool = |padding| {
        Op::Pool2d(Pool2d {
            kind: PoolKind::Max,
            kernel: [2, 2],
            stride: [1, 1],
            padding,
        })
    };
    refused(
        int8_unary(pool(padding), 0.5, 0),
        &expect![
            "node `y`: max_pool cannot be written as TFLite: its padding is neither SAME nor VALID, and zeros around the input would take part in the window; pad as SAME does, or put a ReLU before it"
        ],
    );
    refused(
        int8_unary(pool(Padding::VALID), 0.25, 1),
        &expect![
            "node `y`: max_pool cannot be written as TFLite: its operand and result must have the same quantization, found scale 0.5 zero point 0 and scale 0.25 zero point 1"
        ],
    );
}

#[test]
fn refuses_parameters_without_values() {
    let mut graph = samples::small_float().into_graph();
    let weights = graph.tensor_named("w").map(TensorId::index).unwrap();
    graph.tensors[weights].content = kernels::tensor::Content::Parameter;
    let error = write(&verify(graph).unwrap(), &Metadata::default()).unwrap_err();
    refused(
        error,
        &expect!["tensor `w` has no values: train the network or load its weights, then export"],
    );
}

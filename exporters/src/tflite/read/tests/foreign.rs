//! Files that our writer would not write: other operators, element types, subgraphs.

use std::fmt::Write;

use expect_test::{Expect, expect};
use kernels::tensor::Content;

use crate::tflite::flatbuffer::{Table, Value, finish};
use crate::tflite::read;
use crate::tflite::schema::{activation, element_type, field, padding};

/// A tensor of a made-up file.
pub(super) struct Made {
    pub(super) name: &'static str,
    pub(super) shape: Vec<i32>,
    pub(super) kind: i8,
    pub(super) elements: Vec<u8>,
    pub(super) more: Table,
}

pub(super) fn tensor(name: &'static str, shape: &[i32], kind: i8) -> Made {
    Made {
        name,
        shape: shape.to_vec(),
        kind,
        elements: Vec::new(),
        more: Table::default(),
    }
}

pub(super) fn constant(name: &'static str, shape: &[i32], kind: i8, elements: &[u8]) -> Made {
    Made {
        elements: elements.to_vec(),
        ..tensor(name, shape, kind)
    }
}

/// Code, custom name, inputs, outputs, and the options: their union member and table.
pub(super) type Operation = (
    i32,
    Option<&'static str>,
    Vec<i32>,
    Vec<i32>,
    Option<(u8, Table)>,
);

/// A subgraph: its tensors and operators, the first tensor in and the last out.
pub(super) fn file(subgraphs: Vec<(Vec<Made>, Vec<Operation>)>) -> Vec<u8> {
    let mut buffers = vec![Table::default()];
    let mut codes = Vec::new();
    let mut graphs = Vec::new();
    for (tensors, operations) in subgraphs {
        let last = i32::try_from(tensors.len() - 1).unwrap();
        let tensors = tensors.into_iter().map(|made| {
            let buffer = u32::try_from(buffers.len()).unwrap();
            let data = Value::Bytes(made.elements);
            buffers.push(Table::default().with(field::buffer::DATA, data));
            made.more
                .with(field::tensor::SHAPE, Value::I32s(made.shape))
                .with(field::tensor::TYPE, Value::I8(made.kind))
                .with(field::tensor::BUFFER, Value::U32(buffer))
                .with(field::tensor::NAME, Value::Text(made.name.to_owned()))
        });
        let tensors = Value::Tables(tensors.collect());
        let operations = operations.into_iter().map(|operation| {
            let (code, custom, inputs, outputs, options) = operation;
            let index = u32::try_from(codes.len()).unwrap();
            let mut kind = Table::default().with(field::operator_code::CODE, Value::I32(code));
            if let Some(custom) = custom {
                kind = kind.with(field::operator_code::CUSTOM, Value::Text(custom.to_owned()));
            }
            codes.push(kind);
            let mut table = Table::default()
                .with(field::operator::CODE_INDEX, Value::U32(index))
                .with(field::operator::INPUTS, Value::I32s(inputs))
                .with(field::operator::OUTPUTS, Value::I32s(outputs));
            if let Some((kind, options)) = options {
                table = table
                    .with(field::operator::OPTIONS_TYPE, Value::U8(kind))
                    .with(field::operator::OPTIONS, Value::Table(options));
            }
            table
        });
        let operations = Value::Tables(operations.collect());
        graphs.push(
            Table::default()
                .with(field::subgraph::TENSORS, tensors)
                .with(field::subgraph::OPERATORS, operations)
                .with(field::subgraph::INPUTS, Value::I32s(vec![0]))
                .with(field::subgraph::OUTPUTS, Value::I32s(vec![last])),
        );
    }
    let root = Table::default()
        .with(field::model::VERSION, Value::U32(3))
        .with(field::model::OPERATOR_CODES, Value::Tables(codes))
        .with(field::model::SUBGRAPHS, Value::Tables(graphs))
        .with(field::model::BUFFERS, Value::Tables(buffers));
    finish(&root, *b"TFL3")
}

/// The nodes with the shapes and types of what they read and write, or why there are none.
pub(super) fn check(bytes: &[u8], expected: &Expect) {
    let graph = match read(bytes) {
        Ok(graph) => graph,
        Err(error) => return expected.assert_eq(&error.to_string()),
    };
    let mut text = String::new();
    for node in &graph.nodes {
        let list = |ids: &[kernels::TensorId]| {
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
    expected.assert_eq(&text);
}

const F32: i8 = element_type::FLOAT32;
const I32: i8 = element_type::INT32;
const I16: i8 = 7;
const I4: i8 = 17;

#[test]
fn custom_operators_keep_their_name() {
    let tensors = vec![
        tensor("x", &[1, 3], F32),
        tensor("empty", &[0], F32),
        tensor("y", &[2], F32),
    ];
    let custom = (32, Some("Decode"), vec![0, -1, 1], vec![2], None);
    check(
        &file(vec![(tensors, vec![custom])]),
        &expect![[r#"
            Decode: x f32[1, 3] -> y f32[2]
        "#]],
    );
}

#[test]
fn activations_that_nothing_fuses_stand_apart() {
    let add = |code| {
        let options = Table::default().with(field::binary::FUSED, Value::I8(code));
        let tensors = vec![tensor("x", &[2], F32), tensor("y", &[2], F32)];
        file(vec![(
            tensors,
            vec![(0, None, vec![0, 0], vec![1], Some((11, options)))],
        )])
    };
    check(
        &add(activation::TANH),
        &expect![[r#"
            add: x f32[2], x f32[2] -> y/add f32[2]
            TANH: y/add f32[2] -> y f32[2]
        "#]],
    );
    check(
        &add(activation::RELU6),
        &expect![[r#"
            add: x f32[2], x f32[2] -> y f32[2]
        "#]],
    );
    check(
        &add(9),
        &expect!["subgraph 0 ``, operator 0 ADD: found 9, expected an activation, 0 to 5"],
    );
}

#[test]
fn sixteen_bit_activations_are_foreign() {
    let tensors = vec![tensor("x", &[2], I16), tensor("y", &[2], I16)];
    check(
        &file(vec![(tensors, vec![(0, None, vec![0, 0], vec![1], None)])]),
        &expect![[r#"
            ADD: x i16[2], x i16[2] -> y i16[2]
        "#]],
    );
}

#[test]
fn packed_constants_count_their_bytes() {
    let tensors = vec![
        tensor("x", &[1, 4], F32),
        constant("w", &[3, 4], I4, &[0; 6]),
        tensor("y", &[1, 3], F32),
    ];
    check(
        &file(vec![(
            tensors,
            vec![(9, None, vec![0, 1, -1], vec![2], None)],
        )]),
        &expect![[r#"
            FULLY_CONNECTED: x f32[1, 4], w i4[6] unknown -> y f32[1, 3]
        "#]],
    );
}

#[test]
fn integer_weights_of_float_layers_are_dequantized() {
    let scale = Table::default().with(field::quantization::SCALES, Value::F32s(vec![0.5]));
    let mut w = constant("w", &[3, 4], element_type::INT8, &[1; 12]);
    w.more = w
        .more
        .with(field::tensor::QUANTIZATION, Value::Table(scale));
    let tensors = vec![tensor("x", &[2, 2, 2], F32), w, tensor("y", &[2, 3], F32)];
    check(
        &file(vec![(
            tensors,
            vec![(9, None, vec![0, 1, -1], vec![2], None)],
        )]),
        &expect![[r#"
            dequantize: w i8[3, 4] known -> w/dequantize f32[3, 4]
            reshape: x f32[2, 2, 2] -> y/reshape f32[2, 4]
            dense: y/reshape f32[2, 4], w/dequantize f32[3, 4] -> y f32[2, 3]
        "#]],
    );
}

#[test]
fn called_subgraphs_are_the_bytes_of_their_constants() {
    let body = || {
        let tensors = vec![
            tensor("b", &[2], F32),
            constant("w", &[2], F32, &[0; 8]),
            tensor("c", &[2], F32),
        ];
        (tensors, vec![(0, None, vec![0, 1], vec![2], None), again()])
    };
    fn again() -> Operation {
        let options = Table::default()
            .with(field::branch::FIRST, Value::U32(1))
            .with(field::branch::SECOND, Value::U32(2));
        (119, None, vec![0], vec![1], Some((92, options)))
    }
    let main = (
        vec![tensor("x", &[2], F32), tensor("y", &[2], F32)],
        vec![again()],
    );
    check(
        &file(vec![main, body(), body()]),
        &expect![[r#"
            WHILE: x f32[2], 4 operators of called subgraphs u8[16] unknown -> y f32[2]
        "#]],
    );
}

#[test]
fn a_dropped_dimension_is_a_slice_and_a_reshape() {
    let numbers =
        |values: [i32; 2]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
    let options = Table::default()
        .with(field::strided_slice::SHRINK_AXIS_MASK, Value::I32(1))
        .with(field::strided_slice::END_MASK, Value::I32(2));
    let tensors = vec![
        tensor("x", &[4, 5], F32),
        constant("begin", &[2], I32, &numbers([-1, 1])),
        constant("end", &[2], I32, &numbers([0, 0])),
        constant("stride", &[2], I32, &numbers([1, 2])),
        tensor("y", &[2], F32),
    ];
    let slice = (45, None, vec![0, 1, 2, 3], vec![4], Some((32, options)));
    check(
        &file(vec![(tensors, vec![slice])]),
        &expect![[r#"
            slice: x f32[4, 5] -> y/slice f32[1, 2]
            reshape: y/slice f32[1, 2] -> y f32[2]
        "#]],
    );
}

/// The elements of `w` behind the tables: its buffer is replaced by one of an offset and a size.
#[test]
fn elements_behind_the_tables_are_found() {
    let outside = |at: u64| {
        let tensors = vec![
            tensor("x", &[2], F32),
            tensor("w", &[2], F32),
            tensor("y", &[2], F32),
        ];
        let add = (0, None, vec![0, 1], vec![2], None);
        let mut bytes = file(vec![(tensors, vec![add])]);
        let word = |bytes: &[u8], at: usize| {
            let word = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            usize::try_from(word).unwrap()
        };
        let root = word(&bytes, 0);
        let vtable = root - word(&bytes, root);
        let slot = vtable + 4 + 2 * field::model::BUFFERS;
        let place = root + usize::from(u16::from_le_bytes([bytes[slot], bytes[slot + 1]]));
        let entry = place + word(&bytes, place) + 4 + 4 * 2;
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend(
            [10_u16, 24, 0, 8, 16, 0]
                .map(u16::to_le_bytes)
                .as_flattened(),
        );
        let table = bytes.len();
        let offset = u32::try_from(table - entry).unwrap();
        bytes[entry..entry + 4].copy_from_slice(&offset.to_le_bytes());
        bytes.extend([12_u32, 0].map(u32::to_le_bytes).as_flattened());
        bytes.extend([at, 8].map(u64::to_le_bytes).as_flattened());
        bytes.resize(1024, 0);
        bytes
    };
    check(
        &outside(1016),
        &expect![[r#"
        add: x f32[2], w f32[2] known -> y f32[2]
    "#]],
    );
    check(
        &outside(1017),
        &expect![
            "subgraph 0 ``, operator 0 ADD, tensor 1, buffer 2: found 8 bytes from 1017 on, expected bytes within the file's 1024"
        ],
    );
}

#[test]
fn contradictions_are_refused() {
    let conv = |options: Table, shape: &[i32]| {
        let tensors = vec![
            tensor("x", &[1, 4, 4, 1], F32),
            constant("w", &[1, 1, 1, 1], F32, &[0; 4]),
            tensor("y", shape, F32),
        ];
        file(vec![(
            tensors,
            vec![(3, None, vec![0, 1], vec![2], Some((1, options)))],
        )])
    };
    let strides = || {
        Table::default()
            .with(field::conv_2d::STRIDE_W, Value::I32(1))
            .with(field::conv_2d::STRIDE_H, Value::I32(1))
    };
    check(
        &conv(Table::default(), &[1, 4, 4, 1]),
        &expect!["subgraph 0 ``, operator 0 CONV_2D: found 0, expected a stride of at least 1"],
    );
    check(
        &conv(strides(), &[1, 4, 4, 2]),
        &expect![
            "subgraph 0 ``, operator 0 CONV_2D: the result `y` is f32 [1, 4, 4, 2], expected f32 [1, 4, 4, 1]"
        ],
    );
    check(
        &conv(strides(), &[1, -4, 4, 1]),
        &expect![
            "subgraph 0 ``, operator 0 CONV_2D, tensor 2: found [1, -4, 4, 1], expected a shape without negative extents"
        ],
    );
    check(
        &conv(strides(), &[1, 1 << 20, 1 << 20, 1]),
        &expect![
            "subgraph 0 ``, operator 0 CONV_2D, tensor 2 `y`: found [1, 1048576, 1048576, 1], expected a shape of at most 2147483648 bytes"
        ],
    );
    let wrong = strides().with(field::conv_2d::PADDING, Value::I8(padding::VALID + 1));
    check(
        &conv(wrong, &[1, 4, 4, 1]),
        &expect![
            "subgraph 0 ``, operator 0 CONV_2D: found 2, expected a padding, 0 (SAME) or 1 (VALID)"
        ],
    );
}

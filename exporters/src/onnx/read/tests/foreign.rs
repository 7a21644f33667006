//! Files of others: operators outside the vocabulary, other element types, constants anywhere.

use std::cell::RefCell;

use expect_test::expect;
use kernels::Data;
use kernels::eval::evaluate;

use super::made::{
    F16, F32, I64, check, check_with, file, file_of, floats, graph, info, int, ints, node,
    of_domain, ramp, tensor, whole,
};
use crate::onnx::message::{Attribute, Graph, Property, SparseTensor, Tensor};
use crate::onnx::{ReadOptions, Region, read};

#[test]
fn operators_outside_the_vocabulary_keep_their_name() {
    let nodes = vec![
        node("Conv", "x w", "y", &[]),
        node("LRN", "y", "lrn", &[]),
        of_domain("com.microsoft", node("FastGelu", "lrn", "gelu", &[])),
        node("ConvTranspose", "gelu up", "z", &[ints("strides", &[2, 2])]),
    ];
    let constants = vec![ramp("w", &[4, 3, 1, 1]), ramp("up", &[4, 2, 2, 2])];
    let bytes = file(graph(info("x", F32, &[1, 3, 5, 5]), constants, nodes));
    check(
        &bytes,
        &expect![[r#"
            conv2d: x f32[1, 5, 5, 3], w f32[4, 1, 1, 3] known -> y f32[1, 5, 5, 4]
            LRN: y f32[1, 5, 5, 4] -> lrn f32[1, 5, 5, 4]
            com.microsoft.FastGelu: lrn f32[1, 5, 5, 4] -> gelu f32[1, 5, 5, 4]
            ConvTranspose: gelu f32[1, 5, 5, 4], up f32[4, 2, 2, 2] known -> z f32[1, 10, 10, 2]
        "#]],
    );
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    let conv = 25 * 4 * 3;
    let transposed = 100 * 2 * 4;
    assert_eq!(kernels::cost::graph_cost(&graph).macs, conv + transposed);
}

/// Shapes behind an unknown operator are those that the file states.
#[test]
fn unknown_operators_need_stated_shapes() {
    let nodes = || vec![of_domain("mine", node("Detect", "x", "boxes scores", &[]))];
    let mut made = graph(info("x", F32, &[1, 3, 5, 5]), Vec::new(), nodes());
    check(
        &file(made.clone()),
        &expect![
            "node 0 mine.Detect `boxes`: the shape of `boxes` does not follow from the operands of mine.Detect, and the file does not state it: add it as value_info (onnx.shape_inference.infer_shapes does where it can)"
        ],
    );
    made.output = vec![info("boxes", F32, &[10, 4])];
    made.value_info = vec![info("scores", I64, &[10])];
    check(
        &file(made),
        &expect![[r#"
            mine.Detect: x f32[1, 5, 5, 3] -> boxes f32[10, 4], scores i64[10]
        "#]],
    );
}

/// Convolutions of half floats run on the host and have multiply-accumulates and bytes.
#[test]
fn half_floats_are_foreign() {
    let nodes = vec![node("Conv", "x w", "y", &[]), node("Relu", "y", "z", &[])];
    let constants = vec![tensor("w", F16, &[4, 3, 1, 1], vec![0; 24])];
    let bytes = file(graph(info("x", F16, &[1, 3, 5, 5]), constants, nodes));
    check(
        &bytes,
        &expect![[r#"
            Conv: x f16[1, 5, 5, 3], w f16[4, 1, 1, 3] unknown -> y f16[1, 5, 5, 4]
            Relu: y f16[1, 5, 5, 4] -> z f16[1, 5, 5, 4]
        "#]],
    );
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    assert_eq!(kernels::cost::graph_cost(&graph).macs, 25 * 4 * 3);
}

/// `Shape`, `Gather`, `Concat`, `Reshape`: the chain with which exporters write a flattening.
#[test]
fn shapes_are_computed_while_the_file_is_read() {
    let nodes = vec![
        node("Shape", "x", "shape", &[]),
        node("Gather", "shape zero", "batch", &[]),
        node("Unsqueeze", "batch axes", "row", &[]),
        node("Concat", "row rest", "wanted", &[int("axis", 0)]),
        node("Reshape", "x wanted", "flat", &[]),
        node("Relu", "flat", "y", &[]),
    ];
    let constants = vec![
        tensor("zero", I64, &[], vec![0; 8]),
        whole("axes", &[0]),
        whole("rest", &[-1]),
    ];
    check(
        &file(graph(info("x", F32, &[2, 3, 5]), constants, nodes)),
        &expect![[r#"
            relu: x f32[2, 3, 5] -> y f32[2, 3, 5]
            reshape: y f32[2, 3, 5] -> y:2 f32[2, 15]
        "#]],
    );
}

#[test]
fn extents_that_may_change_are_given() {
    let mut input = info("x", F32, &[-1, 3, -1, 8]);
    let kind = input.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
    kind.shape.as_mut().unwrap().dim[0].dim_param = Some("batch".to_owned());
    let bytes = file(graph(input, Vec::new(), vec![node("Relu", "x", "y", &[])]));
    check(
        &bytes,
        &expect!["input `x` is [batch, 3, ?, 8]: give all its extents, such as x=1,3,224,8"],
    );
    let given = |extents: &[usize], expected: &expect_test::Expect| {
        let mut options = ReadOptions::default();
        options.shapes.insert("x".to_owned(), extents.to_vec());
        check_with(&bytes, &options, expected);
    };
    given(
        &[2, 3, 4, 8],
        &expect![[r#"
            relu: x f32[2, 4, 8, 3] -> y f32[2, 4, 8, 3]
        "#]],
    );
    given(
        &[2, 3, 4, 9],
        &expect!["the given shapes: found 9, expected 8 as extent 3 of `x`, [batch, 3, ?, 8]"],
    );
    given(
        &[2, 3, 4],
        &expect!["the given shapes: found [2, 3, 4], expected 4 extents of `x`, [batch, 3, ?, 8]"],
    );
    let mut options = ReadOptions::default();
    options.shapes.insert("other".to_owned(), vec![1]);
    check_with(
        &bytes,
        &options,
        &expect!["the given shapes: found `other`, expected one of the inputs x"],
    );
}

fn external(entries: &[(&str, &str)]) -> Vec<u8> {
    let property = |&(key, value): &(&str, &str)| Property {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let w = Tensor {
        data_location: 1,
        external_data: entries.iter().map(property).collect(),
        ..tensor("w", F32, &[2, 1, 1, 1], Vec::new())
    };
    let nodes = vec![node("Conv", "x w", "y", &[])];
    file(graph(info("x", F32, &[1, 1, 2, 2]), vec![w], nodes))
}

#[test]
fn constants_beside_the_file_are_supplied() {
    let bytes = external(&[("location", "w.bin"), ("offset", "8"), ("length", "8")]);
    check(
        &bytes,
        &expect![[r#"
            conv2d: x f32[1, 2, 2, 1], w f32[2, 1, 1, 1] unknown -> y f32[1, 2, 2, 2]
        "#]],
    );
    let asked = RefCell::new(Vec::new());
    let supply = |region: Region<'_>| {
        asked.borrow_mut().push(format!("{region:?}"));
        Ok(Some(
            [1.0_f32, 2.0].map(f32::to_le_bytes).as_flattened().to_vec(),
        ))
    };
    let options = ReadOptions {
        external: Some(&supply),
        ..ReadOptions::default()
    };
    check_with(
        &bytes,
        &options,
        &expect![[r#"
            conv2d: x f32[1, 2, 2, 1], w f32[2, 1, 1, 1] known -> y f32[1, 2, 2, 2]
        "#]],
    );
    expect![[r#"Region { location: "w.bin", offset: 8, length: 8 }"#]]
        .assert_eq(&asked.borrow().join("\n"));
    let refuse = |_: Region<'_>| Err("it lies elsewhere".to_owned());
    let options = ReadOptions {
        external: Some(&refuse),
        ..ReadOptions::default()
    };
    check_with(
        &bytes,
        &options,
        &expect!["constant `w`: it lies elsewhere"],
    );
    let bytes = external(&[("location", "w.bin"), ("length", "9")]);
    check(
        &bytes,
        &expect!["constant `w`: found 9, expected 8 bytes of external data"],
    );
}

#[test]
fn constants_of_mostly_zeros_are_filled_up() {
    let sparse = |indices: Vec<i64>| {
        let nodes = vec![node("Add", "x w", "y", &[])];
        let mut made = graph(info("x", F32, &[2, 3]), Vec::new(), nodes);
        made.sparse_initializer = vec![SparseTensor {
            values: Some(floats("w", &[2], &[5.0, 6.0])),
            indices: Some(Tensor {
                dims: vec![2, 2],
                ..whole("", &indices)
            }),
            dims: vec![2, 3],
        }];
        file(made)
    };
    let graph = read(&sparse(vec![0, 2, 1, 0]), &ReadOptions::default()).unwrap();
    let w = graph[graph.tensor_named("w").unwrap()].data().unwrap();
    let expected = vec![0.0, 0.0, 5.0, 6.0, 0.0, 0.0];
    assert_eq!(w, &kernels::Data::F32(expected.into()));
    check(
        &sparse(vec![0, 2, 2, 0]),
        &expect![[r#"
            add: x f32[2, 3], w f32[2, 3] unknown -> y f32[2, 3]
        "#]],
    );
}

/// Weights that a node fills with one number, and a mask of infinities.
#[test]
fn constants_without_numbers_are_parameters() {
    let nodes = vec![
        node("ConstantOfShape", "shape", "w", &[]),
        node("Conv", "x w", "y", &[]),
        node("Add", "y mask", "z", &[]),
    ];
    let constants = vec![
        whole("shape", &[4000, 3, 5, 5]),
        floats("mask", &[1], &[f32::NEG_INFINITY]),
    ];
    check(
        &file(graph(info("x", F32, &[1, 3, 5, 5]), constants, nodes)),
        &expect![[r#"
            conv2d: x f32[1, 5, 5, 3], w f32[4000, 5, 5, 3] unknown -> y f32[1, 1, 1, 4000]
            add: y f32[1, 1, 1, 4000], mask f32[1] unknown -> z f32[1, 1, 1, 4000]
        "#]],
    );
}

/// A branch counts as the bytes that it holds, and what it reads from outside is an operand.
#[test]
fn branches_are_one_operator() {
    let branch = |name: &str| Attribute {
        name: name.to_owned(),
        g: Some(Box::new(Graph {
            node: vec![node("Mul", "outer factor", "inner", &[])],
            initializer: vec![floats("factor", &[3], &[1.0, 2.0, 3.0])],
            output: vec![info("inner", F32, &[2, 3])],
            ..Graph::default()
        })),
        ..Attribute::default()
    };
    let nodes = vec![
        node("Sigmoid", "x", "outer", &[]),
        node("ReduceMax", "x", "most", &[int("keepdims", 0)]),
        node("Cast", "most", "condition", &[int("to", 9)]),
        node(
            "If",
            "condition",
            "y",
            &[branch("then_branch"), branch("else_branch")],
        ),
    ];
    check(
        &file(graph(info("x", F32, &[2, 3]), Vec::new(), nodes)),
        &expect![[r#"
            sigmoid: x f32[2, 3] -> outer f32[2, 3]
            ReduceMax: x f32[2, 3] -> most f32[]
            Cast: most f32[] -> condition bool[]
            If: condition bool[], outer f32[2, 3], 2 operators of called subgraphs u8[24] unknown -> y f32[2, 3]
        "#]],
    );
}

/// What an operator has as attributes changed between operator sets.
#[test]
fn old_operator_sets_have_operands_as_attributes() {
    let float = |name: &str, value| Attribute {
        name: name.to_owned(),
        f: Some(value),
        ..Attribute::default()
    };
    let nodes = vec![
        node("Clip", "x", "y", &[float("min", 0.0), float("max", 6.0)]),
        node("Unsqueeze", "y", "wide", &[ints("axes", &[0])]),
        node(
            "Slice",
            "wide",
            "part",
            &[ints("starts", &[1]), ints("ends", &[3]), ints("axes", &[2])],
        ),
        node("Softmax", "part", "z", &[int("axis", 1)]),
    ];
    check(
        &file_of(7, graph(info("x", F32, &[2, 3]), Vec::new(), nodes)),
        &expect![[r#"
            relu6: x f32[2, 3] -> y f32[2, 3]
            reshape: y f32[2, 3] -> wide f32[1, 2, 3]
            slice: wide f32[1, 2, 3] -> part f32[1, 2, 2]
            reshape: part f32[1, 2, 2] -> part/reshape f32[1, 4]
            softmax: part/reshape f32[1, 4] -> z f32[1, 4]
            reshape: z f32[1, 4] -> z:2 f32[1, 2, 2]
        "#]],
    );
    let nodes = vec![node("Relu", "x", "y", &[])];
    check(
        &file_of(6, graph(info("x", F32, &[2]), Vec::new(), nodes)),
        &expect![
            "not read as ONNX: found operator set 6, expected operator set 7 to 25 (onnx.version_converter converts between them)"
        ],
    );
}

/// Vectors have one dimension, whatever the axis is by default.
#[test]
fn a_softmax_over_a_vector_is_over_its_one_dimension() {
    for (opset, axis) in [(11, -1), (13, -1), (13, 0)] {
        let nodes = vec![node("Softmax", "x", "y", &[int("axis", axis)])];
        let bytes = file_of(opset, graph(info("x", F32, &[4]), Vec::new(), nodes));
        let graph = read(&bytes, &ReadOptions::default()).unwrap();
        let y = evaluate(&graph, &[Data::F32(vec![0.0; 4].into())]).unwrap();
        assert_eq!(y, [Data::F32(vec![0.25; 4].into())], "{opset} {axis}");
    }
}

#[test]
fn a_row_taken_backwards_begins_where_the_file_says() {
    for (start, end, expected) in [
        (-1, i64::MIN, &[5, 4, 3, 2][..]),
        (9, -5, &[5, 4, 3, 2]),
        (3, 0, &[5, 4, 3]),
        (-2, -4, &[4, 3]),
    ] {
        let numbers = [("start", start), ("end", end), ("axis", 0), ("step", -1)];
        let mut constants: Vec<Tensor> =
            numbers.map(|(name, number)| whole(name, &[number])).into();
        constants.push(whole("row", &[2, 3, 4, 5]));
        let nodes = vec![
            node("Slice", "row start end axis step", "back", &[]),
            node("Reshape", "x back", "y", &[]),
        ];
        let elements = expected.iter().product();
        let bytes = file(graph(info("x", F32, &[elements]), constants, nodes));
        let graph = read(&bytes, &ReadOptions::default()).unwrap();
        let shape: Vec<i64> = graph[graph.outputs[0]]
            .shape
            .iter()
            .map(|&d| d as i64)
            .collect();
        assert_eq!(shape, expected, "{start} to {end}");
    }
}

/// A bias of more dimensions gives the product these.
#[test]
fn an_addition_that_widens_a_product_is_not_its_bias() {
    let nodes = vec![
        node("MatMul", "x w", "p", &[]),
        node("Add", "p b", "y", &[]),
    ];
    let constants = vec![ramp("w", &[8, 8]), ramp("b", &[1, 1, 8])];
    check(
        &file(graph(info("x", F32, &[4, 8]), constants, nodes)),
        &expect![[r#"
            dense: x f32[4, 8], w f32[8, 8] known -> p f32[4, 8]
            add: p f32[4, 8], b f32[1, 1, 8] known -> y f32[1, 4, 8]
        "#]],
    );
}

#[test]
fn a_long_short_term_memory_has_multiply_accumulates() {
    let nodes = vec![node("LSTM", "x w r", "y - c", &[int("hidden_size", 4)])];
    let constants = vec![ramp("w", &[1, 16, 3]), ramp("r", &[1, 16, 4])];
    let bytes = file(graph(info("x", F32, &[5, 2, 3]), constants, nodes));
    check(
        &bytes,
        &expect![[r#"
            LSTM: x f32[5, 2, 3], w f32[1, 16, 3] known, r f32[1, 16, 4] known -> y f32[5, 1, 2, 4], c f32[1, 2, 4]
            reshape: y f32[5, 1, 2, 4] -> y:2 f32[5, 2, 4, 1]
        "#]],
    );
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    assert_eq!(kernels::cost::graph_cost(&graph).macs, 5 * 2 * 16 * (3 + 4));
}

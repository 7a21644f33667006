//! Integers that stand for reals, in every form that files have them.

use expect_test::expect;

use super::made::{F32, I8, I32, check, file, floats, graph, info, node, of_domain, ramp, tensor};
use crate::onnx::message::{Node, Tensor};
use crate::onnx::{ReadOptions, read};

/// Scales and zero points of `x`, `w` and `y`, and weights.
fn constants() -> Vec<Tensor> {
    vec![
        floats("x.scale", &[], &[0.5]),
        tensor("x.zero", I8, &[], vec![3]),
        floats("w.scale", &[2], &[0.25, 0.5]),
        tensor("w.zero", I8, &[2], vec![0, 0]),
        floats("y.scale", &[], &[2.0]),
        tensor("y.zero", I8, &[], vec![253]),
        tensor("w", I8, &[2, 3, 1, 1], vec![1, 2, 3, 4, 5, 6]),
    ]
}

fn checked(constants: Vec<Tensor>, nodes: Vec<Node>, expected: &expect_test::Expect) {
    check(
        &file(graph(info("x", F32, &[1, 3, 2, 2]), constants, nodes)),
        expected,
    );
}

#[test]
fn a_convolution_with_scales_among_its_operands() {
    let mut constants = constants();
    constants.push(tensor("b", I32, &[2], vec![1, 0, 0, 0, 255, 255, 255, 255]));
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node(
            "QLinearConv",
            "xq x.scale x.zero w w.scale w.zero y.scale y.zero b",
            "yq",
            &[],
        ),
        node("DequantizeLinear", "yq y.scale y.zero", "y", &[]),
    ];
    let bytes = file(graph(info("x", F32, &[1, 3, 2, 2]), constants, nodes));
    check(
        &bytes,
        &expect![[r#"
            quantize: x f32[1, 2, 2, 3] -> xq i8[1, 2, 2, 3]
            conv2d: xq i8[1, 2, 2, 3], w i8[2, 1, 1, 3] known, b i32[2] known -> yq i8[1, 2, 2, 2]
            dequantize: yq i8[1, 2, 2, 2] -> y f32[1, 2, 2, 2]
        "#]],
    );
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    let scales = |name: &str| {
        let tensor = &graph[graph.tensor_named(name).unwrap()];
        tensor.quantization.clone().unwrap().scales
    };
    assert_eq!(scales("w"), [0.25, 0.5]);
    assert_eq!(scales("b"), [0.125, 0.25]);
    assert_eq!(scales("yq"), [2.0]);
}

/// `QLinearConv` may have one zero point beside a scale per channel.
#[test]
fn one_zero_point_counts_for_every_scale() {
    let mut constants = constants();
    for constant in &mut constants {
        if constant.name == "w.zero" {
            *constant = tensor("w.zero", I8, &[], vec![0]);
        }
    }
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node(
            "QLinearConv",
            "xq x.scale x.zero w w.scale w.zero y.scale y.zero",
            "yq",
            &[],
        ),
        node("DequantizeLinear", "yq y.scale y.zero", "y", &[]),
    ];
    let bytes = file(graph(info("x", F32, &[1, 3, 2, 2]), constants, nodes));
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    let weights = &graph[graph.tensor_named("w").unwrap()];
    let quantization = weights.quantization.clone().unwrap();
    assert_eq!(quantization.zero_points, [0, 0]);
    assert_eq!(quantization.scales, [0.25, 0.5]);
}

/// A bias of floats is rounded to the units of the sums.
#[test]
fn a_bias_of_floats_becomes_integers() {
    let mut constants = constants();
    constants.push(floats("b", &[2], &[1.0, -0.25]));
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node("DequantizeLinear", "xq x.scale x.zero", "xr", &[]),
        node(
            "DequantizeLinear",
            "w w.scale w.zero",
            "wr",
            &[super::made::int("axis", 0)],
        ),
        node("Conv", "xr wr b", "conv", &[]),
        node("Relu", "conv", "relu", &[]),
        node("QuantizeLinear", "relu y.scale y.zero", "yq", &[]),
        node("DequantizeLinear", "yq y.scale y.zero", "y", &[]),
    ];
    let bytes = file(graph(info("x", F32, &[1, 3, 2, 2]), constants, nodes));
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    let b = graph[graph.tensor_named("b").unwrap()].data().unwrap();
    assert_eq!(b, &kernels::Data::I32(vec![8, -1].into()));
    let names: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
    assert_eq!(names, ["quantize", "conv2d", "dequantize"]);
}

/// Without a quantized result the reals are what the node computes with.
#[test]
fn a_float_result_keeps_the_node_in_floats() {
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node("DequantizeLinear", "xq x.scale x.zero", "xr", &[]),
        node("DequantizeLinear", "w y.scale -", "wr", &[]),
        node("Conv", "xr wr", "y", &[]),
    ];
    checked(
        constants(),
        nodes,
        &expect![[r#"
            quantize: x f32[1, 2, 2, 3] -> xq i8[1, 2, 2, 3]
            dequantize: xq i8[1, 2, 2, 3] -> xq/dequantize f32[1, 2, 2, 3]
            dequantize: w i8[2, 1, 1, 3] known -> w/dequantize f32[2, 1, 1, 3]
            conv2d: xq/dequantize f32[1, 2, 2, 3], w/dequantize f32[2, 1, 1, 3] -> y f32[1, 2, 2, 2]
        "#]],
    );
}

/// Weights that are quantized when the network runs, as quantization-aware training leaves them.
#[test]
fn constants_are_quantized_once() {
    let mut constants = constants();
    constants.push(ramp("real", &[2, 3, 1, 1]));
    let axis = || [super::made::int("axis", 0)];
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node("DequantizeLinear", "xq x.scale x.zero", "xr", &[]),
        node("QuantizeLinear", "real w.scale w.zero", "rq", &axis()),
        node("DequantizeLinear", "rq w.scale w.zero", "rr", &axis()),
        node("Conv", "xr rr", "conv", &[]),
        node("QuantizeLinear", "conv y.scale y.zero", "y", &[]),
    ];
    let bytes = file(graph(info("x", F32, &[1, 3, 2, 2]), constants, nodes));
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    let weights = graph[graph.tensor_named("rq").unwrap()].data().unwrap();
    assert_eq!(weights, &kernels::Data::I8(vec![0, 4, 8, 6, 8, 10].into()));
    assert_eq!(graph.nodes.len(), 2);
}

/// A pool keeps its integers; a grid that differs is a node of its own.
#[test]
fn a_pool_between_two_grids_is_followed_by_another_quantization() {
    let window = [super::made::ints("kernel_shape", &[2, 2])];
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node("DequantizeLinear", "xq x.scale x.zero", "xr", &[]),
        node("MaxPool", "xr", "pool", &window),
        node("QuantizeLinear", "pool y.scale y.zero", "y", &[]),
    ];
    checked(
        constants(),
        nodes,
        &expect![[r#"
            quantize: x f32[1, 2, 2, 3] -> xq i8[1, 2, 2, 3]
            max_pool: xq i8[1, 2, 2, 3] -> y/max_pool i8[1, 1, 1, 3]
            quantize: y/max_pool i8[1, 1, 1, 3] -> y i8[1, 1, 1, 3]
        "#]],
    );
}

#[test]
fn foreign_operators_between_scales_take_the_integers() {
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node("DequantizeLinear", "xq x.scale x.zero", "xr", &[]),
        node("Tanh", "xr", "tanh", &[]),
        node("QuantizeLinear", "tanh y.scale y.zero", "y", &[]),
    ];
    checked(
        constants(),
        nodes,
        &expect![[r#"
            quantize: x f32[1, 2, 2, 3] -> xq i8[1, 2, 2, 3]
            Tanh: xq i8[1, 2, 2, 3] -> y i8[1, 2, 2, 3]
        "#]],
    );
}

#[test]
fn operators_of_onnxruntime_are_known() {
    let sum = node(
        "QLinearAdd",
        "xq x.scale x.zero xq x.scale x.zero y.scale y.zero",
        "sum",
        &[],
    );
    let parts = "y.scale y.zero sum y.scale y.zero xq x.scale x.zero";
    let both = node(
        "QLinearConcat",
        parts,
        "both",
        &[super::made::int("axis", 1)],
    );
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        of_domain("com.microsoft", sum),
        of_domain("com.microsoft", both),
    ];
    checked(
        constants(),
        nodes,
        &expect![[r#"
            quantize: x f32[1, 2, 2, 3] -> xq i8[1, 2, 2, 3]
            add: xq i8[1, 2, 2, 3], xq i8[1, 2, 2, 3] -> sum i8[1, 2, 2, 3]
            concat: sum i8[1, 2, 2, 3], xq i8[1, 2, 2, 3] -> both i8[1, 2, 2, 6]
        "#]],
    );
}

/// Products of integers that give 32 bits have multiply-accumulates and run on the host.
#[test]
fn sums_of_32_bits_are_foreign() {
    let nodes = vec![
        node("DynamicQuantizeLinear", "x", "xq scale zero", &[]),
        node("ConvInteger", "xq w zero", "sums", &[]),
        node("Cast", "sums", "y", &[super::made::int("to", 1)]),
    ];
    let bytes = file(graph(info("x", F32, &[1, 3, 2, 2]), constants(), nodes));
    check(
        &bytes,
        &expect![[r#"
            DynamicQuantizeLinear: x f32[1, 2, 2, 3] -> xq u8[1, 2, 2, 3], scale f32[], zero u8[]
            ConvInteger: xq u8[1, 2, 2, 3], w i8[2, 3, 1, 1] known, zero u8[] -> sums i32[1, 2, 2, 2]
            Cast: sums i32[1, 2, 2, 2] -> y f32[1, 2, 2, 2]
        "#]],
    );
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    assert_eq!(kernels::cost::graph_cost(&graph).macs, 4 * 2 * 3);
}

/// Scales per channel stay with their channels where the rows of a matrix are reordered.
#[test]
fn a_flattened_image_meets_a_matrix_with_scales_per_channel() {
    let mut constants = constants();
    let matrix = (0..24).collect();
    constants.push(tensor("matrix", I8, &[2, 12], matrix));
    let axis = [super::made::int("axis", 0)];
    let nodes = vec![
        node("QuantizeLinear", "x x.scale x.zero", "xq", &[]),
        node("DequantizeLinear", "xq x.scale x.zero", "xr", &[]),
        node("Flatten", "xr", "flat", &[]),
        node("DequantizeLinear", "matrix w.scale w.zero", "mr", &axis),
        node("Gemm", "flat mr", "sums", &[super::made::int("transB", 1)]),
        node("QuantizeLinear", "sums y.scale y.zero", "y", &[]),
    ];
    let bytes = file(graph(info("x", F32, &[1, 3, 2, 2]), constants, nodes));
    check(
        &bytes,
        &expect![[r#"
            quantize: x f32[1, 2, 2, 3] -> xq i8[1, 2, 2, 3]
            reshape: xq i8[1, 2, 2, 3] -> flat i8[1, 12]
            dense: flat i8[1, 12], matrix i8[2, 12] known -> y i8[1, 2]
        "#]],
    );
    let graph = read(&bytes, &ReadOptions::default()).unwrap();
    let matrix = &graph[graph.tensor_named("matrix").unwrap()];
    assert_eq!(matrix.quantization.as_ref().unwrap().axis, Some(0));
    let kernels::Data::I8(elements) = matrix.data().unwrap() else {
        panic!("the matrix is of integers");
    };
    assert_eq!(elements[..4], [0, 4, 8, 1]);
}

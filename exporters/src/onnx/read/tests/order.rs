//! Orders of dimensions: what is moved, and what is only seen otherwise.

use expect_test::expect;

use super::made::{F32, check, file, graph, info, ints, node, ramp, whole};
use crate::onnx::message::{Attribute, Node, Tensor};

fn checked(
    shape: &[i64],
    constants: Vec<Tensor>,
    nodes: Vec<Node>,
    expected: &expect_test::Expect,
) {
    check(
        &file(graph(info("x", F32, shape), constants, nodes)),
        expected,
    );
}

/// Rows of the matrix are reordered, not the image.
#[test]
fn a_flattened_image_is_not_moved() {
    let nodes = vec![
        node("Conv", "x w", "y", &[]),
        node("Flatten", "y", "flat", &[]),
        node("Gemm", "flat matrix", "scores", &[]),
    ];
    let constants = vec![ramp("w", &[2, 1, 1, 1]), ramp("matrix", &[12, 3])];
    checked(
        &[1, 1, 2, 3],
        constants,
        nodes,
        &expect![[r#"
            conv2d: x f32[1, 2, 3, 1], w f32[2, 1, 1, 1] known -> y f32[1, 2, 3, 2]
            reshape: y f32[1, 2, 3, 2] -> flat f32[1, 12]
            dense: flat f32[1, 12], matrix f32[3, 12] known -> scores f32[1, 3]
        "#]],
    );
}

#[test]
fn the_matrix_behind_a_flattened_image_has_its_rows_reordered() {
    let nodes = vec![
        node("Relu", "x", "y", &[]),
        node("MaxPool", "y", "z", &[ints("kernel_shape", &[1, 1])]),
        node("Reshape", "z shape", "flat", &[]),
        node("MatMul", "flat matrix", "scores", &[]),
    ];
    let constants = vec![whole("shape", &[0, -1]), ramp("matrix", &[4, 1])];
    let bytes = file(graph(info("x", F32, &[1, 2, 2, 1]), constants, nodes));
    let graph = crate::onnx::read(&bytes, &crate::onnx::ReadOptions::default()).unwrap();
    let matrix = graph[graph.tensor_named("matrix").unwrap()].data().unwrap();
    // Channel 0 has rows 0 and 1 of the file, channel 1 rows 2 and 3; the image has pixels outside.
    assert_eq!(matrix, &kernels::Data::F32(vec![0.0, 2.0, 1.0, 3.0].into()));
}

#[test]
fn an_image_that_the_file_turns_from_channels_last_stays() {
    let nodes = vec![
        node("Transpose", "x", "first", &[ints("perm", &[0, 3, 1, 2])]),
        node("Conv", "first w", "y", &[]),
        node("Transpose", "y", "last", &[ints("perm", &[0, 2, 3, 1])]),
    ];
    checked(
        &[1, 4, 5, 3],
        vec![ramp("w", &[2, 3, 1, 1])],
        nodes,
        &expect![[r#"
            conv2d: x f32[1, 4, 5, 3], w f32[2, 1, 1, 3] known -> last f32[1, 4, 5, 2]
        "#]],
    );
}

#[test]
fn shuffled_channels_are_one_transpose() {
    let nodes = vec![
        node("Reshape", "x five", "cut", &[]),
        node(
            "Transpose",
            "cut",
            "shuffled",
            &[ints("perm", &[0, 2, 1, 3, 4])],
        ),
        node("Reshape", "shuffled four", "y", &[]),
        node("Conv", "y w", "z", &[]),
    ];
    let constants = vec![
        whole("five", &[1, 2, 3, 4, 5]),
        whole("four", &[1, 6, 4, 5]),
        ramp("w", &[1, 6, 1, 1]),
    ];
    checked(
        &[1, 6, 4, 5],
        constants,
        nodes,
        &expect![[r#"
            reshape: x f32[1, 4, 5, 6] -> x/reshape f32[20, 2, 3]
            transpose: x/reshape f32[20, 2, 3] -> x/reshape/transpose f32[20, 3, 2]
            reshape: x/reshape/transpose f32[20, 3, 2] -> y f32[1, 4, 5, 6]
            conv2d: y f32[1, 4, 5, 6], w f32[1, 1, 1, 6] known -> z f32[1, 4, 5, 1]
        "#]],
    );
}

/// A constant per channel and one beside the whole image.
#[test]
fn constants_broadcast_in_the_order_of_the_image() {
    let nodes = vec![
        node("Conv", "x w", "y", &[]),
        node("Mul", "y scale", "scaled", &[]),
        node("Add", "scaled one", "shifted", &[]),
        node("Relu", "shifted", "z", &[]),
    ];
    let constants = vec![
        ramp("w", &[2, 3, 1, 1]),
        ramp("scale", &[2, 1, 1]),
        ramp("one", &[]),
    ];
    checked(
        &[1, 3, 4, 5],
        constants,
        nodes,
        &expect![[r#"
            conv2d: x f32[1, 4, 5, 3], w f32[2, 1, 1, 3] known -> y f32[1, 4, 5, 2]
            mul: y f32[1, 4, 5, 2], scale f32[2] known -> scaled f32[1, 4, 5, 2]
            add: scaled f32[1, 4, 5, 2], one f32[] known -> z f32[1, 4, 5, 2]
        "#]],
    );
}

/// Only the operand that lies in another order is moved, and once for both that read it.
#[test]
fn operands_in_different_orders_meet_in_one() {
    let nodes = vec![
        node("Conv", "x w", "y", &[]),
        node("Transpose", "y", "turned", &[ints("perm", &[0, 1, 3, 2])]),
        node("Add", "y turned", "sum", &[]),
        node("Mul", "turned sum", "z", &[]),
    ];
    checked(
        &[1, 3, 4, 4],
        vec![ramp("w", &[2, 3, 1, 1])],
        nodes,
        &expect![[r#"
            conv2d: x f32[1, 4, 4, 3], w f32[2, 1, 1, 3] known -> y f32[1, 4, 4, 2]
            transpose: y f32[1, 4, 4, 2] -> turned f32[1, 4, 4, 2]
            add: y f32[1, 4, 4, 2], turned f32[1, 4, 4, 2] -> sum f32[1, 4, 4, 2]
            mul: turned f32[1, 4, 4, 2], sum f32[1, 4, 4, 2] -> z f32[1, 4, 4, 2]
        "#]],
    );
}

#[test]
fn rows_of_pixels_are_images_of_height_one() {
    let nodes = vec![
        node("Conv", "x w b", "y", &[ints("pads", &[1, 1])]),
        node("Relu", "y", "z", &[]),
    ];
    checked(
        &[1, 3, 8],
        vec![ramp("w", &[2, 3, 3]), ramp("b", &[2])],
        nodes,
        &expect![[r#"
            transpose: x f32[1, 3, 8] -> x/transpose f32[1, 8, 3]
            reshape: x/transpose f32[1, 8, 3] -> x/transpose/reshape f32[1, 1, 8, 3]
            conv2d: x/transpose/reshape f32[1, 1, 8, 3], w f32[2, 1, 3, 3] known, b f32[2] known -> z f32[1, 1, 8, 2]
            transpose: z f32[1, 1, 8, 2] -> z/transpose f32[1, 1, 2, 8]
            reshape: z/transpose f32[1, 1, 2, 8] -> z:2 f32[1, 2, 8]
        "#]],
    );
}

#[test]
fn splits_are_slices() {
    let axis = Attribute {
        name: "axis".to_owned(),
        i: Some(1),
        ..Attribute::default()
    };
    let nodes = vec![
        node("Conv", "x w", "y", &[]),
        node("Split", "y parts", "a b", std::slice::from_ref(&axis)),
        node("Sigmoid", "b", "c", &[]),
        node("Concat", "a c", "z", &[axis]),
    ];
    checked(
        &[1, 1, 4, 4],
        vec![ramp("w", &[5, 1, 1, 1]), whole("parts", &[2, 3])],
        nodes,
        &expect![[r#"
            conv2d: x f32[1, 4, 4, 1], w f32[5, 1, 1, 1] known -> y f32[1, 4, 4, 5]
            slice: y f32[1, 4, 4, 5] -> a f32[1, 4, 4, 2]
            slice: y f32[1, 4, 4, 5] -> b f32[1, 4, 4, 3]
            sigmoid: b f32[1, 4, 4, 3] -> c f32[1, 4, 4, 3]
            concat: a f32[1, 4, 4, 2], c f32[1, 4, 4, 3] -> z f32[1, 4, 4, 5]
        "#]],
    );
}

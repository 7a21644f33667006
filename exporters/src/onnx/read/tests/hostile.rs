//! Damaged and hostile files: whatever the bytes, reading ends in a graph or an error.

use expect_test::expect;
use proptest::prelude::*;
use prost::Message;

use super::made::{F32, I64, check, file, graph, info, int, ints, node, ramp, tensor, whole};
use crate::onnx::message::{Attribute, Graph, Model, SparseTensor, Tensor};
use crate::onnx::{ReadOptions, read, write};
use crate::{Metadata, samples};

#[test]
fn other_formats_are_refused() {
    let error = |bytes: &[u8]| {
        read(bytes, &ReadOptions::default())
            .unwrap_err()
            .to_string()
    };
    assert!(error(b"\x89PNG\r\n\x1a\n").starts_with("not read as ONNX"));
    expect!["not read as ONNX: found none, expected a graph"].assert_eq(&error(b""));
}

#[test]
fn every_truncation_is_refused_or_read() {
    let bytes = write(&samples::small_int8(), &Metadata::default()).unwrap();
    for end in 0..bytes.len() {
        let _ = read(&bytes[..end], &ReadOptions::default());
    }
}

#[test]
fn values_come_from_one_node_before_they_are_read() {
    let nodes = vec![
        node("Relu", "later", "y", &[]),
        node("Relu", "x", "later", &[]),
    ];
    check(
        &file(graph(info("x", F32, &[2]), Vec::new(), nodes)),
        &expect!["node 0 Relu `y`: found `later`, expected operands that stand before it"],
    );
    let nodes = vec![node("Add", "y x", "y", &[])];
    check(
        &file(graph(info("x", F32, &[2]), Vec::new(), nodes)),
        &expect!["node 0 Add `y`: found `y`, expected operands that stand before it"],
    );
    let nodes = vec![node("Relu", "x", "y", &[]), node("Relu", "x", "y", &[])];
    check(
        &file(graph(info("x", F32, &[2]), Vec::new(), nodes)),
        &expect!["node 1 Relu `y`: found `y` twice, expected a name for each value"],
    );
}

#[test]
fn shapes_beyond_counting_are_refused() {
    let relu = || vec![node("Relu", "x", "y", &[])];
    check(
        &file(graph(
            info("x", F32, &[1 << 31, 1 << 31]),
            Vec::new(),
            relu(),
        )),
        &expect![
            "input `x`: found [2147483648, 2147483648], expected a shape of at most 1099511627776 bytes"
        ],
    );
    check(
        &file(graph(info("x", F32, &[1, i64::MIN]), Vec::new(), relu())),
        &expect!["input `x` is [1, ?]: give all its extents, such as x=1,224"],
    );
    let w = tensor("w", F32, &[-1, 4], Vec::new());
    check(
        &file(graph(
            info("x", F32, &[4]),
            vec![w],
            vec![node("Mul", "x w", "y", &[])],
        )),
        &expect!["constant `w`: found [-1, 4], expected a shape without negative extents"],
    );
    let w = tensor("w", 99, &[4], vec![0; 16]);
    check(
        &file(graph(
            info("x", F32, &[4]),
            vec![w],
            vec![node("Mul", "x w", "y", &[])],
        )),
        &expect!["constant `w`: found 99, expected an element type, 1 to 26"],
    );
    let w = tensor("w", F32, &[4], vec![0; 15]);
    check(
        &file(graph(
            info("x", F32, &[4]),
            vec![w],
            vec![node("Mul", "x w", "y", &[])],
        )),
        &expect!["constant `w`: found 15, expected 16 bytes for f32 [4]"],
    );
}

/// A chain of doublings of a constant ends in a parameter, not in gigabytes.
#[test]
fn constants_that_grow_are_not_made() {
    let mut nodes = vec![node("ConstantOfShape", "shape", "c0", &[])];
    for step in 0..36 {
        let operands = format!("c{step} c{step}");
        let name = format!("c{}", step + 1);
        nodes.push(node("Concat", &operands, &name, &[int("axis", 0)]));
    }
    nodes.push(node("Add", "x c36", "y", &[]));
    let made = graph(info("x", F32, &[1]), vec![whole("shape", &[1024])], nodes);
    assert!(read(&file(made), &ReadOptions::default()).is_err());

    let fill = |i: usize| node("ConstantOfShape", "shape", &format!("c{i}"), &[]);
    let mut nodes: Vec<_> = (0..2000).map(fill).collect();
    nodes.push(node("Add", "x c1999", "y", &[]));
    let made = graph(info("x", F32, &[1]), vec![whole("shape", &[60_000])], nodes);
    check(
        &file(made),
        &expect![[r#"
            add: x f32[1], c1999 f32[60000] unknown -> y f32[60000]
        "#]],
    );
}

/// Graphs inside of graphs, as deep as the decoder goes.
#[test]
fn graphs_inside_of_graphs_are_walked_or_refused() {
    let nested = |depth: usize| {
        let mut inner = Graph {
            node: vec![node("Relu", "x", "z", &[])],
            ..Graph::default()
        };
        for _ in 0..depth {
            let attribute = Attribute {
                name: "body".to_owned(),
                g: Some(Box::new(inner)),
                ..Attribute::default()
            };
            inner = Graph {
                node: vec![node("Loop", "x", "z", &[attribute])],
                ..Graph::default()
            };
        }
        inner.input = vec![info("x", F32, &[2])];
        inner.output = vec![info("z", F32, &[2])];
        file(inner)
    };
    let count = |depth| read(&nested(depth), &ReadOptions::default()).map(|g| g.nodes.len());
    assert_eq!(count(20), Ok(1));
    assert!(count(200).is_err());
}

#[test]
fn attributes_beyond_what_a_dimension_can_be_are_refused() {
    let conv = |attribute: Attribute| {
        let nodes = vec![node("Conv", "x w", "y", &[attribute])];
        file(graph(
            info("x", F32, &[1, 3, 4, 4]),
            vec![ramp("w", &[2, 3, 1, 1])],
            nodes,
        ))
    };
    let list = |name: &str, values: &[i64]| super::made::ints(name, values);
    check(
        &conv(list("strides", &[0, 1])),
        &expect!["node 0 Conv `y`: found 0, expected strides of at least 1"],
    );
    check(
        &conv(list("pads", &[0, 0, 0, i64::MAX])),
        &expect!["node 0 Conv `y`: found 9223372036854775807, expected pads of 0 to 2147483647"],
    );
    check(
        &conv(list("pads", &[1; 100])),
        &expect!["node 0 Conv `y`: found 100, expected 4 pads"],
    );
    check(
        &conv(int("group", 2)),
        &expect![
            "node 0 Conv `y`: conv2d: weights is [2, 1, 1, 3], expected [out_c, k_h, k_w, 3 / 2] with out_c a multiple of 2"
        ],
    );
}

/// The messages of a written file, with the numbers of one of them changed.
fn changed(bytes: &[u8], at: usize, value: i64) -> Vec<u8> {
    let mut model = Model::decode(bytes).unwrap();
    let graph = model.graph.as_mut().unwrap();
    let count = graph.node.len();
    let node = &mut graph.node[at % count];
    let attributes = node.attribute.len();
    if attributes > 0 {
        let attribute = &mut node.attribute[at / count % attributes];
        if let Some(first) = attribute.ints.first_mut() {
            *first = value;
        } else {
            attribute.i = Some(value);
        }
    } else if let Some(tensor) = graph.initializer.first_mut() {
        let tensor: &mut Tensor = tensor;
        tensor.dims.push(value);
    }
    model.encode_to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn damage_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        int8 in any::<bool>(),
    ) {
        let graph = if int8 { samples::small_int8() } else { samples::small_float() };
        let mut bytes = write(&graph, &Metadata::default()).unwrap();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(graph) = read(&bytes, &ReadOptions::default()) {
            let _ = kernels::cost::graph_cost(&graph);
            let _ = kernels::work::tasks(&graph, kernels::work::Precision::AsIs);
        }
    }

    #[test]
    fn any_number_among_attributes_is_read_or_refused(
        at in 0_usize..10_000,
        value in prop_oneof![any::<i64>(), -3_i64..9, Just(i64::MAX), Just(i64::MIN)],
        int8 in any::<bool>(),
    ) {
        let graph = if int8 { samples::small_int8() } else { samples::small_float() };
        let bytes = write(&graph, &Metadata::default()).unwrap();
        let _ = read(&changed(&bytes, at, value), &ReadOptions::default());
    }
}

/// An index behind the last dimension.
#[test]
fn axes_and_indices_are_within_shapes() {
    let nodes = vec![node("Gather", "x one", "y", &[])];
    let one = tensor("one", I64, &[], vec![9, 0, 0, 0, 0, 0, 0, 0]);
    check(
        &file(graph(info("x", F32, &[4]), vec![one], nodes)),
        &expect!["node 0 Gather `y`: found 9, expected one of 4 dimensions"],
    );
    let nodes = vec![node("Concat", "x x", "y", &[int("axis", 7)])];
    check(
        &file(graph(info("x", F32, &[4]), Vec::new(), nodes)),
        &expect!["node 0 Concat `y`: found 7, expected one of 1 dimensions"],
    );
}

/// What stands for nothing: an empty part of a concatenation, an empty image.
#[test]
fn empty_constants_are_passed_over_or_refused() {
    let empty = || tensor("none", F32, &[0], Vec::new());
    let nodes = vec![node("Concat", "none x", "y", &[int("axis", 1)])];
    check(
        &file(graph(info("x", F32, &[2, 3]), vec![empty()], nodes)),
        &expect![[r#"
            concat: x f32[2, 3] -> y f32[2, 3]
        "#]],
    );
    let image = tensor("none", F32, &[1, 0, 0, 1], Vec::new());
    let nodes = vec![
        node("ConvTranspose", "none w", "up", &[]),
        node("Add", "x up", "y", &[]),
    ];
    let constants = vec![image, ramp("w", &[1, 1, 1, 1])];
    assert!(
        read(
            &file(graph(info("x", F32, &[1]), constants, nodes)),
            &ReadOptions::default()
        )
        .is_err()
    );
}

/// A few bytes that say they are a terabyte of zeros.
#[test]
fn sparse_constants_are_not_filled_up_beyond_the_file() {
    let nodes = vec![node("Add", "x w", "y", &[])];
    let mut made = graph(info("x", F32, &[1]), Vec::new(), nodes);
    made.sparse_initializer = vec![SparseTensor {
        values: Some(ramp("w", &[1])),
        indices: Some(whole("", &[0])),
        dims: vec![1 << 36],
    }];
    check(
        &file(made),
        &expect![[r#"
            add: x f32[1], w f32[68719476736] unknown -> y f32[68719476736]
        "#]],
    );
}

#[test]
fn dimensions_beyond_counting_are_refused() {
    let axes: Vec<i64> = (0..1000).collect();
    let nodes = vec![node("Unsqueeze", "x axes", "y", &[])];
    check(
        &file(graph(
            info("x", F32, &[1]),
            vec![whole("axes", &axes)],
            nodes,
        )),
        &expect!["node 0 Unsqueeze `y`: found 1001, expected at most 64 dimensions"],
    );
}

/// No elements, but extents whose product is beyond counting; and windows over nothing.
#[test]
fn what_is_empty_ends_in_a_graph_or_an_error() {
    let wide = tensor("w", F32, &[0, 1 << 62, 1 << 62], Vec::new());
    let nodes = vec![node("Flatten", "w", "y", &[])];
    check(
        &file(graph(info("x", F32, &[1]), vec![wide], nodes)),
        &expect![
            "constant `w`: found [0, 4611686018427387904, 4611686018427387904], expected a shape of at most 1099511627776 bytes"
        ],
    );
    let same = Attribute {
        name: "auto_pad".to_owned(),
        s: Some(b"SAME_UPPER".to_vec()),
        kind: 3,
        ..Attribute::default()
    };
    let window = [ints("kernel_shape", &[2, 2]), same];
    let corners = Attribute {
        name: "coordinate_transformation_mode".to_owned(),
        s: Some(b"align_corners".to_vec()),
        kind: 3,
        ..Attribute::default()
    };
    for reading in [
        node("MaxPool", "none", "y", &window),
        node("Conv", "none kernel", "y", &window),
        node("Resize", "none - - sizes", "y", &[corners]),
    ] {
        let nodes = vec![node("Slice", "x zero zero axis", "none", &[]), reading];
        let constants = vec![
            whole("zero", &[0]),
            whole("axis", &[2]),
            whole("sizes", &[1, 1, 4, 8]),
            ramp("kernel", &[1, 1, 2, 2]),
        ];
        let bytes = file(graph(info("x", F32, &[1, 1, 4, 4]), constants, nodes));
        let _ = read(&bytes, &ReadOptions::default());
    }
}

/// One value under many names that are the same, read as often.
#[test]
fn a_name_that_is_repeated_is_looked_at_once() {
    const TIMES: usize = 1 << 17;
    let many = "o ".repeat(TIMES);
    let nodes = vec![
        node("Relu", "x", &many, &[]),
        node("Max", &many, "y", &[]),
        node("Relu", "y", "z", &[]),
    ];
    let bytes = file(graph(info("x", F32, &[1, 1, 4, 4]), Vec::new(), nodes));
    let _ = read(&bytes, &ReadOptions::default());
}

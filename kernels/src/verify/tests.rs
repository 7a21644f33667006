//! What `verify` refuses, and what it says.

use expect_test::{Expect, expect};

use super::verify;
use crate::builder::GraphBuilder;
use crate::graph::{Graph, TensorId};
use crate::op::{Conv2d, Fused, Op, Padding, Unary};
use crate::tensor::{Content, Data, DataType, Quantization};

/// `x -> conv -> relu`, two channels, 4x4.
fn small() -> Graph {
    let mut b = GraphBuilder::new("small");
    let x = b.input("x", [1, 4, 4, 2], DataType::F32);
    let w = b.constant("w", [3, 1, 1, 2], Data::F32(vec![0.5; 6].into()), None);
    let conv = Conv2d {
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::VALID,
        groups: 1,
        fused: Fused::None,
    };
    let y = b.push("conv", Op::Conv2d(conv), &[x, w]).unwrap();
    let z = b.push("relu", Op::Unary(Unary::Relu), &[y]).unwrap();
    b.output(z);
    b.finish()
}

fn check(change: impl FnOnce(&mut Graph), expected: Expect) {
    let mut graph = small();
    change(&mut graph);
    expected.assert_eq(&verify(graph).unwrap_err().to_string());
}

#[test]
fn accepts_a_well_formed_graph() {
    assert!(verify(small()).is_ok());
}

#[test]
fn names() {
    check(
        |g| g.nodes[1].name = "conv".to_owned(),
        expect!["graph `small`: two nodes are called `conv`"],
    );
}

#[test]
fn order() {
    check(
        |g| g.nodes.swap(0, 1),
        expect!["node 0 `relu`: reads `conv` before anything computes it"],
    );
}

#[test]
fn ids() {
    check(
        |g| g.outputs[0] = TensorId::new(9),
        expect!["graph `small`: tensor 9 does not exist, there are 4"],
    );
}

#[test]
fn shapes() {
    check(
        |g| g.tensors[2].shape = [1, 4, 4, 5].into(),
        expect!["node 0 `conv`: the result `conv` is f32 [1, 4, 4, 5], expected f32 [1, 4, 4, 3]"],
    );
    check(
        |g| g.tensors[0].shape = [usize::MAX, 2, 2, 2].into(),
        expect!["tensor 0 `x`: the shape [18446744073709551615, 2, 2, 2] is too large"],
    );
}

#[test]
fn constants() {
    check(
        |g| g.tensors[1].content = Content::Constant(Data::F32(vec![0.0; 5].into())),
        expect!["tensor 1 `w`: 5 elements, the shape [3, 1, 1, 2] has 6"],
    );
    check(
        |g| g.tensors[1].content = Content::Constant(Data::F32(vec![f32::NAN; 6].into())),
        expect!["tensor 1 `w`: element 0 is NaN"],
    );
}

#[test]
fn quantization() {
    check(
        |g| {
            g.tensors[0].dtype = DataType::I8;
            g.tensors[0].quantization = Some(Quantization::per_tensor(0.0, 0));
        },
        expect!["tensor 0 `x`: the scale 0 is not positive and finite"],
    );
    check(
        |g| g.tensors[0].dtype = DataType::I8,
        expect!["node 0 `conv`: the result `conv` is f32 [1, 4, 4, 3], expected i8 [1, 4, 4, 3]"],
    );
}

#[test]
fn hostile_attributes() {
    check(
        |g| {
            let Op::Conv2d(conv) = &mut g.nodes[0].op else {
                panic!("the first node is the convolution")
            };
            conv.padding.top = usize::MAX;
            conv.padding.bottom = usize::MAX;
        },
        expect![
            "node 0 `conv`: the result `conv` is f32 [1, 4, 4, 3], expected f32 [1, 18446744073709551615, 4, 3]"
        ],
    );
}

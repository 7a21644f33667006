//! What folding merges, and what it leaves alone.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::fold;
use crate::builder::GraphBuilder;
use crate::eval::evaluate;
use crate::graph::{Graph, TensorId};
use crate::op::{Binary, BinaryKind, Conv2d, DepthwiseConv2d, Fused, Op, Padding, Unary};
use crate::tensor::{Data, DataType};
use crate::verify::verify;

const CONV: Op = Op::Conv2d(Conv2d {
    stride: [1, 1],
    dilation: [1, 1],
    padding: Padding::VALID,
    groups: 1,
    fused: Fused::None,
});
const DEPTHWISE: Op = Op::DepthwiseConv2d(DepthwiseConv2d {
    stride: [1, 1],
    dilation: [1, 1],
    padding: Padding::VALID,
    multiplier: 1,
    fused: Fused::None,
});
const NORM: Op = Op::BatchNorm { epsilon: 1.0 };
const RELU: Op = Op::Unary(Unary::Relu);

fn known(b: &mut GraphBuilder, name: &str, values: &[f32]) -> TensorId {
    b.constant(name, [values.len()], Data::F32(values.into()), None)
}

/// A batch norm of two channels with scales 2 and 1/2 and shifts -1 and 7.
fn norm(b: &mut GraphBuilder, name: &str, x: TensorId) -> TensorId {
    let gamma = known(b, &format!("{name}.gamma"), &[4.0, 1.0]);
    let beta = known(b, &format!("{name}.beta"), &[1.0, 8.0]);
    let mean = known(b, &format!("{name}.mean"), &[1.0, 2.0]);
    let variance = known(b, &format!("{name}.variance"), &[3.0, 3.0]);
    b.push(name, NORM, &[x, gamma, beta, mean, variance])
        .unwrap()
}

/// One line per node: operands with their values, the activation, the result.
fn listing(graph: &Graph) -> String {
    let operand = |id: TensorId| match graph[id].data() {
        Some(Data::F32(values)) => format!("{}={values:?}", graph[id].name),
        Some(_) | None => graph[id].name.clone(),
    };
    let line = |node: &crate::Node| {
        let inputs: Vec<String> = node.inputs.iter().map(|&t| operand(t)).collect();
        let fused = super::fused_mut(&mut node.op.clone()).map_or(Fused::None, |f| *f);
        let result = &graph[node.outputs[0]].name;
        let (name, op) = (&node.name, node.op.name());
        format!(
            "{name}: {op}({}) {fused:?} -> {result}\n",
            inputs.join(", ")
        )
    };
    graph.nodes.iter().map(line).collect()
}

fn check(build: impl FnOnce(&mut GraphBuilder, TensorId), expected: Expect) {
    let mut b = GraphBuilder::new("g");
    let x = b.input("x", [1, 2, 2, 2], DataType::F32);
    build(&mut b, x);
    let folded = fold(&verify(b.finish()).unwrap());
    expected.assert_eq(&listing(&folded));
    assert_eq!(fold(&folded), folded, "folding again changes nothing");
}

#[test]
fn convolution_takes_bias_norm_and_activation() {
    check(
        |b, x| {
            let w = b.constant(
                "w",
                [2, 1, 1, 2],
                Data::F32([1.0, 2.0, 3.0, 4.0].into()),
                None,
            );
            let y = b.push("conv", CONV, &[x, w]).unwrap();
            let bias = known(b, "b", &[10.0, 20.0]);
            let y = b.push("bias", Op::Bias, &[y, bias]).unwrap();
            let y = norm(b, "norm", y);
            let y = b.push("relu", RELU, &[y]).unwrap();
            b.output(y);
        },
        expect![[r#"
            conv: conv2d(x, w=[2.0, 4.0, 1.5, 2.0], conv.bias=[19.0, 17.0]) Relu -> relu
        "#]],
    );
}

#[test]
fn depthwise_scales_the_last_dimension() {
    check(
        |b, x| {
            let w = b.constant(
                "w",
                [1, 1, 2, 2],
                Data::F32([1.0, 2.0, 3.0, 4.0].into()),
                None,
            );
            let y = b.push("depthwise", DEPTHWISE, &[x, w]).unwrap();
            let y = norm(b, "norm", y);
            b.output(y);
        },
        expect![[r#"
            depthwise: depthwise_conv2d(x, w=[2.0, 1.0, 6.0, 2.0], depthwise.bias=[-1.0, 7.0]) None -> norm
        "#]],
    );
}

#[test]
fn parameters_stay_parameters() {
    check(
        |b, x| {
            let w = b.parameter("w", [2, 1, 1, 2]);
            let y = b.push("conv", CONV, &[x, w]).unwrap();
            let y = norm(b, "norm", y);
            b.output(y);
        },
        expect![[r#"
            conv: conv2d(x, w, conv.bias) None -> norm
        "#]],
    );
}

#[test]
fn shared_weights_are_copied() {
    check(
        |b, x| {
            let w = b.constant(
                "w",
                [2, 1, 1, 2],
                Data::F32([1.0, 2.0, 3.0, 4.0].into()),
                None,
            );
            let y = b.push("first", CONV, &[x, w]).unwrap();
            let y = norm(b, "norm", y);
            let z = b.push("second", CONV, &[y, w]).unwrap();
            b.output(z);
        },
        expect![[r#"
            first: conv2d(x, first.weights=[2.0, 4.0, 1.5, 2.0], first.bias=[-1.0, 7.0]) None -> norm
            second: conv2d(norm, w=[1.0, 2.0, 3.0, 4.0]) None -> second
        "#]],
    );
}

#[test]
fn a_result_that_others_read_is_left_alone() {
    check(
        |b, x| {
            let w = b.constant("w", [2, 1, 1, 2], Data::F32([1.0; 4].into()), None);
            let y = b.push("conv", CONV, &[x, w]).unwrap();
            let z = b.push("relu", RELU, &[y]).unwrap();
            let add = Op::Binary(Binary {
                kind: BinaryKind::Add,
                fused: Fused::None,
            });
            let sum = b.push("add", add, &[y, z]).unwrap();
            let sum = b.push("add_relu", RELU, &[sum]).unwrap();
            b.output(sum);
            b.output(y);
        },
        expect![[r#"
            conv: conv2d(x, w=[1.0, 1.0, 1.0, 1.0]) None -> conv
            relu: relu(conv) None -> relu
            add: add(conv, relu) Relu -> add_relu
        "#]],
    );
}

#[test]
fn norm_and_bias_alone_become_operators_of_inference() {
    check(
        |b, x| {
            let y = norm(b, "norm", x);
            let bias = known(b, "b", &[10.0, 20.0]);
            let y = b.push("relu", RELU, &[y]).unwrap();
            let y = b.push("bias", Op::Bias, &[y, bias]).unwrap();
            b.output(y);
        },
        expect![[r#"
            norm: depthwise_conv2d(x, norm.weights=[2.0, 0.5], norm.bias=[-1.0, 7.0]) Relu -> relu
            bias: add(relu, b=[10.0, 20.0]) None -> bias
        "#]],
    );
}

#[test]
fn values_that_would_not_be_finite_are_not_folded() {
    check(
        |b, x| {
            let w = b.constant("w", [2, 1, 1, 2], Data::F32([3e38; 4].into()), None);
            let y = b.push("conv", CONV, &[x, w]).unwrap();
            let y = norm(b, "norm", y);
            b.output(y);
        },
        expect![[r#"
            conv: conv2d(x, w=[3e38, 3e38, 3e38, 3e38]) None -> conv
            norm: batch_norm(conv, norm.gamma=[4.0, 1.0], norm.beta=[1.0, 8.0], norm.mean=[1.0, 2.0], norm.variance=[3.0, 3.0]) None -> norm
        "#]],
    );
}

/// Values between -1 and 1 that look random and are the same every time; of what a variance may
/// be where `positive`.
fn noise(seed: &mut u64, len: usize, positive: bool) -> Vec<f32> {
    let next = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let value = f32::from(i8::from_le_bytes([seed.to_le_bytes()[6]])) / 128.0;
        if positive { value.abs() + 0.1 } else { value }
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// A chain of layers, each a linear operator, none of them or one of each kind of follower.
fn chain(mut seed: u64, layers: &[(u8, bool, bool, bool)]) -> Graph {
    let mut b = GraphBuilder::new("chain");
    let mut y = b.input("x", [1, 3, 3, 2], DataType::F32);
    for (i, &(kind, bias, norm, relu)) in layers.iter().enumerate() {
        let mut new = |role: &str, shape: &[usize], positive| {
            let values = noise(&mut seed, shape.iter().product(), positive);
            let data = Data::F32(values.into());
            b.constant(format!("{i}.{role}"), shape.to_vec(), data, None)
        };
        let (op, operands) = match kind {
            0 => (Some(CONV), vec![new("w", &[2, 1, 1, 2], false)]),
            1 => (
                Some(CONV),
                vec![new("w", &[2, 1, 1, 2], false), new("b", &[2], false)],
            ),
            2 => (Some(DEPTHWISE), vec![new("w", &[1, 1, 1, 2], false)]),
            3 => (
                Some(Op::Dense { fused: Fused::None }),
                vec![new("w", &[2, 2], false)],
            ),
            _ => (None, vec![]),
        };
        let added = new("added", &[2], false);
        let [gamma, beta, mean] = ["gamma", "beta", "mean"].map(|role| new(role, &[2], false));
        let variance = new("variance", &[2], true);
        let mut push = |role: &str, op: Op, operands: &[TensorId]| {
            let inputs = [&[y], operands].concat();
            y = b.push(format!("{i}.{role}"), op, &inputs).unwrap();
        };
        if let Some(op) = op {
            push("linear", op, &operands);
        }
        if bias {
            push("bias", Op::Bias, &[added]);
        }
        if norm {
            push("norm", NORM, &[gamma, beta, mean, variance]);
        }
        if relu {
            push("relu", RELU, &[]);
        }
    }
    b.output(y);
    b.finish()
}

proptest! {
    #[test]
    fn outputs_stay_the_same(
        seed in any::<u64>(),
        layers in prop::collection::vec((0..5_u8, any::<bool>(), any::<bool>(), any::<bool>()), 1..6),
        x in prop::collection::vec(-1.0_f32..1.0, 18),
    ) {
        let graph = verify(chain(seed, &layers)).unwrap();
        let folded = fold(&graph);
        let input = [Data::F32(x.into())];
        let [before, after] = [&graph, &folded].map(|g| evaluate(g, &input).unwrap().remove(0));
        let (Data::F32(before), Data::F32(after)) = (before, after) else {
            panic!("outputs are floats")
        };
        for (a, b) in before.iter().zip(&*after) {
            prop_assert!((a - b).abs() <= 1e-5 * (1.0 + a.abs()), "{a} {b}");
        }
        let is_norm = |node: &crate::Node| matches!(node.op, Op::BatchNorm { .. } | Op::Bias);
        prop_assert!(!folded.nodes.iter().any(is_norm));
    }
}

//! What the walker refuses, observes and keeps.

use expect_test::{Expect, expect};

use super::{bytes, floats, run_floats, single, tensor};
use crate::builder::GraphBuilder;
use crate::eval::{evaluate, evaluate_observed};
use crate::graph::Node;
use crate::op::{Fused, Op, Unary};
use crate::tensor::{Data, DataType, Quantization};
use crate::verify::{Verified, verify};

fn refuses(graph: &Verified, inputs: &[Data], expected: Expect) {
    expected.assert_eq(&evaluate(graph, inputs).unwrap_err().to_string());
}

#[test]
fn observes_inputs_and_results_in_order_and_keeps_outputs() {
    let mut b = GraphBuilder::new("chain");
    let x = b.input("x", [2], DataType::F32);
    let y = b.push("y", Op::Unary(Unary::Relu), &[x]).unwrap();
    let z = b.push("z", Op::Unary(Unary::Relu6), &[y]).unwrap();
    let unread = b.push("unread", Op::Unary(Unary::Sigmoid), &[y]).unwrap();
    for output in [y, z, x] {
        b.output(output);
    }
    let graph = verify(b.finish()).unwrap();
    let mut seen = Vec::new();
    let input = Data::F32([-1.0, 8.0].into());
    let outputs = evaluate_observed(&graph, std::slice::from_ref(&input), &mut |id, data| {
        seen.push((id, data.len()));
    })
    .unwrap();
    assert_eq!(seen, [(x, 2), (y, 2), (z, 2), (unread, 2)]);
    let expected = [
        Data::F32([0.0, 8.0].into()),
        Data::F32([0.0, 6.0].into()),
        input,
    ];
    assert_eq!(outputs, expected);
}

#[test]
fn inputs() {
    let relu = single(
        Op::Unary(Unary::Relu),
        &[floats("x", &[2], &[0.0; 2])],
        None,
    );
    refuses(
        &relu,
        &[],
        expect!["graph `single` takes 1 inputs, found 0"],
    );
    refuses(
        &relu,
        &[Data::F32([0.0; 3].into())],
        expect!["input `x`: found 3 f32 elements, expected f32 [2]"],
    );
}

#[test]
fn parameters_without_values() {
    let mut b = GraphBuilder::new("untrained");
    let x = b.input("x", [1, 2], DataType::F32);
    let w = b.parameter("w", [3, 2]);
    let y = b
        .push("y", Op::Dense { fused: Fused::None }, &[x, w])
        .unwrap();
    b.output(y);
    refuses(
        &verify(b.finish()).unwrap(),
        &[Data::F32([0.0; 2].into())],
        expect!["`w` has no values: load weights before running the network"],
    );
}

#[test]
fn foreign_operators() {
    let mut b = GraphBuilder::new("foreign");
    let x = b.input("x", [1], DataType::F32);
    let y = b.tensor(tensor("y", &[1], DataType::F32, None));
    b.push_node(Node {
        name: "detect".to_owned(),
        op: Op::Foreign {
            kind: "NonMaxSuppression".to_owned(),
            macs: None,
        },
        inputs: vec![x],
        outputs: vec![y],
    });
    b.output(y);
    refuses(
        &verify(b.finish()).unwrap(),
        &[Data::F32([0.0].into())],
        expect![
            "node 0 `detect`: NonMaxSuppression is not in the vocabulary and cannot be evaluated"
        ],
    );
}

#[test]
fn sums_that_may_overflow() {
    let taps = 70_000;
    let x = bytes("x", &[1, taps], &vec![1; taps], 1.0, 0);
    let w = bytes("w", &[1, taps], &vec![-128; taps], 1.0, 0);
    let result = Some(Quantization::per_tensor(1.0, 0));
    let inputs = [x.1.clone(), w.1.clone()];
    refuses(
        &single(Op::Dense { fused: Fused::None }, &[x, w], result),
        &inputs,
        expect![[
            r#"node 0 `node`: dense: sums over `w` and the bias may reach 2284800000, more than i32 holds"#
        ]],
    );
}

#[test]
fn moves_between_grids() {
    let x = bytes("x", &[2], &[0, 0], 0.5, 0);
    let inputs = [x.1.clone()];
    let result = Some(Quantization::per_tensor(0.25, 0));
    refuses(
        &single(
            Op::Pad {
                amounts: vec![[0, 0]],
            },
            &[x],
            result,
        ),
        &inputs,
        expect!["node 0 `node`: pad: `x` and `result` must have the same quantization"],
    );
}

#[test]
fn images_of_a_batch_do_not_mix() {
    let op = || Op::GlobalAveragePool { keep_dims: true };
    let both = run_floats(op(), &[floats("x", &[2, 1, 2, 1], &[1.0, 3.0, 10.0, 30.0])]);
    assert_eq!(both, [2.0, 20.0]);
}

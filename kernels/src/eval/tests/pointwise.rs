//! Elementwise operators, pooling, softmax and conversions.

use proptest::prelude::*;

use super::{bytes, evaluate, floats, run, run_bytes, run_floats, single};
use crate::op::{Binary, BinaryKind, Fused, Op, Padding, Pool2d, PoolKind, Unary};
use crate::tensor::{Data, Quantization};

const fn binary(kind: BinaryKind, fused: Fused) -> Op {
    Op::Binary(Binary { kind, fused })
}

fn real(q: i8, scale: f32, zero_point: i32) -> f64 {
    f64::from(i32::from(q) - zero_point) * f64::from(scale)
}

fn kinds() -> impl Strategy<Value = BinaryKind> {
    prop_oneof![
        Just(BinaryKind::Add),
        Just(BinaryKind::Sub),
        Just(BinaryKind::Mul)
    ]
}

proptest! {
    #[test]
    fn int8_binaries_are_the_nearest_steps(
        kind in kinds(),
        (a, b) in any::<(i8, i8)>(),
        scales in [0.002_f32..2.0, 0.002..2.0, 0.02..2.0],
        zero_points in [-128..=127, -128..=127, -128..=127],
    ) {
        let x = bytes("x", &[1], &[a], scales[0], zero_points[0]);
        let y = bytes("y", &[1], &[b], scales[1], zero_points[1]);
        let found = run_bytes(binary(kind, Fused::None), &[x, y], scales[2], zero_points[2]);
        let (a, b) = (real(a, scales[0], zero_points[0]), real(b, scales[1], zero_points[1]));
        let result = match kind {
            BinaryKind::Add => a + b,
            BinaryKind::Sub => a - b,
            BinaryKind::Mul => a * b,
        };
        let exact = (result / f64::from(scales[2]) + f64::from(zero_points[2])).clamp(-128.0, 127.0);
        prop_assert!((f64::from(found[0]) - exact).abs() < 0.501, "{} {exact}", found[0]);
    }

    #[test]
    fn int8_functions_are_the_nearest_steps(q in any::<i8>(), scale in 0.01_f32..0.2, zero_point in -128..=127) {
        // Half a step for each time a function rounds.
        for (function, most, expected) in [
            (Unary::Relu, 0.751, (|x: f64| x.max(0.0)) as fn(f64) -> f64),
            (Unary::Relu6, 0.751, |x| x.clamp(0.0, 6.0)),
            (Unary::Sigmoid, 0.501, |x| 1.0 / (1.0 + (-x).exp())),
            (Unary::HardSwish, 1.0, |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0),
        ] {
            let x = bytes("x", &[1], &[q], scale, zero_point);
            let found = run_bytes(Op::Unary(function), &[x], 0.05, -100);
            let exact = expected(real(q, scale, zero_point)) / f64::from(0.05_f32) - 100.0;
            let gap = (f64::from(found[0]) - exact.clamp(-128.0, 127.0)).abs();
            prop_assert!(gap < most, "{function:?} {} {exact}", found[0]);
        }
    }
}

#[test]
fn broadcasting() {
    let x = floats("x", &[2, 1, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let y = floats("y", &[2, 1], &[10.0, 20.0]);
    assert_eq!(
        run_floats(binary(BinaryKind::Add, Fused::None), &[x, y]),
        [
            11.0, 12.0, 13.0, 21.0, 22.0, 23.0, 14.0, 15.0, 16.0, 24.0, 25.0, 26.0
        ]
    );
}

#[test]
fn fused_activations_of_sums() {
    let x = || floats("x", &[3], &[-4.0, 1.0, 4.0]);
    let y = || floats("y", &[3], &[1.0, 1.0, 4.0]);
    let add = |fused| run_floats(binary(BinaryKind::Add, fused), &[x(), y()]);
    assert_eq!(add(Fused::Relu), [0.0, 2.0, 8.0]);
    assert_eq!(add(Fused::Relu6), [0.0, 2.0, 6.0]);
}

fn pool(kind: PoolKind) -> Op {
    Op::Pool2d(Pool2d {
        kind,
        kernel: [2, 2],
        stride: [2, 2],
        padding: Padding {
            top: 1,
            ..Padding::VALID
        },
    })
}

/// Padding takes part in neither the maximum nor the mean; integer means round half away from
/// zero.
#[test]
fn pooling() {
    let image = floats("x", &[1, 3, 2, 1], &[-5.0, -2.0, 1.0, 2.0, 3.0, 5.0]);
    assert_eq!(
        run_floats(pool(PoolKind::Max), std::slice::from_ref(&image)),
        [-2.0, 5.0]
    );
    assert_eq!(run_floats(pool(PoolKind::Average), &[image]), [-3.5, 2.75]);
    let image = bytes("x", &[1, 3, 2, 1], &[-5, -2, 1, 2, 3, 4], 0.1, 3);
    assert_eq!(
        run_bytes(pool(PoolKind::Max), std::slice::from_ref(&image), 0.1, 3),
        [-2, 4]
    );
    assert_eq!(
        run_bytes(pool(PoolKind::Average), &[image], 0.1, 3),
        [-4, 3]
    );
}

#[test]
fn sums_beyond_32_bits_are_refused() {
    let side = 4112;
    let op = Op::Pool2d(Pool2d {
        kind: PoolKind::Average,
        kernel: [side, side],
        stride: [1, 1],
        padding: Padding::VALID,
    });
    let image = bytes("x", &[1, side, side, 1], &vec![-128; side * side], 0.1, 0);
    let graph = single(
        op,
        std::slice::from_ref(&image),
        image.0.quantization.clone(),
    );
    let error = evaluate(&graph, &[image.1]).unwrap_err().to_string();
    assert!(error.contains("sums of 16908544 pixels"), "{error}");
}

#[test]
fn global_pooling() {
    let op = Op::GlobalAveragePool { keep_dims: false };
    let image = floats(
        "x",
        &[1, 2, 2, 2],
        &[1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 6.0, 40.0],
    );
    assert_eq!(run_floats(op.clone(), &[image]), [3.0, 25.0]);
    let image = bytes("x", &[1, 1, 2, 1], &[11, 21], 0.5, 1);
    assert_eq!(
        run_bytes(op, &[image], 0.25, -10),
        [20],
        "mean 7.5 is 30 steps"
    );
}

#[test]
fn softmax() {
    let x = floats("x", &[2, 2], &[0.0, 0.0, 1000.0, 1000.0 - 3.0_f32.ln()]);
    let found = run_floats(Op::Softmax, &[x]);
    for (found, expected) in found.iter().zip([0.5, 0.5, 0.75, 0.25]) {
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }
    let x = bytes("x", &[1, 2], &[10, 10], 0.1, 0);
    assert_eq!(run_bytes(Op::Softmax, &[x], 1.0 / 256.0, -128), [0, 0]);
    // Half a step each.
    let x = bytes("x", &[1, 512], &[10; 512], 0.1, 0);
    assert_eq!(run_bytes(Op::Softmax, &[x], 1.0 / 256.0, -128), [-127; 512]);
}

#[test]
fn conversions() {
    let x = floats("x", &[4], &[0.26, -0.25, 100.0, -100.0]);
    assert_eq!(
        run_bytes(Op::Quantize, &[x], 0.5, 3),
        [4, 3, 127, -128],
        "-0.5 steps round to 0"
    );
    let x = bytes("x", &[3], &[3, 4, -128], 0.5, 3);
    assert_eq!(
        run_floats(Op::Dequantize, std::slice::from_ref(&x)),
        [0.0, 0.5, -65.5]
    );
    assert_eq!(run_bytes(Op::Quantize, &[x], 0.25, 0), [0, 2, -128]);
}

#[test]
fn unsigned_bytes_follow_the_same_formulas() {
    let (signed, _) = bytes("x", &[2], &[0, 1], 0.5, 3);
    let unsigned = crate::Tensor {
        dtype: crate::DataType::U8,
        quantization: Some(Quantization::per_tensor(0.5, 131)),
        ..signed
    };
    let x = (unsigned, Data::U8([128, 200].into()));
    let result = Some(Quantization::per_tensor(0.25, 128));
    let relu = run(Op::Unary(Unary::Relu), &[x], result);
    assert_eq!(
        relu,
        Data::U8([128, 255].into()),
        "34.5 is beyond the range"
    );
}

#[test]
fn arg_max_takes_the_lowest_index_at_a_tie() {
    let x = floats("x", &[2, 3], &[1.0, 3.0, 3.0, 2.0, 1.0, 0.0]);
    assert_eq!(
        run(Op::ArgMax { axis: 1 }, std::slice::from_ref(&x), None),
        Data::I32([1, 0].into())
    );
    assert_eq!(
        run(Op::ArgMax { axis: 0 }, &[x], None),
        Data::I32([1, 0, 0].into())
    );
}

#[test]
fn bias_and_batch_norm() {
    let x = || floats("x", &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let c = |name, values: [f32; 2]| floats(name, &[2], &values);
    assert_eq!(
        run_floats(Op::Bias, &[x(), c("b", [10.0, 20.0])]),
        [11.0, 22.0, 13.0, 24.0]
    );
    let norm = [
        x(),
        c("gamma", [4.0, 1.0]),
        c("beta", [1.0, 8.0]),
        c("mean", [1.0, 2.0]),
        c("variance", [3.0, 3.0]),
    ];
    assert_eq!(
        run_floats(Op::BatchNorm { epsilon: 1.0 }, &norm),
        [1.0, 8.0, 5.0, 9.0]
    );
}

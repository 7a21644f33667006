//! Operators in int8 under many shapes and quantizations.

use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Unary,
};
use kernels::{Op, TensorId, verify};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::Tolerance;
use super::maker::Maker;
use super::runtime::Case;

/// How often each operator is drawn.
const DRAWS: u64 = 30;

/// The activations that a draw takes one of.
const FUSED: [Fused; 3] = [Fused::None, Fused::Relu, Fused::Relu6];

type Build = fn(&mut Maker, &mut Pcg64Mcg) -> TensorId;

/// All cases, named after the operator and the draw: `conv.3`.
pub(super) fn cases() -> Vec<Case> {
    let operators: [(&str, Build); 16] = [
        ("conv", conv),
        ("depthwise", depthwise),
        ("dense", dense),
        ("add", |m, r| binary(BinaryKind::Add, m, r)),
        ("sub", |m, r| binary(BinaryKind::Sub, m, r)),
        ("mul", |m, r| binary(BinaryKind::Mul, m, r)),
        ("relu", |m, r| unary(Unary::Relu, m, r)),
        ("relu6", |m, r| unary(Unary::Relu6, m, r)),
        ("sigmoid", |m, r| unary(Unary::Sigmoid, m, r)),
        ("hard_swish", |m, r| unary(Unary::HardSwish, m, r)),
        ("softmax", softmax),
        ("max_pool", |m, r| pool(PoolKind::Max, m, r)),
        ("average_pool", |m, r| pool(PoolKind::Average, m, r)),
        ("global_average_pool", global_average_pool),
        ("resize_bilinear", resize),
        ("requantize", requantize),
    ];
    let draw = |(name, build): (&str, Build), seed| {
        let name = format!("{name}.{seed}");
        let mut maker = Maker::new(&name, true);
        let output = build(&mut maker, &mut Pcg64Mcg::seed_from_u64(seed));
        maker.builder.output(output);
        Case {
            name,
            graph: verify(maker.builder.finish()).unwrap(),
            inputs: maker.inputs,
            tolerance: Tolerance::Exact,
        }
    };
    operators
        .into_iter()
        .flat_map(|operator| (0..DRAWS).map(move |seed| draw(operator, seed)))
        .collect()
}

fn conv(m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (x, shape, scale) = image(m, r, 40);
    let k = pick(r, &[1, 3, 5]);
    let stride = [r.random_range(1..3_usize); 2];
    let w = m.weights("w", [r.random_range(1..50), k, k, shape[3]], 0);
    let b = m.bias("b", x, w);
    let op = Op::Conv2d(Conv2d {
        stride,
        dilation: [1, 1],
        padding: Padding::same([shape[1], shape[2]], [k; 2], stride, [1, 1]),
        groups: 1,
        fused: pick(r, &FUSED),
    });
    let to = grid_near(r, scale);
    m.node_as("y", op, &[x, w, b], to)
}

fn depthwise(m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (x, shape, scale) = image(m, r, 80);
    let k = pick(r, &[3, 5]);
    let stride = [r.random_range(1..3_usize); 2];
    let w = m.weights("w", [1, k, k, shape[3]], 3);
    let b = m.bias("b", x, w);
    let op = Op::DepthwiseConv2d(DepthwiseConv2d {
        stride,
        dilation: [1, 1],
        padding: Padding::same([shape[1], shape[2]], [k; 2], stride, [1, 1]),
        multiplier: 1,
        fused: pick(r, &FUSED),
    });
    let to = grid_near(r, scale);
    m.node_as("y", op, &[x, w, b], to)
}

fn dense(m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (scale, in_c) = (scale(r), r.random_range(1..300_usize));
    let x = m.input_as("x", [9, in_c], (scale, zero_point(r)));
    let w = m.weights("w", [r.random_range(1..40), in_c], 0);
    let b = m.bias("b", x, w);
    let fused = pick(r, &FUSED);
    let to = grid_near(r, scale);
    m.node_as("y", Op::Dense { fused }, &[x, w, b], to)
}

fn binary(kind: BinaryKind, m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (x, shape, a) = image(m, r, 40);
    let other = grid_near(r, a);
    let y = m.input_as("y", shape, other);
    let result = match kind {
        BinaryKind::Add | BinaryKind::Sub => a,
        BinaryKind::Mul => a * other.0 * 100.0,
    };
    let to = grid_near(r, result);
    let fused = pick(r, &FUSED);
    m.node_as("z", Op::Binary(Binary { kind, fused }), &[x, y], to)
}

fn unary(function: Unary, m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (x, _, scale) = image(m, r, 40);
    let to = match function {
        Unary::Sigmoid => (1.0 / 256.0, -128),
        Unary::Relu | Unary::Relu6 | Unary::HardSwish => grid_near(r, scale),
    };
    m.node_as("y", Op::Unary(function), &[x], to)
}

fn softmax(m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (x, _, _) = image(m, r, 40);
    m.node_as("y", Op::Softmax, &[x], (1.0 / 256.0, -128))
}

fn pool(kind: PoolKind, m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let grid = (scale(r), zero_point(r));
    let input = [r.random_range(4..15_usize), r.random_range(4..15_usize)];
    let x = m.input_as("x", [1, input[0], input[1], r.random_range(1..40)], grid);
    let kernel = [r.random_range(1..4_usize), r.random_range(1..4_usize)];
    let stride = [r.random_range(1..3_usize); 2];
    let op = Op::Pool2d(Pool2d {
        kind,
        kernel,
        stride,
        padding: Padding::same(input, kernel, stride, [1, 1]),
    });
    m.node_as("y", op, &[x], grid)
}

fn global_average_pool(m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (x, _, scale) = image(m, r, 60);
    let to = grid_near(r, scale / 10.0);
    m.node_as("y", Op::GlobalAveragePool { keep_dims: true }, &[x], to)
}

fn resize(m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let grid = (scale(r), zero_point(r));
    let shape = [
        1,
        r.random_range(1..9),
        r.random_range(1..9),
        r.random_range(1..40),
    ];
    let x = m.input_as("x", shape, grid);
    let resize = Resize {
        mode: ResizeMode::Bilinear,
        coordinates: pick(
            r,
            &[
                Coordinates::Asymmetric,
                Coordinates::HalfPixel,
                Coordinates::AlignCorners,
            ],
        ),
        size: [r.random_range(1..20), r.random_range(1..20)],
    };
    m.node_as("y", Op::Resize(resize), &[x], grid)
}

fn requantize(m: &mut Maker, r: &mut Pcg64Mcg) -> TensorId {
    let (x, _, scale) = image(m, r, 40);
    let to = grid_near(r, scale);
    m.node_as("y", Op::Quantize, &[x], to)
}

/// An input of up to `channels` channels, its shape and its scale.
fn image(m: &mut Maker, r: &mut Pcg64Mcg, channels: usize) -> (TensorId, [usize; 4], f32) {
    let shape = [
        1,
        r.random_range(3..15),
        r.random_range(3..15),
        r.random_range(1..channels),
    ];
    let scale = scale(r);
    (m.input_as("x", shape, (scale, zero_point(r))), shape, scale)
}

fn scale(r: &mut impl Rng) -> f32 {
    10_f32.powf(r.random_range(-2.5..-0.5))
}

/// A grid whose scale is within a factor of 16 of `scale`.
fn grid_near(r: &mut impl Rng, scale: f32) -> (f32, i32) {
    (scale * r.random_range(-4.0_f32..4.0).exp2(), zero_point(r))
}

fn zero_point(r: &mut impl Rng) -> i32 {
    r.random_range(-128..=127)
}

fn pick<T: Copy>(r: &mut impl Rng, of: &[T]) -> T {
    of[r.random_range(0..of.len())]
}

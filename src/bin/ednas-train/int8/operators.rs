//! What every operator of an int8 graph is before its result is rounded.
//!
//! Operands and results count steps of their grids from the zero point. With scales `s`:
//!
//! - linear operators and products: `y = (sum w_q x + b_q) (s_x s_w / s_y)`;
//! - sums: `y = a s_a / s_y + b s_b / s_y`;
//! - functions of one operand: `y = f(x s_x) / s_y`;
//! - what moves, selects or mixes elements of one grid leaves it.
//!
//! Where `kernels` rounds ties up or away from zero instead of to even, ties are moved that way.
//!
//! DIFFERENCE: LiteRT computes sums in fixed point, ReLU between two grids and hard-swish with an
//! extra rounding. The results of these can lie one step apart from those of `kernels`.

use kernels::Op;
use kernels::op::{
    Binary, BinaryKind, Conv2d, DepthwiseConv2d, Fused, PoolKind, ResizeMode, Unary,
};
use tch::Tensor;

use crate::operators::{Mode, Unsupported, apply};

/// What is added to a result whose ties are rounded up: less than half the distance between the
/// values of a mix in eighths or sixteenths, and more than single precision loses below 2^8.
const TIE: f64 = 1.0 / 16384.0;

/// An operand of a node.
pub(super) struct Operand<'a> {
    /// Whole steps from the zero point.
    pub(super) steps: &'a Tensor,
    /// One, or one per output channel of weights.
    pub(super) scales: &'a [f32],
    /// Of an activation.
    pub(super) zero_point: i32,
}

impl Operand<'_> {
    fn scale(&self) -> f32 {
        self.scales.first().copied().unwrap_or(1.0)
    }

    fn reals(&self) -> Tensor {
        self.steps * f64::from(self.scale())
    }
}

/// The result of `op` in steps of `scale`, between which it may lie.
pub(super) fn between_steps(
    op: &Op,
    operands: &[Operand<'_>],
    scale: f32,
) -> Result<Tensor, Unsupported> {
    let x = operands.first().ok_or_else(|| Unsupported::of(op))?;
    let moved = || {
        let steps: Vec<&Tensor> = operands.iter().map(|operand| operand.steps).collect();
        apply(&without_activation(op), &steps, Mode::Evaluate)
    };
    Ok(match op {
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. } => {
            moved()? * ratios(x, &operands[1], scale)
        }
        Op::Binary(binary) => self::binary(binary.kind, x, &operands[1], scale),
        Op::GlobalAveragePool { .. } => moved()? * f64::from(x.scale() / scale),
        Op::Unary(Unary::Relu | Unary::Relu6) => x.steps * f64::from(x.scale() / scale),
        Op::Unary(Unary::Sigmoid | Unary::HardSwish) | Op::Softmax => {
            apply(op, &[&x.reals()], Mode::Evaluate)? / f64::from(scale)
        }
        Op::Quantize => up(&(x.steps * fixed_point(x.scale() / scale))),
        Op::Pool2d(pool) => match pool.kind {
            PoolKind::Max => moved()?,
            PoolKind::Average => away_from_zero(&moved()?, x.zero_point),
        },
        Op::Resize(resize) => match resize.mode {
            ResizeMode::Nearest => moved()?,
            ResizeMode::Bilinear => up(&moved()?),
        },
        Op::Concat { .. }
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. } => moved()?,
        Op::BatchNorm { .. } | Op::Bias | Op::Dequantize | Op::Foreign { .. } => {
            return Err(Unsupported::of(op));
        }
    })
}

/// `op` without its activation, which bounds the rounded result instead.
fn without_activation(op: &Op) -> Op {
    let fused = Fused::None;
    match op {
        Op::Conv2d(conv) => Op::Conv2d(Conv2d {
            fused,
            ..conv.clone()
        }),
        Op::DepthwiseConv2d(conv) => Op::DepthwiseConv2d(DepthwiseConv2d {
            fused,
            ..conv.clone()
        }),
        Op::Dense { .. } => Op::Dense { fused },
        Op::Binary(binary) => Op::Binary(Binary {
            fused,
            kind: binary.kind,
        }),
        Op::Unary(_)
        | Op::BatchNorm { .. }
        | Op::Bias
        | Op::Softmax
        | Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Foreign { .. } => op.clone(),
    }
}

/// Steps of the result per step of a sum of products, for each output channel or for all.
fn ratios(x: &Operand<'_>, weights: &Operand<'_>, scale: f32) -> Tensor {
    let ratios = weights.scales.iter().map(|w| x.scale() * w / scale);
    Tensor::from_slice(&ratios.collect::<Vec<f32>>()).to_device(x.steps.device())
}

fn binary(kind: BinaryKind, a: &Operand<'_>, b: &Operand<'_>, scale: f32) -> Tensor {
    let on_grid = |x: &Operand<'_>| x.steps * f64::from(x.scale() / scale);
    match kind {
        BinaryKind::Add => on_grid(a) + on_grid(b),
        BinaryKind::Sub => on_grid(a) - on_grid(b),
        BinaryKind::Mul => a.steps * b.steps * f64::from(a.scale() * b.scale() / scale),
    }
}

/// The multiplier of a change of grids, in 256ths where that is what is computed with.
fn fixed_point(ratio: f32) -> f64 {
    let ratio = f64::from(ratio);
    if (0.003_906_25..=128.0).contains(&ratio) {
        (256.0 * ratio).round_ties_even() / 256.0
    } else {
        ratio
    }
}

/// Moves ties up.
fn up(steps: &Tensor) -> Tensor {
    steps + TIE
}

/// Moves ties away from the integer 0, which lies `zero_point` from the real one.
fn away_from_zero(steps: &Tensor, zero_point: i32) -> Tensor {
    let direction = (steps.detach() + f64::from(zero_point)).sign();
    steps + direction * TIE
}

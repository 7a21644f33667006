//! Elementwise functions of two operands.
//!
//! 8-bit sums are computed in fixed point: with `r` the scale of an operand over the scale of the
//! result, and `shift` such that the larger of the two multipliers `m = round(r * 2^shift)` has 21
//! bits, `q = clamp(floor((a m_a + b m_b + 2^(shift - 1)) / 2^shift) + zero_point)`.
//! XNNPACK takes ratios from 2^-10 to 2^8. Outside, where LiteRT has another kernel, the sum is
//! rounded once from its exact value. Products are rounded as every other sum.

use crate::op::{Binary, BinaryKind};
use crate::tensor::{Data, DataType, Tensor};

use super::layout::broadcast;
use super::linear::activate;
use super::operand::{Operand, Problem};
use super::quantized::{Grid, Requantizer, exponent, round, round_double, store};

pub(super) fn binary(
    op: Binary,
    a: &Operand<'_>,
    b: &Operand<'_>,
    output: &Tensor,
) -> Result<Data, Problem> {
    let to = &output.shape;
    if output.dtype == DataType::F32 {
        let (x, y) = (a.floats()?, b.floats()?);
        let (x, y) = (broadcast(x, a.shape(), to), broadcast(y, b.shape(), to));
        let apply = |(x, y): (&f32, &f32)| match op.kind {
            BinaryKind::Add => x + y,
            BinaryKind::Sub => x - y,
            BinaryKind::Mul => x * y,
        };
        let results = x.iter().zip(&*y).map(apply);
        return Ok(Data::F32(results.map(|v| activate(op.fused, v)).collect()));
    }
    let grid = Grid::of(output)?;
    let ((x_grid, x), (y_grid, y)) = (a.centered()?, b.centered()?);
    let (x, y) = (broadcast(&x, a.shape(), to), broadcast(&y, b.shape(), to));
    let pairs = x
        .iter()
        .zip(&*y)
        .map(|(&x, &y)| (i32::from(x), i32::from(y)));
    let (x_ratio, y_ratio) = (x_grid.scale / grid.scale, y_grid.scale / grid.scale);
    let bounds = grid.bounds(op.fused);
    let place = |sum: i32| {
        sum.saturating_add(grid.zero_point)
            .clamp(*bounds.start(), *bounds.end())
    };
    Ok(match op.kind {
        BinaryKind::Mul => {
            let ratio = x_grid.scale * y_grid.scale / grid.scale;
            let requantizer = Requantizer::new(vec![ratio], grid, op.fused);
            store(output, pairs.map(|(x, y)| requantizer.apply(0, x * y)))
        }
        BinaryKind::Add => {
            let sum = Sum::new(x_ratio, y_ratio);
            store(output, pairs.map(|(x, y)| place(sum.apply(x, y))))
        }
        BinaryKind::Sub => {
            let sum = Sum::new(x_ratio, y_ratio);
            store(output, pairs.map(|(x, y)| place(sum.apply(x, -y))))
        }
    })
}

/// `a * a_ratio + b * b_ratio`, rounded to an integer.
enum Sum {
    Fixed { a: i32, b: i32, shift: u32 },
    Exact { a: f64, b: f64 },
}

impl Sum {
    fn new(a_ratio: f32, b_ratio: f32) -> Self {
        let fixed = |ratio: f32| (0.000_976_562_5..256.0).contains(&ratio);
        if !(fixed(a_ratio) && fixed(b_ratio)) {
            return Self::Exact {
                a: a_ratio.into(),
                b: b_ratio.into(),
            };
        }
        let exponent = exponent(a_ratio.max(b_ratio));
        let shift = u32::try_from(20 - exponent).expect("the exponent is at most 7");
        let multiplier = |ratio: f32| round(ratio * (shift as f32).exp2());
        Self::Fixed {
            a: multiplier(a_ratio),
            b: multiplier(b_ratio),
            shift,
        }
    }

    /// Of operands within -255 to 255, whose products with multipliers of at most 2^21 add up to
    /// less than 2^31.
    fn apply(&self, a: i32, b: i32) -> i32 {
        match *self {
            Self::Fixed {
                a: a_multiplier,
                b: b_multiplier,
                shift,
            } => (a * a_multiplier + b * b_multiplier + (1 << (shift - 1))) >> shift,
            Self::Exact {
                a: a_ratio,
                b: b_ratio,
            } => round_double(f64::from(a) * a_ratio + f64::from(b) * b_ratio),
        }
    }
}

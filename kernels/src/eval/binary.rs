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
use super::quantized::{Grid, Placing, Rounding, exponent, round, round_double, store};
use super::vectors::{map, zip};

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
        let fused = op.fused;
        return Ok(Data::F32(match op.kind {
            BinaryKind::Add => zip(&x, &y, |x, y| activate(fused, x + y)).into(),
            BinaryKind::Sub => zip(&x, &y, |x, y| activate(fused, x - y)).into(),
            BinaryKind::Mul => zip(&x, &y, |x, y| activate(fused, x * y)).into(),
        }));
    }
    let grid = Grid::of(output)?;
    let ((x_grid, x), (y_grid, y)) = (a.centered(|q| q)?, b.centered(|q| q)?);
    let (x, y) = (broadcast(&x, a.shape(), to), broadcast(&y, b.shape(), to));
    let ratios = [x_grid.scale / grid.scale, y_grid.scale / grid.scale];
    let place = Placing::new(grid, op.fused);
    let bytes = match op.kind {
        BinaryKind::Mul => {
            let ratio = x_grid.scale * y_grid.scale / grid.scale;
            let rounding = Rounding::new(grid, op.fused);
            zip(&x, &y, |x, y| {
                rounding.byte(i32::from(x).wrapping_mul(i32::from(y)) as f32 * ratio)
            })
        }
        BinaryKind::Add => sums(&x, &y, ratios, place),
        BinaryKind::Sub => sums(&x, &map(&y, i16::wrapping_neg), ratios, place),
    };
    Ok(store(output, bytes))
}

/// The bytes of `a * a_ratio + b * b_ratio`, rounded, of integers within -255 to 255.
fn sums(a: &[i16], b: &[i16], [a_ratio, b_ratio]: [f32; 2], place: Placing) -> Vec<u8> {
    let fixed = |ratio: f32| (0.000_976_562_5..256.0).contains(&ratio);
    if !(fixed(a_ratio) && fixed(b_ratio)) {
        let (a_ratio, b_ratio) = (f64::from(a_ratio), f64::from(b_ratio));
        return zip(a, b, |a, b| {
            place.byte(round_double(
                f64::from(a) * a_ratio + f64::from(b) * b_ratio,
            ))
        });
    }
    let exponent = exponent(a_ratio.max(b_ratio));
    let shift = u32::try_from(20 - exponent).expect("the exponent is at most 7");
    let multiplier = |ratio: f32| round(ratio * (shift as f32).exp2());
    let (a_multiplier, b_multiplier) = (multiplier(a_ratio), multiplier(b_ratio));
    let half = 1 << (shift - 1);
    // Products with multipliers of at most 2^21 add up to less than 2^31.
    zip(a, b, |a, b| {
        let a = i32::from(a).wrapping_mul(a_multiplier);
        let b = i32::from(b).wrapping_mul(b_multiplier);
        place.byte(a.wrapping_add(b).wrapping_add(half) >> shift)
    })
}

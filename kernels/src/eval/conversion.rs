//! Between floats and integers, and between quantizations.
//!
//! 8-bit integers move to another grid in fixed point, as XNNPACK does: with
//! `m = round(256 * ratio)`, `q' = clamp(floor(((q - z) m + 128) / 256) + z')`. It takes ratios from
//! 2^-8 to 2^7; outside, the value is rounded once.

use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem};
use super::quantized::{Grid, round, store};

pub(super) fn quantize(x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    let to = Grid::of(output)?;
    if x.tensor.dtype == DataType::F32 {
        let per_unit = 1.0 / to.scale;
        let nearest = |&x: &f32| {
            round(x * per_unit)
                .saturating_add(to.zero_point)
                .clamp(to.lowest, to.highest)
        };
        return Ok(store(output, x.floats()?.iter().map(nearest)));
    }
    Ok(store(output, requantized(x, to)?.into_iter()))
}

/// The integers of `x` on another grid.
pub(super) fn requantized(x: &Operand<'_>, to: Grid) -> Result<Vec<i32>, Problem> {
    let (from, centered) = x.centered()?;
    let ratio = from.scale / to.scale;
    let moved: Box<dyn Fn(i32) -> i32> = if (0.003_906_25..=128.0).contains(&ratio) {
        let multiplier = round(256.0 * ratio);
        Box::new(move |q| (q * multiplier + 128) >> 8)
    } else {
        Box::new(move |q| round(q as f32 * ratio))
    };
    let place = |q: i16| {
        moved(q.into())
            .saturating_add(to.zero_point)
            .clamp(to.lowest, to.highest)
    };
    Ok(centered.into_iter().map(place).collect())
}

pub(super) fn dequantize(x: &Operand<'_>) -> Result<Data, Problem> {
    let (grid, centered) = x.centered()?;
    let real = |q: i16| f32::from(q) * grid.scale;
    Ok(Data::F32(centered.into_iter().map(real).collect()))
}

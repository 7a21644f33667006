//! Between floats and integers, and between quantizations.
//!
//! 8-bit integers move to another grid in fixed point, as XNNPACK does: with
//! `m = round(256 * ratio)`, `q' = clamp(floor(((q - z) m + 128) / 256) + z')`. It takes ratios from
//! 2^-8 to 2^7; outside, the value is rounded once.

use std::ops::RangeInclusive;

use crate::op::Fused;
use crate::tensor::{Data, DataType, Tensor};

use super::EvalError;
use super::operand::{Operand, Problem};
use super::quantized::{Grid, Placing, round, store};
use super::vectors::map;

/// The elements of `tensor` that stand for `reals`, rounded as [`crate::Op::Quantize`] does;
/// `reals` themselves when it is a float tensor.
///
/// # Errors
///
/// [`EvalError::Input`] when `tensor` is neither of floats nor of 8-bit integers with one scale.
pub fn to_integers(tensor: &Tensor, reals: &[f32]) -> Result<Data, EvalError> {
    if tensor.dtype == DataType::F32 {
        return Ok(Data::F32(reals.into()));
    }
    let grid = Grid::of(tensor).map_err(|problem| refuse(tensor, problem))?;
    Ok(nearest(tensor, grid, reals))
}

/// The reals that elements of `tensor` stand for, as [`crate::Op::Dequantize`] computes them; the
/// elements themselves when they are floats.
///
/// # Errors
///
/// [`EvalError::Input`] when `tensor` is neither of floats nor of 8-bit integers with one scale,
/// or `data` is of another type.
pub fn to_reals(tensor: &Tensor, data: &Data) -> Result<Vec<f32>, EvalError> {
    let x = Operand::new(tensor, data);
    let reals = match tensor.dtype {
        DataType::F32 => x.floats().map(<[f32]>::to_vec),
        DataType::I8 | DataType::U8 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => {
            reals(&x)
        }
    };
    reals.map_err(|problem| refuse(tensor, problem))
}

/// The lowest and the highest element that a result in `tensor` can have under a fused activation.
///
/// # Errors
///
/// [`EvalError::Input`] when `tensor` is not of 8-bit integers with one scale.
pub fn integer_bounds(tensor: &Tensor, fused: Fused) -> Result<RangeInclusive<i32>, EvalError> {
    let grid = Grid::of(tensor).map_err(|problem| refuse(tensor, problem))?;
    Ok(grid.bounds(fused))
}

pub(super) fn quantize(x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    let to = Grid::of(output)?;
    if x.tensor.dtype == DataType::F32 {
        return Ok(nearest(output, to, x.floats()?));
    }
    Ok(store(output, requantized(x, to)?))
}

/// The integers of `x` on another grid, as their lowest bytes.
pub(super) fn requantized(x: &Operand<'_>, to: Grid) -> Result<Vec<u8>, Problem> {
    let (from, centered) = x.centered(i32::from)?;
    let ratio = from.scale / to.scale;
    let place = Placing::new(to, Fused::None);
    Ok(if (0.003_906_25..=128.0).contains(&ratio) {
        // Products are below 255 * 2^15.
        let multiplier = round(256.0 * ratio);
        let moved = |q: i32| q.wrapping_mul(multiplier).wrapping_add(128) >> 8;
        map(&centered, |q| place.byte(moved(q)))
    } else {
        map(&centered, |q| place.byte(round(q as f32 * ratio)))
    })
}

pub(super) fn dequantize(x: &Operand<'_>) -> Result<Data, Problem> {
    Ok(Data::F32(reals(x)?.into()))
}

fn nearest(tensor: &Tensor, grid: Grid, reals: &[f32]) -> Data {
    let per_unit = 1.0 / grid.scale;
    let place = Placing::new(grid, Fused::None);
    let bytes = map(reals, |x| place.byte(round(x * per_unit)));
    store(tensor, bytes)
}

fn reals(x: &Operand<'_>) -> Result<Vec<f32>, Problem> {
    let scale = Grid::of(x.tensor)?.scale;
    let (_, reals) = x.centered(|q| f32::from(q) * scale)?;
    Ok(reals)
}

fn refuse(tensor: &Tensor, Problem(found): Problem) -> EvalError {
    EvalError::Input {
        tensor: tensor.name.clone(),
        expected: "floats, or 8-bit integers with one scale".to_owned(),
        found,
    }
}

//! Elementwise functions of one operand; 8-bit ones by a table of all 256 integers.
//!
//! Sigmoid is rounded once, hard-swish as [`hard_swish`] says. ReLU and ReLU6 between two grids
//! round twice, as LiteRT's own kernel does: with the ratio of the scales `m * 2^-e` for `m` from
//! 1/2 to 1, a distance `d` of at least 0 from the zero point becomes
//! `floor(floor(d m + 1/2) / 2^e + 1/2)`; once where `e` is negative.

use crate::op::{Fused, Unary};
use crate::tensor::{Data, DataType, Tensor};

use super::hard_swish;
use super::linear::activate;
use super::operand::{Operand, Problem};
use super::quantized::{Grid, exponent, low_byte, round_double, store};
use super::vectors::map;

pub(super) fn unary(function: Unary, x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    if output.dtype == DataType::F32 {
        let results = map(x.floats()?, |x| apply(function, x));
        return Ok(Data::F32(results.into()));
    }
    let (from, to) = (Grid::of(x.tensor)?, Grid::of(output)?);
    let every = from.lowest..=from.highest;
    let once = |q: i32| to.quantize(apply(function, from.dequantize(q)));
    let table: Vec<i32> = match function {
        Unary::Relu => every
            .clone()
            .map(|q| rectify(q, from, to, Fused::Relu))
            .collect(),
        Unary::Relu6 => every
            .clone()
            .map(|q| rectify(q, from, to, Fused::Relu6))
            .collect(),
        Unary::Sigmoid => every.clone().map(once).collect(),
        Unary::HardSwish => {
            hard_swish::table(from, to).unwrap_or_else(|| every.clone().map(once).collect())
        }
    };
    // By the lowest byte of each integer.
    let mut by_byte = [0; 256];
    for (q, result) in every.zip(table) {
        by_byte[usize::from(low_byte(q))] = low_byte(result);
    }
    let bytes = x.bytes()?;
    Ok(store(
        output,
        bytes.iter().map(|&q| by_byte[usize::from(q)]).collect(),
    ))
}

fn apply(function: Unary, x: f32) -> f32 {
    match function {
        Unary::Relu => activate(Fused::Relu, x),
        Unary::Relu6 => activate(Fused::Relu6, x),
        Unary::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Unary::HardSwish => x * activate(Fused::Relu6, x + 3.0) / 6.0,
    }
}

fn rectify(q: i32, from: Grid, to: Grid, fused: Fused) -> i32 {
    let distance = f64::from((q - from.zero_point).max(0));
    let ratio = from.scale / to.scale;
    let halvings = -(exponent(ratio) + 1).min(0);
    let whole = 2_f64.powi(halvings);
    let once = (distance * f64::from(ratio) * whole + 0.5).floor();
    let twice = round_double((once / whole + 0.5).floor());
    let bounds = to.bounds(fused);
    twice
        .saturating_add(to.zero_point)
        .clamp(*bounds.start(), *bounds.end())
}

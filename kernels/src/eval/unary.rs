//! Elementwise functions of one operand; 8-bit ones by a table of all 256 integers.

use crate::op::{Fused, Unary};
use crate::tensor::{Data, DataType, Tensor};

use super::linear::activate;
use super::operand::{Operand, Problem};
use super::quantized::{Grid, store};

pub(super) fn unary(function: Unary, x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    if output.dtype == DataType::F32 {
        let results = x.floats()?.iter().map(|&x| apply(function, x));
        return Ok(Data::F32(results.collect()));
    }
    let (from, to) = (Grid::of(x.tensor)?, Grid::of(output)?);
    let table: Vec<i32> = (from.lowest..=from.highest)
        .map(|q| to.quantize(apply(function, from.dequantize(q))))
        .collect();
    let bytes = x.bytes()?;
    let row = |q: i16| usize::try_from(i32::from(q) - from.lowest).expect("within the 8-bit range");
    Ok(store(output, bytes.into_iter().map(|q| table[row(q)])))
}

fn apply(function: Unary, x: f32) -> f32 {
    match function {
        Unary::Relu => activate(Fused::Relu, x),
        Unary::Relu6 => activate(Fused::Relu6, x),
        Unary::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Unary::HardSwish => x * activate(Fused::Relu6, x + 3.0) / 6.0,
    }
}

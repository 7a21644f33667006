//! Softmax over the last dimension.
//!
//! 8-bit exponentials are read from a table of `exp(-scale * d)`, `d` the distance to the largest
//! element of the row. Halves are rounded up, as LiteRT's own kernel does.

use crate::op::Fused;
use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem};
use super::quantized::{Grid, Placing, round, store};

pub(super) fn softmax(x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    let c = *output.shape.last().expect("softmax has a dimension");
    if output.dtype == DataType::F32 {
        let rows = x.floats()?.chunks_exact(c);
        return Ok(Data::F32(rows.flat_map(softmax_row).collect()));
    }
    let (from, to) = (Grid::of(x.tensor)?, Grid::of(output)?);
    let table: Vec<f32> = (0_u8..=255)
        .map(|d| (-from.scale * f32::from(d)).exp())
        .collect();
    let (_, centered) = x.centered(|q| q)?;
    let place = Placing::new(to, Fused::None);
    let mut results = Vec::with_capacity(centered.len());
    for row in centered.chunks_exact(c) {
        let largest = row.iter().copied().max().expect("a row has elements");
        let exponential = |q: &i16| table[usize::from((largest - q).unsigned_abs())];
        let sum: f32 = row.iter().map(exponential).sum();
        let factor = 1.0 / (sum * to.scale);
        results.extend(
            row.iter()
                .map(|q| place.byte(round((exponential(q) * factor).round()))),
        );
    }
    Ok(store(output, results))
}

fn softmax_row(row: &[f32]) -> Vec<f32> {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f32> = row.iter().map(|x| (x - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.into_iter().map(|e| e / sum).collect()
}

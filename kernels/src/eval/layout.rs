//! Operators that move elements and compute nothing.

use std::borrow::Cow;

use crate::op::Slice;
use crate::tensor::{Data, DataType, Shape, Tensor};

use super::conversion::requantized;
use super::operand::{Operand, Problem};
use super::quantized::{Grid, low_byte, range, same_grid, store};

/// Applies a function generic over the element type to [`Data`].
macro_rules! of_any_type {
    ($data:expr, $values:ident => $result:expr) => {
        match $data {
            Data::F32($values) => Data::F32($result),
            Data::I8($values) => Data::I8($result),
            Data::U8($values) => Data::U8($result),
            Data::I32($values) => Data::I32($result),
            Data::I64($values) => Data::I64($result),
        }
    };
}

pub(super) use of_any_type;

pub(super) fn reshape(x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    same_grid(x, output)?;
    Ok(x.data.clone())
}

pub(super) fn transpose(
    permutation: &[usize],
    x: &Operand<'_>,
    output: &Tensor,
) -> Result<Data, Problem> {
    same_grid(x, output)?;
    let steps = row_major(x.shape());
    let walk = Walk {
        extents: output.shape.to_vec(),
        steps: permutation.iter().map(|&d| steps[d]).collect(),
        start: 0,
    };
    Ok(of_any_type!(x.data, values => walk.offsets().map(|i| values[i]).collect()))
}

pub(super) fn slice(slice: &Slice, x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    same_grid(x, output)?;
    let steps = row_major(x.shape());
    let walk = Walk {
        extents: output.shape.to_vec(),
        steps: steps
            .iter()
            .zip(&slice.stride)
            .map(|(a, b)| a * b)
            .collect(),
        start: steps.iter().zip(&slice.begin).map(|(a, b)| a * b).sum(),
    };
    Ok(of_any_type!(x.data, values => walk.offsets().map(|i| values[i]).collect()))
}

pub(super) fn pad(
    amounts: &[[usize; 2]],
    x: &Operand<'_>,
    output: &Tensor,
) -> Result<Data, Problem> {
    same_grid(x, output)?;
    let steps = row_major(&output.shape);
    let walk = Walk {
        extents: x.shape().to_vec(),
        start: steps
            .iter()
            .zip(amounts)
            .map(|(step, [before, _])| step * before)
            .sum(),
        steps,
    };
    let elements = output.shape.elements();
    if range(output.dtype).is_some() {
        let mut padded = vec![low_byte(Grid::of(output)?.zero_point); elements];
        for (offset, &q) in walk.offsets().zip(&*x.bytes()?) {
            padded[offset] = q;
        }
        return Ok(store(output, padded));
    }
    Ok(of_any_type!(x.data, values => {
        let mut padded = vec![Default::default(); elements];
        for (offset, &value) in walk.offsets().zip(&**values) {
            padded[offset] = value;
        }
        padded.into()
    }))
}

/// 8-bit operands on other grids than the result's are moved to it.
pub(super) fn concat(
    axis: usize,
    operands: &[Operand<'_>],
    output: &Tensor,
) -> Result<Data, Problem> {
    let blocks: Vec<usize> = operands
        .iter()
        .map(|x| x.shape()[axis..].iter().product())
        .collect();
    match output.dtype {
        DataType::I8 | DataType::U8 => {
            let grid = Grid::of(output)?;
            let on_grid = |x: &Operand<'_>| {
                if x.tensor.quantization == output.quantization {
                    Ok(x.bytes()?.into_owned())
                } else {
                    requantized(x, grid)
                }
            };
            let parts: Vec<Vec<u8>> = operands.iter().map(on_grid).collect::<Result<_, _>>()?;
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            Ok(store(output, interleave(&parts, &blocks)))
        }
        DataType::F32 => {
            let parts: Vec<&[f32]> = operands
                .iter()
                .map(Operand::floats)
                .collect::<Result<_, _>>()?;
            Ok(Data::F32(interleave(&parts, &blocks).into()))
        }
        DataType::I32 => {
            let parts: Vec<&[i32]> = operands
                .iter()
                .map(Operand::ints)
                .collect::<Result<_, _>>()?;
            Ok(Data::I32(interleave(&parts, &blocks).into()))
        }
        DataType::I64 | DataType::Foreign { .. } => Err(Problem(format!(
            "{} operands are not supported",
            output.dtype
        ))),
    }
}

/// `values` of shape `from` repeated to fill `to`, as NumPy broadcasts.
pub(super) fn broadcast<'a, T: Copy>(values: &'a [T], from: &Shape, to: &Shape) -> Cow<'a, [T]> {
    if from == to {
        return Cow::Borrowed(values);
    }
    let missing = to.len() - from.len();
    let steps = row_major(from);
    let step = |d: usize| match d.checked_sub(missing) {
        Some(d) if from[d] > 1 => steps[d],
        Some(_) | None => 0,
    };
    let walk = Walk {
        extents: to.to_vec(),
        steps: (0..to.len()).map(step).collect(),
        start: 0,
    };
    Cow::Owned(walk.offsets().map(|i| values[i]).collect())
}

/// One block of every part after the other, until all are used up.
fn interleave<T: Copy>(parts: &[&[T]], blocks: &[usize]) -> Vec<T> {
    let mut joined = Vec::with_capacity(parts.iter().map(|p| p.len()).sum());
    for index in 0..parts[0].len() / blocks[0] {
        for (part, &block) in parts.iter().zip(blocks) {
            joined.extend_from_slice(&part[index * block..][..block]);
        }
    }
    joined
}

/// A walk over a block of elements in row-major order.
struct Walk {
    extents: Vec<usize>,
    /// From one index to the next, per dimension.
    steps: Vec<usize>,
    start: usize,
}

impl Walk {
    fn offsets(&self) -> impl Iterator<Item = usize> {
        let total: usize = self.extents.iter().product();
        let mut at = vec![0; self.extents.len()];
        let mut offset = self.start;
        (0..total).map(move |_| {
            let current = offset;
            for d in (0..at.len()).rev() {
                at[d] += 1;
                offset += self.steps[d];
                if at[d] < self.extents[d] {
                    break;
                }
                offset -= self.steps[d] * at[d];
                at[d] = 0;
            }
            current
        })
    }
}

/// How far apart neighbors along each dimension lie.
fn row_major(shape: &Shape) -> Vec<usize> {
    let mut steps = vec![1; shape.len()];
    for d in (1..shape.len()).rev() {
        steps[d - 1] = steps[d] * shape[d];
    }
    steps
}

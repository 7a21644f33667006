//! The index of the largest element.

use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem};

pub(super) fn arg_max(axis: usize, x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    let shape = x.shape();
    let extent = shape[axis];
    let inner: usize = shape[axis + 1..].iter().product();
    let indices = match x.data {
        Data::F32(values) => largest(values, extent, inner),
        Data::I8(values) => largest(values, extent, inner),
        Data::U8(values) => largest(values, extent, inner),
        Data::I32(values) => largest(values, extent, inner),
        Data::I64(values) => largest(values, extent, inner),
    }?;
    Ok(if output.dtype == DataType::I64 {
        Data::I64(indices.into_iter().map(i64::from).collect())
    } else {
        Data::I32(indices.into())
    })
}

/// Along a dimension of `extent` elements that lie `inner` apart; the lowest index at a tie.
fn largest<T: Copy + PartialOrd>(
    values: &[T],
    extent: usize,
    inner: usize,
) -> Result<Vec<i32>, Problem> {
    let mut results = Vec::with_capacity(values.len() / extent);
    for block in values.chunks_exact(extent * inner) {
        for first in 0..inner {
            let mut best = 0;
            for index in 1..extent {
                if block[first + index * inner] > block[first + best * inner] {
                    best = index;
                }
            }
            let index = i32::try_from(best);
            results.push(index.map_err(|_| Problem(format!("index {best} does not fit i32")))?);
        }
    }
    Ok(results)
}

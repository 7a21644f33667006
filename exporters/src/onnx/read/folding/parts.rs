//! Parts of small constants, and constants laid end to end.

use kernels::DataType;

use super::super::moves::within;
use super::super::numbers::{NUMBERS_MAX, Numbers};
use super::super::operator::{Operator, dimension};
use super::super::raise::Raising;
use super::{Folded, small, whole};
use crate::ReadError;

pub(super) fn gather<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let (data, indices) = (small(raising, operator, 0)?, small(raising, operator, 1)?);
    let Some((data, indices)) = data.zip(indices) else {
        return Ok(None);
    };
    let Numbers::Whole(positions) = indices.numbers else {
        return Ok(None);
    };
    let shape = data.value.shape();
    let axis = dimension(operator.int("axis", 0), shape.len())?;
    let positions = positions.iter().map(|&i| dimension(i, shape[axis]));
    let positions: Vec<usize> = positions.collect::<Result<_, _>>()?;
    let outer: usize = shape[..axis].iter().product();
    let inner: usize = shape[axis + 1..].iter().product();
    if outer.saturating_mul(inner).saturating_mul(positions.len()) > NUMBERS_MAX {
        return Ok(None);
    }
    let places = (0..outer).flat_map(|o| {
        let row = o * shape[axis];
        let of = move |&p: &usize| (0..inner).map(move |i| (row + p) * inner + i);
        positions.iter().flat_map(of).collect::<Vec<_>>()
    });
    Ok(Some(Folded {
        shape: [&shape[..axis], &indices.value.shape(), &shape[axis + 1..]].concat(),
        dtype: data.value.dtype,
        numbers: Some(data.numbers.at(places)),
    }))
}

/// Rows laid end to end.
pub(super) fn concat<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let mut all = Vec::new();
    let mut dtype = DataType::I64;
    for index in 0..operator.node.input.len() {
        let Some(part) = small(raising, operator, index)? else {
            return Ok(None);
        };
        let Numbers::Whole(numbers) = part.numbers else {
            return Ok(None);
        };
        if part.value.rank() != 1 {
            return Ok(None);
        }
        dtype = part.value.dtype;
        all.extend(numbers);
        if all.len() > NUMBERS_MAX {
            return Ok(None);
        }
    }
    let folded = whole(vec![all.len()], all);
    Ok(Some(Folded { dtype, ..folded }))
}

/// A part of a row, backwards too.
pub(super) fn slice<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let Some(data) = small(raising, operator, 0)?.filter(|data| data.value.rank() == 1) else {
        return Ok(None);
    };
    let number = |index: usize, attribute: &str| -> Result<Option<i64>, ReadError> {
        if operator.opset < 10 {
            return Ok(operator.ints(attribute).and_then(|v| v.first().copied()));
        }
        let value = raising.optional(operator, index)?;
        let numbers = value.and_then(|value| raising.whole(&value));
        Ok(numbers.and_then(|numbers| numbers.first().copied()))
    };
    let Some((start, end)) = number(1, "starts")?.zip(number(2, "ends")?) else {
        return Ok(None);
    };
    let step = number(4, "steps")?.unwrap_or(1);
    let extent = data.numbers.len();
    let places: Vec<usize> = if step > 0 {
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        let (begin, end) = (within(start, extent), within(end, extent));
        (begin..end).step_by(step).collect()
    } else if step < 0 {
        let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
        // Backwards from the start, which is taken, to the end, which is not; both may lie before the
        // first.
        let behind = |index: i64| match usize::try_from(index) {
            Ok(index) => index.saturating_add(1).min(extent),
            Err(_) => within(index, extent + 1),
        };
        (behind(end)..behind(start)).rev().step_by(step).collect()
    } else {
        return Err(ReadError::malformed("a step that is not 0", 0));
    };
    Ok(Some(Folded {
        shape: vec![places.len()],
        dtype: data.value.dtype,
        numbers: Some(data.numbers.at(places.into_iter())),
    }))
}

//! Operators that move elements: reshapes, slices, padding, resizing.

use kernels::Op;
use kernels::op::{Coordinates, Resize, ResizeMode, Slice};

use super::model::Operator;
use super::operators::{Attributes, Plan, Step, dimension, first, operand, result};
use super::raise::Raising;
use crate::ReadError;
use crate::tflite::schema::{Builtin, field};

/// The shape that the file stores for the result is taken; an operand may not know it yet.
pub(super) fn reshape(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let x = first(raising, operator)?;
    let y = result(raising, operator)?;
    let shape = raising.graph[y].shape.to_vec();
    Ok(Some((x, vec![Step::moving(Op::Reshape { shape })])))
}

/// Height and width are those that the file stores for the result.
pub(super) fn resize(
    raising: &mut Raising<'_, '_>,
    operator: &Operator<'_, '_>,
    mode: ResizeMode,
) -> Plan {
    let (code, align_corners, half_pixel) = match mode {
        ResizeMode::Bilinear => (
            Builtin::ResizeBilinear,
            field::resize_bilinear::ALIGN_CORNERS,
            field::resize_bilinear::HALF_PIXEL,
        ),
        ResizeMode::Nearest => (
            Builtin::ResizeNearestNeighbor,
            field::resize_nearest::ALIGN_CORNERS,
            field::resize_nearest::HALF_PIXEL,
        ),
    };
    let attributes = Attributes::of(operator, code)?;
    let flags = [
        attributes.flag(align_corners)?,
        attributes.flag(half_pixel)?,
    ];
    let coordinates = match flags {
        [false, false] => Coordinates::Asymmetric,
        [false, true] => Coordinates::HalfPixel,
        [true, false] => Coordinates::AlignCorners,
        [true, true] => {
            let expected = "either align_corners or half_pixel_centers";
            return Err(ReadError::malformed(expected, "both"));
        }
    };
    let x = first(raising, operator)?;
    let y = result(raising, operator)?;
    let Some([_, height, width, _]) = raising.graph[y].shape.nhwc() else {
        return Ok(None);
    };
    let op = Op::Resize(Resize {
        mode,
        coordinates,
        size: [height, width],
    });
    Ok(Some((x, vec![Step::moving(op)])))
}

pub(super) fn pad(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let x = first(raising, operator)?;
    let Some(amounts) = raising.integers(operand(operator, 1)?)? else {
        return Ok(None);
    };
    let (pairs, rest) = amounts.as_chunks::<2>();
    let rank = raising.graph[x].shape.len();
    if pairs.len() != rank || !rest.is_empty() {
        let expected = format!("{rank} pairs of amounts");
        return Err(ReadError::malformed(expected, amounts.len()));
    }
    let amounts: Result<_, _> = pairs
        .iter()
        .map(|&[before, after]| Ok([amount(before)?, amount(after)?]))
        .collect();
    Ok(Some((x, vec![Step::moving(Op::Pad { amounts: amounts? })])))
}

pub(super) fn transpose(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let x = first(raising, operator)?;
    let Some(order) = raising.integers(operand(operator, 1)?)? else {
        return Ok(None);
    };
    let rank = raising.graph[x].shape.len();
    let permutation = order.iter().map(|&d| dimension(d, rank));
    let permutation = permutation.collect::<Result<_, _>>()?;
    Ok(Some((x, vec![Step::moving(Op::Transpose { permutation })])))
}

pub(super) fn slice(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let x = first(raising, operator)?;
    let begin = raising.integers(operand(operator, 1)?)?;
    let size = raising.integers(operand(operator, 2)?)?;
    let Some((begin, size)) = begin.zip(size) else {
        return Ok(None);
    };
    let shape = &raising.graph[x].shape;
    let mut slice = whole(shape);
    one_per_dimension(shape.len(), [begin.len(), size.len()])?;
    for d in 0..shape.len() {
        slice.begin[d] = amount(begin[d])?;
        if size[d] != -1 {
            slice.end[d] = slice.begin[d].saturating_add(amount(size[d])?);
        }
    }
    Ok(Some((x, vec![Step::moving(Op::Slice(slice))])))
}

/// A slice with positive strides; a dimension that it takes one index of and drops is dropped by a
/// reshape. One that adds dimensions or runs backwards is foreign.
pub(super) fn strided_slice(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    use field::strided_slice as f;
    let attributes = Attributes::of(operator, Builtin::StridedSlice)?;
    let mask = |slot| attributes.i32(slot);
    let x = first(raising, operator)?;
    let y = result(raising, operator)?;
    let begin = raising.integers(operand(operator, 1)?)?;
    let end = raising.integers(operand(operator, 2)?)?;
    let stride = raising.integers(operand(operator, 3)?)?;
    let Some(((begin, end), stride)) = begin.zip(end).zip(stride) else {
        return Ok(None);
    };
    let shape = &raising.graph[x].shape;
    let rank = shape.len();
    let foreign = mask(f::ELLIPSIS_MASK)? != 0
        || mask(f::NEW_AXIS_MASK)? != 0
        || attributes.flag(f::OFFSET)?
        || stride.iter().any(|&s| s < 1)
        || rank > 32
        || begin.len() != rank;
    if foreign {
        return Ok(None);
    }
    one_per_dimension(rank, [end.len(), stride.len()])?;
    let shrunk = mask(f::SHRINK_AXIS_MASK)?;
    let (from_first, to_last) = (mask(f::BEGIN_MASK)?, mask(f::END_MASK)?);
    let mut slice = whole(shape);
    for d in 0..rank {
        let is_set = |mask: i32| mask >> d & 1 == 1;
        slice.stride[d] = amount(stride[d])?;
        if is_set(shrunk) || !is_set(from_first) {
            slice.begin[d] = within(begin[d], shape[d]);
        }
        if is_set(shrunk) {
            slice.end[d] = slice.begin[d] + 1;
        } else if !is_set(to_last) {
            slice.end[d] = within(end[d], shape[d]);
        }
    }
    let mut steps = vec![Step::moving(Op::Slice(slice))];
    if shrunk != 0 {
        let shape = raising.graph[y].shape.to_vec();
        steps.push(Step::moving(Op::Reshape { shape }));
    }
    Ok(Some((x, steps)))
}

fn whole(shape: &[usize]) -> Slice {
    Slice {
        begin: vec![0; shape.len()],
        end: shape.to_vec(),
        stride: vec![1; shape.len()],
    }
}

/// An index counted from the front, or from the back when it is negative, at most `extent`.
fn within(index: i64, extent: usize) -> usize {
    match usize::try_from(index) {
        Ok(index) => index.min(extent),
        Err(_) => {
            let back = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
            extent.saturating_sub(back)
        }
    }
}

fn one_per_dimension(rank: usize, lengths: [usize; 2]) -> Result<(), ReadError> {
    match lengths.into_iter().find(|&length| length != rank) {
        Some(length) => Err(ReadError::malformed(format!("{rank} numbers"), length)),
        None => Ok(()),
    }
}

/// A number of elements, within what a dimension can be.
fn amount(number: i64) -> Result<usize, ReadError> {
    i32::try_from(number)
        .ok()
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| ReadError::malformed("a number of 0 to 2147483647", number))
}

//! Operators that change how values are seen and move nothing: reshapes and transposes of any kind.

use super::operator::{Operator, amount, dimension};
use super::raise::{Base, Raising, Value};
use super::view::{View, in_order};
use crate::ReadError;

impl<'f> Raising<'f, '_> {
    /// A value under another shape of as many elements. Only where memory cannot be cut that way
    /// is it moved first.
    pub(super) fn reshaped(
        &mut self,
        x: &Value<'f>,
        shape: &[usize],
    ) -> Result<Value<'f>, ReadError> {
        let elements = |shape: &[usize]| shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
        super::types::countable(shape, 1)?;
        let own = x.shape();
        if elements(&own) != elements(shape) {
            let expected = format!("a shape of as many elements as {own:?}");
            return Err(ReadError::malformed(expected, format!("{shape:?}")));
        }
        if own == shape {
            return Ok(x.clone());
        }
        if let Some(view) = x.view.reshaped(shape) {
            let reals = match &x.reals {
                None => Some(None),
                Some(reals) => match reals.axis {
                    None => Some(Some(reals.clone())),
                    Some(axis) => same_dimension(&own, axis, shape).map(|axis| {
                        Some(kernels::Quantization {
                            axis: Some(axis),
                            ..reals.clone()
                        })
                    }),
                },
            };
            if let Some(reals) = reals {
                return Ok(Value {
                    view,
                    reals,
                    ..x.clone()
                });
            }
        }
        let order = in_order(x.rank());
        let id = self.real(x, &order)?;
        let moved = self.value(id, &order);
        let view = moved
            .view
            .reshaped(shape)
            .unwrap_or_else(|| View::plain(shape));
        Ok(Value {
            name: x.name,
            view,
            ..moved
        })
    }

    /// A value with its dimensions reordered.
    pub(super) fn transposed(
        &mut self,
        x: &Value<'f>,
        permutation: &[usize],
    ) -> Result<Value<'f>, ReadError> {
        let mut sorted = permutation.to_vec();
        sorted.sort_unstable();
        if sorted != in_order(x.rank()) {
            let expected = format!("each of {} dimensions once", x.rank());
            return Err(ReadError::malformed(expected, format!("{permutation:?}")));
        }
        let reals = x.reals.clone().map(|reals| kernels::Quantization {
            axis: reals.axis.map(|axis| super::position(permutation, axis)),
            ..reals
        });
        let view = x.view.transposed(permutation);
        Ok(Value {
            view,
            reals,
            ..x.clone()
        })
    }
}

/// The dimension of `shape` that a reshape leaves as dimension `axis` of `own` is.
fn same_dimension(own: &[usize], axis: usize, shape: &[usize]) -> Option<usize> {
    let outer: usize = own[..axis].iter().product();
    let mut reached = 1;
    shape.iter().position(|&extent| {
        let is_same = reached == outer && extent == own[axis];
        reached *= extent;
        is_same
    })
}

/// Defines the result of a node that is a view of its first operand.
fn seen<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    value: Value<'f>,
) -> Result<bool, ReadError> {
    raising.define(operator.result()?, value)?;
    Ok(true)
}

/// The operand itself, under another name.
pub(super) fn identity<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    if raising.file.reads_more_results(operator) {
        return Ok(false);
    }
    seen(raising, operator, x)
}

/// A conversion to the type that the operand has.
pub(super) fn cast<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let (to, _) = super::types::element_type(operator.int("to", 0))?;
    if x.real_type() != to {
        return Ok(false);
    }
    if let Base::Tensor(id) = x.base {
        raising.rename_last(id, operator.result()?);
    }
    seen(raising, operator, x)
}

pub(super) fn reshape<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let wanted = raising.operand(operator, 1)?;
    let Some(wanted) = raising.whole(&wanted) else {
        return Ok(false);
    };
    if x.is_empty() {
        return Ok(false);
    }
    let own = x.shape();
    let keeps_zero = operator.int("allowzero", 0) == 0;
    let mut shape = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (dim, &extent) in wanted.iter().enumerate() {
        shape.push(match extent {
            0 if keeps_zero => own.get(dim).copied().unwrap_or(0),
            -1 if open.is_none() => {
                open = Some(dim);
                1
            }
            _ => amount(extent, "an extent")?,
        });
    }
    if let Some(open) = open {
        let total: usize = own.iter().product();
        let others = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
        shape[open] = others
            .and_then(|others| total.checked_div(others))
            .unwrap_or(0);
    }
    let value = raising.reshaped(&x, &shape)?;
    seen(raising, operator, value)
}

pub(super) fn flatten<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let axis = operator.int("axis", 1);
    let rank = x.rank();
    // One behind the last dimension is allowed.
    let axis = match usize::try_from(axis) {
        Ok(axis) if axis <= rank => axis,
        Ok(_) | Err(_) => dimension(axis, rank)?,
    };
    let (rows, columns) = (x.shape()[..axis].to_vec(), x.shape()[axis..].to_vec());
    let shape = [rows.iter().product(), columns.iter().product()];
    let value = raising.reshaped(&x, &shape)?;
    seen(raising, operator, value)
}

/// The axes of an operator, among its attributes before `opset` and its operands from then on;
/// nothing where they are computed, and an empty list where there are none.
pub(super) fn axes<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    opset: i64,
) -> Result<Option<Vec<i64>>, ReadError> {
    if operator.opset < opset {
        return Ok(Some(operator.ints("axes").unwrap_or_default().to_vec()));
    }
    match raising.optional(operator, 1)? {
        None => Ok(Some(Vec::new())),
        Some(axes) => Ok(raising.whole(&axes)),
    }
}

pub(super) fn squeeze<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let Some(axes) = axes(raising, operator, 13)? else {
        return Ok(false);
    };
    let shape = x.shape();
    let mut drops: Vec<bool> = shape.iter().map(|&d| axes.is_empty() && d == 1).collect();
    for axis in axes {
        let dim = dimension(axis, shape.len())?;
        drops[dim] = true;
    }
    let mut drops = drops.into_iter();
    let mut kept = shape;
    kept.retain(|_| !drops.next().unwrap_or(false));
    let value = raising.reshaped(&x, &kept)?;
    seen(raising, operator, value)
}

pub(super) fn unsqueeze<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let Some(axes) = axes(raising, operator, 13)? else {
        return Ok(false);
    };
    let rank = x.rank() + axes.len();
    let mut added = vec![false; rank];
    for &axis in &axes {
        let dim = dimension(axis, rank)?;
        if std::mem::replace(&mut added[dim], true) {
            let found = format!("{axes:?}");
            return Err(ReadError::malformed("each axis once", found));
        }
    }
    let own = x.shape();
    let mut own = own.into_iter();
    let shape = added
        .iter()
        .map(|&added| if added { Some(1) } else { own.next() });
    let shape: Vec<usize> = shape.map(|extent| extent.unwrap_or(1)).collect();
    let value = raising.reshaped(&x, &shape)?;
    seen(raising, operator, value)
}

pub(super) fn transpose<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let permutation = match operator.amounts("perm")? {
        Some(permutation) => permutation,
        None => (0..x.rank()).rev().collect(),
    };
    let value = raising.transposed(&x, &permutation)?;
    seen(raising, operator, value)
}

/// An image whose channels become blocks of pixels, or the other way round.
pub(super) fn depth_and_space<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    to_space: bool,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let block = amount(operator.int("blocksize", 0), "blocksize")?;
    let &[n, c, h, w] = x.shape().as_slice() else {
        return Ok(false);
    };
    let divides = |extent: usize, by: usize| by > 0 && extent.is_multiple_of(by);
    let area = block * block;
    let depth_first = operator.text("mode", "DCR") == "DCR";
    let fits = if to_space {
        divides(c, area)
    } else {
        divides(h, block) && divides(w, block)
    };
    if !fits || x.is_empty() {
        let expected = "extents that the block divides";
        return Err(ReadError::malformed(expected, format!("{:?}", x.shape())));
    }
    let (cut, permutation, shape) = if !to_space {
        let cut = [n, c, h / block, block, w / block, block];
        (cut, [0, 3, 5, 1, 2, 4], [n, c * area, h / block, w / block])
    } else if depth_first {
        let cut = [n, block, block, c / area, h, w];
        (cut, [0, 3, 4, 1, 5, 2], [n, c / area, h * block, w * block])
    } else {
        let cut = [n, c / area, block, block, h, w];
        (cut, [0, 1, 4, 2, 5, 3], [n, c / area, h * block, w * block])
    };
    let value = raising.reshaped(&x, &cut)?;
    let value = raising.transposed(&value, &permutation)?;
    let value = raising.reshaped(&value, &shape)?;
    seen(raising, operator, value)
}

//! Operators that take the place of a dimension: the index of the largest element, means.

use kernels::{DataType, Op, TensorId};

use super::operator::{Operator, dimension};
use super::raise::{Outcome, Raising};
use super::types::code;
use super::view::{channels_last, in_order};
use crate::ReadError;

/// The index of the largest element, the first at a tie, without its dimension or with it.
pub(super) fn arg_max<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    if operator.int("select_last_index", 0) != 0 || x.rank() == 0 {
        return Ok(false);
    }
    let axis = dimension(operator.int("axis", 0), x.rank())?;
    let mut shape = x.shape();
    let order = raising.order(&x);
    // The order of integers is that of the reals they stand for.
    let from = raising.stored(&x, &order)?;
    let name = operator.result()?;
    let narrowed = raising.behind_views(operator);
    let narrowed = narrowed.is_some_and(|next| next.is("Cast") && next.int("to", 0) == code::INT32);
    let dtype = if narrowed {
        DataType::I32
    } else {
        DataType::I64
    };
    let op = Op::ArgMax {
        axis: super::position(&order, axis),
    };
    let id = raising.push_index(&operator.kind(), op, from, name, dtype)?;
    let rest: Vec<usize> = order.iter().filter(|&&d| d != axis).copied().collect();
    let lower = |d: usize| if d > axis { d - 1 } else { d };
    let order: Vec<usize> = rest.iter().map(|&d| lower(d)).collect();
    let mut value = raising.value(id, &order);
    if operator.int("keepdims", 1) != 0 {
        shape[axis] = 1;
        value = raising.reshaped(&value, &shape)?;
    }
    raising.define(name, value)?;
    Ok(true)
}

/// A mean over height and width; other means are foreign.
pub(super) fn reduce_mean<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let Some(axes) = super::views::axes(raising, operator, 18)? else {
        return Ok(false);
    };
    let rank = x.rank();
    let axes = axes.iter().map(|&axis| dimension(axis, rank));
    let mut axes: Vec<usize> = axes.collect::<Result<_, _>>()?;
    axes.sort_unstable();
    let order = match (rank, axes.as_slice()) {
        (4, [2, 3]) => channels_last(4),
        (4, [1, 2]) => in_order(4),
        _ => return Ok(false),
    };
    let plan = raising.plan(operator, &[&x])?;
    let from = raising.taken(&x, &order, plan.arithmetic)?;
    let keep_dims = operator.int("keepdims", 1) != 0;
    let op = Op::GlobalAveragePool { keep_dims };
    let id = raising.push(&operator.kind(), op, vec![from], &plan.outcome)?;
    let value = if keep_dims {
        raising.value(id, &order)
    } else {
        raising.value(id, &[0, 1])
    };
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

impl<'f> Raising<'f, '_> {
    /// Adds the search for an index, of 32 or 64 bits.
    fn push_index(
        &mut self,
        kind: &str,
        op: Op,
        from: TensorId,
        name: &'f str,
        dtype: DataType,
    ) -> Result<TensorId, ReadError> {
        let outcome = Outcome {
            name,
            quantization: None,
        };
        let id = self.push(kind, op, vec![from], &outcome)?;
        self.graph.tensors[id.index()].dtype = dtype;
        Ok(id)
    }
}

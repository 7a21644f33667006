//! Operators that lay values beside each other: concatenations and zeros around them.

use kernels::{DataType, Op};

use super::operator::{Operator, amount, dimension};
use super::raise::{Raising, Value};
use crate::ReadError;

pub(super) fn concat<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let operands = raising.operands(operator)?;
    // Empty parts, as of a cache before the first step, add nothing.
    let parts: Vec<&Value<'f>> = operands.iter().filter(|x| !x.is_empty()).collect();
    let Some(&leader) = parts.iter().find(|x| !x.is_constant()).or(parts.first()) else {
        return Ok(false);
    };
    if parts.iter().any(|x| x.rank() != leader.rank()) {
        let expected = "operands of as many dimensions";
        let ranks: Vec<usize> = parts.iter().map(|x| x.rank()).collect();
        return Err(ReadError::malformed(expected, format!("{ranks:?}")));
    }
    let axis = dimension(operator.int("axis", 1), leader.rank())?;
    let plan = raising.plan(operator, &parts)?;
    let order = raising.order(leader);
    let inputs = parts
        .iter()
        .map(|x| raising.taken(x, &order, plan.arithmetic));
    let inputs = inputs.collect::<Result<_, _>>()?;
    let op = Op::Concat {
        axis: super::position(&order, axis),
    };
    let id = raising.push(&operator.kind(), op, inputs, &plan.outcome)?;
    let value = raising.value(id, &order);
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

/// `QLinearConcat`: the scale and zero point of the result, then each operand with its own.
pub(super) fn quantized_concat<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let Some(outcome) = raising.stated_outcome(operator, 0)? else {
        return Ok(false);
    };
    let mut operands = Vec::new();
    for at in (2..operator.node.input.len()).step_by(3) {
        match raising.integers(operator, at, 0)? {
            Some(value) => operands.push(value),
            None => return Ok(false),
        }
    }
    let Some(leader) = operands.iter().find(|x| !x.is_constant()) else {
        return Ok(false);
    };
    if operands.iter().any(|x| x.rank() != leader.rank()) {
        return Err(ReadError::malformed(
            "operands of as many dimensions",
            "others",
        ));
    }
    let axis = dimension(operator.int("axis", 1), leader.rank())?;
    let order = raising.order(leader);
    let inputs = operands.iter().map(|x| raising.stored(x, &order));
    let inputs = inputs.collect::<Result<_, _>>()?;
    let op = Op::Concat {
        axis: super::position(&order, axis),
    };
    let id = raising.push(&operator.kind(), op, inputs, &outcome)?;
    let value = raising.value(id, &order);
    raising.define(outcome.name, value)?;
    Ok(true)
}

/// Zeros around a value; other paddings are foreign.
pub(super) fn pad<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let Some(amounts) = amounts(raising, operator, x.rank())? else {
        return Ok(false);
    };
    if x.real_type() != DataType::F32 && matches!(x.dtype, DataType::I8 | DataType::U8) {
        return Ok(false);
    }
    let plan = raising.plan(operator, &[&x])?;
    let order = raising.order(&x);
    let from = raising.taken(&x, &order, plan.arithmetic)?;
    let op = Op::Pad {
        amounts: order.iter().map(|&d| amounts[d]).collect(),
    };
    let id = raising.push_keeping(&operator.kind(), op, from, &plan)?;
    let value = raising.value(id, &order);
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

/// The zeros before and after each dimension; nothing where a `Pad` is of something else.
fn amounts<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    rank: usize,
) -> Result<Option<Vec<[usize; 2]>>, ReadError> {
    if operator.text("mode", "constant") != "constant" || operator.operand(3).is_some() {
        return Ok(None);
    }
    let (numbers, zero) = if operator.opset < 11 {
        let zero = operator.float("value", 0.0) == 0.0;
        (operator.ints("pads").map(<[i64]>::to_vec), zero)
    } else {
        let numbers = raising.operand(operator, 1)?;
        let zero = match raising.optional(operator, 2)? {
            None => true,
            Some(value) => raising.floats(&value).is_some_and(|v| v == [0.0]),
        };
        (raising.whole(&numbers), zero)
    };
    let Some(numbers) = numbers.filter(|_| zero) else {
        return Ok(None);
    };
    if numbers.iter().any(|&n| n < 0) {
        return Ok(None);
    }
    if numbers.len() != 2 * rank {
        let expected = format!("{} amounts", 2 * rank);
        return Err(ReadError::malformed(expected, numbers.len()));
    }
    let pairs = (0..rank).map(|d| {
        let ends = [numbers[d], numbers[d + rank]].map(|n| amount(n, "an amount"));
        let [before, after] = ends;
        Ok([before?, after?])
    });
    pairs.collect::<Result<_, _>>().map(Some)
}

//! Operators that take parts of values: slices, splits, gathers.

use kernels::op::Slice;
use kernels::{DataType, Op, Tensor, TensorId};

use super::constants::Constant;
use super::operator::{Operator, amount, dimension};
use super::plan::{Arithmetic, Plan};
use super::raise::{Outcome, Raising, Value};
use crate::ReadError;

impl<'f> Raising<'f, '_> {
    /// An operator of one operand whose integers the vocabulary keeps as they are; a result of other
    /// integers is quantized again behind it.
    pub(super) fn push_keeping(
        &mut self,
        kind: &str,
        op: Op,
        from: TensorId,
        plan: &Plan<'f>,
    ) -> Result<TensorId, ReadError> {
        let Tensor {
            dtype,
            quantization,
            ..
        } = &self.graph[from];
        let own = quantization
            .clone()
            .map(|quantization| (*dtype, quantization));
        if plan.arithmetic != Arithmetic::Quantized || plan.outcome.quantization == own {
            return self.push(kind, op, vec![from], &plan.outcome);
        }
        let kept = self.between(kind, op, from, plan)?;
        self.push(kind, Op::Quantize, vec![kept], &plan.outcome)
    }

    /// A result on the way to that of a node, of the type and quantization of the operand.
    pub(super) fn between(
        &mut self,
        kind: &str,
        op: Op,
        from: TensorId,
        plan: &Plan<'f>,
    ) -> Result<TensorId, ReadError> {
        let Tensor {
            dtype,
            quantization,
            ..
        } = &self.graph[from];
        let quantization = quantization
            .clone()
            .map(|quantization| (*dtype, quantization));
        let wanted = format!("{}/{}", plan.outcome.name, op.name());
        self.push_as(kind, op, vec![from], &wanted, quantization)
    }

    /// Defines a result without elements, which no tensor of the graph is.
    fn nothing(
        &mut self,
        name: &'f str,
        dtype: DataType,
        shape: Vec<usize>,
    ) -> Result<(), ReadError> {
        let value = self.constant(Constant::made(name, dtype, shape, None));
        self.define(name, value)
    }

    /// Moves the elements of a value, integers as integers, by what `op` says of its dimensions in
    /// their order, and defines the result.
    fn moves(
        &mut self,
        kind: &str,
        name: &'f str,
        x: &Value<'f>,
        op: impl FnOnce(&[usize]) -> Op,
    ) -> Result<(), ReadError> {
        let order = self.order(x);
        let stored = self.stored(x, &order)?;
        let own = &self.graph[stored];
        let quantization = own.quantization.clone();
        let outcome = Outcome {
            name,
            quantization: quantization.map(|quantization| (own.dtype, quantization)),
        };
        let id = self.push(kind, op(&order), vec![stored], &outcome)?;
        let value = Value {
            reals: x.reals.clone(),
            ..self.value(id, &order)
        };
        self.define(name, value)
    }

    /// How a value lies that was defined last, to define it again.
    fn take_back(
        &mut self,
        name: &'f str,
        operator: &Operator<'f>,
    ) -> Result<Value<'f>, ReadError> {
        self.forget(name)
            .ok_or_else(|| ReadError::malformed("a result", operator.kind()))
    }
}

pub(super) fn slice<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let Some(slice) = wanted_slice(raising, operator, &x)? else {
        return Ok(false);
    };
    cut(raising, &operator.kind(), operator.result()?, &x, &slice)?;
    Ok(true)
}

/// A part of a value: the value itself where that is all of it.
fn cut<'f>(
    raising: &mut Raising<'f, '_>,
    kind: &str,
    name: &'f str,
    x: &Value<'f>,
    slice: &Slice,
) -> Result<(), ReadError> {
    if *slice == whole(&x.shape()) {
        return raising.define(name, x.clone());
    }
    if slice
        .begin
        .iter()
        .zip(&slice.end)
        .any(|(begin, end)| begin >= end)
    {
        let extents = slice.begin.iter().zip(&slice.end).zip(&slice.stride);
        let shape =
            extents.map(|((begin, end), stride)| end.saturating_sub(*begin).div_ceil(*stride));
        return raising.nothing(name, x.real_type(), shape.collect());
    }
    raising.moves(kind, name, x, |order| {
        let in_order = |values: &[usize]| order.iter().map(|&d| values[d]).collect();
        Op::Slice(Slice {
            begin: in_order(&slice.begin),
            end: in_order(&slice.end),
            stride: in_order(&slice.stride),
        })
    })
}

fn whole(shape: &[usize]) -> Slice {
    Slice {
        begin: vec![0; shape.len()],
        end: shape.to_vec(),
        stride: vec![1; shape.len()],
    }
}

/// What a `Slice` takes; nothing where that is computed, runs backwards or is quantized per
/// channel.
fn wanted_slice<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
) -> Result<Option<Slice>, ReadError> {
    if x.is_constant() && x.reals.as_ref().is_some_and(|q| q.axis.is_some()) {
        return Ok(None);
    }
    let numbers = |index: usize, attribute: &str| -> Result<Option<Vec<i64>>, ReadError> {
        if operator.opset < 10 {
            return Ok(operator.ints(attribute).map(<[i64]>::to_vec));
        }
        let value = raising.optional(operator, index)?;
        Ok(value.and_then(|value| raising.whole(&value)))
    };
    let known = |index: usize| operator.opset < 10 || operator.operand(index).is_none();
    let (starts, ends) = (numbers(1, "starts")?, numbers(2, "ends")?);
    let (axes, steps) = (numbers(3, "axes")?, numbers(4, "steps")?);
    let Some((starts, ends)) = starts.zip(ends) else {
        return Ok(None);
    };
    if axes.is_none() && !known(3) || steps.is_none() && !known(4) {
        return Ok(None);
    }
    let axes = match axes {
        Some(axes) => axes,
        None => (0..).take(starts.len()).collect(),
    };
    let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
    for length in [ends.len(), axes.len(), steps.len()] {
        if length != starts.len() {
            return Err(ReadError::malformed(
                format!("{} numbers", starts.len()),
                length,
            ));
        }
    }
    let shape = x.shape();
    let mut slice = whole(&shape);
    for index in 0..starts.len() {
        let dim = dimension(axes[index], shape.len())?;
        if steps[index] < 1 {
            return Ok(None);
        }
        slice.stride[dim] = usize::try_from(steps[index]).unwrap_or(usize::MAX);
        slice.begin[dim] = within(starts[index], shape[dim]);
        slice.end[dim] = within(ends[index], shape[dim]);
    }
    Ok(Some(slice))
}

/// An index counted from the front, or from the back when it is negative, at most `extent`.
pub(super) fn within(index: i64, extent: usize) -> usize {
    match usize::try_from(index) {
        Ok(index) => index.min(extent),
        Err(_) => {
            let back = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
            extent.saturating_sub(back)
        }
    }
}

/// A slice per result.
pub(super) fn split<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let axis = dimension(operator.int("axis", 0), x.rank())?;
    let extent = x.view.extent(axis);
    let count = operator.node.output.len();
    let stated = if operator.opset < 13 {
        operator.amounts("split")?
    } else {
        match raising.optional(operator, 1)? {
            None => None,
            Some(value) => match raising.whole(&value) {
                None => return Ok(false),
                Some(parts) => {
                    let parts = parts.iter().map(|&part| amount(part, "a part"));
                    Some(parts.collect::<Result<_, _>>()?)
                }
            },
        }
    };
    let part = extent.div_ceil(count.max(1));
    let parts = stated.unwrap_or_else(|| {
        let begin = |index: usize| (index * part).min(extent);
        (0..count).map(|i| begin(i + 1) - begin(i)).collect()
    });
    if parts.len() != count || parts.iter().sum::<usize>() != extent {
        let expected = format!("{count} parts of {extent} elements");
        return Err(ReadError::malformed(expected, format!("{parts:?}")));
    }
    let mut begin = 0;
    for (name, part) in operator.node.output.iter().zip(parts) {
        let mut slice = whole(&x.shape());
        slice.begin[axis] = begin;
        begin += part;
        slice.end[axis] = begin;
        if !name.is_empty() {
            cut(raising, &operator.kind(), name, &x, &slice)?;
        }
    }
    Ok(true)
}

/// One index of a dimension, which is then dropped, or a run of them; other gathers are foreign.
pub(super) fn gather<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let indices = raising.operand(operator, 1)?;
    let axis = dimension(operator.int("axis", 0), x.rank())?;
    let extent = x.view.extent(axis);
    let per_channel = x.reals.as_ref().is_some_and(|q| q.axis.is_some());
    let Some(found) = raising.whole(&indices).filter(|_| !per_channel) else {
        return Ok(false);
    };
    let positions = found.iter().map(|&index| dimension(index, extent));
    let positions: Vec<usize> = positions.collect::<Result<_, _>>()?;
    let run = positions.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let (Some(first), true) = (positions.first(), run && indices.rank() <= 1) else {
        return Ok(false);
    };
    let mut slice = whole(&x.shape());
    slice.begin[axis] = *first;
    slice.end[axis] = first + positions.len();
    let name = operator.result()?;
    cut(raising, &operator.kind(), name, &x, &slice)?;
    if indices.rank() == 0 {
        let value = raising.take_back(name, operator)?;
        let mut shape = value.shape();
        shape.remove(axis);
        let value = raising.reshaped(&value, &shape)?;
        raising.define(name, value)?;
    }
    Ok(true)
}

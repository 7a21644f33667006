//! Operators that move elements: slices, concatenations, padding, resizing.

use kernels::op::{Coordinates, Resize, ResizeMode, Slice};
use kernels::{DataType, Op, Tensor, TensorId};

use super::operator::{Operator, amount, dimension};
use super::types::code;
use super::plan::{Arithmetic, Plan};
use super::raise::{Outcome, Raising, Value};
use super::view::{channels_last, in_order};
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

pub(super) fn concat<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let operands = raising.operands(operator)?;
    let first = operands.first();
    let first = first.ok_or_else(|| ReadError::malformed("at least 1 operand", 0))?;
    let axis = dimension(operator.int("axis", 1), first.rank())?;
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
    let plan = raising.plan(operator, &parts, false)?;
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
    let plan = raising.plan(operator, &[&x], false)?;
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

/// `Resize` and the older `Upsample`, where the vocabulary has the same positions.
pub(super) fn resize<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let Some((shape, true)) = super::sizes::resized(raising, operator, &x)? else {
        return Ok(false);
    };
    let own = x.shape();
    let changed: Vec<usize> = (0..x.rank()).filter(|&d| own[d] != shape[d]).collect();
    if changed.is_empty() {
        raising.define(operator.result()?, x)?;
        return Ok(true);
    }
    let order = if x.rank() != 4 {
        return Ok(false);
    } else if changed.iter().all(|d| [2, 3].contains(d)) {
        channels_last(4)
    } else if changed.iter().all(|d| [1, 2].contains(d)) {
        in_order(4)
    } else {
        return Ok(false);
    };
    let from = [order[1], order[2]].map(|d| own[d]);
    let size = [order[1], order[2]].map(|d| shape[d]);
    let Some((mode, coordinates)) = positions(operator, from, size) else {
        return Ok(false);
    };
    let op = Op::Resize(Resize {
        mode,
        coordinates,
        size,
    });
    let plan = raising.plan(operator, &[&x], false)?;
    let from = raising.taken(&x, &order, plan.arithmetic)?;
    let id = match mode {
        ResizeMode::Nearest => raising.push_keeping(&operator.kind(), op, from, &plan)?,
        ResizeMode::Bilinear => raising.push(&operator.kind(), op, vec![from], &plan.outcome)?,
    };
    let value = raising.value(id, &order);
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

/// How a resize finds its elements, where the vocabulary does the same.
fn positions(
    operator: &Operator<'_>,
    from: [usize; 2],
    to: [usize; 2],
) -> Option<(ResizeMode, Coordinates)> {
    let legacy = operator.opset < 11 || operator.node.op_type == "Upsample";
    let default = if legacy { "asymmetric" } else { "half_pixel" };
    let coordinates = match operator.text("coordinate_transformation_mode", default) {
        "asymmetric" => Coordinates::Asymmetric,
        "half_pixel" => Coordinates::HalfPixel,
        "pytorch_half_pixel" if to.iter().all(|&extent| extent > 1) => Coordinates::HalfPixel,
        "align_corners" => Coordinates::AlignCorners,
        _ => return None,
    };
    let plain = operator.int("antialias", 0) == 0 && operator.int("exclude_outside", 0) == 0;
    let mode = match operator.text("mode", "nearest") {
        "nearest" => ResizeMode::Nearest,
        "linear" | "bilinear" => ResizeMode::Bilinear,
        _ => return None,
    };
    if !plain {
        return None;
    }
    if mode == ResizeMode::Nearest {
        let default = if legacy {
            "floor"
        } else {
            "round_prefer_floor"
        };
        let half_is_hit = || {
            [0, 1]
                .iter()
                .any(|&d| hits_half(coordinates, from[d], to[d]))
        };
        match (coordinates, operator.text("nearest_mode", default)) {
            (Coordinates::Asymmetric, "floor") => {}
            (Coordinates::HalfPixel | Coordinates::AlignCorners, "round_prefer_ceil") => {}
            (Coordinates::HalfPixel | Coordinates::AlignCorners, "round_prefer_floor")
                if !half_is_hit() => {}
            (Coordinates::Asymmetric | Coordinates::HalfPixel | Coordinates::AlignCorners, _) => {
                return None;
            }
        }
    }
    Some((mode, coordinates))
}

/// Whether an output lies halfway between two inputs, which the ways to round tell apart.
fn hits_half(coordinates: Coordinates, from: usize, to: usize) -> bool {
    let (from, to) = (from as u128, to as u128);
    match coordinates {
        // (2 o + 1) from / (2 to) is whole for some o: to, without what it shares with from, is odd
        // times a half.
        Coordinates::HalfPixel => {
            let shared = gcd(from, 2 * to);
            let rest = 2 * to / shared;
            rest % 2 == 1
        }
        // o (from - 1) / (to - 1) is a half more than whole for some o.
        Coordinates::AlignCorners => {
            let step = to.saturating_sub(1);
            let shared = gcd(from - 1, step.max(1));
            (step / shared).is_multiple_of(2) && step > 0
        }
        Coordinates::Asymmetric => true,
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

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
    let dtype = if narrowed { DataType::I32 } else { DataType::I64 };
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
    let plan = raising.plan(operator, &[&x], false)?;
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

/// Reads how a value lies that was defined last, to define it again.
impl<'f> Raising<'f, '_> {
    fn take_back(
        &mut self,
        name: &'f str,
        operator: &Operator<'f>,
    ) -> Result<Value<'f>, ReadError> {
        self.forget(name)
            .ok_or_else(|| ReadError::malformed("a result", operator.kind()))
    }

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

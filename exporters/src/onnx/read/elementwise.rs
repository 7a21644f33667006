//! Operators that compute each element of the result alone, and those along one dimension.

use kernels::op::{Binary, BinaryKind, Fused, Unary};
use kernels::{DataType, Op, TensorId};

use super::operator::{Operator, axis_of};
use super::plan::{Arithmetic, Plan};
use super::raise::{Base, Raising, Value};
use super::view::{View, channels_last, in_order};
use crate::ReadError;

/// A function of one operand, which moves nothing.
pub(super) fn unary<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    unary: Unary,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let plan = raising.plan(operator, &[&x])?;
    in_place(raising, &operator.kind(), Op::Unary(unary), &x, &plan)
}

/// `Clip` where it is a ReLU or ReLU6.
pub(super) fn clip<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    match raising.activation(operator) {
        Some(Fused::Relu) => unary(raising, operator, Unary::Relu),
        Some(Fused::Relu6) => unary(raising, operator, Unary::Relu6),
        Some(Fused::None) | None => Ok(false),
    }
}

/// `x * hard_sigmoid(x)`, as exporters write hard swish before operator set 14.
pub(super) fn hard_sigmoid<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let sixth = (operator.float("alpha", 0.2) - 1.0 / 6.0).abs() < 1e-6;
    let half = (operator.float("beta", 0.5) - 0.5).abs() < 1e-6;
    let Some(next) = raising.file.sole_reader(operator.result()?) else {
        return Ok(false);
    };
    let of_both = {
        let [own, x] = [operator.operand(0), operator.first_result()];
        let read = [next.operand(0), next.operand(1)];
        next.is("Mul") && (read == [own, x] || read == [x, own])
    };
    let x = raising.operand(operator, 0)?;
    if !(sixth && half && of_both && x.real_type() == DataType::F32) {
        return Ok(false);
    }
    raising.done[next.position] = true;
    let plan = raising.plan(&next, &[&x])?;
    let op = Op::Unary(Unary::HardSwish);
    in_place(raising, &operator.kind(), op, &x, &plan)
}

/// `QLinearSigmoid`, which has scales among its operands.
pub(super) fn quantized_unary<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    unary: Unary,
) -> Result<bool, ReadError> {
    let x = raising.integers(operator, 0, 0)?;
    let Some((x, outcome)) = x.zip(raising.stated_outcome(operator, 3)?) else {
        return Ok(false);
    };
    let plan = Plan {
        arithmetic: Arithmetic::Quantized,
        fused: Fused::None,
        outcome,
    };
    in_place(raising, &operator.kind(), Op::Unary(unary), &x, &plan)
}

fn in_place<'f>(
    raising: &mut Raising<'f, '_>,
    kind: &str,
    op: Op,
    x: &Value<'f>,
    plan: &Plan<'f>,
) -> Result<bool, ReadError> {
    let (from, view) = raising.as_it_lies(x, plan.arithmetic == Arithmetic::Float)?;
    let id = raising.push(kind, op, vec![from], &plan.outcome)?;
    seen(raising, plan.outcome.name, id, view)
}

/// Defines a result that the file sees as it sees the operand.
fn seen<'f>(
    raising: &mut Raising<'f, '_>,
    name: &'f str,
    id: TensorId,
    view: View,
) -> Result<bool, ReadError> {
    let value = Value {
        name,
        base: Base::Tensor(id),
        view,
        dtype: raising.graph[id].dtype,
        reals: None,
    };
    raising.define(name, value)?;
    Ok(true)
}

pub(super) fn binary<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    kind: BinaryKind,
) -> Result<bool, ReadError> {
    let [a, b] = [0, 1].map(|index| raising.operand(operator, index));
    let (a, b) = (a?, b?);
    let plan = raising.plan_fusing(operator, &[&a, &b], None)?;
    combined(raising, &operator.kind(), kind, [a, b], &plan)
}

/// `QLinearAdd` and `QLinearMul`.
pub(super) fn quantized_binary<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    kind: BinaryKind,
) -> Result<bool, ReadError> {
    let a = raising.integers(operator, 0, 0)?;
    let b = raising.integers(operator, 3, 0)?;
    let Some(((a, b), outcome)) = a.zip(b).zip(raising.stated_outcome(operator, 6)?) else {
        return Ok(false);
    };
    let plan = Plan {
        arithmetic: Arithmetic::Quantized,
        fused: Fused::None,
        outcome,
    };
    combined(raising, &operator.kind(), kind, [a, b], &plan)
}

/// The sum of any number of operands, two by two.
pub(super) fn sum<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let operands = raising.operands(operator)?;
    match operands.as_slice() {
        [x] => {
            raising.define(operator.result()?, x.clone())?;
            Ok(true)
        }
        [_, _] => binary(raising, operator, BinaryKind::Add),
        [first, rest @ ..] => {
            let all: Vec<&Value<'f>> = operands.iter().collect();
            if all.iter().any(|x| x.real_type() != DataType::F32) {
                return Ok(false);
            }
            let mut total = first.clone();
            for (index, x) in rest.iter().enumerate() {
                let plan = Plan {
                    arithmetic: Arithmetic::Float,
                    fused: Fused::None,
                    outcome: super::raise::Outcome {
                        name: operator.result()?,
                        quantization: None,
                    },
                };
                let last = index + 1 == rest.len();
                let plan = if last {
                    raising.plan_fusing(operator, &[&total, x], None)?
                } else {
                    plan
                };
                let kind = operator.kind();
                let pair = [total, x.clone()];
                let (id, order) = pairwise(raising, &kind, BinaryKind::Add, pair, &plan)?;
                total = raising.value(id, &order);
                if last {
                    raising.define(plan.outcome.name, total.clone())?;
                }
            }
            Ok(true)
        }
        [] => Err(ReadError::malformed("at least 1 operand", 0)),
    }
}

fn combined<'f>(
    raising: &mut Raising<'f, '_>,
    op_type: &str,
    kind: BinaryKind,
    operands: [Value<'f>; 2],
    plan: &Plan<'f>,
) -> Result<bool, ReadError> {
    let (id, order) = pairwise(raising, op_type, kind, operands, plan)?;
    let value = raising.value(id, &order);
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

/// A function of two operands that broadcast, in the order of the larger one.
fn pairwise<'f>(
    raising: &mut Raising<'f, '_>,
    op_type: &str,
    kind: BinaryKind,
    operands: [Value<'f>; 2],
    plan: &Plan<'f>,
) -> Result<(TensorId, Vec<usize>), ReadError> {
    let op = Op::Binary(Binary {
        kind,
        fused: plan.fused,
    });
    let (order, ids) = raising.broadcast(&operands, plan.arithmetic)?;
    let id = raising.push(op_type, op, ids, &plan.outcome)?;
    Ok((id, order))
}

impl<'f> Raising<'f, '_> {
    /// Operands that broadcast, all with the dimensions of the file in the order of the largest
    /// computed one, and that order.
    pub(super) fn broadcast(
        &mut self,
        operands: &[Value<'f>],
        arithmetic: Arithmetic,
    ) -> Result<(Vec<usize>, Vec<TensorId>), ReadError> {
        let rank = operands.iter().map(Value::rank).max().unwrap_or(0);
        let mut wide = Vec::with_capacity(operands.len());
        for x in operands {
            let mut shape = vec![1; rank - x.rank()];
            shape.extend(x.shape());
            wide.push(self.reshaped(x, &shape)?);
        }
        let weight = |x: &&Value<'f>| {
            let elements: usize = x.shape().iter().product();
            let usual = x.view.lies_in(&channels_last(rank)) || x.view.lies_in(&in_order(rank));
            (!x.is_constant(), elements, usual)
        };
        // The first of the largest, one that is not transposed before others.
        let leader = wide.iter().rev().max_by_key(weight);
        let order = leader.map_or_else(Vec::new, |leader| self.order(leader));
        let mut ids = Vec::with_capacity(wide.len());
        for (x, narrow) in wide.iter().zip(operands) {
            ids.push(self.broadcasting(x, narrow, &order, arithmetic)?);
        }
        Ok((order, ids))
    }

    /// An operand in `order`, without leading dimensions of 1 where it then needs no move or is a
    /// constant of one dimension.
    fn broadcasting(
        &mut self,
        x: &Value<'f>,
        narrow: &Value<'f>,
        order: &[usize],
        arithmetic: Arithmetic,
    ) -> Result<TensorId, ReadError> {
        let shape: Vec<usize> = order.iter().map(|&d| x.view.extent(d)).collect();
        let ones = shape.iter().take_while(|&&extent| extent == 1).count();
        // A constant of one dimension keeps it.
        let least = shape.len() - narrow.rank().min(1);
        let trailing = &shape[ones.min(least)..];
        match x.base {
            Base::Tensor(id) => {
                let own = &self.graph[id].shape;
                let own_ones = own.iter().take_while(|&&extent| extent == 1).count();
                let fits = own.len() < shape.len() && own[own_ones..] == *trailing;
                if fits && x.view.lies_in(order) {
                    let own: Vec<usize> = own.to_vec();
                    let view = self.reshaped(narrow, &own)?;
                    let order = in_order(own.len());
                    return self.taken(&view, &order, arithmetic);
                }
            }
            Base::Constant(_) if trailing.len() <= 1 && narrow.rank() < shape.len() => {
                let row = self.reshaped(x, trailing)?;
                return self.taken(&row, &in_order(trailing.len()), arithmetic);
            }
            Base::Constant(_) => {}
        }
        self.taken(x, order, arithmetic)
    }
}

/// Softmax along the dimension that lies innermost, which it is moved to where it does not.
pub(super) fn softmax<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    if x.rank() == 0 {
        return Ok(false);
    }
    // Before operator set 13, over all dimensions from the axis on.
    let flat = operator.opset < 13;
    let axis = axis_of(operator.int("axis", if flat { 1 } else { -1 }), x.rank())?;
    let shape = x.shape();
    let mut seen = x.clone();
    if flat {
        let (rows, columns) = shape.split_at(axis.min(shape.len()));
        let matrix = [rows.iter().product(), columns.iter().product()];
        seen = raising.reshaped(&x, &matrix)?;
    }
    let axis = if flat { 1 } else { axis };
    if axis >= seen.rank() {
        return Ok(false);
    }
    let plan = raising.plan(operator, &[&x])?;
    let mut order = raising.order(&seen);
    if order.last() != Some(&axis) {
        order = if channels_last(seen.rank()).last() == Some(&axis) {
            channels_last(seen.rank())
        } else {
            in_order(seen.rank())
        };
        order.retain(|&d| d != axis);
        order.push(axis);
    }
    let from = raising.taken(&seen, &order, plan.arithmetic)?;
    let id = raising.push(&operator.kind(), Op::Softmax, vec![from], &plan.outcome)?;
    let value = raising.value(id, &order);
    let value = raising.reshaped(&value, &shape)?;
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

/// A batch norm of inference, whose parameters are constants.
pub(super) fn batch_norm<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let epsilon = operator.float("epsilon", 1e-5);
    let trains = operator.int("training_mode", 0) != 0 || raising.file.reads_more_results(operator);
    let positive = epsilon.is_finite() && epsilon > 0.0;
    if trains || !positive || x.rank() < 2 || operator.int("spatial", 1) == 0 {
        return Ok(false);
    }
    let parameters = [1, 2, 3, 4].map(|index| raising.operand(operator, index));
    let parameters: Vec<Value<'f>> = parameters.into_iter().collect::<Result<_, _>>()?;
    let plan = raising.plan(operator, &[&x])?;
    if plan.arithmetic == Arithmetic::Quantized {
        return Err(ReadError::contradiction("a batch norm of integers"));
    }
    let order = channels_last(x.rank());
    let mut inputs = vec![raising.taken(&x, &order, plan.arithmetic)?];
    for parameter in &parameters {
        let order = in_order(parameter.rank());
        inputs.push(raising.taken(parameter, &order, plan.arithmetic)?);
    }
    let op = Op::BatchNorm { epsilon };
    let id = raising.push(&operator.kind(), op, inputs, &plan.outcome)?;
    let value = raising.value(id, &order);
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

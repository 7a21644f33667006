//! The table of operators: what each builtin one is in the vocabulary.

use kernels::op::{Binary, BinaryKind, Fused, PoolKind, ResizeMode, Unary};
use kernels::{Op, TensorId};

use super::flat::Table;
use super::model::{Code, Operator};
use super::raise::Raising;
use super::{moves, windows};
use crate::ReadError;
use crate::tflite::flatbuffer::Slot;
use crate::tflite::schema::{Builtin, activation, field};

/// A node whose first operand is the result of the one before.
pub(super) struct Step {
    pub(super) op: Op,
    /// The further operands.
    pub(super) others: Vec<TensorId>,
    /// Whether the result stands for reals as the operand does.
    pub(super) moves: bool,
}

/// The first operand and what happens to it; nothing where the vocabulary lacks the operator.
pub(super) type Plan = Result<Option<(TensorId, Vec<Step>)>, ReadError>;

impl Step {
    pub(super) const fn of(op: Op, others: Vec<TensorId>) -> Self {
        Self {
            op,
            others,
            moves: false,
        }
    }

    /// One that moves integers unchanged.
    pub(super) const fn moving(op: Op) -> Self {
        Self {
            op,
            others: Vec::new(),
            moves: true,
        }
    }
}

/// What an operator is in the vocabulary.
pub(super) fn plan(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let Code::Builtin(name) = operator.code else {
        return Ok(None);
    };
    match *name {
        "CONV_2D" => windows::conv2d(raising, operator),
        "DEPTHWISE_CONV_2D" => windows::depthwise(raising, operator),
        "MAX_POOL_2D" => windows::pool2d(raising, operator, PoolKind::Max),
        "AVERAGE_POOL_2D" => windows::pool2d(raising, operator, PoolKind::Average),
        "FULLY_CONNECTED" => dense(raising, operator),
        "ADD" => binary(raising, operator, BinaryKind::Add, Builtin::Add),
        "SUB" => binary(raising, operator, BinaryKind::Sub, Builtin::Sub),
        "MUL" => binary(raising, operator, BinaryKind::Mul, Builtin::Mul),
        "CONCATENATION" => concat(raising, operator),
        "RELU" => unary(raising, operator, Op::Unary(Unary::Relu)),
        "RELU6" => unary(raising, operator, Op::Unary(Unary::Relu6)),
        "LOGISTIC" => unary(raising, operator, Op::Unary(Unary::Sigmoid)),
        "HARD_SWISH" => unary(raising, operator, Op::Unary(Unary::HardSwish)),
        "QUANTIZE" => unary(raising, operator, Op::Quantize),
        "DEQUANTIZE" => unary(raising, operator, Op::Dequantize),
        "SOFTMAX" => softmax(raising, operator),
        "MEAN" => mean(raising, operator),
        "ARG_MAX" => arg_max(raising, operator),
        "RESIZE_BILINEAR" => moves::resize(raising, operator, ResizeMode::Bilinear),
        "RESIZE_NEAREST_NEIGHBOR" => moves::resize(raising, operator, ResizeMode::Nearest),
        "PAD" => moves::pad(raising, operator),
        "RESHAPE" | "SQUEEZE" | "EXPAND_DIMS" => moves::reshape(raising, operator),
        "TRANSPOSE" => moves::transpose(raising, operator),
        "SLICE" => moves::slice(raising, operator),
        "STRIDED_SLICE" => moves::strided_slice(raising, operator),
        _ => Ok(None),
    }
}

/// The attributes of an operator; those that the file leaves out have the schema's defaults.
pub(super) struct Attributes<'b>(Option<Table<'b>>);

impl<'b> Attributes<'b> {
    /// Those of `operator`, which is `code`.
    pub(super) fn of(operator: &Operator<'_, 'b>, code: Builtin) -> Result<Self, ReadError> {
        let expected = code.options_type().unwrap_or(0);
        match operator.options_type {
            0 => Ok(Self(None)),
            found if found == expected => Ok(Self(operator.options)),
            found => {
                let expected = format!("attributes of union member {expected}");
                Err(ReadError::malformed(expected, found))
            }
        }
    }

    pub(super) fn flag(&self, slot: Slot) -> Result<bool, ReadError> {
        self.0.map_or(Ok(false), |table| table.flag(slot))
    }

    pub(super) fn i8(&self, slot: Slot) -> Result<i8, ReadError> {
        self.0.map_or(Ok(0), |table| table.i8(slot))
    }

    pub(super) fn i32(&self, slot: Slot) -> Result<i32, ReadError> {
        self.0.map_or(Ok(0), |table| table.i32(slot, 0))
    }

    pub(super) fn f32(&self, slot: Slot) -> Result<f32, ReadError> {
        self.0.map_or(Ok(0.0), |table| table.f32(slot))
    }

    /// A number of at least 1, such as a stride.
    pub(super) fn positive(
        &self,
        slot: Slot,
        default: i32,
        what: &str,
    ) -> Result<usize, ReadError> {
        let number = self
            .0
            .map_or(Ok(default), |table| table.i32(slot, default))?;
        match usize::try_from(number) {
            Ok(number) if number >= 1 => Ok(number),
            Ok(_) | Err(_) => {
                let expected = format!("a {what} of at least 1");
                Err(ReadError::malformed(expected, number))
            }
        }
    }

    /// The activation fused into the operator.
    pub(super) fn activation(&self, slot: Slot) -> Result<Activation, ReadError> {
        Ok(match self.i8(slot)? {
            activation::NONE => Activation::Known(Fused::None),
            activation::RELU => Activation::Known(Fused::Relu),
            activation::RELU6 => Activation::Known(Fused::Relu6),
            activation::RELU_N1_TO_1 => Activation::Foreign("RELU_N1_TO_1"),
            activation::TANH => Activation::Foreign("TANH"),
            activation::SIGN_BIT => Activation::Foreign("SIGN_BIT"),
            code => return Err(ReadError::malformed("an activation, 0 to 5", code)),
        })
    }
}

/// An activation fused into an operator.
#[derive(Clone, Copy)]
pub(super) enum Activation {
    Known(Fused),
    Foreign(&'static str),
}

impl Activation {
    /// What an operator of the vocabulary fuses.
    pub(super) const fn fused(self) -> Fused {
        match self {
            Self::Known(fused) => fused,
            Self::Foreign(_) => Fused::None,
        }
    }

    /// The step that is left for the activation behind an operator that fuses what it can.
    pub(super) fn rest(self) -> Option<Step> {
        match self {
            Self::Known(_) => None,
            Self::Foreign(kind) => {
                let kind = kind.to_owned();
                Some(Step::of(Op::Foreign { kind, macs: None }, Vec::new()))
            }
        }
    }

    /// The step behind an operator that fuses nothing.
    pub(super) fn apart(self) -> Option<Step> {
        match self {
            Self::Known(Fused::None) => None,
            Self::Known(Fused::Relu) => Some(Step::of(Op::Unary(Unary::Relu), Vec::new())),
            Self::Known(Fused::Relu6) => Some(Step::of(Op::Unary(Unary::Relu6), Vec::new())),
            Self::Foreign(_) => self.rest(),
        }
    }
}

/// The position of operand `index`; an error when the operator has fewer.
pub(super) fn operand(operator: &Operator<'_, '_>, index: usize) -> Result<i32, ReadError> {
    operator.inputs.get(index).copied().ok_or_else(|| {
        let expected = format!("at least {} operands", index + 1);
        ReadError::malformed(expected, operator.inputs.len())
    })
}

/// The first operand.
pub(super) fn first(
    raising: &mut Raising<'_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<TensorId, ReadError> {
    raising.tensor(operand(operator, 0)?)
}

/// The first result.
pub(super) fn result(
    raising: &mut Raising<'_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<TensorId, ReadError> {
    match operator.outputs.first() {
        Some(&position) => raising.tensor(position),
        None => Err(ReadError::malformed("one result", "none")),
    }
}

/// A dimension counted from the front, or from the back when it is negative.
pub(super) fn dimension(number: i64, rank: usize) -> Result<usize, ReadError> {
    let index = usize::try_from(number).ok();
    let from_back = usize::try_from(number.unsigned_abs()).ok();
    index
        .or_else(|| from_back.and_then(|back| rank.checked_sub(back)))
        .filter(|&dimension| dimension < rank)
        .ok_or_else(|| ReadError::malformed(format!("one of {rank} dimensions"), number))
}

fn unary(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>, op: Op) -> Plan {
    let x = first(raising, operator)?;
    Ok(Some((x, vec![Step::of(op, Vec::new())])))
}

fn binary(
    raising: &mut Raising<'_, '_>,
    operator: &Operator<'_, '_>,
    kind: BinaryKind,
    code: Builtin,
) -> Plan {
    let attributes = Attributes::of(operator, code)?;
    let activation = attributes.activation(field::binary::FUSED)?;
    let x = first(raising, operator)?;
    let y = raising.tensor(operand(operator, 1)?)?;
    let fused = activation.fused();
    let op = Op::Binary(Binary { kind, fused });
    let mut steps = vec![Step::of(op, vec![y])];
    steps.extend(activation.rest());
    Ok(Some((x, steps)))
}

fn softmax(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let beta = Attributes::of(operator, Builtin::Softmax)?.f32(field::softmax::BETA)?;
    if beta != 1.0 {
        return Ok(None);
    }
    unary(raising, operator, Op::Softmax)
}

fn concat(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let attributes = Attributes::of(operator, Builtin::Concatenation)?;
    let activation = attributes.activation(field::concatenation::FUSED)?;
    let x = first(raising, operator)?;
    let axis = i64::from(attributes.i32(field::concatenation::AXIS)?);
    let axis = dimension(axis, raising.graph[x].shape.len())?;
    let others = &operator.inputs[1..];
    let others = others.iter().map(|&position| raising.tensor(position));
    let others = others.collect::<Result<_, _>>()?;
    let mut steps = vec![Step::of(Op::Concat { axis }, others)];
    steps.extend(activation.apart());
    Ok(Some((x, steps)))
}

/// A mean over height and width; other means are foreign.
fn mean(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let attributes = Attributes::of(operator, Builtin::Mean)?;
    let keep_dims = attributes.flag(field::reducer::KEEP_DIMS)?;
    let x = first(raising, operator)?;
    let rank = raising.graph[x].shape.len();
    let Some(axes) = raising.integers(operand(operator, 1)?)? else {
        return Ok(None);
    };
    let axes = axes.iter().map(|&axis| dimension(axis, rank));
    let mut axes: Vec<usize> = axes.collect::<Result<_, _>>()?;
    axes.sort_unstable();
    if rank != 4 || axes != [1, 2] {
        return Ok(None);
    }
    let op = Op::GlobalAveragePool { keep_dims };
    Ok(Some((x, vec![Step::of(op, Vec::new())])))
}

fn arg_max(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    let x = first(raising, operator)?;
    let Some(axis) = raising.integers(operand(operator, 1)?)? else {
        return Ok(None);
    };
    let &[axis] = axis.as_slice() else {
        return Err(ReadError::malformed("one axis", axis.len()));
    };
    let axis = dimension(axis, raising.graph[x].shape.len())?;
    unary(raising, operator, Op::ArgMax { axis })
}

/// A matrix product; an operand of more dimensions is flattened into rows first, unless the result
/// keeps them.
fn dense(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    use field::fully_connected as f;
    let attributes = Attributes::of(operator, Builtin::FullyConnected)?;
    let activation = attributes.activation(f::FUSED)?;
    let plain_weights = attributes.i8(f::WEIGHTS_FORMAT)? == 0;
    let x = first(raising, operator)?;
    let weights = raising.tensor(operand(operator, 1)?)?;
    if !plain_weights || raising.graph[weights].shape.len() != 2 {
        return Ok(None);
    }
    let others = windows::parameters(raising, operator, x, weights)?;
    let y = result(raising, operator)?;
    let [from, matrix, to] = [x, weights, y].map(|id| &raising.graph[id].shape);
    let in_c = matrix[1];
    let mut steps = Vec::new();
    let keeps = from.last() == Some(&in_c) && from.len() == to.len();
    if !keeps {
        let shape = vec![from.elements() / in_c, in_c];
        steps.push(Step::moving(Op::Reshape { shape }));
    }
    let unflatten = (!keeps && to.len() != 2).then(|| to.to_vec());
    let fused = activation.fused();
    steps.push(Step::of(Op::Dense { fused }, others));
    steps.extend(activation.rest());
    if let Some(shape) = unflatten {
        steps.push(Step::moving(Op::Reshape { shape }));
    }
    Ok(Some((x, steps)))
}

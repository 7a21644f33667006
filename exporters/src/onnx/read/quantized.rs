//! Integers that stand for reals: `QuantizeLinear`, `DequantizeLinear`, and the operators that have
//! scales among their operands.

use kernels::{Data, DataType, Op, Quantization};

use super::constants::Constant;
use super::numbers::Numbers;
use super::operator::{Domain, Operator, axis_of};
use super::raise::{Base, Outcome, Raising, Value};
use crate::ReadError;

/// Where an operator with scales among its operands has an integer operand, which its scale and
/// zero point follow.
const INTEGERS: [(&str, &[usize]); 11] = [
    ("DequantizeLinear", &[0]),
    ("QLinearConv", &[0, 3]),
    ("QLinearMatMul", &[0, 3]),
    ("QGemm", &[0, 3]),
    ("QLinearAdd", &[0, 3]),
    ("QLinearMul", &[0, 3]),
    ("QLinearSigmoid", &[0]),
    ("QLinearSoftmax", &[0]),
    ("QLinearLeakyRelu", &[0]),
    ("QLinearAveragePool", &[0]),
    ("QLinearGlobalAveragePool", &[0]),
];

impl<'f> Raising<'f, '_> {
    /// Notes what the integers stand for that nodes read, for those that come from outside or from
    /// foreign operators.
    pub(super) fn note_scales(&mut self) {
        for position in 0..self.file.graph.node.len() {
            let operator = self.file.operator(position);
            let found = INTEGERS
                .iter()
                .find(|(kind, _)| *kind == operator.node.op_type);
            for &at in found.map_or(&[][..], |(_, places)| places) {
                if let Some(name) = operator.operand(at)
                    && !self.scales.contains_key(name)
                    && let Some(quantization) = self.per_tensor(&operator, at + 1)
                {
                    self.scales.insert(name, quantization);
                }
            }
        }
    }

    /// The scale and zero point that stand from operand `at` on, when they are known and there is
    /// one of each.
    fn per_tensor(&self, operator: &Operator<'f>, at: usize) -> Option<Quantization> {
        let scale = self.floats(self.known(operator.operand(at)?)?)?;
        let zero_point = match operator.operand(at + 1) {
            None => 0,
            Some(name) => match *self.whole(self.known(name)?)? {
                [zero_point] => i32::try_from(zero_point).ok()?,
                _ => return None,
            },
        };
        let &[scale] = scale.as_slice() else {
            return None;
        };
        usable(&[scale]).then(|| Quantization::per_tensor(scale, zero_point))
    }

    /// What a `QuantizeLinear` quantizes to, where the vocabulary has it.
    pub(super) fn target(&self, operator: &Operator<'f>) -> Option<(DataType, Quantization)> {
        let quantization = self.per_tensor(operator, 1)?;
        self.of_bytes(operator, 2, quantization)
    }

    /// `quantization` with the type of the zero point at operand `at`.
    fn of_bytes(
        &self,
        operator: &Operator<'f>,
        at: usize,
        quantization: Quantization,
    ) -> Option<(DataType, Quantization)> {
        let dtype = match operator.operand(at) {
            Some(name) => self.known(name)?.dtype,
            None => match operator.int("output_dtype", 0) {
                0 => DataType::U8,
                code => super::types::element_type(code).ok()?.0,
            },
        };
        matches!(dtype, DataType::I8 | DataType::U8).then_some((dtype, quantization))
    }

    /// What an operator with scales among its operands writes, stated from operand `at` on.
    pub(super) fn stated_outcome(
        &self,
        operator: &Operator<'f>,
        at: usize,
    ) -> Result<Option<Outcome<'f>>, ReadError> {
        let quantization = self.per_tensor(operator, at);
        let quantization = quantization.and_then(|q| self.of_bytes(operator, at + 1, q));
        let name = operator.result()?;
        Ok(quantization.map(|quantization| Outcome {
            name,
            quantization: Some(quantization),
        }))
    }

    /// The integer operand `at` as the reals that the scale and zero point behind it say, which run
    /// along dimension `axis` of the file where there are several; nothing where they are not known
    /// or contradict what the tensor stands for already.
    pub(super) fn integers(
        &mut self,
        operator: &Operator<'f>,
        at: usize,
        axis: usize,
    ) -> Result<Option<Value<'f>>, ReadError> {
        let mut value = self.operand(operator, at)?;
        let Some(quantization) = self.quantization(operator, at + 1, axis, &value) else {
            return Ok(None);
        };
        if let Base::Tensor(id) = value.base {
            if quantization.axis.is_some() || !matches!(value.dtype, DataType::I8 | DataType::U8) {
                return Ok(None);
            }
            let own = &mut self.graph.tensors[id.index()].quantization;
            if *own.get_or_insert_with(|| quantization.clone()) != quantization {
                return Ok(None);
            }
        }
        value.reals = Some(quantization);
        Ok(Some(value))
    }

    /// The scales and zero points from operand `at` on, for the elements of `value`.
    fn quantization(
        &self,
        operator: &Operator<'f>,
        at: usize,
        axis: usize,
        value: &Value<'f>,
    ) -> Option<Quantization> {
        if !matches!(value.dtype, DataType::I8 | DataType::U8 | DataType::I32) {
            return None;
        }
        let scale = self.known(operator.operand(at)?)?;
        if scale.rank() > 1 {
            return None;
        }
        let scales = self.floats(scale)?;
        let zero_points = match operator.operand(at + 1) {
            None => vec![0; scales.len()],
            Some(name) => {
                let zero_points = self.whole(self.known(name)?)?;
                let zero_points = zero_points.iter().map(|&z| i32::try_from(z).ok());
                match zero_points.collect::<Option<Vec<i32>>>()?.as_slice() {
                    // `QLinearConv` may have one zero point beside a scale per channel.
                    [one] => vec![*one; scales.len()],
                    several => several.to_vec(),
                }
            }
        };
        if !usable(&scales) || zero_points.len() != scales.len() {
            return None;
        }
        let axis = match scales.len() {
            1 => None,
            count => {
                let channels = (axis < value.rank()).then(|| value.view.extent(axis));
                (channels == Some(count)).then_some(())?;
                Some(axis)
            }
        };
        Some(Quantization {
            scales,
            zero_points,
            axis,
        })
    }
}

/// Whether scales are positive and finite, as the vocabulary wants them.
fn usable(scales: &[f32]) -> bool {
    scales.iter().all(|scale| scale.is_finite() && *scale > 0.0)
}

pub(super) fn dequantize<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let blocked = operator.int("block_size", 0) != 0;
    if blocked || operator.domain() == Domain::Other {
        return Ok(false);
    }
    let rank = raising.operand(operator, 0)?.rank();
    let axis = axis_of(operator.int("axis", 1), rank)?;
    let Some(value) = raising.integers(operator, 0, axis)? else {
        return Ok(false);
    };
    raising.define_as(operator.result()?, value)?;
    Ok(true)
}

pub(super) fn quantize<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    if x.real_type() != DataType::F32 || operator.domain() == Domain::Other {
        return Ok(false);
    }
    if x.is_constant() && x.reals.is_none() {
        return constant(raising, operator, &x);
    }
    let Some((dtype, quantization)) = raising.target(operator) else {
        return Ok(false);
    };
    let name = operator.result()?;
    if x.dtype == dtype && x.reals.as_ref() == Some(&quantization) {
        let stored = Value { reals: None, ..x };
        if let Base::Tensor(id) = stored.base {
            raising.rename_last(id, name);
        }
        raising.define(name, stored)?;
        return Ok(true);
    }
    let (from, view) = raising.as_it_lies(&x, x.dtype == DataType::I32)?;
    let outcome = Outcome {
        name,
        quantization: Some((dtype, quantization)),
    };
    let id = raising.push(&operator.kind(), Op::Quantize, vec![from], &outcome)?;
    let value = Value {
        name,
        base: Base::Tensor(id),
        view,
        dtype,
        reals: None,
    };
    raising.define(name, value)?;
    Ok(true)
}

/// A constant that is quantized when the network runs is quantized once, here.
fn constant<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
) -> Result<bool, ReadError> {
    let axis = axis_of(operator.int("axis", 1), x.rank())?;
    let dtype = match operator.operand(2) {
        Some(name) => raising.known(name).map(|zero_point| zero_point.dtype),
        None => Some(DataType::U8),
    };
    let Some(dtype @ (DataType::I8 | DataType::U8)) = dtype else {
        return Ok(false);
    };
    let stored = Value { dtype, ..x.clone() };
    let Some(quantization) = raising.quantization(operator, 1, axis, &stored) else {
        return Ok(false);
    };
    let name = operator.result()?;
    let shape = x.shape();
    let order = super::view::in_order(x.rank());
    let integers = raising.elements(x, &order).and_then(|data| {
        let inner = quantization
            .axis
            .map(|axis| shape[axis + 1..].iter().product());
        rounded(&data, &quantization, inner, dtype)
    });
    let constant = match integers {
        Some(data) => Constant::known(name, shape, data),
        None => Constant::made(name, dtype, shape, None),
    };
    let value = raising.constant(constant);
    raising.define(name, value)?;
    Ok(true)
}

/// Floats as the nearest integers, ties to even; `inner` elements in a row have one scale.
fn rounded(
    data: &Data,
    quantization: &Quantization,
    inner: Option<usize>,
    dtype: DataType,
) -> Option<Data> {
    let Data::F32(values) = data else {
        return None;
    };
    let (low, high) = match dtype {
        DataType::I8 => (-128, 127),
        DataType::U8 => (0, 255),
        DataType::F32 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => return None,
    };
    let channels = quantization.scales.len();
    let integers = values.iter().enumerate().map(|(index, value)| {
        let channel = inner.map_or(0, |inner| index / inner % channels);
        let scaled = value / quantization.scales[channel];
        let zero_point = i64::from(quantization.zero_points[channel]);
        (nearest(scaled) + zero_point).clamp(low, high)
    });
    Numbers::Whole(integers.collect()).data(dtype)
}

/// The nearest whole number within 32 bits, ties to even.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the saturating cast of a rounded float is what is wanted"
)]
pub(super) fn nearest(x: f32) -> i64 {
    (x.round_ties_even() as i32).into()
}

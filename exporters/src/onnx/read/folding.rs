//! Operators on small constants: the arithmetic of shapes, done while the file is read.

mod arithmetic;
mod parts;

use kernels::DataType;

use super::constants::Constant;
use super::numbers::{NUMBERS_MAX, Numbers};
use super::operator::{Domain, Operator};
use super::raise::{Raising, Value};
use super::types::{code, element_type, extents};
use crate::ReadError;

/// A constant that is computed.
struct Folded {
    shape: Vec<usize>,
    dtype: DataType,
    /// Nothing where there are too many to make.
    numbers: Option<Numbers>,
}

/// Defines the result of a node that only constants and shapes go into; `false` where it is none of
/// those.
pub(super) fn folded<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    if operator.domain() != Domain::Onnx || operator.node.output.len() != 1 {
        return Ok(false);
    }
    if operator.node.op_type == "Constant" {
        return constant(raising, operator);
    }
    let Some(folded) = fold(raising, operator)? else {
        return Ok(false);
    };
    let Folded {
        shape,
        dtype,
        numbers,
    } = folded;
    super::types::countable(&shape, dtype.bytes())?;
    let bytes = numbers.as_ref().map_or(0, |numbers| 8 * numbers.len());
    let numbers = if raising.charge(bytes) { numbers } else { None };
    let name = operator.result()?;
    let constant = Constant::made(name, dtype, shape, numbers);
    let value = raising.constant(constant);
    raising.define(name, value)?;
    Ok(true)
}

/// A node that holds a constant among its attributes.
fn constant<'f>(raising: &mut Raising<'f, '_>, operator: &Operator<'f>) -> Result<bool, ReadError> {
    let name = operator.result()?;
    let attribute = operator.node.attribute.first();
    let attribute = attribute.ok_or_else(|| ReadError::malformed("a value", "none"))?;
    let real =
        |shape, values| Constant::made(name, DataType::F32, shape, Some(Numbers::Real(values)));
    let whole =
        |shape, values| Constant::made(name, DataType::I64, shape, Some(Numbers::Whole(values)));
    let constant = match &*attribute.name {
        "value" => match &attribute.t {
            Some(tensor) => Constant::new(tensor, name, &mut raising.external)?,
            None => return Err(ReadError::malformed("a tensor as value", "none")),
        },
        "sparse_value" => match &attribute.sparse_tensor {
            Some(sparse) => Constant::sparse(sparse)?,
            None => return Err(ReadError::malformed("a tensor as sparse_value", "none")),
        },
        "value_float" => real(Vec::new(), vec![attribute.f.unwrap_or(0.0)]),
        "value_floats" => real(vec![attribute.floats.len()], attribute.floats.clone()),
        "value_int" => whole(Vec::new(), vec![attribute.i.unwrap_or(0)]),
        "value_ints" => whole(vec![attribute.ints.len()], attribute.ints.clone()),
        _ => return Ok(false),
    };
    let value = raising.constant(constant);
    raising.define(name, value)?;
    Ok(true)
}

fn fold<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    match &*operator.node.op_type {
        "Shape" => shape(raising, operator).map(Some),
        "Size" => {
            let x = raising.operand(operator, 0)?;
            let size: usize = x.shape().iter().product();
            Ok(Some(whole(Vec::new(), vec![as_number(size)?])))
        }
        "ConstantOfShape" => filled(raising, operator),
        "Range" => range(raising, operator),
        "Gather" => parts::gather(raising, operator),
        "Concat" => parts::concat(raising, operator),
        "Slice" => parts::slice(raising, operator),
        "Cast" => cast(raising, operator),
        "Expand" => arithmetic::expand(raising, operator),
        "Where" => arithmetic::choose(raising, operator),
        "ReduceProd" | "ReduceSum" | "ReduceMax" | "ReduceMin" => {
            arithmetic::reduce(raising, operator)
        }
        "Neg" | "Abs" | "Floor" | "Ceil" | "Round" | "Sqrt" | "Not" => {
            arithmetic::unary(raising, operator)
        }
        _ => arithmetic::binary(raising, operator),
    }
}

fn whole(shape: Vec<usize>, numbers: Vec<i64>) -> Folded {
    Folded {
        shape,
        dtype: DataType::I64,
        numbers: Some(Numbers::Whole(numbers)),
    }
}

fn as_number(extent: usize) -> Result<i64, ReadError> {
    i64::try_from(extent).map_err(|_| ReadError::malformed("an extent of 63 bits", extent))
}

fn shape<'f>(raising: &Raising<'f, '_>, operator: &Operator<'f>) -> Result<Folded, ReadError> {
    let shape = raising.operand(operator, 0)?.shape();
    let begin = super::moves::within(operator.int("start", 0), shape.len());
    let end = super::moves::within(operator.int("end", i64::MAX), shape.len());
    let taken = shape.get(begin..end).unwrap_or_default();
    let numbers = taken.iter().map(|&extent| as_number(extent));
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
    Ok(whole(vec![numbers.len()], numbers))
}

/// The same number throughout; of a large constant only the shape is kept.
fn filled<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let wanted = raising.operand(operator, 0)?;
    let Some(wanted) = raising.whole(&wanted) else {
        return Ok(None);
    };
    let shape = extents(&wanted)?;
    let count: usize = shape.iter().product();
    let value = operator.attribute("value").and_then(|a| a.t.as_ref());
    let (dtype, number) = match value {
        None => (DataType::F32, Some(Numbers::Real(vec![0.0]))),
        Some(tensor) => {
            let (dtype, _) = element_type(tensor.data_type.into())?;
            let mut nowhere = super::external::External::new(None);
            let constant = Constant::new(tensor, "", &mut nowhere)?;
            (dtype, constant.numbers().filter(|n| n.len() == 1))
        }
    };
    let numbers = number.filter(|_| count <= NUMBERS_MAX);
    Ok(Some(Folded {
        shape,
        dtype,
        numbers: numbers.map(|number| number.at(std::iter::repeat_n(0, count))),
    }))
}

fn range<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let mut bounds = [0; 3];
    for (index, bound) in bounds.iter_mut().enumerate() {
        let value = raising.operand(operator, index)?;
        match raising.whole(&value).as_deref() {
            Some(&[number]) => *bound = number,
            Some(_) | None => return Ok(None),
        }
    }
    let [start, limit, step] = bounds.map(i128::from);
    if step == 0 {
        return Err(ReadError::malformed("a step that is not 0", 0));
    }
    let count = (limit - start + step - step.signum()) / step;
    let count = usize::try_from(count).unwrap_or(0);
    if count > NUMBERS_MAX {
        return Ok(None);
    }
    let dtype = raising.operand(operator, 0)?.dtype;
    let numbers = (0..count as i128).map(|i| i64::try_from(start + i * step).unwrap_or(i64::MAX));
    Ok(Some(Folded {
        dtype,
        ..whole(vec![count], numbers.collect())
    }))
}

/// A small constant with its shape.
struct Small<'f> {
    value: Value<'f>,
    numbers: Numbers,
}

fn small<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    index: usize,
) -> Result<Option<Small<'f>>, ReadError> {
    let Some(value) = raising.optional(operator, index)? else {
        return Ok(None);
    };
    let numbers = raising.numbers(&value);
    Ok(numbers.map(|numbers| Small { value, numbers }))
}

fn cast<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let Some(data) = small(raising, operator, 0)? else {
        return Ok(None);
    };
    let to = operator.int("to", 0);
    let (dtype, _) = element_type(to)?;
    let numbers = match (data.numbers, to) {
        (Numbers::Real(values), code::FLOAT) => Numbers::Real(values),
        (Numbers::Whole(values), code::FLOAT) => {
            Numbers::Real(values.iter().map(|&v| v as f32).collect())
        }
        (Numbers::Real(values), code::BOOL) => {
            Numbers::Whole(values.iter().map(|&v| (v != 0.0).into()).collect())
        }
        (Numbers::Whole(values), code::BOOL) => {
            Numbers::Whole(values.iter().map(|&v| (v != 0).into()).collect())
        }
        (Numbers::Real(values), 2..=7 | 12 | 13) => {
            Numbers::Whole(values.iter().map(|&v| truncated(v.into())).collect())
        }
        (Numbers::Whole(values), 2..=7 | 12 | 13) => Numbers::Whole(values),
        _ => return Ok(None),
    };
    Ok(Some(Folded {
        shape: data.value.shape(),
        dtype,
        numbers: Some(numbers),
    }))
}

/// Towards zero; saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the saturating cast is what the format does within the range"
)]
fn truncated(x: f64) -> i64 {
    x as i64
}

//! Operators on small constants: the arithmetic of shapes, done while the file is read.

use kernels::DataType;

use super::constants::Constant;
use super::numbers::{NUMBERS_MAX, Numbers};
use super::operator::{Domain, Operator, dimension};
use super::raise::{Raising, Value};
use super::types::{BOOL, code, element_type, extents};
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
        "Gather" => gather(raising, operator),
        "Concat" => concat(raising, operator),
        "Slice" => slice(raising, operator),
        "Cast" => cast(raising, operator),
        "Expand" => expand(raising, operator),
        "Where" => choose(raising, operator),
        "ReduceProd" | "ReduceSum" | "ReduceMax" | "ReduceMin" => reduce(raising, operator),
        "Neg" | "Abs" | "Floor" | "Ceil" | "Round" | "Sqrt" | "Not" => unary(raising, operator),
        _ => binary(raising, operator),
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

fn gather<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let (data, indices) = (small(raising, operator, 0)?, small(raising, operator, 1)?);
    let Some((data, indices)) = data.zip(indices) else {
        return Ok(None);
    };
    let Numbers::Whole(positions) = indices.numbers else {
        return Ok(None);
    };
    let shape = data.value.shape();
    let axis = dimension(operator.int("axis", 0), shape.len())?;
    let positions = positions.iter().map(|&i| dimension(i, shape[axis]));
    let positions: Vec<usize> = positions.collect::<Result<_, _>>()?;
    let outer: usize = shape[..axis].iter().product();
    let inner: usize = shape[axis + 1..].iter().product();
    if outer.saturating_mul(inner).saturating_mul(positions.len()) > NUMBERS_MAX {
        return Ok(None);
    }
    let places = (0..outer).flat_map(|o| {
        let row = o * shape[axis];
        let of = move |&p: &usize| (0..inner).map(move |i| (row + p) * inner + i);
        positions.iter().flat_map(of).collect::<Vec<_>>()
    });
    Ok(Some(Folded {
        shape: [&shape[..axis], &indices.value.shape(), &shape[axis + 1..]].concat(),
        dtype: data.value.dtype,
        numbers: Some(data.numbers.at(places)),
    }))
}

/// Rows laid end to end.
fn concat<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let mut all = Vec::new();
    let mut dtype = DataType::I64;
    for index in 0..operator.node.input.len() {
        let Some(part) = small(raising, operator, index)? else {
            return Ok(None);
        };
        let Numbers::Whole(numbers) = part.numbers else {
            return Ok(None);
        };
        if part.value.rank() != 1 {
            return Ok(None);
        }
        dtype = part.value.dtype;
        all.extend(numbers);
        if all.len() > NUMBERS_MAX {
            return Ok(None);
        }
    }
    let folded = whole(vec![all.len()], all);
    Ok(Some(Folded { dtype, ..folded }))
}

/// A part of a row, backwards too.
fn slice<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let Some(data) = small(raising, operator, 0)?.filter(|data| data.value.rank() == 1) else {
        return Ok(None);
    };
    let number = |index: usize, attribute: &str| -> Result<Option<i64>, ReadError> {
        if operator.opset < 10 {
            return Ok(operator.ints(attribute).and_then(|v| v.first().copied()));
        }
        let value = raising.optional(operator, index)?;
        let numbers = value.and_then(|value| raising.whole(&value));
        Ok(numbers.and_then(|numbers| numbers.first().copied()))
    };
    let Some((start, end)) = number(1, "starts")?.zip(number(2, "ends")?) else {
        return Ok(None);
    };
    let step = number(4, "steps")?.unwrap_or(1);
    let extent = data.numbers.len();
    let places: Vec<usize> = if step > 0 {
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        let (begin, end) = (
            super::moves::within(start, extent),
            super::moves::within(end, extent),
        );
        (begin..end).step_by(step).collect()
    } else if step < 0 {
        let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
        // Backwards from the start, which is taken, to the end, which is not.
        let from = super::moves::within(start, extent.saturating_sub(1));
        let past = i64::try_from(extent).is_ok_and(|extent| end < -extent);
        let to = if past {
            0
        } else {
            super::moves::within(end, extent) + 1
        };
        let places = (to..=from).rev().step_by(step);
        places.filter(|&place| place < extent).collect()
    } else {
        return Err(ReadError::malformed("a step that is not 0", 0));
    };
    Ok(Some(Folded {
        shape: vec![places.len()],
        dtype: data.value.dtype,
        numbers: Some(data.numbers.at(places.into_iter())),
    }))
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

/// The positions that a shape broadcasts from, one for each element of `to`; nothing where it does
/// not or they are too many.
fn broadcast(from: &[usize], to: &[usize]) -> Option<Vec<usize>> {
    let count = to.iter().try_fold(1_usize, |n, &d| n.checked_mul(d))?;
    let missing = to.len().checked_sub(from.len())?;
    if count > NUMBERS_MAX {
        return None;
    }
    let fits = from
        .iter()
        .zip(&to[missing..])
        .all(|(&own, &wide)| own == wide || own == 1);
    fits.then(|| {
        let place = |at: usize| {
            let (mut rest, mut place, mut stride) = (at, 0, 1);
            for (d, &wide) in to.iter().enumerate().rev() {
                let index = rest % wide;
                rest /= wide;
                if let Some(&own) = d.checked_sub(missing).map(|d| &from[d]) {
                    place += if own == 1 { 0 } else { index * stride };
                    stride *= own;
                }
            }
            place
        };
        (0..count).map(place).collect()
    })
}

/// The shape that two shapes broadcast to.
fn joined(a: &[usize], b: &[usize]) -> Vec<usize> {
    let rank = a.len().max(b.len());
    let extent = |of: &[usize], d: usize| (d + of.len()).checked_sub(rank).map_or(1, |d| of[d]);
    let extents = (0..rank).map(|d| match (extent(a, d), extent(b, d)) {
        (1, other) => other,
        (own, _) => own,
    });
    extents.collect()
}

fn expand<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let (data, wanted) = (small(raising, operator, 0)?, small(raising, operator, 1)?);
    let Some((data, wanted)) = data.zip(wanted) else {
        return Ok(None);
    };
    let Numbers::Whole(wanted) = wanted.numbers else {
        return Ok(None);
    };
    let shape = joined(&data.value.shape(), &extents(&wanted)?);
    Ok(broadcast(&data.value.shape(), &shape).map(|places| Folded {
        shape,
        dtype: data.value.dtype,
        numbers: Some(data.numbers.at(places.into_iter())),
    }))
}

fn choose<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let [condition, x, y] = [0, 1, 2].map(|index| small(raising, operator, index));
    let Some(((condition, x), y)) = condition?.zip(x?).zip(y?) else {
        return Ok(None);
    };
    let (Numbers::Whole(condition_numbers), Numbers::Whole(a), Numbers::Whole(b)) =
        (condition.numbers, x.numbers, y.numbers)
    else {
        return Ok(None);
    };
    let shapes = [&condition.value, &x.value, &y.value].map(Value::shape);
    let shape = joined(&joined(&shapes[0], &shapes[1]), &shapes[2]);
    let [Some(c), Some(i), Some(j)] = shapes.map(|own| broadcast(&own, &shape)) else {
        return Ok(None);
    };
    let chosen = c.iter().zip(i.iter().zip(&j)).map(|(&c, (&i, &j))| {
        if condition_numbers[c] != 0 {
            a[i]
        } else {
            b[j]
        }
    });
    let dtype = x.value.dtype;
    Ok(Some(Folded {
        dtype,
        ..whole(shape, chosen.collect())
    }))
}

/// All elements of a constant as one.
fn reduce<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let Some(data) = small(raising, operator, 0)?.filter(|data| data.value.rank() <= 1) else {
        return Ok(None);
    };
    let Numbers::Whole(values) = data.numbers else {
        return Ok(None);
    };
    let mut values = values.into_iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let joined = values.try_fold(first, |a, b| match &*operator.node.op_type {
        "ReduceProd" => a.checked_mul(b),
        "ReduceSum" => a.checked_add(b),
        "ReduceMax" => Some(a.max(b)),
        _ => Some(a.min(b)),
    });
    let keep = operator.int("keepdims", 1) != 0;
    let shape = vec![1; if keep { data.value.rank() } else { 0 }];
    Ok(joined.map(|number| Folded {
        dtype: data.value.dtype,
        ..whole(shape, vec![number])
    }))
}

fn unary<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let Some(data) = small(raising, operator, 0)? else {
        return Ok(None);
    };
    let kind = &*operator.node.op_type;
    let numbers = match data.numbers {
        Numbers::Whole(values) => {
            let apply = |&v: &i64| match kind {
                "Neg" => v.checked_neg(),
                "Abs" => v.checked_abs(),
                "Not" => Some((v == 0).into()),
                _ => None,
            };
            values
                .iter()
                .map(apply)
                .collect::<Option<_>>()
                .map(Numbers::Whole)
        }
        Numbers::Real(values) => {
            let apply = |&v: &f32| match kind {
                "Neg" => Some(-v),
                "Abs" => Some(v.abs()),
                "Floor" => Some(v.floor()),
                "Ceil" => Some(v.ceil()),
                "Round" => Some(v.round_ties_even()),
                "Sqrt" => Some(v.sqrt()),
                _ => None,
            };
            values
                .iter()
                .map(apply)
                .collect::<Option<_>>()
                .map(Numbers::Real)
        }
    };
    Ok(numbers.map(|numbers| Folded {
        shape: data.value.shape(),
        dtype: data.value.dtype,
        numbers: Some(numbers),
    }))
}

fn binary<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Option<Folded>, ReadError> {
    let kind = &*operator.node.op_type;
    let known = [
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Mod",
        "Min",
        "Max",
        "Equal",
        "Less",
        "LessOrEqual",
        "Greater",
        "GreaterOrEqual",
        "And",
        "Or",
    ];
    if !known.contains(&kind) || operator.node.input.len() != 2 {
        return Ok(None);
    }
    let (a, b) = (small(raising, operator, 0)?, small(raising, operator, 1)?);
    let Some((a, b)) = a.zip(b) else {
        return Ok(None);
    };
    let shape = joined(&a.value.shape(), &b.value.shape());
    let places = [&a.value, &b.value].map(|value| broadcast(&value.shape(), &shape));
    let [Some(i), Some(j)] = places else {
        return Ok(None);
    };
    let pairs = i.iter().zip(&j);
    let mut dtype = a.value.dtype;
    let numbers = match (&a.numbers, &b.numbers) {
        (Numbers::Whole(a), Numbers::Whole(b)) => {
            if !["Add", "Sub", "Mul", "Div", "Mod", "Min", "Max"].contains(&kind) {
                dtype = BOOL;
            }
            let results = pairs.map(|(&i, &j)| of_whole(kind, a[i], b[j]));
            results.collect::<Option<_>>().map(Numbers::Whole)
        }
        (Numbers::Real(a), Numbers::Real(b)) => {
            let results = pairs.map(|(&i, &j)| of_real(kind, a[i], b[j]));
            results.collect::<Option<_>>().map(Numbers::Real)
        }
        (Numbers::Whole(_), Numbers::Real(_)) | (Numbers::Real(_), Numbers::Whole(_)) => None,
    };
    Ok(numbers.map(|numbers| Folded {
        shape,
        dtype,
        numbers: Some(numbers),
    }))
}

fn of_whole(kind: &str, a: i64, b: i64) -> Option<i64> {
    match kind {
        "Add" => a.checked_add(b),
        "Sub" => a.checked_sub(b),
        "Mul" => a.checked_mul(b),
        "Div" => a.checked_div(b),
        "Mod" => a.checked_rem(b).map(|rest| {
            if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            }
        }),
        "Min" => Some(a.min(b)),
        "Max" => Some(a.max(b)),
        "Equal" => Some((a == b).into()),
        "Less" => Some((a < b).into()),
        "LessOrEqual" => Some((a <= b).into()),
        "Greater" => Some((a > b).into()),
        "GreaterOrEqual" => Some((a >= b).into()),
        "And" => Some((a != 0 && b != 0).into()),
        "Or" => Some((a != 0 || b != 0).into()),
        _ => None,
    }
}

fn of_real(kind: &str, a: f32, b: f32) -> Option<f32> {
    match kind {
        "Add" => Some(a + b),
        "Sub" => Some(a - b),
        "Mul" => Some(a * b),
        "Div" => Some(a / b),
        "Min" => Some(a.min(b)),
        "Max" => Some(a.max(b)),
        _ => None,
    }
}

//! Arithmetic and comparisons of small constants that broadcast.

use super::super::numbers::{NUMBERS_MAX, Numbers};
use super::super::operator::Operator;
use super::super::raise::{Raising, Value};
use super::super::types::{BOOL, extents};
use super::{Folded, small, whole};
use crate::ReadError;

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

pub(super) fn expand<'f>(
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

pub(super) fn choose<'f>(
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
pub(super) fn reduce<'f>(
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

pub(super) fn unary<'f>(
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

pub(super) fn binary<'f>(
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

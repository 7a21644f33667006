//! `Resize` and the older `Upsample`, where the vocabulary has the same positions.

use kernels::Op;
use kernels::op::{Coordinates, Resize, ResizeMode};

use super::numbers::Numbers;
use super::operator::{Operator, amount, dimension};
use super::raise::{Raising, Value};
use super::view::{channels_last, in_order};
use crate::ReadError;

/// `Resize` and the older `Upsample`, where the vocabulary has the same positions.
pub(super) fn resize<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let Some((shape, true)) = resized(raising, operator, &x)? else {
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
    let plan = raising.plan(operator, &[&x])?;
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
    if from == 0 || to == 0 {
        return false;
    }
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

/// The shape that a resize gives, and whether its scales divide it without a rest; nothing where
/// they are computed.
pub(super) fn resized<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
) -> Result<Option<(Vec<usize>, bool)>, ReadError> {
    if operator.text("keep_aspect_ratio_policy", "stretch") != "stretch" {
        return Ok(None);
    }
    let upsample = operator.node.op_type == "Upsample";
    let known = |index| -> Result<Option<Numbers>, ReadError> {
        let value = raising.optional(operator, index)?;
        Ok(value
            .and_then(|value| raising.numbers(&value))
            .filter(|n| n.len() > 0))
    };
    let (scales, sizes) = match operator.opset {
        ..9 => (
            operator
                .attribute("scales")
                .map(|a| Numbers::Real(a.floats.clone())),
            None,
        ),
        9 | 10 => (known(1)?, None),
        _ if upsample => (known(1)?, None),
        _ => (known(2)?, known(3)?),
    };
    let own = x.shape();
    let axes = match operator.ints("axes") {
        Some(axes) => axes.to_vec(),
        None => (0..).take(own.len()).collect(),
    };
    let axes = axes.iter().map(|&axis| dimension(axis, own.len()));
    let axes: Vec<usize> = axes.collect::<Result<_, _>>()?;
    let numbers = sizes.or(scales);
    if let Some(numbers) = &numbers
        && numbers.len() != axes.len()
    {
        let expected = format!("{} sizes or scales", axes.len());
        return Err(ReadError::malformed(expected, numbers.len()));
    }
    let mut shape = own.clone();
    let mut exact = true;
    match numbers {
        None => return Ok(None),
        Some(Numbers::Whole(sizes)) => {
            for (&axis, &size) in axes.iter().zip(&sizes) {
                shape[axis] = amount(size, "a size")?;
            }
        }
        Some(Numbers::Real(scales)) => {
            for (&axis, &scale) in axes.iter().zip(&scales) {
                let scaled = own[axis] as f64 * f64::from(scale);
                exact &= scaled.fract() == 0.0;
                shape[axis] = amount(floor(scaled), "a size")?;
            }
        }
    }
    Ok(Some((shape, exact)))
}

/// The largest whole number that is not more; saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the saturating cast of a rounded float is what is wanted"
)]
fn floor(x: f64) -> i64 {
    x.floor() as i64
}

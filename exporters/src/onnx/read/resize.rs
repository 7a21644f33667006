//! `Resize` and the older `Upsample`, where the vocabulary has the same positions.

use kernels::Op;
use kernels::op::{Coordinates, Resize, ResizeMode};

use super::operator::Operator;
use super::raise::Raising;
use super::view::{channels_last, in_order};
use crate::ReadError;

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

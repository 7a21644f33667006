//! How 8-bit integers stand for reals, and how results are rounded to them.
//!
//! `real = scale * (q - zero_point)`. A result is rounded once: an `i32` sum `s` becomes
//! `q = clamp(round(f32(s) * ratio) + zero_point)`, where `ratio` is an `f32`, the scale of the
//! sum over the scale of the result, and `round` takes ties to even. A fused activation is a
//! tighter clamp: its bounds are the reals 0 and 6 on the grid of the result.

use std::ops::RangeInclusive;

use crate::op::Fused;
use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem};

/// The reals that an 8-bit tensor can hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) scale: f32,
    pub(super) zero_point: i32,
    pub(super) lowest: i32,
    pub(super) highest: i32,
}

impl Grid {
    /// The grid of a tensor with one scale.
    pub(super) fn of(tensor: &Tensor) -> Result<Self, Problem> {
        let name = &tensor.name;
        let range = range(tensor.dtype)
            .ok_or_else(|| Problem(format!("`{name}` is {}, expected i8 or u8", tensor.dtype)))?;
        let quantization = tensor
            .quantization
            .as_ref()
            .ok_or_else(|| Problem(format!("`{name}` has no quantization")))?;
        match (&*quantization.scales, &*quantization.zero_points) {
            (&[scale], &[zero_point]) => Ok(Self {
                scale,
                zero_point,
                lowest: *range.start(),
                highest: *range.end(),
            }),
            (scales, _) => {
                let found = scales.len();
                let problem = format!("`{name}` has {found} scales, activations take one");
                Err(Problem(problem))
            }
        }
    }

    /// The integer nearest to a real: `round(real / scale) + zero_point`, within the range.
    pub(super) fn quantize(self, real: f32) -> i32 {
        self.clamp(i64::from(round(real / self.scale)) + i64::from(self.zero_point))
    }

    /// The real that `q` stands for.
    pub(super) fn dequantize(self, q: i32) -> f32 {
        let distance = q - self.zero_point;
        distance as f32 * self.scale
    }

    /// The integers a result may take under a fused activation.
    pub(super) fn bounds(self, fused: Fused) -> RangeInclusive<i32> {
        match fused {
            Fused::None => self.lowest..=self.highest,
            Fused::Relu => self.bound(0.0)..=self.highest,
            Fused::Relu6 => self.bound(0.0)..=self.bound(6.0),
        }
    }

    /// The integer for a bound of an activation: the zero point is added before rounding.
    fn bound(self, real: f32) -> i32 {
        self.clamp(round(real / self.scale + self.zero_point as f32).into())
    }

    fn clamp(self, q: i64) -> i32 {
        let clamped = q.clamp(self.lowest.into(), self.highest.into());
        i32::try_from(clamped).expect("within an 8-bit range")
    }
}

/// Rounds reals, in units of the scale of a grid, to its integers.
#[derive(Clone, Copy)]
pub(super) struct Rounding {
    /// The bounds less the zero point: whole numbers.
    lowest: f32,
    highest: f32,
    zero_point: i32,
}

impl Rounding {
    /// To the integers of `grid` under a fused activation.
    pub(super) fn new(grid: Grid, fused: Fused) -> Self {
        let bounds = grid.bounds(fused);
        Self {
            lowest: (bounds.start() - grid.zero_point) as f32,
            highest: (bounds.end() - grid.zero_point) as f32,
            zero_point: grid.zero_point,
        }
    }

    /// `clamp(round(steps) + zero_point)` as its lowest byte, of a number. The bounds are whole, so
    /// clamping first gives the same.
    #[inline(always)]
    pub(super) fn byte(self, steps: f32) -> u8 {
        let above = if steps < self.lowest {
            self.lowest
        } else {
            steps
        };
        let within = if above > self.highest {
            self.highest
        } else {
            above
        };
        low_byte(whole_near(within).wrapping_add(self.zero_point))
    }
}

/// `q + zero_point` of a grid within the bounds of a fused activation.
#[derive(Clone, Copy)]
pub(super) struct Placing {
    lowest: i32,
    highest: i32,
    zero_point: i32,
}

impl Placing {
    /// On `grid`, under a fused activation.
    pub(super) fn new(grid: Grid, fused: Fused) -> Self {
        let bounds = grid.bounds(fused);
        Self {
            lowest: *bounds.start(),
            highest: *bounds.end(),
            zero_point: grid.zero_point,
        }
    }

    /// The lowest byte of `clamp(q + zero_point)`.
    #[inline(always)]
    pub(super) fn byte(self, q: i32) -> u8 {
        let placed = q.saturating_add(self.zero_point);
        low_byte(placed.max(self.lowest).min(self.highest))
    }
}

/// The lowest byte: all of an integer within the range of an 8-bit type.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the lowest byte is what is wanted"
)]
pub(super) const fn low_byte(q: i32) -> u8 {
    q as u8
}

/// The nearest integer to a number within 2^22 of 0, ties to even.
///
/// Between 2^23 and 2^24 floats lie 1 apart: moving a number there rounds it, and its lowest bits
/// are the integer.
#[inline(always)]
fn whole_near(x: f32) -> i32 {
    const MOVE: f32 = 12_582_912.0;
    (x + MOVE)
        .to_bits()
        .wrapping_sub(MOVE.to_bits())
        .cast_signed()
}

/// A float without fraction as an integer; saturates.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the saturating cast is what is wanted"
)]
pub(super) const fn whole(x: f32) -> i32 {
    x as i32
}

/// The nearest integer, ties to even; saturates at the range of `i32`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the saturating cast of a rounded float is what is wanted"
)]
pub(super) fn round(x: f32) -> i32 {
    x.round_ties_even() as i32
}

/// As [`round`], of a double.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the saturating cast of a rounded float is what is wanted"
)]
pub(super) fn round_double(x: f64) -> i32 {
    x.round_ties_even() as i32
}

/// The exponent of a positive float: `2^exponent <= x < 2^(exponent + 1)`.
pub(super) fn exponent(x: f32) -> i32 {
    let biased = f64::from(x).to_bits() >> 52;
    i32::try_from(biased).expect("an exponent has 11 bits") - 1023
}

/// The range of an 8-bit type.
pub(super) const fn range(dtype: DataType) -> Option<RangeInclusive<i32>> {
    match dtype {
        DataType::I8 => Some(-128..=127),
        DataType::U8 => Some(0..=255),
        DataType::F32 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => None,
    }
}

/// The elements of an 8-bit tensor, each given as its lowest byte.
pub(super) fn store(tensor: &Tensor, bytes: Vec<u8>) -> Data {
    match tensor.dtype {
        DataType::U8 => Data::U8(bytes.into()),
        DataType::I8 | DataType::F32 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => {
            Data::I8(bytes.into_iter().map(u8::cast_signed).collect())
        }
    }
}

/// Refuses operators that move integers unchanged to a tensor where they stand for other reals.
pub(super) fn same_grid(x: &Operand<'_>, output: &Tensor) -> Result<(), Problem> {
    if range(output.dtype).is_none() || x.tensor.quantization == output.quantization {
        return Ok(());
    }
    Err(Problem(format!(
        "`{}` and `{}` must have the same quantization",
        x.tensor.name, output.name
    )))
}

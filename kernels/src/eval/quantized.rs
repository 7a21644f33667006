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

/// Rounds `i32` sums to a grid, once.
pub(super) struct Requantizer {
    /// One, or one per channel.
    ratios: Vec<f32>,
    zero_point: i32,
    bounds: RangeInclusive<i32>,
}

impl Requantizer {
    /// To `grid`, from sums whose unit is `ratios` times its scale.
    pub(super) fn new(ratios: Vec<f32>, grid: Grid, fused: Fused) -> Self {
        Self {
            ratios,
            zero_point: grid.zero_point,
            bounds: grid.bounds(fused),
        }
    }

    /// The integer for the sum of a channel.
    pub(super) fn apply(&self, channel: usize, sum: i32) -> i32 {
        let ratio = match &*self.ratios {
            &[ratio] => ratio,
            ratios => ratios[channel],
        };
        let rounded = round(sum as f32 * ratio);
        rounded
            .saturating_add(self.zero_point)
            .clamp(*self.bounds.start(), *self.bounds.end())
    }
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

/// Elements of an 8-bit tensor.
pub(super) fn store(tensor: &Tensor, values: impl Iterator<Item = i32>) -> Data {
    const IN_RANGE: &str = "results are clamped to the range of their type";
    match tensor.dtype {
        DataType::U8 => Data::U8(values.map(|q| u8::try_from(q).expect(IN_RANGE)).collect()),
        DataType::I8 | DataType::F32 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => {
            Data::I8(values.map(|q| i8::try_from(q).expect(IN_RANGE)).collect())
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

//! Hard-swish of 8-bit integers, in the 16-bit fixed point of LiteRT's own kernel.
//!
//! With `v = 128 (q - zero_point)`, in units of `scale / 128`: one multiplication takes `v` to the
//! unit of the result before its last shift, another takes it to units of `3 / 2^15`, saturating,
//! and thence to the factor `relu6(x + 3) / 6` in units of `2^-15`. Their product, shifted, is the
//! result.

use super::quantized::{Grid, exponent};

/// A real factor `multiplier / 2^15 * 2^shift`, the multiplier from `2^14` to `2^15 - 1`.
#[derive(Clone, Copy)]
struct Factor {
    multiplier: i32,
    shift: i32,
}

impl Factor {
    fn new(real: f32) -> Self {
        let shift = exponent(real) + 1;
        // Rounded to 31 bits, then to 15, as LiteRT does; 24 bits make the first exact.
        let mantissa = f64::from(real) / 2_f64.powi(shift);
        let multiplier = super::quantized::round_double((mantissa * 32768.0 + 0.5).floor());
        Self {
            multiplier: multiplier.min(0x7fff),
            shift,
        }
    }
}

/// Every integer of `from` under hard-swish on the grid `to`; `None` where the result's scale is
/// so fine that LiteRT refuses it.
pub(super) fn table(from: Grid, to: Grid) -> Option<Vec<i32>> {
    let unit = 1.0 / 128.0 * from.scale;
    let output = Factor::new(unit / to.scale);
    let relu = Factor::new(unit / (3.0 / 32768.0));
    if output.shift > 0 {
        return None;
    }
    let entry = |q: i32| {
        let fine = 128 * (q - from.zero_point);
        let value = high_product(fine, output.multiplier);
        let factor = (relu_factor(fine, relu) + (1 << 15)) >> 1;
        let product = factor * value / (1 << 15);
        (halve(product, -output.shift) + to.zero_point).clamp(to.lowest, to.highest)
    };
    Some((from.lowest..=from.highest).map(entry).collect())
}

/// `x / 3` in units of `2^-15`, saturated to -1 to 1.
fn relu_factor(fine: i32, relu: Factor) -> i32 {
    if relu.shift > 0 {
        let shifted = saturating_shift(fine, relu.shift - 1);
        return saturating_shift(high_product(shifted, relu.multiplier), 1);
    }
    halve(high_product(fine, relu.multiplier), -relu.shift)
}

/// `a * b / 2^15` of 16-bit numbers, rounded, half up.
fn high_product(a: i32, b: i32) -> i32 {
    let product = a * b;
    let nudge = if product >= 0 { 1 << 14 } else { 1 - (1 << 14) };
    (product + nudge) / (1 << 15)
}

/// `x * 2^places`, within 16 bits.
fn saturating_shift(x: i32, places: i32) -> i32 {
    let shifted = i64::from(x) << places.min(16);
    i32::try_from(shifted.clamp(-(1 << 15), (1 << 15) - 1)).expect("a 16-bit number")
}

/// `x / 2^places`, rounded, half away from zero.
fn halve(x: i32, places: i32) -> i32 {
    let places = places.min(30);
    let mask = (1 << places) - 1;
    let threshold = (mask >> 1) + i32::from(x < 0);
    (x >> places) + i32::from(x & mask > threshold)
}

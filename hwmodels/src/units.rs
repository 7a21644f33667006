//! Exact conversions from seconds and rates to whole clock cycles.
//!
//! A duration is rounded up once, when a whole transfer or task is priced, and integers carry it
//! until then, so a result never depends on the order of floating-point operations.

/// Units of work (bytes, MACs) per clock cycle, as an exact fraction above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    units: u64,
    cycles: u64,
}

const MICRO: f64 = 1e6;
const MICRO_PER_UNIT: u64 = 1_000_000;

impl Rate {
    /// `units_per_second` seen by a clock of `clock_hz`; both above zero.
    #[must_use]
    pub fn per_second(units_per_second: u64, clock_hz: u64) -> Rate {
        Rate {
            units: units_per_second.max(1),
            cycles: clock_hz.max(1),
        }
    }

    /// `units_per_cycle`, kept to a millionth; values below that are raised to it.
    #[must_use]
    pub fn per_cycle(units_per_cycle: f64) -> Rate {
        Rate {
            units: round(units_per_cycle * MICRO).max(1),
            cycles: MICRO_PER_UNIT,
        }
    }

    /// Whole cycles that `units` take, rounded up.
    #[must_use]
    pub fn cycles(self, units: u64) -> u64 {
        match units.checked_mul(self.cycles) {
            Some(scaled) => scaled.div_ceil(self.units),
            None => saturate(
                (u128::from(units) * u128::from(self.cycles)).div_ceil(u128::from(self.units)),
            ),
        }
    }

    /// Units per cycle, for display and interpolation.
    #[must_use]
    pub fn units_per_cycle(self) -> f64 {
        float(self.units) / float(self.cycles)
    }
}

/// Whole cycles of a clock of `clock_hz` in `us` microseconds (kept to a nanosecond), rounded up.
#[must_use]
pub fn cycles_of_us(us: f64, clock_hz: u64) -> u64 {
    let ns = round(us * 1e3);
    saturate((u128::from(ns) * u128::from(clock_hz)).div_ceil(1_000_000_000))
}

/// Milliseconds that `cycles` of a clock of `clock_hz` last.
#[must_use]
pub fn ms_of_cycles(cycles: u64, clock_hz: u64) -> f64 {
    float(cycles) * 1e3 / float(clock_hz)
}

/// Nearest whole number to a `value` of zero or more; saturates.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and negative or missing values were refused when read"
)]
pub fn round(value: f64) -> u64 {
    value.round() as u64
}

/// A count as a float, for ratios and display.
#[must_use]
pub fn float(count: u64) -> f64 {
    count as f64
}

fn saturate(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// `value` to so many significant decimal digits.
#[must_use]
pub fn significant(value: f64, digits: usize) -> f64 {
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    text.parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_up_once() {
        let link = Rate::per_second(311_000_000, 500_000_000);
        assert_eq!(link.cycles(0), 0);
        assert_eq!(link.cycles(1), 2);
        assert_eq!(link.cycles(311), 500);
        assert_eq!(link.cycles(u64::MAX / 4), 7_414_286_203_259_466_082);
        assert_eq!(Rate::per_cycle(30.0).cycles(31), 2);
        assert_eq!(cycles_of_us(7.0, 500_000_000), 3500);
        assert_eq!(cycles_of_us(0.001, 500_000_000), 1);
    }
}

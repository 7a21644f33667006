//! Decimals, exactly: what people write, without the rounding of binary fractions.

/// A decimal fraction: `mantissa` divided by ten to the power of `places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    mantissa: i128,
    places: u32,
}

/// Sums of some thousand values below this stay exact.
const MANTISSA_MAX: i128 = 10_i128.pow(30);

impl Decimal {
    pub(super) const ONE: Self = Self::whole(1);

    pub(super) const fn whole(mantissa: i128) -> Self {
        Self {
            mantissa,
            places: 0,
        }
    }

    /// Reads digits with at most one point among them, after an optional minus.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mantissa = format!("{whole}{fraction}").parse().ok()?;
        let places = u32::try_from(fraction.len()).ok()?;
        Self { mantissa, places }.in_range()
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        let places = self.places + other.places;
        Self { mantissa, places }.in_range()
    }

    pub(super) fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            ..self
        }
    }

    pub(super) fn places(self) -> u32 {
        self.places
    }

    /// The number in units of ten to the power of minus `places`, which are not fewer than its own.
    pub(super) fn in_units(self, places: u32) -> Option<i128> {
        let more = places.checked_sub(self.places)?;
        let factor = 10_i128.checked_pow(more)?;
        let units = self.mantissa.checked_mul(factor)?;
        (units.abs() <= MANTISSA_MAX).then_some(units)
    }

    fn in_range(self) -> Option<Self> {
        let fits = self.mantissa.checked_abs()? <= MANTISSA_MAX && self.places <= 30;
        fits.then_some(self)
    }
}

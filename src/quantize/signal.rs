//! Signal-to-quantization-noise ratio: `10 log10(sum x^2 / sum (x - q)^2)` in dB, where `q` is what
//! the int8 network has for `x`.

use std::ops::AddAssign;

/// Sums of squares over elements.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Power {
    /// Of what was expected.
    pub signal: f64,
    /// Of the difference to what was found.
    pub noise: f64,
}

impl Power {
    /// Of elements that should be `expected` and are `found`.
    #[must_use]
    pub fn between(expected: &[f32], found: &[f32]) -> Self {
        let mut power = Self::default();
        for (&expected, &found) in expected.iter().zip(found) {
            let (expected, found) = (f64::from(expected), f64::from(found));
            power.signal += expected * expected;
            power.noise += (expected - found) * (expected - found);
        }
        power
    }

    /// The ratio in dB; `None` without noise or without a signal.
    #[must_use]
    pub fn db(&self) -> Option<f64> {
        let ratio = self.signal / self.noise;
        (ratio.is_finite() && ratio > 0.0).then(|| 10.0 * ratio.log10())
    }

    /// Noise over signal; 0 without noise.
    #[must_use]
    pub fn relative_noise(&self) -> f64 {
        if self.noise == 0.0 {
            return 0.0;
        }
        self.noise / self.signal.max(f64::MIN_POSITIVE)
    }
}

impl AddAssign for Power {
    fn add_assign(&mut self, more: Self) {
        self.signal += more.signal;
        self.noise += more.noise;
    }
}

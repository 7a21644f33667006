//! How sure a mean over few seeds is.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The share of such intervals that hold the mean.
pub(super) const CONFIDENCE: f64 = 0.95;

/// A mean and its interval of 95 % confidence, by Student's t.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The interval's half width; nothing for a single value.
    pub half_width: Option<f64>,
}

impl Interval {
    /// Of the mean of independent values, such as paired differences; nothing for none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let half_width = quantile(count - 1.0)
            .map(|quantile| quantile * (squares / (count - 1.0) / count).sqrt());
        Some(Self { mean, half_width })
    }

    /// Whether all of the interval is above 0.
    #[must_use]
    pub fn is_above_zero(&self) -> bool {
        self.half_width.is_some_and(|half| self.mean - half > 0.0)
    }

    /// Whether all of the interval is below 0.
    #[must_use]
    pub fn is_below_zero(&self) -> bool {
        self.half_width.is_some_and(|half| self.mean + half < 0.0)
    }
}

/// The two-sided quantile of Student's t; nothing below one degree of freedom.
fn quantile(freedom: f64) -> Option<f64> {
    if freedom < 1.0 {
        return None;
    }
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(student.inverse_cdf(0.5 + CONFIDENCE / 2.0))
}

/// Whether the values of `a` vary less than those of `b`, to which they are paired: the logarithm of
/// how many times larger the standard deviation of `b` is, which is above 0 when they do.
///
/// Its interval is the one that the test of Pitman and Morgan inverts to (Pitman, "A note on normal
/// correlation", 1939): with the correlation `r` of `n` pairs and Student's quantile `q` of `n - 2`
/// degrees, half of `acosh(1 + 2 (1 - r^2) q^2 / (n - 2))` to either side. It keeps off 0 when the
/// test rejects equal variances at 5 %. Three pairs or more, and nothing where one side does not vary.
#[must_use]
pub(super) fn varies_less(a: &[f64], b: &[f64]) -> Option<Interval> {
    let pairs = a.len().min(b.len());
    if pairs < 3 {
        return None;
    }
    let (squares_a, squares_b) = (products(a, a), products(b, b));
    if squares_a <= 0.0 || squares_b <= 0.0 {
        return None;
    }
    let independent = (1.0 - products(a, b).powi(2) / (squares_a * squares_b)).max(0.0);
    let freedom = pairs as f64 - 2.0;
    Some(Interval {
        mean: (squares_b / squares_a).ln() / 2.0,
        half_width: quantile(freedom)
            .map(|quantile| (1.0 + 2.0 * independent * quantile.powi(2) / freedom).acosh() / 2.0),
    })
}

/// The sum of the products of deviations from the means.
fn products(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| (a - mean_a) * (b - mean_b)).sum()
}

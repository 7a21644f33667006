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

/// Whether the values of `a` vary less than those of `b`, to which they are paired: the interval of
/// a number that is above 0 when they do.
///
/// The test of Pitman and Morgan: `b + a` and `b - a` correlate exactly as far as the variance of
/// `b` is the larger one. The number is their correlation; its interval is that of Student's t
/// about it, so that it keeps off 0 when the test rejects equal variances at 5 %. Three pairs or
/// more.
#[must_use]
pub(super) fn varies_less(a: &[f64], b: &[f64]) -> Option<Interval> {
    let pairs = a.len().min(b.len());
    if pairs < 3 {
        return None;
    }
    let sums: Vec<f64> = a.iter().zip(b).map(|(a, b)| b + a).collect();
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let correlation = correlation(&sums, &differences)?;
    let freedom = pairs as f64 - 2.0;
    let spread = ((1.0 - correlation * correlation) / freedom).sqrt();
    Some(Interval {
        mean: correlation,
        half_width: quantile(freedom).map(|quantile| quantile * spread),
    })
}

/// Pearson's; nothing where one side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let count = a.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| -> f64 {
        let pairs = x.iter().zip(y);
        pairs.map(|(x, y)| (x - mean_x) * (y - mean_y)).sum()
    };
    let scale = (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt();
    (scale > 0.0).then(|| (product(a, mean_a, b, mean_b) / scale).clamp(-1.0, 1.0))
}

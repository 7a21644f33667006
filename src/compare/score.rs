//! How far predictions are from measurements, in a few figures.

use super::statistics::{kendall_tau, mean, median, quantile, r_squared, spearman};

/// A measured latency and what was predicted of it, milliseconds above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// What was measured.
    pub measured_ms: f64,
    /// What was predicted.
    pub predicted_ms: f64,
}

/// The figures of some pairs; those that need more pairs than there are, are nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// How many pairs.
    pub rows: usize,
    /// Median of the absolute percentage errors.
    pub median_ape: Option<f64>,
    /// The error that 90 % of the rows keep to.
    pub p90_ape: Option<f64>,
    /// Mean of the absolute percentage errors.
    pub mape: Option<f64>,
    /// Median of the signed errors in percent: above 0 where predictions are too slow.
    pub bias_percent: Option<f64>,
    /// Kendall's tau-b.
    pub kendall_tau: Option<f64>,
    /// Spearman's rank correlation.
    pub spearman: Option<f64>,
    /// Explained variance of the milliseconds, which large networks dominate.
    pub r2: Option<f64>,
    /// Explained variance of their logarithms.
    pub r2_log: Option<f64>,
}

impl Pair {
    /// `100 * (predicted - measured) / measured`.
    #[must_use]
    pub fn error_percent(&self) -> f64 {
        100.0 * (self.predicted_ms - self.measured_ms) / self.measured_ms
    }

    /// The same without its sign.
    #[must_use]
    pub fn ape(&self) -> f64 {
        self.error_percent().abs()
    }
}

impl Score {
    /// The figures of `pairs`.
    #[must_use]
    pub fn of(pairs: &[Pair]) -> Score {
        let errors: Vec<f64> = pairs.iter().map(Pair::error_percent).collect();
        let apes: Vec<f64> = pairs.iter().map(Pair::ape).collect();
        let both: Vec<(f64, f64)> = pairs
            .iter()
            .map(|pair| (pair.measured_ms, pair.predicted_ms))
            .collect();
        let logs: Vec<(f64, f64)> = both.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
        Score {
            bias_percent: median(&errors),
            kendall_tau: kendall_tau(&both),
            spearman: spearman(&both),
            r2: r_squared(&both),
            r2_log: r_squared(&logs).filter(|r2| r2.is_finite()),
            ..Score::of_apes(&apes)
        }
    }

    /// The figures of absolute percentage errors alone; signs and orders are not known of them.
    #[must_use]
    pub fn of_apes(apes: &[f64]) -> Score {
        Score {
            rows: apes.len(),
            median_ape: median(apes),
            p90_ape: quantile(apes, 0.9),
            mape: mean(apes),
            ..Score::default()
        }
    }
}

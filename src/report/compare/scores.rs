//! Figures of errors and of noise, as records.

use serde::Serialize;

use crate::compare::{Group, Repeats, Score, Spread};

/// Spreads that a record holds, the widest first.
const SPREADS: usize = 20;

/// How far predictions are from measurements. What needs more rows than there are is `null`.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreRecord {
    /// Rows that the figures are of.
    pub rows: usize,
    /// Median absolute percentage error.
    pub median_ape: Option<f64>,
    /// The absolute percentage error that 90 % of the rows keep to.
    pub p90_ape: Option<f64>,
    /// Mean absolute percentage error.
    pub mape: Option<f64>,
    /// Median of the signed errors in percent: above 0 where predictions are too slow.
    pub bias_percent: Option<f64>,
    /// Kendall's tau-b of measured and predicted.
    pub kendall_tau: Option<f64>,
    /// Spearman's rank correlation of the same.
    pub spearman: Option<f64>,
    /// Explained variance of the milliseconds.
    pub r2: Option<f64>,
    /// Explained variance of their logarithms.
    pub r2_log: Option<f64>,
}

/// Figures of rows that have something in common.
#[derive(Clone, Debug, Serialize)]
pub struct GroupRecord {
    /// What: `host-seen`, `statistic`, `includes`, `machine`, `host` or `family`.
    pub by: &'static str,
    /// Its value.
    pub value: String,
    /// Their figures.
    #[serde(flatten)]
    pub score: ScoreRecord,
}

/// How far apart measurements of the same are.
#[derive(Clone, Debug, Serialize)]
pub struct RepeatsRecord {
    /// What was measured more than once.
    pub groups: usize,
    /// Median over the rows of these of the distance from the median of the same, percent.
    pub median_deviation_percent: Option<f64>,
    /// The distance that 90 % of them keep to.
    pub p90_deviation_percent: Option<f64>,
    /// The widest apart, at most 20.
    pub widest: Vec<SpreadRecord>,
}

/// Measurements of the same.
#[derive(Clone, Debug, Serialize)]
pub struct SpreadRecord {
    /// The network, the device, the link, and the host where it is one.
    pub of: Vec<String>,
    /// How many.
    pub rows: usize,
    /// The least.
    pub min_ms: f64,
    /// The one in the middle.
    pub median_ms: f64,
    /// The greatest.
    pub max_ms: f64,
    /// From the least to the greatest, percent of the median.
    pub spread_percent: f64,
}

impl ScoreRecord {
    pub(in crate::report) fn new(score: &Score) -> ScoreRecord {
        ScoreRecord {
            rows: score.rows,
            median_ape: score.median_ape,
            p90_ape: score.p90_ape,
            mape: score.mape,
            bias_percent: score.bias_percent,
            kendall_tau: score.kendall_tau,
            spearman: score.spearman,
            r2: score.r2,
            r2_log: score.r2_log,
        }
    }

    /// What [`ScoreRecord::cells`] are, in their order.
    pub(in crate::report) const HEADINGS: [&str; 8] = [
        "rows", "median", "90 %", "mean", "bias", "tau", "Spearman", "R2 (log)",
    ];

    /// The figures for people: errors and bias in percent.
    pub(in crate::report) fn cells(&self) -> [String; 8] {
        let figure = |value: Option<f64>, decimals: usize| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
        };
        let bias = |value: f64| format!("{:+.1}", (value * 10.0).round() / 10.0 + 0.0);
        [
            self.rows.to_string(),
            figure(self.median_ape, 1),
            figure(self.p90_ape, 1),
            figure(self.mape, 1),
            self.bias_percent.map_or_else(|| "-".to_owned(), bias),
            figure(self.kendall_tau, 3),
            figure(self.spearman, 3),
            figure(self.r2_log, 3),
        ]
    }
}

impl GroupRecord {
    pub(super) fn new(group: &Group) -> GroupRecord {
        GroupRecord {
            by: group.by.name(),
            value: group.value.clone(),
            score: ScoreRecord::new(&group.score),
        }
    }
}

impl RepeatsRecord {
    pub(super) fn new(repeats: &Repeats) -> RepeatsRecord {
        RepeatsRecord {
            groups: repeats.spreads.len(),
            median_deviation_percent: repeats.median_deviation_percent,
            p90_deviation_percent: repeats.p90_deviation_percent,
            widest: (repeats.spreads.iter().take(SPREADS))
                .map(SpreadRecord::new)
                .collect(),
        }
    }
}

impl SpreadRecord {
    fn new(spread: &Spread) -> SpreadRecord {
        SpreadRecord {
            of: spread.of.clone(),
            rows: spread.rows,
            min_ms: spread.min_ms,
            median_ms: spread.median_ms,
            max_ms: spread.max_ms,
            spread_percent: spread.percent(),
        }
    }
}

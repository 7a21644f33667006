//! How far apart measurements of the same are: the noise that no prediction can be better than.

use std::collections::BTreeMap;

use super::statistics::{median, quantile};

/// Measurements of the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// What they are of.
    pub of: Vec<String>,
    /// How many.
    pub rows: usize,
    /// The least.
    pub min_ms: f64,
    /// The one in the middle.
    pub median_ms: f64,
    /// The greatest.
    pub max_ms: f64,
}

/// All that was measured more than once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repeats {
    /// What was measured more than once, the widest apart first.
    pub spreads: Vec<Spread>,
    /// Median over all repeated rows of their distance from the median of the same, percent.
    pub median_deviation_percent: Option<f64>,
    /// The distance that 90 % of them keep to.
    pub p90_deviation_percent: Option<f64>,
}

impl Spread {
    /// From the least to the greatest, in percent of the median.
    #[must_use]
    pub fn percent(&self) -> f64 {
        100.0 * (self.max_ms - self.min_ms) / self.median_ms
    }
}

impl Repeats {
    /// The repeats among latencies, milliseconds above 0, by what they are of.
    #[must_use]
    pub fn of(rows: impl Iterator<Item = (Vec<String>, f64)>) -> Repeats {
        let mut groups: BTreeMap<Vec<String>, Vec<f64>> = BTreeMap::new();
        for (of, ms) in rows {
            groups.entry(of).or_default().push(ms);
        }
        groups.retain(|_, all| all.len() > 1);
        let mut deviations = Vec::new();
        let mut spreads = Vec::new();
        for (of, all) in groups {
            let Some(median_ms) = median(&all) else {
                continue;
            };
            deviations.extend(
                all.iter()
                    .map(|ms| 100.0 * (ms - median_ms).abs() / median_ms),
            );
            spreads.push(Spread {
                of,
                rows: all.len(),
                min_ms: all.iter().copied().fold(f64::INFINITY, f64::min),
                median_ms,
                max_ms: all.iter().copied().fold(0.0, f64::max),
            });
        }
        spreads.sort_by(|a, b| b.percent().total_cmp(&a.percent()));
        Repeats {
            spreads,
            median_deviation_percent: median(&deviations),
            p90_deviation_percent: quantile(&deviations, 0.9),
        }
    }

    /// The repeats of one thing.
    #[must_use]
    pub fn find(&self, of: &[String]) -> Option<&Spread> {
        self.spreads.iter().find(|spread| spread.of == of)
    }
}

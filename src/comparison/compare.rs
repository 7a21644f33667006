//! Metrics and gains over the seeds, of every entrant.
//!
//! Gains are those of [`delta_t`] between the means over the seeds, as tables of one training show
//! them; a metric that is 0 in the baseline has none. Their sigma is that of the single trainings'
//! gains, each over the means of the baseline.
//! Entrants of equal seeds see equal images in equal order, so that their differences are paired.

use std::collections::BTreeMap;

use super::protocol::{Entrant, Run};
use crate::validate::metrics::{DeltaT, Metric, MetricError, Scores, delta_t};

/// A figure over the seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the sample; 0 for one seed.
    pub sigma: f64,
}

/// What an entrant measures over the seeds, and gains.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Its metrics.
    pub metrics: BTreeMap<Metric, Spread>,
    /// The gain of its means over those of its baseline, in percent.
    pub gain: DeltaT,
    /// The gains of its single trainings over the means of its baseline, in the order of the seeds.
    pub gains: Vec<DeltaT>,
    /// Its metrics in single trainings, in the order of the seeds.
    pub scores: Vec<Scores>,
}

/// Compares the entrants with their baselines.
///
/// # Errors
/// A run without an outcome, or whose metrics are not those of its baseline.
pub fn compare(entrants: &[Entrant], runs: &[Run]) -> Result<Vec<Compared>, MetricError> {
    let scores: Vec<Vec<Scores>> = (0..entrants.len()).map(|e| of_seeds(e, runs)).collect();
    let compared = entrants.iter().zip(&scores).map(|(entrant, seeds)| {
        let baseline = scores.get(entrant.over).map(|seeds| means(seeds));
        let baseline = baseline.unwrap_or_default();
        let gain = |scores: &Scores| {
            let [scores, baseline] = [scores, &baseline].map(|all| with_gains(all, &baseline));
            delta_t(&scores, &baseline)
        };
        let gains = seeds.iter().map(gain);
        Ok(Compared {
            metrics: spreads(seeds),
            gain: gain(&means(seeds))?,
            gains: gains.collect::<Result<_, _>>()?,
            scores: seeds.clone(),
        })
    });
    compared.collect()
}

impl Compared {
    /// The gain over all tasks, over the seeds.
    #[must_use]
    pub fn total(&self) -> Spread {
        let totals: Vec<f64> = self.gains.iter().map(|gain| gain.total).collect();
        Spread::of(&totals)
    }
}

/// The scores that a gain can be said of: a gain is a share of the baseline's.
fn with_gains(scores: &Scores, baseline: &Scores) -> Scores {
    let scores = scores.iter().map(|(&metric, &value)| (metric, value));
    scores
        .filter(|(metric, _)| baseline.get(metric) != Some(&0.0))
        .collect()
}

/// The metrics of an entrant per seed; those of several networks together.
fn of_seeds(entrant: usize, runs: &[Run]) -> Vec<Scores> {
    let mut seeds: BTreeMap<u64, Scores> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.entrant == entrant) {
        let scores = run.outcome.iter().flat_map(|outcome| &outcome.scores);
        let seed = seeds.entry(run.turn).or_default();
        seed.extend(scores.map(|(&metric, &value)| (metric, value)));
    }
    seeds.into_values().collect()
}

fn means(seeds: &[Scores]) -> Scores {
    let spreads = spreads(seeds).into_iter();
    spreads
        .map(|(metric, spread)| (metric, spread.mean))
        .collect()
}

fn spreads(seeds: &[Scores]) -> BTreeMap<Metric, Spread> {
    let mut values: BTreeMap<Metric, Vec<f64>> = BTreeMap::new();
    for (&metric, &value) in seeds.iter().flatten() {
        values.entry(metric).or_default().push(value);
    }
    let values = values.into_iter();
    values
        .map(|(metric, values)| (metric, Spread::of(&values)))
        .collect()
}

impl Spread {
    /// Mean and standard deviation of `values`; 0 of none.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count.max(1.0);
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            sigma: (squares / (count - 1.0).max(1.0)).sqrt(),
        }
    }
}

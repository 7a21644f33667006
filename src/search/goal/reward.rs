//! The reward: equations 4 to 7 of the EDNAS paper.
//!
//! ```text
//! reward   = accuracy * (latency / target)^beta    beta = p if latency <= target, else q   (4, 5)
//! accuracy = (prod_i m_i)^(1/N)                    over the N tasks                        (6)
//! m_i      = (prod_j m_ij^w_ij)^(1 / sum_j |w_ij|) over the metrics of task i              (7)
//! ```
//!
//! DIFFERENCE: the paper divides by the sum of the weights themselves. With w = -1 for errors, where
//! lower is better, that sum is negative and the reward would rise as depth gets worse; hence
//! the absolute values.
//!
//! The paper leaves p, q, the target and the weights open. Defaults: p = q = -0.07 (MnasNet's soft
//! constraint), w = +1 for scores and -1 for errors; the caller gives the target. All are marked
//! assumed until a user sets them. Metrics below 1e-6 count as 1e-6, so that one zero does not hide
//! every other metric.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::task::Task;
use crate::validate::metrics::{Direction, Metric};

/// Metrics below this count as this.
const METRIC_FLOOR: f64 = 1e-6;

/// Exponent of MnasNet's soft latency constraint.
const SOFT_EXPONENT: f64 = -0.07;

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Chosen by the user.
    Given,
    /// A default that the paper does not state.
    Assumed,
}

/// A number and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// The number.
    pub value: f64,
    /// Where it comes from.
    pub source: Source,
}

/// A metric in a task's product, equation 7.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedMetric {
    /// The name under which it is measured.
    pub name: String,
    /// w: positive where higher is better, negative where lower is better; not 0.
    pub weight: f64,
}

/// A task and the metrics that judge it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskMetrics {
    /// The task's name, such as `segmentation`.
    pub name: String,
    /// Its metrics; at least one.
    pub metrics: Vec<WeightedMetric>,
}

/// How measurements become one number to maximize.
#[derive(Debug, Clone, PartialEq)]
pub struct Reward {
    /// The tasks, all of equal weight; at least one.
    pub tasks: Vec<TaskMetrics>,
    /// Where the tasks' weights come from.
    pub weights_source: Source,
    /// Exponent up to the target.
    pub p: Setting,
    /// Exponent beyond the target.
    pub q: Setting,
    /// l_h in milliseconds; above 0.
    pub latency_target_ms: Setting,
}

/// A reward and the accuracy in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Equation 6.
    pub accuracy: f64,
    /// Equation 4.
    pub reward: f64,
}

/// Why measurements have no reward.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RewardError {
    /// The evaluation did not measure a metric.
    #[error("the metric `{name}` was not measured; measured: {measured}")]
    Missing {
        /// The metric.
        name: String,
        /// What was measured.
        measured: String,
    },
    /// A measurement is NaN or infinite.
    #[error("`{name}` is {value}")]
    NotFinite {
        /// The metric.
        name: String,
        /// What was measured.
        value: f64,
    },
    /// A latency that no machine has.
    #[error("the latency is {latency_ms} ms; expected a positive number")]
    Latency {
        /// The latency in milliseconds.
        latency_ms: f64,
    },
}

impl Setting {
    /// A value that the user chose.
    #[must_use]
    pub fn given(value: f64) -> Self {
        Self {
            value,
            source: Source::Given,
        }
    }

    /// A default that the paper does not state.
    #[must_use]
    pub fn assumed(value: f64) -> Self {
        Self {
            value,
            source: Source::Assumed,
        }
    }
}

impl TaskMetrics {
    /// How `task` is judged: by all its metrics, with weight 1 where higher is better and -1 where
    /// lower is.
    #[must_use]
    pub fn standard(task: Task) -> Self {
        let metrics = Metric::ALL
            .into_iter()
            .filter(|metric| metric.task() == task);
        let weighted = |metric: Metric| WeightedMetric {
            name: metric.name().to_owned(),
            weight: match metric.direction() {
                Direction::HigherIsBetter => 1.0,
                Direction::LowerIsBetter => -1.0,
            },
        };
        Self {
            name: task.name().to_owned(),
            metrics: metrics.map(weighted).collect(),
        }
    }
}

impl Reward {
    /// The default reward over `tasks` with an assumed latency target, such as the baseline's.
    #[must_use]
    pub fn new(tasks: Vec<TaskMetrics>, latency_target_ms: f64) -> Self {
        Self {
            tasks,
            weights_source: Source::Assumed,
            p: Setting::assumed(SOFT_EXPONENT),
            q: Setting::assumed(SOFT_EXPONENT),
            latency_target_ms: Setting::assumed(latency_target_ms),
        }
    }

    /// The score of a network with these measurements.
    ///
    /// # Errors
    /// When a metric is missing, any measurement is not finite, or the latency is not positive.
    pub fn score(
        &self,
        latency_ms: f64,
        metrics: &BTreeMap<String, f64>,
    ) -> Result<Score, RewardError> {
        check_finite(metrics)?;
        check_latency(latency_ms)?;
        let mut log_accuracy = 0.0;
        let mut task_count = 0.0;
        for task in &self.tasks {
            log_accuracy += log_task(task, metrics)?;
            task_count += 1.0;
        }
        let accuracy = (log_accuracy / task_count).exp();
        let target_ms = self.latency_target_ms.value;
        let beta = if latency_ms <= target_ms {
            self.p.value
        } else {
            self.q.value
        };
        let reward = accuracy * (latency_ms / target_ms).powf(beta);
        Ok(Score { accuracy, reward })
    }

    /// The settings, as journals keep them: weights by task, exponents, target, and the names of
    /// those that are assumed.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let weights = |t: &TaskMetrics| -> BTreeMap<String, f64> {
            t.metrics
                .iter()
                .map(|m| (m.name.clone(), m.weight))
                .collect()
        };
        let tasks: BTreeMap<&str, BTreeMap<String, f64>> = self
            .tasks
            .iter()
            .map(|t| (t.name.as_str(), weights(t)))
            .collect();
        let sources = [
            ("weights", self.weights_source),
            ("p", self.p.source),
            ("q", self.q.source),
            ("latency_target_ms", self.latency_target_ms.source),
        ];
        let assumed = sources
            .iter()
            .filter(|s| s.1 == Source::Assumed)
            .map(|s| s.0);
        json!({
            "weights": tasks,
            "p": self.p.value,
            "q": self.q.value,
            "latency_target_ms": self.latency_target_ms.value,
            "assumed": assumed.collect::<Vec<_>>(),
        })
    }
}

/// ln m_i of equation 7; in logarithms, no product overflows.
fn log_task(task: &TaskMetrics, metrics: &BTreeMap<String, f64>) -> Result<f64, RewardError> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for metric in &task.metrics {
        let value = measurement(&metric.name, metrics)?;
        sum += metric.weight * value.max(METRIC_FLOOR).ln();
        weights += metric.weight.abs();
    }
    Ok(sum / weights)
}

/// Refuses measurements that are NaN or infinite.
pub(super) fn check_finite(measured: &BTreeMap<String, f64>) -> Result<(), RewardError> {
    match measured.iter().find(|(_, value)| !value.is_finite()) {
        Some((name, &value)) => Err(RewardError::NotFinite {
            name: name.clone(),
            value,
        }),
        None => Ok(()),
    }
}

/// Refuses latencies that no machine has.
pub(super) fn check_latency(latency_ms: f64) -> Result<(), RewardError> {
    match latency_ms.is_finite() && latency_ms > 0.0 {
        true => Ok(()),
        false => Err(RewardError::Latency { latency_ms }),
    }
}

/// The measurement called `name`.
pub(super) fn measurement(
    name: &str,
    measured: &BTreeMap<String, f64>,
) -> Result<f64, RewardError> {
    measured
        .get(name)
        .copied()
        .ok_or_else(|| RewardError::Missing {
            name: name.to_owned(),
            measured: measured.keys().cloned().collect::<Vec<_>>().join(", "),
        })
}

#[cfg(test)]
mod tests;

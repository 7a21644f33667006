//! Goals: what a search is after, and what no candidate may exceed.
//!
//! A [`Goal`] is an [`Aim`] under [`Limit`]s. Limits are on what the simulator and the network tell,
//! so that a candidate beyond one costs no training.

mod capacity;
pub(super) mod limit;
mod objective;
mod reward;
mod tally;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

pub use capacity::Capacity;
pub use limit::{Limit, LimitError, Violation};
pub use objective::{Objective, ObjectiveError};
pub use reward::{Reward, RewardError, Score, Setting, Source, TaskMetrics, WeightedMetric};
pub use tally::{Killed, Tally};

use super::plan::Evaluation;
use crate::study::{ACCURACY, Direction, LATENCY_MS, Outcome};

/// What measurements are good for, and which are out of bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// What is optimized.
    pub aim: Aim,
    /// What no candidate may exceed.
    pub limits: Vec<Limit>,
}

/// What is optimized.
#[derive(Debug, Clone, PartialEq)]
pub enum Aim {
    /// Accuracy per latency: equations 4 to 7.
    Reward(Reward),
    /// Arithmetic per latency, where no accuracy is measured.
    Capacity(Capacity),
    /// Measurements as they are; several make a Pareto front.
    Objectives(Vec<Objective>),
}

impl From<Reward> for Goal {
    /// The reward without limits.
    fn from(reward: Reward) -> Self {
        Self {
            aim: Aim::Reward(reward),
            limits: Vec::new(),
        }
    }
}

impl From<Capacity> for Goal {
    /// The capacity without limits.
    fn from(capacity: Capacity) -> Self {
        Self {
            aim: Aim::Capacity(capacity),
            limits: Vec::new(),
        }
    }
}

impl Goal {
    /// Which way every value of a trial is better.
    #[must_use]
    pub fn directions(&self) -> Vec<Direction> {
        match &self.aim {
            Aim::Reward(_) | Aim::Capacity(_) => vec![Direction::Maximize],
            Aim::Objectives(objectives) => objectives.iter().map(|o| o.direction).collect(),
        }
    }

    /// What ends an evaluation before any training: limits that `measured` exceeds, or cannot be held
    /// against since they were not measured. Nothing where all are kept.
    #[must_use]
    pub fn refuse(&self, measured: &BTreeMap<String, f64>) -> Option<Evaluation> {
        match self.beyond(measured) {
            Ok(None) => None,
            Ok(Some(reason)) => Some(Evaluation::Infeasible { reason }),
            Err(problem) => Some(Evaluation::Failed {
                reason: problem.to_string(),
            }),
        }
    }

    /// What an evaluation with these measurements comes to, limits included.
    #[must_use]
    pub fn judge(&self, latency_ms: f64, mut measured: BTreeMap<String, f64>) -> Outcome {
        measured.insert(LATENCY_MS.into(), latency_ms);
        let values = self.beyond(&measured).and_then(|beyond| match beyond {
            Some(reason) => Ok(Err(reason)),
            None => self.values(latency_ms, &mut measured).map(Ok),
        });
        match values {
            Ok(Ok(values)) => Outcome::Complete {
                values,
                metrics: measured.into(),
            },
            Ok(Err(reason)) => Outcome::Infeasible { reason },
            Err(problem) => Outcome::Failed {
                reason: problem.to_string(),
            },
        }
    }

    /// Why `measured` is infeasible; nothing where it keeps all limits.
    fn beyond(&self, measured: &BTreeMap<String, f64>) -> Result<Option<String>, RewardError> {
        let mut violations = Vec::new();
        for limit in &self.limits {
            violations.extend(limit.check(measured)?);
        }
        Ok((!violations.is_empty()).then(|| limit::reason(&violations)))
    }

    /// The values of a trial; adds the accuracy to what was measured.
    fn values(
        &self,
        latency_ms: f64,
        measured: &mut BTreeMap<String, f64>,
    ) -> Result<Vec<f64>, RewardError> {
        match &self.aim {
            Aim::Reward(reward) => {
                let score = reward.score(latency_ms, measured)?;
                measured.insert(ACCURACY.into(), score.accuracy);
                Ok(vec![score.reward])
            }
            Aim::Capacity(capacity) => Ok(vec![capacity.score(latency_ms, measured)?]),
            Aim::Objectives(objectives) => {
                reward::check_finite(measured)?;
                objectives.iter().map(|o| o.value(measured)).collect()
            }
        }
    }

    /// The settings, as journals keep them, by name; null where there is none.
    #[must_use]
    pub fn to_json(&self) -> BTreeMap<String, Json> {
        let mut settings = BTreeMap::new();
        match &self.aim {
            Aim::Reward(reward) => {
                settings.insert("reward".to_owned(), reward.to_json());
            }
            Aim::Capacity(capacity) => {
                settings.insert("objectives".to_owned(), json!(["capacity"]));
                settings.insert("capacity".to_owned(), capacity.to_json());
            }
            Aim::Objectives(objectives) => {
                let names: Vec<&str> = objectives.iter().map(|o| o.metric.as_str()).collect();
                settings.insert("objectives".to_owned(), json!(names));
            }
        }
        let limits: Vec<String> = self.limits.iter().map(ToString::to_string).collect();
        let limits = (!limits.is_empty()).then_some(limits);
        settings.insert("limits".to_owned(), json!(limits));
        settings
    }
}

#[cfg(test)]
mod tests;

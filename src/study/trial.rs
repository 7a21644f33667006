//! Trials: what was proposed, and what came of it.

use super::metrics::Metrics;
use crate::space::Genome;

/// Name of the metric that holds the accuracy of equation 6.
pub const ACCURACY: &str = "accuracy";

/// Name of the metric that holds the simulated latency in milliseconds.
pub const LATENCY_MS: &str = "latency_ms";

/// Which way an objective is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Lower is better.
    Minimize,
    /// Higher is better.
    Maximize,
}

/// What a trial was worth on the way to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rung {
    /// Training steps done.
    pub step: usize,
    /// The value then, of the one objective; finite.
    pub value: f64,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Evaluated to the end.
    Complete {
        /// One per objective of the study, in its order; finite. A reward is the only one.
        values: Vec<f64>,
        /// Everything measured, by name, [`LATENCY_MS`] included; finite.
        metrics: Metrics,
    },
    /// Evaluated on fewer training steps than others, and found not worth the rest.
    Stopped {
        /// One per objective, as measured when it was stopped; finite.
        values: Vec<f64>,
        /// Everything measured by then.
        metrics: Metrics,
    },
    /// The machine cannot run the network: a result, not an error.
    Infeasible {
        /// Which limit, how much was asked, how much there is.
        reason: String,
    },
    /// The evaluation went wrong, or measured something that is not a number.
    Failed {
        /// What went wrong.
        reason: String,
    },
}

/// A proposed genome and, once evaluated, its outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The genome proposed.
    pub genome: Genome,
    /// The trial that this one descends from, and may inherit weights of; of the same genome where it
    /// takes that up again.
    pub parent: Option<usize>,
    /// Its values on the way, in the order of their steps.
    pub rungs: Vec<Rung>,
    /// `None` while it is being evaluated, or when that was cut off.
    pub outcome: Option<Outcome>,
}

impl Trial {
    /// The values of a trial that was evaluated, to the end or not, one per objective.
    #[must_use]
    pub fn values(&self) -> Option<&[f64]> {
        match &self.outcome {
            Some(Outcome::Complete { values, .. } | Outcome::Stopped { values, .. }) => {
                Some(values)
            }
            Some(Outcome::Infeasible { .. } | Outcome::Failed { .. }) | None => None,
        }
    }

    /// Whether it was evaluated to the end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Complete { .. }))
    }

    /// How it ended: `complete`, `stopped`, `infeasible`, `failed` or `unfinished`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.outcome {
            Some(Outcome::Complete { .. }) => "complete",
            Some(Outcome::Stopped { .. }) => "stopped",
            Some(Outcome::Infeasible { .. }) => "infeasible",
            Some(Outcome::Failed { .. }) => "failed",
            None => "unfinished",
        }
    }

    /// Why it has no values, where that is known.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match &self.outcome {
            Some(Outcome::Infeasible { reason } | Outcome::Failed { reason }) => Some(reason),
            Some(Outcome::Complete { .. } | Outcome::Stopped { .. }) | None => None,
        }
    }

    /// Everything that was measured of a trial that was evaluated, to the end or not.
    #[must_use]
    pub fn metrics(&self) -> Option<&Metrics> {
        match &self.outcome {
            Some(Outcome::Complete { metrics, .. } | Outcome::Stopped { metrics, .. }) => {
                Some(metrics)
            }
            Some(Outcome::Infeasible { .. } | Outcome::Failed { .. }) | None => None,
        }
    }

    /// The reward, when the trial has one: the first of its values.
    #[must_use]
    pub fn reward(&self) -> Option<f64> {
        self.values()?.first().copied()
    }

    /// The metric called `name`, when it was measured.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics()?.get(name)
    }
}

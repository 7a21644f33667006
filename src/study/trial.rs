//! Trials and their history: what a study has proposed and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::space::Genome;

/// Name of the metric that holds the accuracy of equation 6.
pub const ACCURACY: &str = "accuracy";

/// Name of the metric that holds the simulated latency in milliseconds.
pub const LATENCY_MS: &str = "latency_ms";

/// What came of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Evaluated and rewarded.
    Complete {
        /// The reward; higher is better; finite.
        reward: f64,
        /// Everything measured, by name, [`ACCURACY`] and [`LATENCY_MS`] included; finite.
        metrics: BTreeMap<String, f64>,
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
    /// `None` while it is being evaluated, or when that was cut off.
    pub outcome: Option<Outcome>,
}

/// All trials of a study, numbered from 0 in the order they were proposed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    trials: Vec<Trial>,
    genomes: BTreeSet<Genome>,
}

impl Trial {
    /// The reward, when the trial has one.
    #[must_use]
    pub fn reward(&self) -> Option<f64> {
        match &self.outcome {
            Some(Outcome::Complete { reward, .. }) => Some(*reward),
            Some(Outcome::Infeasible { .. } | Outcome::Failed { .. }) | None => None,
        }
    }

    /// The metric called `name`, when it was measured.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        match &self.outcome {
            Some(Outcome::Complete { metrics, .. }) => metrics.get(name).copied(),
            Some(Outcome::Infeasible { .. } | Outcome::Failed { .. }) | None => None,
        }
    }
}

impl History {
    /// The trials; the index is the trial's number.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Whether `genome` has been proposed, evaluated or not.
    #[must_use]
    pub fn contains(&self, genome: &Genome) -> bool {
        self.genomes.contains(genome)
    }

    /// How many different genomes have been proposed.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.genomes.len()
    }

    /// Adds a proposed genome and returns its trial's number.
    pub fn propose(&mut self, genome: Genome) -> usize {
        self.genomes.insert(genome.clone());
        self.trials.push(Trial {
            genome,
            outcome: None,
        });
        self.trials.len() - 1
    }

    /// Records the outcome of trial `number`; the first outcome of a trial stays.
    ///
    /// # Panics
    /// When no such trial was proposed.
    pub fn finish(&mut self, number: usize, outcome: Outcome) {
        self.trials[number].outcome.get_or_insert(outcome);
    }

    /// Numbers of the trials without an outcome, in order.
    pub fn unfinished(&self) -> impl Iterator<Item = usize> {
        self.trials
            .iter()
            .enumerate()
            .filter(|(_, t)| t.outcome.is_none())
            .map(|(n, _)| n)
    }
}

//! Trials and their history: what a study has proposed and what came of it.

use std::collections::{BTreeMap, BTreeSet};

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
        metrics: BTreeMap<String, f64>,
    },
    /// Evaluated on fewer training steps than others, and found not worth the rest.
    Stopped {
        /// One per objective, as measured when it was stopped; finite.
        values: Vec<f64>,
        /// Everything measured by then.
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
    /// The trial that this one descends from, and may inherit weights of.
    pub parent: Option<usize>,
    /// Its values on the way, in the order of their steps.
    pub rungs: Vec<Rung>,
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

    /// The reward, when the trial has one: the first of its values.
    #[must_use]
    pub fn reward(&self) -> Option<f64> {
        self.values()?.first().copied()
    }

    /// The metric called `name`, when it was measured.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        match &self.outcome {
            Some(Outcome::Complete { metrics, .. } | Outcome::Stopped { metrics, .. }) => {
                metrics.get(name).copied()
            }
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

    /// Adds a proposed genome, descended from the trial `parent`, and returns its trial's number.
    pub fn propose(&mut self, genome: Genome, parent: Option<usize>) -> usize {
        self.genomes.insert(genome.clone());
        self.trials.push(Trial {
            genome,
            parent,
            rungs: Vec::new(),
            outcome: None,
        });
        self.trials.len() - 1
    }

    /// Records what trial `number` was worth after `rung.step` steps; a step that is known, as when
    /// the trial is evaluated again, stays as it was.
    ///
    /// # Panics
    /// When no such trial was proposed.
    pub fn reach(&mut self, number: usize, rung: Rung) {
        let rungs = &mut self.trials[number].rungs;
        if let Err(place) = rungs.binary_search_by_key(&rung.step, |r| r.step) {
            rungs.insert(place, rung);
        }
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

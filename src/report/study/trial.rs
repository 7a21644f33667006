//! A trial and an objective as records show them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::study::{Direction, Objective, Recorded};

/// A trial.
#[derive(Clone, Debug, Serialize)]
pub struct TrialRecord {
    /// Its number, from 0.
    pub trial: usize,
    /// The genome's short text.
    pub genome: String,
    /// The trial that it descends from.
    pub parent: Option<usize>,
    /// What it has of the study's objectives, by name.
    pub values: BTreeMap<String, f64>,
    /// Everything that was measured, by name.
    pub metrics: BTreeMap<String, f64>,
}

/// Something that trials are compared in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectiveRecord {
    /// What it is called.
    pub name: String,
    /// `minimize` or `maximize`.
    pub direction: &'static str,
}

impl TrialRecord {
    /// Trial `number`, with what it has of the study's objectives and of `also`.
    pub(super) fn new(recorded: &Recorded, also: &[Objective], number: usize) -> Self {
        let trial = &recorded.history.trials()[number];
        let goals = recorded.header.goals();
        let values = goals.iter().chain(also);
        let metrics = trial.metrics().into_iter().flat_map(|m| m.iter());
        Self {
            trial: number,
            genome: recorded.space.text(&trial.genome),
            parent: trial.parent,
            values: values
                .filter_map(|o| Some((o.name.clone(), o.of(trial)?)))
                .collect(),
            metrics: metrics
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    /// What it has of the objective or metric `name`.
    pub(super) fn value(&self, name: &str) -> Option<f64> {
        let value = self.values.get(name).or_else(|| self.metrics.get(name));
        value.copied()
    }
}

impl ObjectiveRecord {
    pub(super) fn new(objective: &Objective) -> Self {
        Self {
            name: objective.name.clone(),
            direction: match objective.direction {
                Direction::Minimize => "minimize",
                Direction::Maximize => "maximize",
            },
        }
    }
}

//! What a controller is told of a trial: its values turned so that higher is better.

use super::super::goal::limit;
use crate::space::Space;
use crate::study::{Direction, History, Outcome, Trial};

/// A trial with an outcome, as controllers see it.
#[derive(Debug)]
pub(in crate::search) struct Told<'a> {
    /// The space of the study.
    pub(in crate::search) space: &'a Space,
    /// The trial's number.
    pub(in crate::search) number: usize,
    /// The proposal of its origin saw the outcomes of so many trials from the first.
    pub(in crate::search) saw: usize,
    /// The trial that its training began in, itself where it continues none, and what that descends
    /// from.
    pub(in crate::search) origin: usize,
    pub(in crate::search) parent: Option<usize>,
    /// The trial.
    pub(in crate::search) trial: &'a Trial,
    /// What came of it.
    pub(in crate::search) worth: Worth,
}

/// What a trial is worth to a controller.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::search) enum Worth {
    /// One number per objective; higher is better.
    Values(Vec<f64>),
    /// No network that counts: how far beyond the limits it is, as a share of what is allowed; the
    /// largest number where that is not known.
    Infeasible(f64),
    /// The evaluation went wrong.
    Unknown,
}

impl<'a> Told<'a> {
    /// The trial `number` of `history`, whose values go in these directions; `saw` says how many trials
    /// a proposal saw.
    pub(in crate::search) fn new(
        (space, history): (&'a Space, &'a History),
        number: usize,
        saw: impl Fn(usize) -> usize,
        directions: &[Direction],
    ) -> Self {
        let trials = history.trials();
        let (trial, origin) = (&trials[number], history.origin(number));
        Self {
            space,
            number,
            saw: saw(origin),
            origin,
            parent: trials[origin].parent,
            trial,
            worth: Worth::of(trial, directions),
        }
    }

    /// The value of the one objective.
    pub(super) fn value(&self) -> Option<f64> {
        match &self.worth {
            Worth::Values(values) => values.first().copied(),
            Worth::Infeasible(_) | Worth::Unknown => None,
        }
    }
}

impl Worth {
    pub(in crate::search) fn of(trial: &Trial, directions: &[Direction]) -> Self {
        if let Some(values) = trial.values() {
            let turned = values.iter().zip(directions).map(|(&v, d)| higher(v, *d));
            return Self::Values(turned.collect());
        }
        match &trial.outcome {
            Some(Outcome::Infeasible { reason }) => {
                Self::Infeasible(limit::excess(reason).unwrap_or(f64::MAX))
            }
            Some(Outcome::Failed { .. } | Outcome::Complete { .. } | Outcome::Stopped { .. })
            | None => Self::Unknown,
        }
    }
}

/// `value` turned so that higher is better.
fn higher(value: f64, direction: Direction) -> f64 {
    match direction {
        Direction::Maximize => value,
        Direction::Minimize => -value,
    }
}

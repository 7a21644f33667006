//! Successive halving: trials are trained in legs, and after each only the better ones go on.
//!
//! The stopping type of ASHA (Li et al., "A System for Massively Parallel Hyperparameter Tuning",
//! with stopping in the place of pausing, as in Syne Tune). Trial n, at a rung where it is worth v,
//! sees the trials up to n - W that reached that rung, as its proposal does. With k of them and one
//! in eta kept, it goes on when fewer than j = floor((k + 1) / eta) of them are better than v, and
//! always where j is 0: too few are seen to say anything.
//!
//! So the least value that goes on, the [`Hurdle`], is known when the trial is proposed, and what
//! becomes of a trial does not depend on who is faster.
//!
//! DIFFERENCE: ASHA compares with whatever has been measured by then; here later arrivals among the
//! last W trials are not seen, which is what makes a search replay.

use std::num::NonZeroUsize;

use serde::Serialize;

use crate::study::{Direction, Rung, Trial};

/// Where trainings are interrupted to be compared, and how many go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rungs {
    /// Training steps, rising; the whole training has more than the last of them.
    steps: Vec<usize>,
    /// eta: one trial in so many goes on.
    keep_one_in: usize,
}

/// Rungs that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RungsError {
    /// No rung, or one that is not above the one before it.
    #[error("the rungs are {found:?} steps; expected one or more numbers above 0 that rise")]
    Steps {
        /// What was given.
        found: Vec<usize>,
    },
    /// A share of all, or more.
    #[error("one trial in {found} goes on; expected one in 2 or more")]
    Share {
        /// What was given.
        found: usize,
    },
}

/// What a trial has to be worth at a rung to be trained further.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hurdle {
    /// Training steps.
    pub step: usize,
    /// The worst value that goes on; nothing where all do.
    pub bar: Option<f64>,
    /// Which way values are better.
    pub direction: Direction,
}

impl Rungs {
    /// Compares after each of `steps`, and lets one trial in `keep_one_in` go on.
    ///
    /// # Errors
    /// Steps that do not rise, and shares above a half.
    pub fn new(steps: Vec<usize>, keep_one_in: NonZeroUsize) -> Result<Self, RungsError> {
        let keep_one_in = keep_one_in.get();
        if keep_one_in < 2 {
            return Err(RungsError::Share { found: keep_one_in });
        }
        let rises = steps.windows(2).all(|pair| pair[0] < pair[1]);
        if !rises || steps.first().is_none_or(|&first| first == 0) {
            return Err(RungsError::Steps { found: steps });
        }
        Ok(Self { steps, keep_one_in })
    }

    /// Training steps of the rungs.
    #[must_use]
    pub fn steps(&self) -> &[usize] {
        &self.steps
    }

    /// One trial in so many goes on.
    #[must_use]
    pub fn keep_one_in(&self) -> usize {
        self.keep_one_in
    }

    /// The hurdles of a trial that sees `visible`, worked out from these trials anew: the plain
    /// reading of the rule.
    pub(super) fn hurdles(&self, visible: &[Trial], direction: Direction) -> Vec<Hurdle> {
        let of = |&step: &usize| {
            let values = visible.iter().filter_map(|trial| value_at(trial, step));
            let mut values: Vec<f64> = values.collect();
            values.sort_by(|a, b| match direction {
                Direction::Maximize => b.total_cmp(a),
                Direction::Minimize => a.total_cmp(b),
            });
            self.hurdle(step, &values, direction)
        };
        self.steps.iter().map(of).collect()
    }

    /// The hurdle at `step` before the values of others there, best first.
    fn hurdle(&self, step: usize, best_first: &[f64], direction: Direction) -> Hurdle {
        let go_on = (best_first.len() + 1) / self.keep_one_in;
        let bar = go_on.checked_sub(1).map(|last| best_first[last]);
        Hurdle {
            step,
            bar,
            direction,
        }
    }
}

impl Hurdle {
    /// Whether a trial of this value is trained further; equals of the last one are.
    #[must_use]
    pub fn lets_pass(&self, value: f64) -> bool {
        self.bar.is_none_or(|bar| match self.direction {
            Direction::Maximize => value >= bar,
            Direction::Minimize => value <= bar,
        })
    }

    /// Whether this is the rung at which a trial of these `rungs` stands: it has not got there, or
    /// no further.
    pub(super) fn is_ahead_of(&self, rungs: &[Rung]) -> bool {
        let passed = |rung: &Rung| rung.step == self.step && self.lets_pass(rung.value);
        !rungs.iter().any(passed)
    }
}

/// The values seen at every rung: what the hurdles of the next trial are read from.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    rungs: Rungs,
    direction: Direction,
    /// Per rung, best first. Making room for a value moves those behind it: eight bytes for each of
    /// the trials that were trained, which is nothing beside a training.
    values: Vec<Vec<f64>>,
}

impl Ladder {
    pub(super) fn new(rungs: Rungs, direction: Direction) -> Self {
        Self {
            values: vec![Vec::new(); rungs.steps.len()],
            direction,
            rungs,
        }
    }

    pub(super) fn rungs(&self) -> &Rungs {
        &self.rungs
    }

    pub(super) fn direction(&self) -> Direction {
        self.direction
    }

    /// The ladder before its first trial.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.rungs.clone(), self.direction)
    }

    /// Takes in a trial that has an outcome.
    pub(super) fn tell(&mut self, trial: &Trial) {
        for (&step, values) in self.rungs.steps.iter().zip(&mut self.values) {
            let Some(value) = value_at(trial, step) else {
                continue;
            };
            let place = values.partition_point(|other| match self.direction {
                Direction::Maximize => *other >= value,
                Direction::Minimize => *other <= value,
            });
            values.insert(place, value);
        }
    }

    /// The hurdles of the next trial.
    pub(super) fn hurdles(&self) -> Vec<Hurdle> {
        let rungs = self.rungs.steps.iter().zip(&self.values);
        let hurdles = rungs.map(|(&step, values)| self.rungs.hurdle(step, values, self.direction));
        hurdles.collect()
    }
}

fn value_at(trial: &Trial, step: usize) -> Option<f64> {
    let rung = trial.rungs.iter().find(|rung| rung.step == step)?;
    Some(rung.value)
}

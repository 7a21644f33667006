//! Successive halving: trials are trained in legs, and after each only the better ones go on.
//!
//! This is ASHA (Li et al., "A System for Massively Parallel Hyperparameter Tuning"). Trial n, at a
//! rung where it is worth v, sees the trials up to n - W that reached that rung, as its proposal does.
//! With k of them and one in eta kept, it goes on when fewer than j = floor((k + 1) / eta) of them are
//! better than v. So the least value that goes on, the [`Hurdle`], is known when the trial is
//! proposed, and what becomes of a trial does not depend on who is faster.
//!
//! Two types differ in what becomes of the others:
//!
//! - The stopping type (as in Syne Tune) is done with them. Where j is 0, a trial goes on: too few are
//!   seen to say anything.
//! - The promoting type takes up again, before anything new is proposed, a trial that was stopped and
//!   is one of the best floor(k / eta) of the k that are seen at its rung by now. That is a trial of
//!   its own with the same genome, whose parent is the one that it continues. Where j is 0, a trial
//!   is stopped: it loses nothing by it.
//!
//! DIFFERENCE: ASHA compares with whatever has been measured by then; here later arrivals among the
//! last W trials are not seen, which is what makes a search replay.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use serde::Serialize;

use crate::study::{Direction, Outcome, Rung, Trial};

/// Where trainings are interrupted to be compared, and how many go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rungs {
    /// Training steps, rising; the whole training has more than the last of them.
    steps: Vec<usize>,
    /// eta of each rung: one trial in so many goes on.
    keep_one_in: Vec<usize>,
    /// Whether trials that were stopped are taken up again.
    promotes: bool,
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
    /// Shares that are not one for all or one per rung.
    #[error("there are {found} shares that go on; expected 1, or {rungs}, one per rung")]
    Shares {
        /// How many were given.
        found: usize,
        /// How many rungs there are.
        rungs: usize,
    },
}

/// What a trial has to be worth at a rung to be trained further.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hurdle {
    /// Training steps.
    pub step: usize,
    /// Which values go on.
    pub bar: Bar,
    /// Which way values are better.
    pub direction: Direction,
}

/// Which values go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// All.
    Open,
    /// Those that are no worse.
    Least(f64),
    /// None.
    Closed,
}

impl Rungs {
    /// Compares after each of `steps`, and lets one trial in `keep_one_in` go on: one number for all
    /// rungs, or one for each.
    ///
    /// # Errors
    /// Steps that do not rise, shares above a half, and a wrong number of them.
    pub fn new(steps: Vec<usize>, keep_one_in: &[NonZeroUsize]) -> Result<Self, RungsError> {
        let mut keep_one_in: Vec<usize> = keep_one_in.iter().map(|eta| eta.get()).collect();
        if let Some(&found) = keep_one_in.iter().find(|&&eta| eta < 2) {
            return Err(RungsError::Share { found });
        }
        let rises = steps.windows(2).all(|pair| pair[0] < pair[1]);
        if !rises || steps.first().is_none_or(|&first| first == 0) {
            return Err(RungsError::Steps { found: steps });
        }
        if let [all] = keep_one_in[..] {
            keep_one_in = vec![all; steps.len()];
        }
        if keep_one_in.len() != steps.len() {
            let (found, rungs) = (keep_one_in.len(), steps.len());
            return Err(RungsError::Shares { found, rungs });
        }
        Ok(Self {
            steps,
            keep_one_in,
            promotes: false,
        })
    }

    /// The same rungs of the promoting type.
    #[must_use]
    pub fn promoting(self) -> Self {
        Self {
            promotes: true,
            ..self
        }
    }

    /// Training steps of the rungs.
    #[must_use]
    pub fn steps(&self) -> &[usize] {
        &self.steps
    }

    /// One trial in so many goes on, per rung.
    #[must_use]
    pub fn keep_one_in(&self) -> &[usize] {
        &self.keep_one_in
    }

    /// Whether trials that were stopped are taken up again.
    #[must_use]
    pub fn promotes(&self) -> bool {
        self.promotes
    }

    /// The hurdles of a trial that sees `visible`, worked out from these trials anew: the plain
    /// reading of the rule.
    pub(super) fn hurdles(&self, visible: &[Trial], direction: Direction) -> Vec<Hurdle> {
        let of = |rung: usize| {
            let values = visible
                .iter()
                .filter_map(|trial| value_at(trial, self.steps[rung]));
            let mut values: Vec<f64> = values.collect();
            values.sort_by(|a, b| match direction {
                Direction::Maximize => b.total_cmp(a),
                Direction::Minimize => a.total_cmp(b),
            });
            self.hurdle(rung, values.len(), |place| values[place], direction)
        };
        (0..self.steps.len()).map(of).collect()
    }

    /// The hurdle at a rung that `seen` others have reached, whose values are `best_first`.
    fn hurdle(
        &self,
        rung: usize,
        seen: usize,
        best_first: impl Fn(usize) -> f64,
        direction: Direction,
    ) -> Hurdle {
        let go_on = (seen + 1) / self.keep_one_in[rung];
        let bar = match go_on.checked_sub(1) {
            Some(last) => Bar::Least(best_first(last)),
            None if self.promotes => Bar::Closed,
            None => Bar::Open,
        };
        Hurdle {
            step: self.steps[rung],
            bar,
            direction,
        }
    }
}

impl Hurdle {
    /// Whether a trial of this value is trained further; equals of the last one are.
    #[must_use]
    pub fn lets_pass(&self, value: f64) -> bool {
        match (self.bar, self.direction) {
            (Bar::Open, _) => true,
            (Bar::Least(bar), Direction::Maximize) => value >= bar,
            (Bar::Least(bar), Direction::Minimize) => value <= bar,
            (Bar::Closed, _) => false,
        }
    }

    /// Whether this is the rung at which a trial of these `rungs` stands: it has not got there, or
    /// no further.
    pub(super) fn is_ahead_of(&self, rungs: &[Rung]) -> bool {
        let passed = |rung: &Rung| rung.step == self.step && self.lets_pass(rung.value);
        !rungs.iter().any(passed)
    }
}

/// The values seen at every rung: what the hurdles of the next trial are read from, and whether it
/// continues another.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    rungs: Rungs,
    direction: Direction,
    /// Per rung, best first, earlier trials before equal ones. Making room for a value moves those
    /// behind it: 24 bytes for each of the trials that were trained, which is nothing beside a training.
    seen: Vec<Vec<Seen>>,
    /// Trials that were taken up again.
    continued: BTreeSet<usize>,
}

/// A trial at a rung.
#[derive(Debug, Clone, Copy)]
struct Seen {
    value: f64,
    number: usize,
    /// Whether it went no further.
    is_stopped: bool,
}

impl Ladder {
    pub(super) fn new(rungs: Rungs, direction: Direction) -> Self {
        Self {
            seen: vec![Vec::new(); rungs.steps.len()],
            continued: BTreeSet::new(),
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

    /// Takes in the trial `number`, which has an outcome.
    pub(super) fn tell(&mut self, number: usize, trial: &Trial) {
        let is_stopped = matches!(trial.outcome, Some(Outcome::Stopped { .. }));
        let last = trial.rungs.last().map(|rung| rung.step);
        for (&step, seen) in self.rungs.steps.iter().zip(&mut self.seen) {
            let Some(value) = value_at(trial, step) else {
                continue;
            };
            let place = seen.partition_point(|other| match self.direction {
                Direction::Maximize => other.value >= value,
                Direction::Minimize => other.value <= value,
            });
            let is_stopped = is_stopped && last == Some(step);
            seen.insert(
                place,
                Seen {
                    value,
                    number,
                    is_stopped,
                },
            );
        }
    }

    /// The hurdles of the next trial.
    pub(super) fn hurdles(&self) -> Vec<Hurdle> {
        let rungs = self.seen.iter().enumerate();
        let hurdles = rungs.map(|(rung, seen)| {
            let value = |place: usize| seen[place].value;
            self.rungs.hurdle(rung, seen.len(), value, self.direction)
        });
        hurdles.collect()
    }

    /// The stopped trial that is to be taken up again: the best one of the highest rung that has one.
    pub(super) fn promoted(&self) -> Option<usize> {
        let rungs = self.seen.iter().zip(&self.rungs.keep_one_in).rev();
        let mut rungs = rungs.filter(|_| self.rungs.promotes);
        let is_due = |seen: &&Seen| seen.is_stopped && !self.continued.contains(&seen.number);
        let due = rungs.find_map(|(seen, eta)| seen[..seen.len() / eta].iter().find(is_due));
        due.map(|seen| seen.number)
    }

    /// Takes in that a trial continues the trial `number`.
    pub(super) fn take_up(&mut self, number: usize) {
        self.continued.insert(number);
    }
}

fn value_at(trial: &Trial, step: usize) -> Option<f64> {
    let rung = trial.rungs.iter().find(|rung| rung.step == step)?;
    Some(rung.value)
}

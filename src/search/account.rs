//! What a search spent on training, what it would have spent without its savings, and what each of
//! them did.

use std::num::NonZeroUsize;

use super::cheaper::Cheaper;
use super::chooser::fit_all;
use super::predict::Ensemble;
use crate::space::Space;
use crate::study::{Direction, History, Outcome, Trial};

/// The metric that holds the share of a network's weights that were its parent's, 0 to 1.
pub const INHERITED: &str = "inherited";

/// The training of a study, in steps. Trials that failed count by the last value they reached.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Networks that were trained, to the end or not: trials that continue others count with these.
    pub trained: usize,
    /// Steps that were trained.
    pub steps: usize,
    /// Steps that training all of them to the end from random weights would have taken.
    pub full_steps: usize,
    /// Per rung, how many trials got there, and how many went no further.
    pub stops: Vec<Stops>,
    /// Trials that started from their parent's weights.
    pub heirs: usize,
    /// The share of their weights that they inherited, in the mean over them; 0 to 1.
    pub inherited: Option<f64>,
    /// The predictor that has seen the whole study, where one was asked for and there are enough
    /// trials.
    pub predictor: Option<Ensemble>,
}

/// What a rung did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stops {
    /// Training steps.
    pub step: usize,
    /// Trials that got there.
    pub reached: usize,
    /// Trials that were stopped there and not taken up again.
    pub stopped: usize,
}

impl Account {
    /// The account of `history`, whose whole trainings have `steps` steps.
    #[must_use]
    pub fn of(
        (space, history, seed): (&Space, &History, u64),
        cheaper: &Cheaper,
        steps: NonZeroUsize,
        direction: Direction,
    ) -> Self {
        let rungs = cheaper.rungs.as_ref().map_or(&[][..], |r| r.steps());
        let mut account = Self {
            stops: rungs.iter().map(|&step| Stops::of(step, history)).collect(),
            ..Self::default()
        };
        let mut shares = (0.0, 0.0);
        for (number, trial) in history.trials().iter().enumerate() {
            let inherited = trial.metric(INHERITED);
            let shorter = cheaper.inherit_steps.filter(|_| inherited.is_some());
            let whole = shorter.unwrap_or(steps.get());
            let trained = steps_of(trial, whole);
            if trained == 0 {
                continue;
            }
            if let Some(continued) = history.continued_by(number) {
                account.steps += trained - steps_of(&history.trials()[continued], whole);
                continue;
            }
            account.trained += 1;
            account.steps += trained;
            account.full_steps += steps.get();
            if let Some(inherited) = inherited {
                account.heirs += 1;
                shares = (shares.0 + inherited, shares.1 + 1.0);
            }
        }
        if account.heirs > 0 {
            account.inherited = Some(shares.0 / shares.1);
        }
        if cheaper.candidates.is_some() {
            account.predictor = fit_all(space, history, direction, seed);
        }
        account
    }

    /// The share of the steps that was saved, 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^52")]
    pub fn saved_share(&self) -> f64 {
        match self.full_steps {
            0 => 0.0,
            full => 1.0 - self.steps as f64 / full as f64,
        }
    }
}

impl Stops {
    fn of(step: usize, history: &History) -> Self {
        let trials = history.trials();
        let at = |trial: &&Trial| trial.rungs.iter().any(|rung| rung.step == step);
        let is_stopped = |trial: &Trial| {
            let is_last = trial.rungs.last().is_some_and(|rung| rung.step == step);
            is_last && matches!(trial.outcome, Some(Outcome::Stopped { .. }))
        };
        let continued = (0..trials.len()).filter_map(|number| history.continued_by(number));
        let continued = continued
            .filter(|&number| is_stopped(&trials[number]))
            .count();
        let stopped = trials.iter().filter(|trial| is_stopped(trial)).count();
        Self {
            step,
            reached: trials.iter().filter(at).count(),
            stopped: stopped - continued,
        }
    }
}

/// Steps that a trial was trained, of the `whole`.
fn steps_of(trial: &Trial, whole: usize) -> usize {
    match trial.outcome {
        Some(Outcome::Complete { .. }) => whole,
        Some(Outcome::Stopped { .. } | Outcome::Failed { .. } | Outcome::Infeasible { .. })
        | None => trial.rungs.last().map_or(0, |rung| rung.step),
    }
}

//! Several proposals a trial, of which a predictor picks the most promising.
//!
//! Any controller makes the proposals. The predictor knows the trials that may be seen and no other;
//! it is fitted anew when their number has grown by a quarter, so that proposal n depends on the
//! seed and the visible trials alone and a search of many trials spends little on fitting. As long
//! as it cannot rank what it has not seen, by its own measure, the first proposal stands.

use super::controller::Proposal;
use super::predict::{Ensemble, GENOMES_MIN};
use crate::space::{Genome, Space};
use crate::study::{Direction, History};

/// The rank correlation out of bag from which on predictions count.
pub const TRUSTED_FROM: f64 = 0.2;

/// The evaluated trials grow by one part in so many between two fits.
const REFIT_SHARE: usize = 4;

/// A predictor and what it has seen.
#[derive(Debug, Clone)]
pub(super) struct Chooser {
    /// Proposals per trial.
    candidates: usize,
    direction: Direction,
    /// The evaluated trials that may be seen.
    seen: Vec<usize>,
    /// How many of them the predictor is to be fitted to; 0 before the first time.
    due: usize,
    fitted: Option<Fitted>,
}

#[derive(Debug, Clone)]
struct Fitted {
    trials: usize,
    /// Nothing where it is not to be trusted.
    ensemble: Option<Ensemble>,
}

impl Chooser {
    pub(super) fn new(candidates: usize, direction: Direction) -> Self {
        Self {
            candidates,
            direction,
            seen: Vec::new(),
            due: 0,
            fitted: None,
        }
    }

    /// The chooser before its first trial.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.candidates, self.direction)
    }

    /// Takes in a trial that has an outcome.
    pub(super) fn tell(&mut self, number: usize, history: &History) {
        if lesson(history, number, self.direction).is_none() {
            return;
        }
        self.seen.push(number);
        let next = match self.due {
            0 => GENOMES_MIN,
            due => due + due.div_ceil(REFIT_SHARE),
        };
        if self.seen.len() == next {
            self.due = next;
        }
    }

    /// The best of the proposals by `propose`, which is told which one in turn it is to make.
    pub(super) fn choose(
        &mut self,
        (space, history, seed): (&Space, &History, u64),
        mut propose: impl FnMut(usize) -> Option<Proposal>,
    ) -> Option<Proposal> {
        self.fit(space, history, seed);
        let first = propose(0)?;
        let ensemble = self.fitted.as_ref().and_then(|f| f.ensemble.as_ref());
        let Some(ensemble) = ensemble else {
            return Some(first);
        };
        let value = |proposal: &Proposal| ensemble.predict(&proposal.genome).mean;
        let mut best = (value(&first), first);
        for turn in 1..self.candidates {
            let Some(rival) = propose(turn) else { break };
            let predicted = value(&rival);
            if predicted > best.0 {
                best = (predicted, rival);
            }
        }
        Some(best.1)
    }

    fn fit(&mut self, space: &Space, history: &History, seed: u64) {
        if self.due == 0 || self.fitted.as_ref().is_some_and(|f| f.trials == self.due) {
            return;
        }
        let numbers = self.seen[..self.due].iter().copied();
        let ensemble = fit(space, history, numbers, self.direction, seed);
        self.fitted = Some(Fitted {
            trials: self.due,
            ensemble: ensemble.filter(|e| e.rank_correlation() > TRUSTED_FROM),
        });
    }
}

/// The predictor that has seen all of a study; nothing where it is too short or all trials are
/// worth the same.
pub(super) fn fit_all(
    space: &Space,
    history: &History,
    direction: Direction,
    seed: u64,
) -> Option<Ensemble> {
    fit(space, history, 0..history.trials().len(), direction, seed)
}

fn fit(
    space: &Space,
    history: &History,
    numbers: impl Iterator<Item = usize>,
    direction: Direction,
    seed: u64,
) -> Option<Ensemble> {
    let lessons = numbers.filter_map(|number| {
        let genome = &history.trials()[number].genome;
        Some((genome, lesson(history, number, direction)?))
    });
    let lessons: Vec<(&Genome, f64)> = lessons.collect();
    Ensemble::fit(space, &lessons, seed)
}

/// What a trial teaches; higher is better. Where there are rungs it is the value at the first, since
/// there all trials have been trained for equally long; one that continues another teaches nothing.
fn lesson(history: &History, number: usize, direction: Direction) -> Option<f64> {
    let trial = &history.trials()[number];
    if history.continued_by(number).is_some() {
        return None;
    }
    let end = || trial.values()?.first().copied();
    let value = match trial.rungs.first() {
        Some(rung) => Some(rung.value),
        None => end(),
    }?;
    trial.outcome.as_ref()?;
    Some(match direction {
        Direction::Maximize => value,
        Direction::Minimize => -value,
    })
}

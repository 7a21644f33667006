//! Local search: hill climbing over the neighbors of a genome, from a new place when none is better.
//!
//! A climb stands on a trial. Its neighbors, one decision away, are tried in random order; the first
//! one that is better is stood on next. Where all neighbors were tried, a uniform draw begins the
//! next climb. Trials begun together, as several workers do, give the climb the best of them; and a
//! start that was drawn before the climb came to its top ends it only by being better. A trial that
//! continues another one stands for that one.

use rand::Rng;
use rand::seq::IteratorRandom;
use serde::{Deserialize, Serialize};

use super::{Ask, Proposal, Told, fresh};
use crate::space::Genome;

/// Neighbors drawn before all of them are listed.
const DRAWS: usize = 16;

/// Hill climbing with restarts; it has no settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local;

/// Where the climb stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Climb {
    top: Option<Top>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Top {
    number: usize,
    value: f64,
}

impl Climb {
    pub(super) fn tell(&mut self, told: &Told) {
        let Some(value) = told.value() else { return };
        let Some(top) = self.top else {
            self.top = Some(Top::of(told, value));
            return;
        };
        let is_better = value > top.value;
        let goes_on = match told.parent {
            // A trial that was taken up again is worth what it is worth now.
            _ if told.origin == top.number => true,
            Some(parent) => parent == top.number && is_better,
            // A start is drawn where the top that was known had no neighbor left.
            None => is_better || top.number < told.saw,
        };
        if goes_on {
            self.top = Some(Top::of(told, value));
        }
    }

    /// Whether the climb stands on the trial.
    pub(super) fn stands_on(&self, number: usize) -> bool {
        self.top.is_some_and(|top| top.number == number)
    }

    pub(super) fn ask(&self, ask: &Ask, rng: &mut impl Rng) -> Option<Proposal> {
        let near = self.top.and_then(|top| {
            let genome = neighbor(ask, ask.genome(top.number), rng)?;
            Some(Proposal {
                genome,
                parent: Some(top.number),
            })
        });
        near.or_else(|| fresh::uniform(ask, rng).map(Proposal::orphan))
    }
}

impl Top {
    fn of(told: &Told, value: f64) -> Self {
        Self {
            number: told.origin,
            value,
        }
    }
}

/// A neighbor that was not proposed; nothing where all were.
fn neighbor(ask: &Ask, genome: &Genome, rng: &mut impl Rng) -> Option<Genome> {
    let mut drawn = (0..DRAWS).map_while(|_| ask.space.mutate(genome, rng));
    if let Some(new) = drawn.find(|near| ask.is_new(near)) {
        return Some(new);
    }
    let all = ask.space.neighbors(genome);
    all.filter(|near| ask.is_new(near)).choose(rng)
}

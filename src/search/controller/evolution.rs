//! Regularized evolution: the best of a few young parents has a mutated child; the oldest dies.
//!
//! The population is the last P trials that have a reward. A parent is the best of S draws from it;
//! its child differs from it in one decision. The first P proposals are uniform.
//!
//! Source: Real et al., "Regularized Evolution for Image Classifier Architecture Search", whose
//! published notebook draws with replacement; PyGlove's `regularized_evolution` draws without.
//! DIFFERENCE: the mutation always changes the genome, and a child that was already proposed is
//! mutated again, so that no training is spent twice.

use std::collections::VecDeque;

use rand::seq::index;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::{Ask, Proposal, Told, fresh};

/// Regularized evolution and its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evolution {
    /// P: trials alive at a time, and uniform proposals to begin with; at least 1.
    pub population: usize,
    /// S: draws per tournament; at least 1.
    pub tournament: usize,
    /// How a tournament draws.
    pub draws: Draws,
}

/// How the members of a tournament are drawn from the population.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Draws {
    /// One member may be drawn several times, as in the authors' notebook.
    #[default]
    WithReplacement,
    /// Every member is drawn at most once, as in PyGlove.
    WithoutReplacement,
}

/// The trials alive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Population {
    settings: Evolution,
    /// From old to young.
    members: VecDeque<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Member {
    number: usize,
    value: f64,
}

impl Default for Evolution {
    /// P = 100, S = 25, as in the paper that introduced it.
    fn default() -> Self {
        Self {
            population: 100,
            tournament: 25,
            draws: Draws::default(),
        }
    }
}

impl Population {
    pub(super) fn new(settings: Evolution) -> Self {
        Self {
            settings,
            members: VecDeque::new(),
        }
    }

    /// Infeasible and failed trials never take a place.
    pub(super) fn tell(&mut self, told: &Told) {
        let Some(value) = told.value() else { return };
        self.members.push_back(Member {
            number: told.number,
            value,
        });
        if self.members.len() > self.settings.population {
            self.members.pop_front();
        }
    }

    /// Whether the trial is alive.
    pub(super) fn holds(&self, number: usize) -> bool {
        self.members.iter().any(|member| member.number == number)
    }

    pub(super) fn ask(&self, ask: &Ask, rng: &mut impl Rng) -> Option<Proposal> {
        if ask.number() < self.settings.population || self.members.is_empty() {
            return fresh::uniform(ask, rng).map(Proposal::orphan);
        }
        let parent = self.parent(rng);
        let genome = fresh::mutant(ask, ask.genome(parent), rng)?;
        Some(Proposal {
            genome,
            parent: Some(parent),
        })
    }

    /// The winner of a tournament; the first drawn of equals.
    fn parent(&self, rng: &mut impl Rng) -> usize {
        let alive = self.members.len();
        let first = self.members[rng.random_range(0..alive)];
        let best = match self.settings.draws {
            Draws::WithReplacement => (1..self.settings.tournament)
                .map(|_| self.members[rng.random_range(0..alive)])
                .fold(first, Member::best),
            Draws::WithoutReplacement => {
                let drawn = index::sample(rng, alive, self.settings.tournament.clamp(1, alive));
                let mut drawn = drawn.into_iter().map(|at| self.members[at]);
                let first = drawn.next().unwrap_or(first);
                drawn.fold(first, Member::best)
            }
        };
        best.number
    }
}

impl Member {
    fn best(self, rival: Self) -> Self {
        if rival.value > self.value {
            rival
        } else {
            self
        }
    }
}

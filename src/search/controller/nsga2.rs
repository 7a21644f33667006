//! NSGA-II: generations of P trials, ranked by Pareto fronts, then by how much room they leave.
//!
//! The first P trials are uniform. After every P trials the best P of parents and children become
//! parents. A child has two parents, each the winner of a tournament of two; it takes every decision
//! from one of them and is then changed in one decision.
//!
//! Source: Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II"; trials over a
//! limit are ranked as its section VI says: behind every feasible one, by how far beyond they are.
//! DIFFERENCE: one decision is changed, not each with probability 1/n, and a child that was already
//! proposed is changed again, so that no training is spent twice. Failed trials have no rank.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::super::pareto::{crowding, dominates, fronts};
use super::{Ask, Proposal, Told, Worth, fresh};

/// NSGA-II and its settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Nsga2 {
    /// P: parents, and trials of a generation; at least 2.
    pub population: usize,
    /// The share of children with two parents, from 0 to 1; the others are changed copies.
    pub crossover: f64,
}

/// The parents and the trials of the generation under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Generations {
    settings: Nsga2,
    parents: Vec<Member>,
    children: Vec<Member>,
    /// Trials told of in this generation, the failed ones too.
    told: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Member {
    number: usize,
    /// Higher is better; empty where infeasible.
    values: Vec<f64>,
    /// How far beyond the limits; 0 where feasible.
    excess: f64,
    /// The front, from 0.
    rank: usize,
    /// The room within the front.
    room: f64,
}

impl Default for Nsga2 {
    /// P = 100 and nine children in ten with two parents, as in the paper that introduced it.
    fn default() -> Self {
        Self {
            population: 100,
            crossover: 0.9,
        }
    }
}

impl Generations {
    pub(super) fn new(settings: Nsga2) -> Self {
        Self {
            settings,
            parents: Vec::new(),
            children: Vec::new(),
            told: 0,
        }
    }

    pub(super) fn tell(&mut self, told: &Told) {
        self.children.extend(Member::of(told));
        self.told += 1;
        if self.told >= self.settings.population {
            let mut all = std::mem::take(&mut self.parents);
            all.append(&mut self.children);
            self.parents = selected(all, self.settings.population);
            self.told = 0;
        }
    }

    /// Whether the trial is alive.
    pub(super) fn holds(&self, number: usize) -> bool {
        let mut alive = self.parents.iter().chain(&self.children);
        alive.any(|member| member.number == number)
    }

    pub(super) fn ask(&self, ask: &Ask, rng: &mut impl Rng) -> Option<Proposal> {
        if ask.number() < self.settings.population || self.parents.is_empty() {
            return fresh::uniform(ask, rng).map(Proposal::orphan);
        }
        let (one, other) = (self.parent(rng), self.parent(rng));
        let first = ask.genome(one);
        let child = match rng.random_bool(self.settings.crossover.clamp(0.0, 1.0)) {
            true => ask.space.cross(first, ask.genome(other), rng),
            false => first.clone(),
        };
        Some(Proposal {
            genome: fresh::mutant(ask, &child, rng)?,
            parent: Some(one),
        })
    }

    /// The better of two parents drawn; the first of equals.
    fn parent(&self, rng: &mut impl Rng) -> usize {
        let mut draw = || &self.parents[rng.random_range(0..self.parents.len())];
        let (one, other) = (draw(), draw());
        let is_better = (other.rank, -other.room) < (one.rank, -one.room);
        if is_better { other.number } else { one.number }
    }
}

impl Member {
    fn of(told: &Told) -> Option<Self> {
        let (values, excess) = match &told.worth {
            Worth::Values(values) => (values.clone(), 0.0),
            Worth::Infeasible(excess) => (Vec::new(), *excess),
            Worth::Unknown => return None,
        };
        Some(Self {
            number: told.number,
            values,
            excess,
            rank: 0,
            room: 0.0,
        })
    }

    fn is_feasible(&self) -> bool {
        !self.values.is_empty()
    }

    /// Whether this one comes before `other`, limits first.
    fn dominates(&self, other: &Self) -> bool {
        match (self.is_feasible(), other.is_feasible()) {
            (true, true) => dominates(&self.values, &other.values),
            (false, false) => self.excess < other.excess,
            (feasible, _) => feasible,
        }
    }
}

/// The best `count` of `all`, ranked: whole fronts, and of the front that does not fit the members
/// with the most room.
fn selected(all: Vec<Member>, count: usize) -> Vec<Member> {
    let mut kept = Vec::with_capacity(count);
    let dominates = |a: usize, b: usize| all[a].dominates(&all[b]);
    for (rank, front) in fronts(all.len(), dominates).into_iter().enumerate() {
        let points: Vec<&[f64]> = front.iter().map(|&at| all[at].values.as_slice()).collect();
        let rooms = crowding(&points);
        let ranked = front.iter().zip(rooms).map(|(&at, room)| Member {
            rank,
            room,
            ..all[at].clone()
        });
        let mut ranked: Vec<Member> = ranked.collect();
        ranked.sort_by(|a, b| b.room.total_cmp(&a.room).then(a.number.cmp(&b.number)));
        ranked.truncate(count - kept.len());
        kept.append(&mut ranked);
        if kept.len() == count {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests;

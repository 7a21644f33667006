//! Regularized evolution: the best of a few young parents has a mutated child; the oldest dies.
//!
//! The population is the last P trials that have a reward. A parent is the best of S draws from it
//! *with replacement*; its child differs from it in one decision. The first P proposals are uniform.
//!
//! Source: Real et al., "Regularized Evolution for Image Classifier Architecture Search", and its
//! published notebook. DIFFERENCE: the mutation always changes the genome, and a child that was
//! already proposed is mutated again, so that no training is spent twice.

use rand::{Rng, RngExt};
use serde_json::{Value as Json, json};

use super::controller::Ask;
use super::random::Random;
use super::seeds;
use crate::space::Genome;

/// Regularized evolution and its two sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evolution {
    /// P: trials alive at a time, and uniform proposals to begin with; at least 1.
    pub population: usize,
    /// S: draws per tournament; at least 1.
    pub tournament: usize,
}

impl Default for Evolution {
    /// P = 100, S = 25, as in the paper that introduced it.
    fn default() -> Self {
        Self {
            population: 100,
            tournament: 25,
        }
    }
}

impl Evolution {
    /// A genome not proposed before. The space must have one.
    pub(super) fn propose(self, ask: &Ask) -> Genome {
        let population = self.population(ask);
        if ask.number() < self.population || population.is_empty() {
            return Random.propose(ask);
        }
        let mut rng = seeds::of_trial(ask.seed, ask.number());
        let mut child = self.parent(&population, &mut rng).clone();
        loop {
            child = ask
                .space
                .mutate(&child, &mut rng)
                .expect("a space with a genome left has a decision to change");
            if !ask.history.contains(&child) {
                return child;
            }
        }
    }

    /// Name and sizes, as journals keep them.
    pub(super) fn to_json(self) -> Json {
        json!({
            "name": "evolution",
            "population": self.population,
            "tournament": self.tournament,
        })
    }

    /// The last P visible trials with a reward, youngest first. Infeasible and failed ones never
    /// take a place.
    fn population<'a>(self, ask: &Ask<'a>) -> Vec<(f64, &'a Genome)> {
        let rewarded = |trial: &'a crate::study::Trial| Some((trial.reward()?, &trial.genome));
        ask.visible()
            .iter()
            .rev()
            .filter_map(rewarded)
            .take(self.population)
            .collect()
    }

    /// The winner of a tournament; the first drawn of equals.
    fn parent<'a>(self, population: &[(f64, &'a Genome)], rng: &mut impl Rng) -> &'a Genome {
        let mut draw = || population[rng.random_range(0..population.len())];
        let mut best = draw();
        for _ in 1..self.tournament {
            let rival = draw();
            if rival.0 > best.0 {
                best = rival;
            }
        }
        best.1
    }
}

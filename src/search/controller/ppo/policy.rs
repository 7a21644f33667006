//! The policy: a distribution over the choices of every decision, as logits.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::space::Space;

/// Logits of all decisions, one after another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    /// Choices of every decision.
    counts: Vec<usize>,
    logits: Vec<f64>,
}

/// The probabilities that a policy stands for, laid out as its logits are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chances {
    counts: Vec<usize>,
    shares: Vec<f64>,
}

impl Policy {
    /// All choices of a decision are equally likely.
    pub(super) fn uniform(space: &Space) -> Self {
        let counts: Vec<usize> = space.decisions().iter().map(|d| d.choices.len()).collect();
        let logits = vec![0.0; counts.iter().sum()];
        Self { counts, logits }
    }

    pub(super) fn logits(&self) -> &[f64] {
        &self.logits
    }

    pub(super) fn logits_mut(&mut self) -> &mut [f64] {
        &mut self.logits
    }

    /// The softmax of every decision's logits.
    pub(super) fn chances(&self) -> Chances {
        let mut shares = self.logits.clone();
        let mut rest = shares.as_mut_slice();
        for &count in &self.counts {
            let (decision, after) = rest.split_at_mut(count);
            let highest = decision.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            decision.iter_mut().for_each(|x| *x = (*x - highest).exp());
            let sum: f64 = decision.iter().sum();
            decision.iter_mut().for_each(|x| *x /= sum);
            rest = after;
        }
        Chances {
            counts: self.counts.clone(),
            shares,
        }
    }
}

impl Chances {
    /// The probabilities of every decision's choices, and where they begin among all.
    pub(super) fn decisions(&self) -> impl Iterator<Item = (usize, &[f64])> {
        let starts = self.counts.iter().scan(0, |next, &count| {
            let start = *next;
            *next += count;
            Some((start, count))
        });
        starts.map(|(start, count)| (start, &self.shares[start..start + count]))
    }

    /// Choices drawn one decision after another; 0 where one is idle.
    pub(super) fn draw(&self, space: &Space, rng: &mut impl Rng) -> Vec<usize> {
        let mut choices = Vec::with_capacity(self.counts.len());
        for (at, (_, shares)) in self.decisions().enumerate() {
            let is_active = space.is_active(at, &choices);
            choices.push(if is_active {
                pick(shares, rng.random())
            } else {
                0
            });
        }
        choices
    }
}

/// The choice that `point`, from 0 to 1, falls on.
fn pick(shares: &[f64], point: f64) -> usize {
    let mut rest = point;
    let within = shares.iter().position(|share| {
        rest -= share;
        rest < 0.0
    });
    // Shares may add up to a little less than 1.
    within.unwrap_or(shares.len() - 1)
}

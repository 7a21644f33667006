//! A policy that learns by proximal policy optimization (PPO).
//!
//! The policy draws every decision from a distribution of its own, in order, and leaves out those
//! that hang on a choice that was not taken ([`policy`]). After every `batch` trials it is moved, by
//! Adam, up the clipped objective ([`surrogate`]).
//!
//! Sources: the objective and the clip of 0.2 are Schulman et al., "Proximal Policy Optimization
//! Algorithms", equation 7, with one ratio per decision, as one per action there; independent
//! distributions that begin uniform, and the moving average of the rewards as baseline, are those of
//! TuNAS; 20 trials a batch and 5 passes over it are those of NNI's PPO. The rate and the weight of
//! the entropy are assumed.
//!
//! DIFFERENCE: ratios are taken against the policy at the start of an update. With W workers the
//! first W - 1 trials of a batch were drawn by the policy before it. A trial that is infeasible or
//! failed counts as the worst of its batch (assumed). A draw that was already proposed is drawn
//! again, and mutated once the policy has settled, so that no training is spent twice.

mod adam;
mod policy;
mod surrogate;

use rand::Rng;
use serde::{Deserialize, Serialize};

use self::adam::Adam;
use self::policy::Policy;
use self::surrogate::{Sample, Surrogate};
use super::{Ask, Proposal, Told, fresh};
use crate::space::Space;

/// Draws from the policy before a draw is mutated instead.
const DRAWS: usize = 16;

/// What is left of the baseline from one batch to the next, as in TuNAS.
const BASELINE_DECAY: f64 = 0.95;

/// A PPO search and its settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ppo {
    /// Trials between updates; at least 2.
    pub batch: usize,
    /// Passes over a batch; at least 1.
    pub epochs: usize,
    /// How far a ratio may leave 1 before it stops counting; above 0.
    pub clip: f64,
    /// The rate of Adam; above 0.
    pub learning_rate: f64,
    /// Weight of the entropy in the objective; at least 0.
    pub entropy: f64,
}

/// The policy and the batch under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Learner {
    settings: Ppo,
    policy: Policy,
    adam: Adam,
    /// Moving average of the rewards; nothing before the first batch.
    baseline: Option<f64>,
    batch: Vec<Tried>,
}

/// A trial of the batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Tried {
    /// By decision; nothing where it is idle.
    taken: Vec<Option<usize>>,
    reward: Option<f64>,
}

impl Default for Ppo {
    /// The settings that the head of this file gives the sources of.
    fn default() -> Self {
        Self {
            batch: 20,
            epochs: 5,
            clip: 0.2,
            learning_rate: 0.05,
            entropy: 0.01,
        }
    }
}

impl Learner {
    pub(super) fn new(settings: Ppo, space: &Space) -> Self {
        let policy = Policy::uniform(space);
        let adam = Adam::new(policy.logits().len());
        Self {
            settings,
            policy,
            adam,
            baseline: None,
            batch: Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, told: &Told) {
        let choices = told.trial.genome.choices();
        let taken =
            |(at, &choice): (usize, &usize)| told.space.is_active(at, choices).then_some(choice);
        self.batch.push(Tried {
            taken: choices.iter().enumerate().map(taken).collect(),
            reward: told.value(),
        });
        if self.batch.len() >= self.settings.batch {
            let batch = std::mem::take(&mut self.batch);
            self.learn(batch);
        }
    }

    pub(super) fn ask(&self, ask: &Ask, rng: &mut impl Rng) -> Option<Proposal> {
        let chances = self.policy.chances();
        let mut last = None;
        for _ in 0..DRAWS {
            let choices = chances.draw(ask.space, rng);
            let Ok(genome) = ask.space.genome(choices) else {
                // It breaks a constraint of the space.
                continue;
            };
            if ask.is_new(&genome) {
                return Some(Proposal::orphan(genome));
            }
            last = Some(genome);
        }
        let genome = match last {
            Some(genome) => fresh::mutant(ask, &genome, rng),
            None => fresh::uniform(ask, rng),
        };
        genome.map(Proposal::orphan)
    }

    /// Moves the policy by a batch; one in which nothing has a reward teaches nothing.
    fn learn(&mut self, batch: Vec<Tried>) {
        let known = batch.iter().filter_map(|tried| tried.reward);
        let Some(worst) = known.reduce(f64::min) else {
            return;
        };
        let rewards: Vec<f64> = batch.iter().map(|t| t.reward.unwrap_or(worst)).collect();
        let Spread { mean, deviation } = Spread::of(&rewards);
        let baseline = match self.baseline {
            Some(before) => BASELINE_DECAY * before + (1.0 - BASELINE_DECAY) * mean,
            None => mean,
        };
        self.baseline = Some(baseline);
        if deviation <= 0.0 {
            return;
        }
        let samples = batch
            .into_iter()
            .zip(rewards)
            .map(|(tried, reward)| Sample {
                taken: tried.taken,
                advantage: (reward - baseline) / deviation,
            });
        let surrogate = Surrogate {
            before: self.policy.chances(),
            samples: samples.collect(),
            clip: self.settings.clip,
            entropy: self.settings.entropy,
        };
        for _ in 0..self.settings.epochs {
            let gradient = surrogate.gradient(&self.policy);
            let rate = self.settings.learning_rate;
            self.adam.climb(self.policy.logits_mut(), &gradient, rate);
        }
    }
}

/// Mean and standard deviation.
struct Spread {
    mean: f64,
    deviation: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let count = values.iter().map(|_| 1.0).sum::<f64>();
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean).powi(2));
        let deviation = (squares.sum::<f64>() / count).sqrt();
        Self { mean, deviation }
    }
}

#[cfg(test)]
mod tests;

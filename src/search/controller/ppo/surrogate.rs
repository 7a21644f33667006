//! The objective that an update climbs, and its gradient.
//!
//! ```text
//! J = 1/B sum over the B trials, over their decisions d that were made:
//!         min(r_d A, clip(r_d, 1 - clip, 1 + clip) A) + entropy * H_d
//! r_d = the policy's probability of the choice taken / that of the policy before the update
//! A   = the advantage of the trial
//! H_d = - sum over the choices of d: p ln p
//! ```
//!
//! For logits z, the gradient of r_d by z_c is r_d ([c was taken] - p_c), and that of H_d is
//! - p_c (ln p_c + H_d). Where the clipped term is the smaller one, the first is 0.

use super::policy::{Chances, Policy};

/// A batch to learn from.
#[derive(Debug, Clone)]
pub(super) struct Surrogate {
    /// The policy at the start of the update.
    pub(super) before: Chances,
    /// B of them; at least one.
    pub(super) samples: Vec<Sample>,
    pub(super) clip: f64,
    pub(super) entropy: f64,
}

/// A trial to learn from.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// By decision; nothing where it is idle.
    pub(super) taken: Vec<Option<usize>>,
    pub(super) advantage: f64,
}

impl Surrogate {
    /// The gradient of J by the logits of `policy`.
    pub(super) fn gradient(&self, policy: &Policy) -> Vec<f64> {
        let mut gradient = vec![0.0; policy.logits().len()];
        let count = self.samples.iter().map(|_| 1.0).sum::<f64>();
        let (now, before) = (policy.chances(), &self.before);
        let decisions = now.decisions().zip(before.decisions()).enumerate();
        for (at, ((start, shares), (_, earlier))) in decisions {
            let slopes = &mut gradient[start..start + shares.len()];
            let (mut pulls, mut made) = (0.0, 0.0);
            for sample in &self.samples {
                let Some(taken) = sample.taken[at] else {
                    continue;
                };
                made += 1.0;
                let ratio = shares[taken] / earlier[taken];
                if !self.is_clipped(ratio, sample.advantage) {
                    slopes[taken] += ratio * sample.advantage;
                    pulls += ratio * sample.advantage;
                }
            }
            let entropy = entropy(shares);
            for (slope, share) in slopes.iter_mut().zip(shares) {
                let spread = -share * (ln(*share) + entropy);
                *slope = (*slope - pulls * share + made * self.entropy * spread) / count;
            }
        }
        gradient
    }

    /// Whether the clipped term is the smaller one.
    fn is_clipped(&self, ratio: f64, advantage: f64) -> bool {
        match advantage > 0.0 {
            true => ratio > 1.0 + self.clip,
            false => ratio < 1.0 - self.clip,
        }
    }

    /// J itself, to hold the gradient against.
    #[cfg(test)]
    pub(super) fn value(&self, policy: &Policy) -> f64 {
        let (now, before) = (policy.chances(), &self.before);
        let count = self.samples.iter().map(|_| 1.0).sum::<f64>();
        let mut value = 0.0;
        for (at, ((_, shares), (_, earlier))) in now.decisions().zip(before.decisions()).enumerate()
        {
            for sample in &self.samples {
                let Some(taken) = sample.taken[at] else {
                    continue;
                };
                let ratio = shares[taken] / earlier[taken];
                let clipped = ratio.clamp(1.0 - self.clip, 1.0 + self.clip);
                let advantage = sample.advantage;
                value += (ratio * advantage).min(clipped * advantage);
                value += self.entropy * entropy(shares);
            }
        }
        value / count
    }
}

fn entropy(shares: &[f64]) -> f64 {
    -shares.iter().map(|&share| share * ln(share)).sum::<f64>()
}

/// The logarithm of a probability that may have vanished.
fn ln(share: f64) -> f64 {
    share.max(f64::MIN_POSITIVE).ln()
}

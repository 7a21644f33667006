//! AdaShare's search for a policy: gates that are drawn, and losses that want few and alike blocks.
//!
//! The gate of task `k` at residual block `l` (from 0, of `L`) has a logit `a`; it selects its block
//! with probability `p = 1 / (1 + exp(-a))`. A step draws `g = 1 / (1 + exp(-(a + n) / t))` with
//! logistic noise `n`, the Gumbel-softmax of two choices, at a temperature `t` that falls from 5 to
//! 0.5. To the losses it adds `0.01 mean(-log(1 - p))` for few blocks and
//! `0.05 mean((L - l) / L |p_k - p_k'|)` over pairs of tasks for alike ones, early blocks most.
//!
//! For the first fifth of the steps every block is selected. Then the policy and all other weights take
//! turns, step by step, and the policy comes to decide more blocks: the last first, all of them after
//! half of the steps that are left. In the end a block is selected where `p` is a half or more.
//!
//! Source: Sun et al., 2020, and the authors' code: the forms of the losses, the first temperature, the
//! rate of the policy (0.01), that a fifth of the steps warm up.
//!
//! DIFFERENCE: the temperature falls to a given end, since training here is shorter; turns are single
//! steps and see the same images; the policy is the more probable one instead of the best of eight
//! that are drawn and trained.
//!
//! Assumed: the weights of the two losses, within the ranges that the authors use; the means in them;
//! the pace of the curriculum.

use std::collections::BTreeMap;

use ednas::random::seed_of_stream;
use ednas::space::Method;
use ednas::space::ednas::Architecture;
use ednas::space::methods::adashare::{gate, residual_blocks};
use ednas::space::methods::policy::Policy;
use ednas::task::Task;
use ednas::train::Training;
use kernels::TensorId;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tch::{Kind, Tensor, no_grad};

use super::{Contest, PolicySearch, RATE, WARM_UP, share};
use crate::adam::Turn;
use crate::network::Replaced;
use crate::pace::count;
use crate::parameters::Parameters;

const CURRICULUM: f64 = 0.5;
const TEMPERATURES: [f64; 2] = [5.0, 0.5];
const SPARSITY: f64 = 0.01;
const SHARING: f64 = 0.05;

/// A gate of the network.
struct Gate {
    id: TensorId,
    task: Task,
    /// Which residual block, from 0.
    block: usize,
}

/// The search for gates.
pub(super) struct GateSearch {
    gates: Vec<Gate>,
    /// How many residual blocks there are.
    blocks: usize,
    steps: usize,
    /// Steps before the first of the policy.
    warm_up: usize,
    seed: u64,
    /// 1 for the logits of the policy, `[total]`.
    of_policy: Tensor,
    /// 1 for all other weights, `[total]`.
    of_others: Tensor,
}

/// What the logit of a gate starts from, by its name: both choices alike.
pub(super) fn first_logit(name: &str) -> Option<f32> {
    gate(name).map(|_| 0.0)
}

impl GateSearch {
    pub(super) fn new(
        training: &Training,
        network: &Architecture,
        parameters: &Parameters,
    ) -> Self {
        let residual = residual_blocks(network);
        let of_name = |(name, id, _): (&str, TensorId, &Tensor)| {
            let (task, number) = gate(name)?;
            let block = residual.iter().position(|&block| block == number)?;
            Some(Gate { id, task, block })
        };
        let is_gate = |name: &str| gate(name).is_some();
        let steps = training.recipe.steps;
        Self {
            gates: parameters.named().filter_map(of_name).collect(),
            blocks: residual.len(),
            steps,
            warm_up: share(steps, WARM_UP),
            seed: training.seed,
            of_policy: parameters.numbers(|name| f64::from(u8::from(is_gate(name)))),
            of_others: parameters.numbers(|name| f64::from(u8::from(!is_gate(name)))),
        }
    }

    /// The first residual block that the policy decides in step `step`.
    fn first_open(&self, step: usize) -> usize {
        if step < self.warm_up {
            return self.blocks;
        }
        let pace = share(self.steps - self.warm_up, CURRICULUM).max(1);
        let open = (1 + (step - self.warm_up) * self.blocks / pace).min(self.blocks);
        self.blocks - open
    }

    fn temperature(&self, step: usize) -> f64 {
        let done =
            count(step.saturating_sub(self.warm_up)) / count(self.steps - self.warm_up).max(1.0);
        let [first, last] = TEMPERATURES;
        first * (last / first).powf(done)
    }
}

impl PolicySearch for GateSearch {
    fn drawn(&self, parameters: &Parameters, step: usize) -> Replaced {
        let read = parameters.tensors();
        let first = self.first_open(step);
        let temperature = self.temperature(step);
        let mut rng = Pcg64::seed_from_u64(seed_of_stream(self.seed, step as u64));
        let gates = self.gates.iter().map(|gate| {
            let noise = logistic(&mut rng);
            let logit = &read[&gate.id];
            let value = match gate.block >= first {
                true => ((logit + noise) / temperature).sigmoid(),
                false => logit.ones_like(),
            };
            (gate.id, value)
        });
        gates.collect()
    }

    fn penalty(&self, parameters: &Parameters, step: usize, _contest: Contest) -> Option<Tensor> {
        let read = parameters.tensors();
        let first = self.first_open(step);
        let open = self.gates.iter().filter(|gate| gate.block >= first);
        let open: Vec<(&Gate, Tensor)> = open
            .map(|gate| (gate, read[&gate.id].reshape([1])))
            .collect();
        let logits: Vec<&Tensor> = open.iter().map(|(_, logit)| logit).collect();
        if logits.is_empty() {
            return None;
        }
        let sparsity = Tensor::cat(&logits, 0).softplus().mean(Kind::Float) * SPARSITY;
        let mut apart = Vec::new();
        for (index, (gate, logit)) in open.iter().enumerate() {
            for (other, of_other) in &open[index + 1..] {
                if gate.block == other.block {
                    let early = count(self.blocks - gate.block) / count(self.blocks);
                    apart.push((logit.sigmoid() - of_other.sigmoid()).abs() * early);
                }
            }
        }
        if apart.is_empty() {
            return Some(sparsity);
        }
        Some(sparsity + Tensor::cat(&apart, 0).mean(Kind::Float) * SHARING)
    }

    /// Whose turn step `step` is: from the end of the warm-up on, the policy has every second one.
    fn turn(&self, step: usize, rate: f64) -> Turn<'_> {
        let since = step.saturating_sub(self.warm_up);
        let policy_before = since / 2;
        match step >= self.warm_up && since % 2 == 1 {
            true => Turn {
                step: policy_before,
                rate: RATE,
                moving: Some(&self.of_policy),
                multiples: None,
            },
            false => Turn {
                step: step - policy_before,
                rate,
                moving: Some(&self.of_others),
                multiples: None,
            },
        }
    }

    fn decide(&self, parameters: &mut Parameters) {
        let tensors = parameters.tensors();
        no_grad(|| {
            for gate in &self.gates {
                let mut gate = tensors[&gate.id].detach();
                let selected = gate.ge(0.0).to_kind(Kind::Float);
                gate.copy_(&selected);
            }
        });
    }

    fn decided(&self, parameters: &Parameters) -> Method {
        let tensors = parameters.tensors();
        let mut choices: BTreeMap<Task, Vec<u8>> = BTreeMap::new();
        for gate in &self.gates {
            let of_task = choices.entry(gate.task);
            let of_task = of_task.or_insert_with(|| vec![1; self.blocks]);
            of_task[gate.block] = u8::from(tensors[&gate.id].double_value(&[0; 4]) > 0.5);
        }
        Method::AdaShare(Some(Policy::new(choices)))
    }
}

/// `log u - log(1 - u)` of a uniform `u`: the difference of two Gumbel draws.
fn logistic(rng: &mut Pcg64) -> f64 {
    let u = rng.random_range(1e-6..1.0 - 1e-6_f64);
    (u / (1.0 - u)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(blocks: usize, steps: usize) -> GateSearch {
        let nothing = Tensor::from_slice(&[0.0_f32]);
        GateSearch {
            gates: Vec::new(),
            blocks,
            steps,
            warm_up: share(steps, WARM_UP),
            seed: 1,
            of_policy: nothing.shallow_clone(),
            of_others: nothing,
        }
    }

    #[test]
    fn blocks_open_from_the_last_to_the_first() {
        let search = search(9, 100);
        assert_eq!(search.first_open(19), 9);
        assert_eq!(search.first_open(20), 8);
        let firsts: Vec<usize> = (20..100).map(|step| search.first_open(step)).collect();
        assert!(firsts.is_sorted_by(|a, b| a >= b && a - b <= 1));
        assert_eq!((firsts[39], firsts[40], firsts[79]), (0, 0, 0));
        assert_eq!(firsts[30], 2);
    }

    #[test]
    fn the_policy_and_the_weights_take_turns_and_count_their_own() {
        let search = search(9, 10);
        let mut counts = [0, 0];
        for step in 0..10 {
            let turn = search.turn(step, 0.5);
            let policy = turn.rate == RATE;
            assert_eq!(policy, [3, 5, 7, 9].contains(&step), "{step}");
            let own = &mut counts[usize::from(policy)];
            assert_eq!(turn.step, *own, "{step}");
            *own += 1;
        }
    }

    #[test]
    fn the_temperature_falls_from_5_to_a_half() {
        let search = search(9, 100);
        assert_eq!(search.temperature(0), 5.0);
        assert_eq!(search.temperature(20), 5.0);
        assert!((search.temperature(100) - 0.5).abs() < 1e-12);
    }
}

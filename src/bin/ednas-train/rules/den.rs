//! The search of deep elastic networks for levels, by policy gradient.
//!
//! The gate of task `k` at level `n` of a block has a logit `a`; a block that runs level `n - 1` runs
//! level `n` with probability `p = 1 / (1 + exp(-a))`. A level therefore is drawn with the product of
//! `p` up to it, times `1 - p` of the next. All levels start equally likely.
//!
//! For the first fifth of the steps every task runs all levels. From then on each step draws levels
//! twice: the weights learn from the first draw, and the policy of each task from which of the two has
//! the larger reward `r = -ln(loss) - 0.1 (mean level / levels)`: it descends
//! `-(r1 - r2) (ln P1 - ln P2) / 2`, the policy gradient of two draws, each the other's baseline. In the
//! end each task runs the most probable level of each block.
//!
//! Source: Ahn et al., 2019: levels that are drawn per block and trained by policy gradient, a reward
//! that falls with size.
//!
//! DIFFERENCE: a policy is of a task instead of an image; weights and policy learn in the same steps
//! instead of in turns; the reward is of losses, which dense predictions have, instead of whether a
//! class is right; the baseline is another draw on the same images.
//!
//! Assumed: what size costs, the rate of the policy (that of `AdaShare`'s), the warm-up.

use std::collections::BTreeMap;

use ednas::random::seed_of_stream;
use ednas::space::Method;
use ednas::space::ednas::Architecture;
use ednas::space::methods::den::{LEVELS, elastic_blocks, gate};
use ednas::space::methods::policy::Policy;
use ednas::task::Task;
use ednas::train::Training;
use kernels::TensorId;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tch::{Tensor, no_grad};

use super::{Contest, PolicySearch, RATE, WARM_UP, share};
use crate::adam::Turn;
use crate::network::Replaced;
use crate::pace::count;
use crate::parameters::Parameters;

const SIZE: f64 = 0.1;

/// What decides how much of one block a task runs.
struct Elastic {
    /// The gates of its levels from the second on.
    gates: Vec<TensorId>,
    task: Task,
}

/// The search for levels.
pub(super) struct LevelSearch {
    /// Those of a task one after another, in the order of the blocks.
    elastic: Vec<Elastic>,
    /// Steps before the first draw.
    warm_up: usize,
    seed: u64,
    /// The rate of each weight as a multiple of the recipe's, `[total]`.
    multiples: Tensor,
}

/// Which of the two draws of a step.
#[derive(Clone, Copy)]
enum Draw {
    Learned,
    Rival,
}

/// What the logit of a gate starts from, by its name: all levels of its block equally likely. Level `n`
/// is then one of those from `n - 1` on.
pub(super) fn first_logit(name: &str) -> Option<f32> {
    gate(name).map(|(_, _, level)| f32::from(LEVELS + 1 - level).ln())
}

impl LevelSearch {
    pub(super) fn new(
        training: &Training,
        network: &Architecture,
        parameters: &Parameters,
    ) -> Self {
        let blocks = elastic_blocks(network);
        let mut gates: BTreeMap<(Task, usize), BTreeMap<u8, TensorId>> = BTreeMap::new();
        for (name, id, _) in parameters.named() {
            let Some((task, number, level)) = gate(name) else {
                continue;
            };
            let block = blocks.iter().position(|&block| block == number);
            let of_block = block.map(|block| gates.entry((task, block)).or_default());
            of_block.map(|gates| gates.insert(level, id));
        }
        let elastic = gates.into_iter().map(|((task, _), gates)| Elastic {
            gates: gates.into_values().collect(),
            task,
        });
        let recipe = &training.recipe;
        let of_policy = RATE / recipe.learning_rate_max;
        Self {
            elastic: elastic.collect(),
            warm_up: share(recipe.steps, WARM_UP),
            seed: training.seed,
            multiples: parameters.numbers(|name| gate(name).map_or(1.0, |_| of_policy)),
        }
    }

    /// The levels of step `step`, for each of [`Self::elastic`]; logits are `read`.
    fn levels(&self, read: &BTreeMap<TensorId, Tensor>, step: usize, draw: Draw) -> Vec<u8> {
        if step < self.warm_up {
            return vec![LEVELS; self.elastic.len()];
        }
        let stream = 2 * step as u64 + u64::from(matches!(draw, Draw::Rival));
        let mut rng = Pcg64::seed_from_u64(seed_of_stream(self.seed, stream));
        let levels = self.elastic.iter().map(|elastic| {
            let draws = elastic.gates.iter().map(|gate| {
                let u: f64 = rng.random_range(0.0..1.0);
                u < read[gate].sigmoid().double_value(&[0; 4])
            });
            // Every draw is made, so that the next block's do not depend on this one's.
            let draws: Vec<bool> = draws.collect();
            let run = draws.iter().take_while(|&&runs| runs).count();
            (1..=LEVELS).nth(run).unwrap_or(LEVELS)
        });
        levels.collect()
    }

    fn gates(&self, parameters: &Parameters, step: usize, draw: Draw) -> Replaced {
        let read = parameters.tensors();
        let levels = self.levels(&read, step, draw);
        let mut gates = Replaced::new();
        for (elastic, drawn) in self.elastic.iter().zip(levels) {
            for (&gate, level) in elastic.gates.iter().zip(2..) {
                let runs = f64::from(u8::from(level <= drawn));
                gates.insert(gate, read[&gate].detach().full_like(runs));
            }
        }
        gates
    }
}

impl Elastic {
    /// `ln P` of a level, `[1, 1, 1, 1]`; logits are `read`.
    fn log_probability(&self, read: &BTreeMap<TensorId, Tensor>, level: u8) -> Tensor {
        let run = usize::from(level) - 1;
        let run_on = self.gates[..run].iter();
        let mut terms: Vec<Tensor> = run_on.map(|gate| read[gate].log_sigmoid()).collect();
        let stop = self.gates.get(run);
        terms.extend(stop.map(|gate| read[gate].neg().log_sigmoid()));
        terms.iter().sum()
    }

    /// The level that is most probable, the larger of equal ones.
    fn most_probable(&self, read: &BTreeMap<TensorId, Tensor>) -> u8 {
        let probability = |level| {
            let log: Tensor = no_grad(|| self.log_probability(read, level));
            log.double_value(&[0; 4])
        };
        let best = (1..=LEVELS).max_by(|&a, &b| probability(a).total_cmp(&probability(b)));
        best.unwrap_or(LEVELS)
    }
}

impl PolicySearch for LevelSearch {
    fn drawn(&self, parameters: &Parameters, step: usize) -> Replaced {
        self.gates(parameters, step, Draw::Learned)
    }

    fn rival(&self, parameters: &Parameters, step: usize) -> Option<Replaced> {
        (step >= self.warm_up).then(|| self.gates(parameters, step, Draw::Rival))
    }

    fn penalty(&self, parameters: &Parameters, step: usize, contest: Contest) -> Option<Tensor> {
        let rival_losses = contest.rival?;
        let read = parameters.tensors();
        let [learned, rival] = [Draw::Learned, Draw::Rival].map(|d| self.levels(&read, step, d));
        let mut penalty = None;
        for (&task, loss) in contest.drawn {
            let own = (0..self.elastic.len()).filter(|&at| self.elastic[at].task == task);
            let own: Vec<usize> = own.collect();
            let size = |levels: &[u8]| {
                let sum: u32 = own.iter().map(|&at| u32::from(levels[at])).sum();
                f64::from(sum) / (count(own.len()) * f64::from(LEVELS))
            };
            let log = |loss: &Tensor| loss.double_value(&[]).max(f64::MIN_POSITIVE).ln();
            let advantage =
                log(&rival_losses[&task]) - log(loss) + SIZE * (size(&rival) - size(&learned));
            let apart: Tensor = own
                .iter()
                .map(|&at| {
                    let elastic = &self.elastic[at];
                    elastic.log_probability(&read, learned[at])
                        - elastic.log_probability(&read, rival[at])
                })
                .sum();
            let of_task = apart.reshape([1]).sum(None) * (-advantage / 2.0);
            penalty = Some(match penalty {
                Some(penalty) => penalty + of_task,
                None => of_task,
            });
        }
        penalty
    }

    fn turn(&self, step: usize, rate: f64) -> Turn<'_> {
        Turn {
            step,
            rate,
            moving: None,
            multiples: Some(&self.multiples),
        }
    }

    fn decide(&self, parameters: &mut Parameters) {
        let tensors = parameters.tensors();
        no_grad(|| {
            for elastic in &self.elastic {
                let chosen = elastic.most_probable(&tensors);
                for (gate, level) in elastic.gates.iter().zip(2..) {
                    let runs = f64::from(u8::from(level <= chosen));
                    let _ = tensors[gate].detach().fill_(runs);
                }
            }
        });
    }

    fn decided(&self, parameters: &Parameters) -> Method {
        let tensors = parameters.tensors();
        let mut choices: BTreeMap<Task, Vec<u8>> = BTreeMap::new();
        // Blocks come in their order.
        for elastic in &self.elastic {
            let gates = elastic.gates.iter();
            let run = gates.filter(|gate| tensors[gate].double_value(&[0; 4]) > 0.5);
            let level = (1..=LEVELS).nth(run.count()).unwrap_or(LEVELS);
            choices.entry(elastic.task).or_default().push(level);
        }
        Method::Den(Some(Policy::new(choices)))
    }
}

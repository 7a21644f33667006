//! Deep elastic networks (Ahn et al., 2019): one trunk of whose blocks each task runs some channels.
//!
//! The hidden channels of a block are in [`LEVELS`] groups, which are ordered: level `n` runs groups 1
//! to `n`, and what their projections add up to has one batch norm. While the policy is open, the
//! network has a path per task through the same layers, and each group but the first has a gate of
//! the task's own: `seg/block03/level2/gate/select`. A policy that is decided leaves a plain network:
//! groups that all tasks run or leave are one convolution or none, and tasks that have run the same
//! levels so far share what they computed. The last level of all blocks for all tasks is `mt-edge`.
//!
//! Weights, scales and shifts of a group are the same on every path. Inverted bottlenecks that expand
//! have levels: fifteen of EfficientNet-B0's sixteen blocks.
//!
//! DIFFERENCE: the running mean and variance of a batch norm are of one path. Channels are parted
//! within blocks, where the paper's residual network has them in levels between blocks too: here all
//! blocks hand on all of their channels.
//!
//! Assumed: the number of levels.

use std::ops::RangeInclusive;

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::{Bias, Layers};
use super::super::ednas::{Architecture, BlockForm, BlockShape, NetworkOptions, trunk};
use super::paths::{self, Choice, Choices};
use super::policy::{GATE, Policy};
use crate::task::Task;

/// Levels of a block.
pub const LEVELS: u8 = 4;

/// A block runs at least its first group.
pub(super) const CHOICES: RangeInclusive<u8> = 1..=LEVELS;

/// A network whose policy is open, or decided.
pub(super) fn build(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
    policy: Option<&Policy>,
) -> Result<Vec<TensorId>, BuildError> {
    let choices = Choices {
        policy,
        blocks: elastic_blocks(network),
        all: LEVELS,
    };
    paths::build(
        layers,
        network,
        options,
        image,
        &choices,
        |layers, number, choice, x| {
            let block = &network.blocks[number - 1];
            let Some(hidden) = hidden_channels(block, layers.channels(x)) else {
                return trunk::block(layers, number, block, x);
            };
            let groups = match choice {
                Choice::Made(_) => choices.made(number, options),
                Choice::Open(_) => CHOICES.collect(),
            };
            elastic(layers, number, (block, hidden), &groups, choice, x)
        },
    )
}

/// The blocks, from 1, that have levels.
#[must_use]
pub fn elastic_blocks(network: &Architecture) -> Vec<usize> {
    let numbered = (1..).zip(network.blocks_with_inputs());
    let elastic = numbered.filter(|(_, (block, in_c))| hidden_channels(block, *in_c).is_some());
    elastic.map(|(number, _)| number).collect()
}

/// The channels that are in levels, of a block that has some.
fn hidden_channels(block: &BlockShape, in_c: usize) -> Option<usize> {
    match block.form {
        BlockForm::Ibn { expansion } if expansion > 1 => {
            let hidden = in_c * expansion;
            hidden.is_multiple_of(LEVELS.into()).then_some(hidden)
        }
        BlockForm::Ibn { .. }
        | BlockForm::Fused { .. }
        | BlockForm::Separable { .. }
        | BlockForm::Tucker { .. } => None,
    }
}

/// A block whose channels are parted behind the levels `ends`, of which `choice` says what is run.
fn elastic(
    layers: &mut Layers,
    number: usize,
    (block, hidden): (&BlockShape, usize),
    ends: &[u8],
    choice: Choice,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let name = &format!("block{number:02}");
    let (last, is_open) = match choice {
        Choice::Made(level) => (level, false),
        Choice::Open(_) => (LEVELS, true),
    };
    let (mut first, mut terms) = (0, Vec::new());
    for &end in ends.iter().filter(|&&end| end <= last) {
        let part = match ends.len() {
            1 => name.clone(),
            _ => format!("{name}/level{end}"),
        };
        let channels = hidden / usize::from(LEVELS) * usize::from(end - first);
        let x = trunk::expand(layers, &part, input, channels)?;
        let x = trunk::filter(layers, &part, block, x)?;
        let project = format!("{part}/project/conv");
        let mut x = layers.conv(&project, x, block.filters, 1, 1, Bias::Absent)?;
        if is_open && first > 0 {
            let gate = layers.scale(&format!("{part}/gate/{GATE}"));
            x = layers.multiply(&format!("{part}/gate"), x, gate)?;
        }
        terms.push(x);
        first = end;
    }
    let x = layers.sum(&format!("{name}/project"), &terms)?;
    let x = layers.batch_norm(&format!("{name}/project/norm"), x)?;
    match trunk::is_residual(block, layers.channels(input)) {
        true => layers.add(&format!("{name}/add"), x, input),
        false => Ok(x),
    }
}

/// The task, the block, from 1, and the level of the gate called `name`, if it is one.
#[must_use]
pub fn gate(name: &str) -> Option<(Task, usize, u8)> {
    let words: Vec<&str> = name.split('/').collect();
    match words[..] {
        [task, block, level, "gate", GATE] => Some((
            task.parse().ok()?,
            block.strip_prefix("block")?.parse().ok()?,
            level.strip_prefix("level")?.parse().ok()?,
        )),
        _ => None,
    }
}

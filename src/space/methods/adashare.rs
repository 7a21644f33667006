//! AdaShare (Sun et al., 2020): one trunk whose residual blocks each task runs or skips.
//!
//! While the policy is open, the network has a path per task through the same layers, and each
//! residual block adds `g f(x)` with a gate `g` of the task's own: `seg/block03/gate/select`. A policy
//! that is decided leaves a plain network: tasks that have run the same blocks so far share what they
//! computed, and a block that a path skips is not there. All blocks for all tasks is `mt-edge`.
//!
//! Weights, scales and shifts of a layer are the same on every path. Only blocks that add their input
//! can be skipped: nine of EfficientNet-B0's sixteen.
//!
//! DIFFERENCE: the running mean and variance of a batch norm are of one path, since paths that skip
//! other blocks bring other values.

use std::ops::RangeInclusive;

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, BlockShape, NetworkOptions, trunk};
use super::paths::{self, Choice, Choices};
use super::policy::{GATE, Policy};
use crate::task::Task;

/// A block is skipped or run.
pub(super) const CHOICES: RangeInclusive<u8> = 0..=1;

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
        blocks: residual_blocks(network),
        all: *CHOICES.end(),
    };
    paths::build(
        layers,
        network,
        options,
        image,
        &choices,
        |layers, number, choice, x| {
            let block = &network.blocks[number - 1];
            match choice {
                Choice::Made(0) => Ok(x),
                Choice::Made(_) => trunk::block(layers, number, block, x),
                Choice::Open(_) => gated(layers, number, block, x),
            }
        },
    )
}

/// The blocks, from 1, that add their input, and so can be skipped.
#[must_use]
pub fn residual_blocks(network: &Architecture) -> Vec<usize> {
    let numbered = (1..).zip(network.blocks_with_inputs());
    let residual = numbered.filter(|(_, (block, in_c))| trunk::is_residual(block, *in_c));
    residual.map(|(number, _)| number).collect()
}

/// A block that adds its input, with a gate on what it adds.
fn gated(
    layers: &mut Layers,
    number: usize,
    block: &BlockShape,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let name = format!("block{number:02}");
    let branch = trunk::branch(layers, number, block, input)?;
    let gate = layers.scale(&format!("{name}/gate/{GATE}"));
    let branch = layers.multiply(&format!("{name}/gate"), branch, gate)?;
    layers.add(&format!("{name}/add"), branch, input)
}

/// The task and the block, from 1, of the gate called `name`, if it is one.
#[must_use]
pub fn gate(name: &str) -> Option<(Task, usize)> {
    let words: Vec<&str> = name.split('/').collect();
    match words[..] {
        [task, block, "gate", GATE] => Some((
            task.parse().ok()?,
            block.strip_prefix("block")?.parse().ok()?,
        )),
        _ => None,
    }
}

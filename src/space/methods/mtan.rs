//! MTAN (Liu et al., 2019): one trunk for all; per task and stage, an attention module picks what
//! the task takes of it.
//!
//! With `u` what the last block of a stage reads and `p` what it gives, a module's mask is
//! `m = sigmoid(norm(W2 relu6(norm(W1 [u, e]))))`, where `e` is what the stage before left for the
//! task, and the task takes `m p`. Behind it, a separable convolution to the next stage's channels
//! and a max-pool make the `e` of the next stage. `W1` has a quarter of the channels of `p`.
//! P3, P4 and P5 of a task are its masked ones; pyramids and heads are its own.
//!
//! Source: the residual form of the authors' code, with attention over the last block of a stage.
//!
//! DIFFERENCE: the convolution between two modules is separable, as in pyramids and heads here, and
//! each task has its own; theirs is a bottleneck that tasks share. Max-pools are 3x3, as elsewhere
//! in these networks, instead of 2x2, and ReLU is ReLU6.

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, NetworkOptions, trunk};
use super::stages::{Stage, is_tap, stages};
use super::towers::predict;

/// Channels of a stage per channel inside its module.
const REDUCTION: usize = 4;

/// What flows past a stage for all tasks.
struct Shared {
    /// What the last block of the stage reads, at the size of `after`.
    before: TensorId,
    /// What the stage gives.
    after: TensorId,
}

pub(super) fn build(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
) -> Result<Vec<TensorId>, BuildError> {
    let stages = stages(network);
    let mut x = trunk::stem(layers, network.stem_filters, image)?;
    let mut shared = Vec::with_capacity(stages.len());
    for stage in &stages {
        let passed = run(layers, stage, x)?;
        x = passed.after;
        shared.push(passed);
    }
    let mut predictions = Vec::with_capacity(options.tasks.len());
    for &task in &options.tasks {
        let attend = |layers: &mut Layers| attend(layers, network, &stages, &shared);
        let taps = layers.within(task.name(), attend)?;
        predictions.push(predict(layers, network, task, &taps, options)?);
    }
    Ok(predictions)
}

/// Adds the blocks of a stage.
fn run(layers: &mut Layers, stage: &Stage, input: TensorId) -> Result<Shared, BuildError> {
    let (mut before, mut after) = (input, input);
    for (number, block) in stage {
        before = after;
        after = trunk::block(layers, *number, block, before)?;
    }
    if layers.size(before) != layers.size(after) {
        before = after;
    }
    Ok(Shared { before, after })
}

/// Adds the modules of one task; gives its P3, P4 and P5.
fn attend(
    layers: &mut Layers,
    network: &Architecture,
    stages: &[Stage],
    shared: &[Shared],
) -> Result<Vec<TensorId>, BuildError> {
    let mut left: Option<TensorId> = None;
    let mut taps = Vec::with_capacity(network.taps.len());
    for (index, (stage, passed)) in stages.iter().zip(shared).enumerate() {
        let name = format!("attention{}", index + 1);
        let read = match left {
            Some(left) => layers.concat(&format!("{name}/concat"), &[passed.before, left])?,
            None => passed.before,
        };
        let taken = mask(layers, &name, read, passed.after)?;
        if is_tap(network, stage) {
            taps.push(taken);
        }
        if let Some(next) = shared.get(index + 1) {
            let channels = layers.channels(next.after);
            let x = layers.separable(&format!("{name}/next"), taken, channels)?;
            let x = layers.relu6(&format!("{name}/next/relu6"), x)?;
            left = Some(layers.halve(&format!("{name}/pool"), x)?);
        }
    }
    Ok(taps)
}

/// `x` times the mask that a module makes of `read`.
fn mask(
    layers: &mut Layers,
    name: &str,
    read: TensorId,
    x: TensorId,
) -> Result<TensorId, BuildError> {
    let channels = layers.channels(x);
    let inner = (channels / REDUCTION).max(1);
    let y = layers.conv_norm(&format!("{name}/reduce"), read, inner, 1, 1)?;
    let y = layers.relu6(&format!("{name}/reduce/relu6"), y)?;
    let y = layers.conv_norm(&format!("{name}/mask"), y, channels, 1, 1)?;
    let y = layers.sigmoid(&format!("{name}/mask/sigmoid"), y)?;
    layers.multiply(&format!("{name}/taken"), x, y)
}

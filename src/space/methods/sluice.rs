//! Sluice networks (Ruder et al., 2019): a network per task, whose channels are two subspaces. After
//! each stage of the trunks, every subspace goes on with a learned mixture of all subspaces of all
//! tasks, and what a head reads is a learned mixture of layers.
//!
//! `x_ti <- sum_sj a_ti,sj x_sj` over tasks `s` and subspaces `j`, one factor per channel: a
//! depthwise 1x1 convolution. The head of a task reads `sum_l b_l h_l` of the levels P3, P4 and P5 as
//! they enter the pyramid, brought to the size of P3, and of the P3 that leaves it. Training adds
//! [`ORTHOGONALITY`] times `sum |W1 W2'|^2`, where `W1` and `W2` make the two subspaces of a stage
//! (its last 1x1 convolution), so that they come to hold different things.
//!
//! DIFFERENCE: the paper has one factor per pair of subspaces; here it has one per channel, as in
//! cross-stitch networks for images. Its layers are recurrent ones of one width; here, those that
//! a head mixes are what the pyramid has at one width.
//!
//! Assumed: 0.95 of the own subspace and 0.05 among the others to start with; 0.9 of the last layer
//! and 0.1 among the others; the weight of orthogonality; that pyramids stay apart.

use kernels::builder::BuildError;
use kernels::op::{Coordinates, ResizeMode};
use kernels::{Graph, TensorId};

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, NetworkOptions, head};
use super::stages::stages;
use super::towers::{Tower, pyramid, trunks};
use super::units::{Units, share};
use crate::task::Task;

/// The weight of the penalty in the loss that is minimized.
pub const ORTHOGONALITY: f64 = 1e-3;

/// What a subspace starts with of its own.
const OWN: f32 = 0.95;

/// What a head starts with of the last layer.
const LAST: f32 = 0.9;

/// The subspaces of a task.
const SUBSPACES: usize = 2;

/// The levels that a head reads beside the last layer.
const LEVELS: [&str; 3] = ["p3", "p4", "p5"];

pub(super) const UNITS: Units = Units {
    words: &["sluice", "layers"],
    initial,
};

pub(super) fn build(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
) -> Result<Vec<TensorId>, BuildError> {
    let taps = trunks(layers, network, options, image, &mut mix)?;
    let mut predictions = Vec::with_capacity(taps.len());
    for (&task, taps) in options.tasks.iter().zip(&taps) {
        let (levels, finest) = pyramid(layers, network, task, taps)?;
        let mixture = |layers: &mut Layers| mixture(layers, &levels, finest);
        let x = layers.within(task.name(), mixture)?;
        predictions.push(head::head(layers, task, network.head_depth, x, options)?);
    }
    Ok(predictions)
}

/// What each task goes on with after `stage`.
fn mix(layers: &mut Layers, stage: usize, towers: &[Tower]) -> Result<Vec<TensorId>, BuildError> {
    let unit = format!("sluice{stage}");
    let mut sources: Vec<(Task, usize, TensorId)> = Vec::new();
    for &Tower { task, x } in towers {
        let half = layers.channels(x) / SUBSPACES;
        for subspace in 1..=SUBSPACES {
            let range = [(subspace - 1) * half, subspace * half];
            let name = format!("{unit}/subspace{subspace}");
            let part = layers.within(task.name(), |layers| layers.channels_of(&name, x, range))?;
            sources.push((task, subspace, part));
        }
    }
    let mixed = towers.iter().map(|target| {
        layers.within(target.task.name(), |layers| {
            let mut subspaces = Vec::with_capacity(SUBSPACES);
            for subspace in 1..=SUBSPACES {
                let name = format!("{unit}/{subspace}");
                let mut terms = Vec::with_capacity(sources.len());
                for (task, number, part) in &sources {
                    let factor = format!("{name}/{task}/{number}");
                    terms.push(layers.depthwise(&factor, *part, 1, 1)?);
                }
                subspaces.push(layers.sum(&name, &terms)?);
            }
            layers.concat(&format!("{unit}/concat"), &subspaces)
        })
    });
    mixed.collect()
}

/// What a head reads.
fn mixture(
    layers: &mut Layers,
    levels: &[TensorId],
    finest: TensorId,
) -> Result<TensorId, BuildError> {
    let size = layers.size(finest);
    let mut terms = vec![layers.depthwise("layers/last", finest, 1, 1)?];
    for (level, &x) in LEVELS.iter().zip(levels) {
        let name = format!("layers/{level}");
        let mut x = layers.depthwise(&name, x, 1, 1)?;
        if layers.size(x) != size {
            let (mode, coordinates) = (ResizeMode::Nearest, Coordinates::Asymmetric);
            x = layers.resize(&format!("{name}/up"), x, mode, coordinates, size)?;
        }
        terms.push(x);
    }
    layers.sum("layers", &terms)
}

/// What the factors called `name` start from, among `tasks`.
fn initial(name: &str, shape: &[usize], tasks: usize) -> Option<Vec<f32>> {
    let words: Vec<&str> = name.split('/').collect();
    let value = match words[..] {
        [_, "layers", layer, ..] => share(layer == "last", LAST, LEVELS.len()),
        [target, _, into, source, from, _] => {
            let is_own = target == source && into == from;
            share(is_own, OWN, tasks * SUBSPACES - 1)
        }
        _ => return None,
    };
    Some(vec![value; shape.iter().product()])
}

/// The weights `[c, 1, 1, in]` that make the subspaces of each stage, half of them each, by name:
/// those of the last 1x1 convolution of each stage in each trunk.
pub(super) fn subspaces(network: &Architecture, tasks: &[Task], graph: &Graph) -> Vec<String> {
    let stages = stages(network);
    let lasts = stages.iter().filter_map(|stage| stage.last());
    let names = lasts.flat_map(|(number, _)| {
        let name = move |task: &Task| format!("{task}/block{number:02}/project/conv/weights");
        tasks.iter().map(name)
    });
    names
        .filter(|name| graph.tensor_named(name).is_some())
        .collect()
}

//! NDDR-CNN (Gao et al., 2019): a network per task; after each stage of the trunks, every task
//! reduces the channels of all to as many as it had, by a 1x1 convolution and a batch norm.
//!
//! `x_t <- norm(W_t [x_t, x_s, ..])`. `W_t` starts as 0.9 of the task's own channel and 0.1 of the
//! same channel of the others together.
//!
//! DIFFERENCE: no ReLU behind the batch norm. The stages of the paper's networks end with one; a
//! block of EfficientNet ends linearly, and what is negative there would be lost.
//!
//! Assumed: that pyramids and heads stay apart.

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, NetworkOptions};
use super::towers::{Tower, side_by_side};
use super::units::{Units, share};

/// What a task starts with of its own channels.
const OWN: f32 = 0.9;

pub(super) const UNITS: Units = Units {
    words: &["nddr"],
    initial,
};

pub(super) fn build(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
) -> Result<Vec<TensorId>, BuildError> {
    side_by_side(layers, network, options, image, &mut reduce)
}

/// What each task goes on with after `stage`. Its own channels come first.
fn reduce(
    layers: &mut Layers,
    stage: usize,
    towers: &[Tower],
) -> Result<Vec<TensorId>, BuildError> {
    let reduced = towers.iter().map(|target| {
        let others = towers.iter().filter(|other| other.task != target.task);
        let mut all = vec![target.x];
        all.extend(others.map(|other| other.x));
        layers.within(target.task.name(), |layers| {
            let name = format!("nddr{stage}");
            let channels = layers.channels(target.x);
            let x = layers.concat(&format!("{name}/concat"), &all)?;
            layers.conv_norm(&name, x, channels, 1, 1)
        })
    });
    reduced.collect()
}

/// What the weights `[c, 1, 1, tasks c]` called `name` start from; nothing for a batch norm.
fn initial(name: &str, shape: &[usize], tasks: usize) -> Option<Vec<f32>> {
    if !name.ends_with("/conv/weights") {
        return None;
    }
    let (out_c, in_c) = (shape[0], shape[3]);
    let mut values = vec![0.0; out_c * in_c];
    for channel in 0..out_c {
        for task in 0..tasks {
            let value = share(task == 0, OWN, tasks - 1);
            values[channel * in_c + task * out_c + channel] = value;
        }
    }
    Some(values)
}

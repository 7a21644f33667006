//! Cross-stitch networks (Misra et al., 2016): a network per task; after each stage of the trunks,
//! every task goes on with a learned mixture of what all have.
//!
//! `x_t <- sum_s a_ts x_s`, one factor per pair of tasks and channel, which is a depthwise 1x1
//! convolution. A task starts with 0.9 of its own and shares 0.1 among the others.
//!
//! Assumed: 0.9 and 0.1, from the range that the paper tries; that pyramids and heads are not
//! stitched, as the paper stitches after poolings of the trunk alone.

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, NetworkOptions};
use super::towers::{Tower, side_by_side};
use super::units::{Units, share};

/// What a task starts with of its own.
const OWN: f32 = 0.9;

pub(super) const UNITS: Units = Units {
    words: &["stitch"],
    initial,
};

pub(super) fn build(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
) -> Result<Vec<TensorId>, BuildError> {
    side_by_side(layers, network, options, image, &mut stitch)
}

/// What each task goes on with after `stage`.
fn stitch(
    layers: &mut Layers,
    stage: usize,
    towers: &[Tower],
) -> Result<Vec<TensorId>, BuildError> {
    let mixed = towers.iter().map(|target| {
        layers.within(target.task.name(), |layers| {
            let mut terms = Vec::with_capacity(towers.len());
            for source in towers {
                let name = format!("stitch{stage}/{}", source.task);
                terms.push(layers.depthwise(&name, source.x, 1, 1)?);
            }
            layers.sum(&format!("stitch{stage}"), &terms)
        })
    });
    mixed.collect()
}

/// What the factors called `name` start from, among `tasks`: `seg/stitch1/depth/weights` is that of
/// depth in segmentation.
fn initial(name: &str, shape: &[usize], tasks: usize) -> Option<Vec<f32>> {
    let mut words = name.split('/');
    let (target, source) = (words.next(), words.nth(1));
    let value = share(target == source, OWN, tasks - 1);
    Some(vec![value; shape.iter().product()])
}

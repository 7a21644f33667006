//! The head of a task: separable 3x3 convolutions with batch norm and ReLU6 on P3, a 1x1
//! convolution to the task's channels, and the resizes that lead to the size of the image.

use kernels::TensorId;
use kernels::builder::BuildError;

use super::layers::{Bias, Layers};
use super::network::NetworkOptions;
use crate::task::Task;

/// Adds the head of `task` with `depth` separable convolutions; its result is named after the
/// task.
pub(in crate::space) fn head(
    layers: &mut Layers,
    task: Task,
    depth: usize,
    features: TensorId,
    options: &NetworkOptions,
) -> Result<TensorId, BuildError> {
    let name = format!("head/{task}");
    let width = layers.channels(features);
    let mut x = features;
    for number in 1..=depth {
        let layer = format!("{name}/{number}");
        x = layers.separable(&layer, x, width)?;
        x = layers.relu6(&format!("{layer}/relu6"), x)?;
    }
    let predict = format!("{name}/predict");
    let x = layers.conv(
        &predict,
        x,
        task.channels(options.classes),
        1,
        1,
        Bias::Learned,
    )?;
    upsample(layers, task, x, options)
}

/// The resizes; the last one is named after the task.
fn upsample(
    layers: &mut Layers,
    task: Task,
    x: TensorId,
    options: &NetworkOptions,
) -> Result<TensorId, BuildError> {
    let form = options.upsampling;
    let sizes = form.sizes(layers.size(x), options.size);
    let mut x = x;
    for (number, &size) in (1..).zip(&sizes) {
        let name = match number == sizes.len() {
            true => task.name().to_owned(),
            false => format!("head/{task}/up{number}"),
        };
        x = layers.resize(&name, x, form.mode, form.coordinates, size)?;
    }
    Ok(x)
}

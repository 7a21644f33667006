//! The head of a task: two separable 3x3 convolutions with batch norm and ReLU6 on P3, a 1x1
//! convolution to the task's channels, and a bilinear upsampling to the size of the image.

use kernels::TensorId;
use kernels::builder::BuildError;
use kernels::op::ResizeMode;

use super::bifpn::WIDTH;
use super::layers::{Bias, Layers};
use super::network::NetworkOptions;
use crate::task::Task;

/// The separable convolutions of a head.
const DEPTH: usize = 2;

/// Adds the head of `task`; its result is named after the task.
pub(super) fn head(
    layers: &mut Layers,
    task: Task,
    features: TensorId,
    options: &NetworkOptions,
) -> Result<TensorId, BuildError> {
    let name = format!("head/{task}");
    let mut x = features;
    for depth in 1..=DEPTH {
        let layer = format!("{name}/{depth}");
        x = layers.separable(&layer, x, WIDTH)?;
        x = layers.relu6(&format!("{layer}/relu6"), x)?;
    }
    let predict = format!("{name}/predict");
    let x = layers.conv(&predict, x, task.channels(), 1, 1, Bias::Learned)?;
    let (mode, size) = (ResizeMode::Bilinear, options.size);
    layers.resize(task.name(), x, mode, options.upsampling, size)
}

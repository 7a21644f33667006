//! Whole networks: trunk, feature pyramid, and one head per task.
//!
//! A head is two separable 3x3 convolutions with batch norm and ReLU6 on P3, a 1x1 convolution
//! to the task's channels, and a bilinear upsampling to the size of the image.

use kernels::builder::BuildError;
use kernels::op::{Coordinates, ResizeMode};
use kernels::{TensorId, Verified, VerifyError, verify};

use super::Trunk;
use super::bifpn::{self, WIDTH};
use super::layers::{Bias, Layers};
use super::trunk;
use crate::task::Task;

/// Height and width are multiples of this: P7 is 1/128 of the image.
pub const SIZE_STEP: usize = 128;

/// The separable convolutions of a head.
const HEAD_DEPTH: usize = 2;

/// What is not searched: the image, the tasks, and what the target needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkOptions {
    /// Height and width of the image in pixels; multiples of 128, at least 128.
    pub size: [usize; 2],
    /// One head each, in this order; at least one, none twice.
    pub tasks: Vec<Task>,
    /// How the bilinear upsampling maps positions; the target decides, before training.
    pub upsampling: Coordinates,
}

/// Why a network cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The pyramid does not come out even.
    #[error(
        "the size {}x{} does not fit: height and width must be multiples of 128, at least 128 \
         (the coarsest level of the pyramid is 1/128 of the image); try {}x{}",
        found[0], found[1], nearest[0], nearest[1]
    )]
    Size {
        /// Height and width.
        found: [usize; 2],
        /// The nearest size that fits.
        nearest: [usize; 2],
    },
    /// No task, or one twice.
    #[error("the tasks are [{0}]; expected one or more of seg, depth, normals, none twice")]
    Tasks(String),
    /// The builder refused a layer.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The graph is not well formed.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// The network of a trunk: its input is `image [1, h, w, 3]`, its outputs are named after the
/// tasks, `[1, h, w, channels]` each. Parameters have no values.
///
/// The last cell of the pyramid is whole, as the published sizes count it, though only its P3 is
/// read: [`kernels::live::live`] gives the part that a machine runs.
///
/// # Errors
///
/// [`NetworkError`] for a size or tasks that do not fit.
pub fn network(
    name: &str,
    trunk: &Trunk,
    options: &NetworkOptions,
) -> Result<Verified, NetworkError> {
    check(options)?;
    let mut layers = Layers::new(name);
    let image = layers.image(options.size);
    let taps = trunk::trunk(&mut layers, trunk, image)?;
    let features = bifpn::bifpn(&mut layers, taps)?;
    for &task in &options.tasks {
        let prediction = head(&mut layers, task, features, options)?;
        layers.output(prediction);
    }
    Ok(verify(layers.finish())?)
}

fn head(
    layers: &mut Layers,
    task: Task,
    features: TensorId,
    options: &NetworkOptions,
) -> Result<TensorId, BuildError> {
    let name = format!("head/{task}");
    let mut x = features;
    for depth in 1..=HEAD_DEPTH {
        let layer = format!("{name}/{depth}");
        x = layers.separable(&layer, x, WIDTH)?;
        x = layers.relu6(&format!("{layer}/relu6"), x)?;
    }
    let predict = format!("{name}/predict");
    let x = layers.conv(&predict, x, task.channels(), 1, 1, Bias::Learned)?;
    let (mode, size) = (ResizeMode::Bilinear, options.size);
    layers.resize(task.name(), x, mode, options.upsampling, size)
}

fn check(options: &NetworkOptions) -> Result<(), NetworkError> {
    if options.size.iter().any(|&d| d == 0 || d % SIZE_STEP != 0) {
        let nearest = options
            .size
            .map(|d| (d.saturating_add(SIZE_STEP / 2) / SIZE_STEP).max(1) * SIZE_STEP);
        let found = options.size;
        return Err(NetworkError::Size { found, nearest });
    }
    let mut tasks = options.tasks.clone();
    tasks.sort_unstable();
    tasks.dedup();
    if tasks.is_empty() || tasks.len() != options.tasks.len() {
        let names: Vec<&str> = options.tasks.iter().map(|t| t.name()).collect();
        return Err(NetworkError::Tasks(names.join(", ")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;

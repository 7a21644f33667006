//! Whole networks as graphs: trunk, feature pyramid, and one head per task.

use kernels::builder::BuildError;
use kernels::{TensorId, Verified, VerifyError, verify};

use super::Architecture;
use super::layers::Layers;
use super::parts::{Assembly, Part, assemble};
use super::upsampling::Upsampling;
use crate::task::Task;

/// Height and width are multiples of this: P7 is 1/128 of the image.
pub const SIZE_STEP: usize = 128;

/// Labels are bytes, and 255 is void.
const CLASSES_MAX: usize = 255;

/// What is not searched: the image, the tasks, and what the target needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkOptions {
    /// Height and width of the image in pixels; multiples of 128, at least 128.
    pub size: [usize; 2],
    /// One head each, in this order; at least one, none twice.
    pub tasks: Vec<Task>,
    /// The classes of a segmentation, 1 to 255; as many as the data set has.
    pub classes: usize,
    /// How heads return to the size of the image; the target decides, before training.
    pub upsampling: Upsampling,
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
    /// No class, or more than labels can tell apart.
    #[error("a segmentation of {0} classes does not fit; expected 1 to 255")]
    Classes(usize),
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

/// The network of an architecture, or of a trunk's: its input is `image [1, h, w, 3]`, its outputs are named after the
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
    network: impl Into<Architecture>,
    options: &NetworkOptions,
) -> Result<Verified, NetworkError> {
    options.check()?;
    let mut layers = Layers::new(name);
    let image = layers.input("image", options.image());
    let mut whole = Whole { layers, options };
    let predictions = assemble(&mut whole, &network.into(), &options.tasks, image)?;
    let mut layers = whole.layers;
    for prediction in predictions {
        layers.output(prediction);
    }
    Ok(verify(layers.finish())?)
}

/// A graph under construction.
struct Whole<'a> {
    layers: Layers,
    options: &'a NetworkOptions,
}

impl Assembly for Whole<'_> {
    type Value = TensorId;
    type Error = BuildError;

    fn add(&mut self, part: Part, inputs: &[TensorId]) -> Result<Vec<TensorId>, BuildError> {
        part.build(&mut self.layers, inputs, self.options)
    }
}

impl NetworkOptions {
    /// The shape of the image: `[1, h, w, 3]`.
    pub(in crate::space) fn image(&self) -> [usize; 4] {
        [1, self.size[0], self.size[1], 3]
    }

    /// Whether there is such a network, whatever its trunk.
    ///
    /// # Errors
    /// [`NetworkError`], saying what is allowed.
    pub fn check(&self) -> Result<(), NetworkError> {
        if self.size.iter().any(|&d| d == 0 || d % SIZE_STEP != 0) {
            let nearest = self
                .size
                .map(|d| (d.saturating_add(SIZE_STEP / 2) / SIZE_STEP).max(1) * SIZE_STEP);
            let found = self.size;
            return Err(NetworkError::Size { found, nearest });
        }
        if self.tasks.contains(&Task::Segmentation) && !(1..=CLASSES_MAX).contains(&self.classes) {
            return Err(NetworkError::Classes(self.classes));
        }
        let mut tasks = self.tasks.clone();
        tasks.sort_unstable();
        tasks.dedup();
        if tasks.is_empty() || tasks.len() != self.tasks.len() {
            let names: Vec<&str> = self.tasks.iter().map(|t| t.name()).collect();
            return Err(NetworkError::Tasks(names.join(", ")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! The parts that a network is assembled from, and how they are joined.
//!
//! [`assemble`] is the one description of the joints. The graph of a network ([`super::network`])
//! and its task list ([`super::lowering`]) are both assembled by it.

use kernels::TensorId;
use kernels::builder::BuildError;

use super::layers::Layers;
use super::network::NetworkOptions;
use super::{Architecture, BlockShape, bifpn, head, trunk};
use crate::task::Task;

/// A part of a network: what it computes depends on this, on the shapes of its inputs and on the
/// [`NetworkOptions`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// From the image to the first block.
    Stem {
        /// Its channels.
        filters: usize,
    },
    /// One block of the trunk.
    Block {
        /// From 1.
        number: usize,
        /// What it is made of.
        block: BlockShape,
    },
    /// From P3, P4 and P5 of the trunk to P3 to P7 of the pyramid.
    Laterals {
        /// Channels of the pyramid.
        width: usize,
    },
    /// From P3 to P7 to the P3 that the heads read.
    Cells {
        /// How many.
        cells: usize,
    },
    /// From that P3 to the prediction of a task.
    Head {
        /// What is predicted.
        task: Task,
        /// Its separable convolutions.
        depth: usize,
    },
}

impl Part {
    /// Adds the layers of the part; gives what it hands on.
    pub(super) fn build(
        self,
        layers: &mut Layers,
        inputs: &[TensorId],
        options: &NetworkOptions,
    ) -> Result<Vec<TensorId>, BuildError> {
        Ok(match self {
            Self::Stem { filters } => vec![trunk::stem(layers, filters, inputs[0])?],
            Self::Block { number, block } => {
                vec![trunk::block(layers, number, &block, inputs[0])?]
            }
            Self::Laterals { width } => {
                bifpn::laterals(layers, width, [inputs[0], inputs[1], inputs[2]])?.into()
            }
            Self::Cells { cells } => {
                let pyramid = inputs.try_into().expect("a pyramid has five levels");
                vec![bifpn::cells(layers, cells, pyramid)?]
            }
            Self::Head { task, depth } => {
                vec![head::head(layers, task, depth, inputs[0], options)?]
            }
        })
    }
}

/// Something that parts can be added to, one after another.
pub(super) trait Assembly {
    /// What flows from part to part.
    type Value: Clone;
    /// Why a part cannot be added.
    type Error;

    /// Adds `part` over `inputs`; gives what it hands on.
    fn add(&mut self, part: Part, inputs: &[Self::Value]) -> Result<Vec<Self::Value>, Self::Error>;
}

/// Adds all parts of a network over the image; gives the predictions of `tasks`.
pub(super) fn assemble<A: Assembly>(
    assembly: &mut A,
    network: &Architecture,
    tasks: &[Task],
    image: A::Value,
) -> Result<Vec<A::Value>, A::Error> {
    let filters = network.stem_filters;
    let mut x = assembly.add(Part::Stem { filters }, &[image])?;
    let mut taps = Vec::with_capacity(network.taps.len());
    for (number, &block) in (1..).zip(&network.blocks) {
        x = assembly.add(Part::Block { number, block }, &x)?;
        if network.taps.contains(&number) {
            taps.extend_from_slice(&x);
        }
    }
    let (width, cells, depth) = (network.width, network.cells, network.head_depth);
    let pyramid = assembly.add(Part::Laterals { width }, &taps)?;
    let finest = assembly.add(Part::Cells { cells }, &pyramid)?;
    let mut predictions = Vec::with_capacity(tasks.len());
    for &task in tasks {
        predictions.extend(assembly.add(Part::Head { task, depth }, &finest)?);
    }
    Ok(predictions)
}

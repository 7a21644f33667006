//! The parts that a network is assembled from, and how they are joined.
//!
//! [`assemble`] is the one description of the joints. The graph of a network ([`super::network`])
//! and its task list ([`super::lowering`]) are both assembled by it.

use kernels::TensorId;
use kernels::builder::BuildError;

use super::layers::Layers;
use super::network::NetworkOptions;
use super::{Block, Trunk, bifpn, head, trunk};
use crate::task::Task;

/// The blocks whose results are P3, P4 and P5, counted from 1: 1/8, 1/16 and 1/32 of the image's
/// height and width.
const TAPS: [usize; 3] = [5, 11, 16];

/// A part of a network: what it computes depends on this, on the shapes of its inputs and on the
/// [`NetworkOptions`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// From the image to the first block.
    Stem,
    /// One block of the trunk.
    Block {
        /// 1 to 16.
        number: usize,
        /// Its choices.
        block: Block,
        /// What a Fused-IBN is here.
        separable: bool,
    },
    /// From P3, P4 and P5 of the trunk to P3 to P7 of the pyramid.
    Laterals,
    /// From P3 to P7 to the P3 that the heads read.
    Cells,
    /// From that P3 to the prediction of a task.
    Head(Task),
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
            Self::Stem => vec![trunk::stem(layers, inputs[0])?],
            Self::Block {
                number,
                block,
                separable,
            } => vec![trunk::block(layers, number, &block, separable, inputs[0])?],
            Self::Laterals => bifpn::laterals(layers, [inputs[0], inputs[1], inputs[2]])?.into(),
            Self::Cells => {
                let pyramid = inputs.try_into().expect("a pyramid has five levels");
                vec![bifpn::cells(layers, pyramid)?]
            }
            Self::Head(task) => vec![head::head(layers, task, inputs[0], options)?],
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
    trunk: &Trunk,
    tasks: &[Task],
    image: A::Value,
) -> Result<Vec<A::Value>, A::Error> {
    let mut x = assembly.add(Part::Stem, &[image])?;
    let mut taps = Vec::with_capacity(TAPS.len());
    for (number, &block) in (1..).zip(&trunk.blocks) {
        let separable = trunk.fused.is_separable(number);
        let part = Part::Block {
            number,
            block,
            separable,
        };
        x = assembly.add(part, &x)?;
        if TAPS.contains(&number) {
            taps.extend_from_slice(&x);
        }
    }
    let pyramid = assembly.add(Part::Laterals, &taps)?;
    let finest = assembly.add(Part::Cells, &pyramid)?;
    let mut predictions = Vec::with_capacity(tasks.len());
    for &task in tasks {
        predictions.extend(assembly.add(Part::Head(task), &finest)?);
    }
    Ok(predictions)
}

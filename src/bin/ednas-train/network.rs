//! The network of a job, in the arithmetic that it is trained in.

use std::collections::BTreeMap;

use anyhow::Result;
use ednas::train::record::NamedRanges;
use ednas::train::{Arithmetic, Training};
use kernels::{TensorId, Verified};
use tch::{Device, Tensor};

use crate::execute::Program;
use crate::operators::Mode;
use crate::parameters::{Leaf, Parameters};
use crate::samples::Samples;
use crate::simulation::{Simulation, calibrated};

/// A network that predicts and learns.
pub(crate) enum Network<'g> {
    /// In single precision.
    Float(Program<'g>),
    /// As its int8 form.
    Int8(Simulation<'g>),
}

/// Values in place of parameters.
pub(crate) type Replaced = BTreeMap<TensorId, Tensor>;

/// What a network makes of a batch.
pub(crate) struct Pass {
    /// One per task, `[n, h, w, channels]`.
    pub(crate) outputs: Vec<Tensor>,
    /// What gradients of the outputs are taken of.
    pub(crate) leaves: Vec<Leaf>,
}

impl<'g> Network<'g> {
    /// The network that `training` trains, in its arithmetic: a graph and its parameters. An int8
    /// one without `ranges` is calibrated on `samples`.
    pub(crate) fn new(
        training: &Training,
        (graph, parameters): (&'g Verified, &Parameters),
        ranges: Option<NamedRanges>,
        samples: &Samples,
        device: Device,
    ) -> Result<Self> {
        let arithmetic = training.start.as_ref().map(|start| start.arithmetic);
        Ok(match arithmetic {
            Some(Arithmetic::Int8 { .. }) => {
                let ranges = match ranges {
                    Some(ranges) => ranges,
                    None => calibrated(graph, parameters, &samples.calibration, device)?,
                };
                Self::Int8(Simulation::new(graph, ranges, device))
            }
            Some(Arithmetic::Float) | None => Self::Float(Program::new(graph, device)?),
        })
    }

    /// The predictions for `images`, `[n, h, w, 3]`. The statistics of batch norms follow the
    /// images as `mode` says; an int8 network has none.
    pub(crate) fn forward(
        &self,
        parameters: &Parameters,
        images: &Tensor,
        mode: Mode,
    ) -> Result<Pass> {
        self.forward_with(Replaced::new(), parameters, images, mode)
    }

    /// As [`Self::forward`], with other values in place of some parameters; they may depend on
    /// parameters. An int8 network has none to replace.
    pub(crate) fn forward_with(
        &self,
        replaced: Replaced,
        parameters: &Parameters,
        images: &Tensor,
        mode: Mode,
    ) -> Result<Pass> {
        let (outputs, leaves) = match self {
            Self::Float(program) => {
                let mut read = parameters.tensors();
                read.extend(replaced);
                (program.run(&read, &[images], mode)?, parameters.leaves())
            }
            Self::Int8(simulation) => simulation.forward(parameters, images)?,
        };
        Ok(Pass { outputs, leaves })
    }

    /// The ranges of activations, where they matter.
    pub(crate) fn ranges(&self) -> Option<&NamedRanges> {
        match self {
            Self::Float(_) => None,
            Self::Int8(simulation) => Some(simulation.ranges()),
        }
    }
}

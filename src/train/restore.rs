//! From a checkpoint to the network that is deployed: folded, with its trained values.

use std::path::{Path, PathBuf};

use kernels::Verified;
use kernels::fold::fold;
use kernels::live::live;

use super::checkpoint::{CheckpointError, read_checkpoint};
use super::record::{CheckpointRecord, RecordError};
use super::training::{Training, TrainingError};
use super::weights::Weights;
use crate::quantize::Ranges;

/// A trained network as it is deployed.
#[derive(Clone, Debug)]
pub struct Restored {
    /// How it was trained.
    pub record: CheckpointRecord,
    /// The part that its outputs need, in floats: batch norms folded, activations fused, every
    /// parameter with its trained values.
    pub graph: Verified,
    /// The ranges of its activations that int8 arithmetic was trained with, where it was:
    /// [`quantize`](crate::quantize::quantize) with them gives the network that was trained.
    pub ranges: Option<Ranges>,
}

/// Why a checkpoint gives no network.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The file cannot be read, or is no safetensors file.
    #[error(transparent)]
    File(CheckpointError),
    /// The file says nothing usable about its network.
    #[error("checkpoint {}: {problem}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: RecordError,
    },
    /// The network that the record names cannot be built.
    #[error("checkpoint {}: its network cannot be built: {problem}", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: Box<TrainingError>,
    },
    /// The tensors are not those of the network.
    #[error("checkpoint {}: {problem}", path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// The first tensor that is missing, of another shape, or not finite.
        problem: Box<CheckpointError>,
    },
}

/// The network of the checkpoint at `path`.
///
/// # Errors
///
/// [`RestoreError`] when the file is missing or something else, or a tensor does not fit, by name.
pub fn restore(path: &Path) -> Result<Restored, RestoreError> {
    let (weights, record) = read_checkpoint(path).map_err(RestoreError::File)?;
    let record = CheckpointRecord::read(record).map_err(|problem| RestoreError::Record {
        path: path.to_owned(),
        problem,
    })?;
    let graph = deployed(&record.job).map_err(|problem| RestoreError::Network {
        path: path.to_owned(),
        problem: Box::new(problem),
    })?;
    let graph = filled(&record.job, &weights, &graph).map_err(|problem| RestoreError::Tensors {
        path: path.to_owned(),
        problem: Box::new(problem),
    })?;
    let ranges = record.ranges(&graph);
    Ok(Restored {
        record,
        graph,
        ranges,
    })
}

/// The network that `training` is about, as far as its outputs need it; folded where that is what
/// was trained. Parameters have no values.
fn deployed(training: &Training) -> Result<Verified, TrainingError> {
    let graph = live(&training.graph()?);
    Ok(match training.is_folded() {
        true => fold(&graph),
        false => graph,
    })
}

fn filled(
    training: &Training,
    weights: &Weights,
    graph: &Verified,
) -> Result<Verified, CheckpointError> {
    let trained = weights.fill(graph)?;
    Ok(match training.is_folded() {
        true => trained,
        false => fold(&trained),
    })
}

#[cfg(test)]
mod tests;

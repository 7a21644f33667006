//! Where a training starts: random weights, or those of a checkpoint, folded.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use ednas::fingerprint::fingerprint;
use ednas::train::training::Start;
use ednas::train::{Training, Weights, restore};
use kernels::Verified;
use kernels::live::live;

/// A network before its first step.
pub(crate) struct Beginning {
    /// What its outputs need; parameters have no values.
    pub(crate) graph: Verified,
    /// Every parameter of the network, also those nobody reads.
    pub(crate) weights: Weights,
}

/// The network of `training` and what its weights start from.
pub(crate) fn beginning(training: &Training) -> Result<Beginning> {
    match &training.start {
        Some(start) => folded(training, start),
        None => {
            let (network, method) = (training.graph()?, training.model()?.method);
            let (tasks, seed) = (&training.tasks, training.seed);
            Ok(Beginning {
                graph: live(&network),
                weights: Weights::initial_of(&method, tasks, &network, seed),
            })
        }
    }
}

fn folded(training: &Training, start: &Start) -> Result<Beginning> {
    let path = &start.checkpoint;
    let restored = restore(path)?;
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    ensure!(
        fingerprint(bytes) == start.fingerprint,
        "checkpoint {}: the file has changed since the job was made; start again",
        path.display()
    );
    if let Some(difference) = training.network_difference(&restored.record.job) {
        bail!(
            "checkpoint {} is of another network: {difference}",
            path.display()
        );
    }
    let (graph, weights) = Weights::take(&restored.graph);
    Ok(Beginning { graph, weights })
}

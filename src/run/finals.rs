//! The final trainings of a run: what the search found, and the baseline, for equally many steps.

use std::sync::atomic::AtomicBool;

use kernels::cost::graph_cost;

use super::candidates::{Candidates, Training};
use super::folder::Folder;
use super::record::NetworkRecord;
use crate::report::Console;
use crate::report::train::show;
use crate::train::protocol::Event;
use crate::train::worker::WorkerError;
use crate::workers::Fleet;

/// A network to train to the end.
pub(super) struct Final<'a> {
    /// `found` or `mt-edge`; its checkpoint carries this name.
    pub(super) role: &'a str,
    pub(super) genome: &'a str,
    pub(super) steps: usize,
}

/// The checkpoint of a final network.
pub(super) fn checkpoint(role: &str) -> String {
    format!("{role}.safetensors")
}

/// Trains one network and says how good it is in floats; `None` when it was stopped.
pub(super) fn train(
    candidates: &Candidates,
    network: &Final,
    folder: &Folder,
    fleet: &dyn Fleet,
    stop: &AtomicBool,
    console: &Console,
) -> anyhow::Result<Option<NetworkRecord>> {
    let graph = candidates.graph(network.genome)?;
    let training = Training {
        id: 0,
        steps: network.steps,
        checkpoint: folder.path(&checkpoint(network.role)),
    };
    let job = candidates.job(network.genome, training);
    let bar = console.bar(&format!("training {}", network.role), network.steps as u64);
    let mut watch = |event: &Event| show(&bar, event);
    let outcome = match fleet.train(&job, &mut watch, stop) {
        Err(WorkerError::Stopped) => return Ok(None),
        outcome => outcome?,
    };
    bar.finish_and_clear();
    let cost = graph_cost(&graph);
    Ok(Some(NetworkRecord {
        role: network.role.to_owned(),
        genome: network.genome.to_owned(),
        params: cost.params,
        macs: cost.macs,
        steps: network.steps,
        images_per_s: outcome.images_per_s,
        float_scores: outcome.scores,
        int8: None,
    }))
}

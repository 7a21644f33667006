//! Where parameters and activations are, and what is computed as one.

use std::cmp::Reverse;

use hwmodels::compile::Step;
use hwmodels::profile::Profile;
use hwmodels::task::BufferId;
use serde::Serialize;

use super::super::Timed;
use super::super::layers::activation;
use super::super::residents::{Resident, residents};

/// Where the parameters of a layer are.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterRecord {
    /// The network.
    pub network: String,
    /// The layer; the first of those that share the parameters.
    pub layer: String,
    /// Bytes that stay on the chip from one inference to the next, as stored there.
    pub cached_bytes: u64,
    /// Bytes that are streamed every inference.
    pub streamed_bytes: u64,
}

/// The activation memory of the chip when most of it is in use.
#[derive(Clone, Debug, Serialize)]
pub struct PlacementRecord {
    /// The network.
    pub network: String,
    /// The layer that is computed then.
    pub layer: String,
    /// The end of the highest address in use, tile buffers not counted.
    pub peak_bytes: u64,
    /// The size of the memory.
    pub available_bytes: u64,
    /// What lives there, by address.
    pub activations: Vec<PlacedRecord>,
}

/// An activation and its place on the chip.
#[derive(Clone, Debug, Serialize)]
pub struct PlacedRecord {
    /// What it is.
    pub name: String,
    /// Its first byte.
    pub address: u64,
    /// Its size.
    pub bytes: u64,
}

/// An activation that lives outside the chip for want of room.
#[derive(Clone, Debug, Serialize)]
pub struct SpilledRecord {
    /// The network.
    pub network: String,
    /// What it is.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// A layer that is computed as part of another.
#[derive(Clone, Debug, Serialize)]
pub struct FusedRecord {
    /// The network.
    pub network: String,
    /// The layer.
    pub layer: String,
    /// The layer whose results it works on as they leave the array.
    pub into: String,
}

pub(super) fn parameters(timed: &[&Timed<'_>]) -> Vec<ParameterRecord> {
    let mut records = Vec::new();
    for one in timed {
        let schedule = &one.schedule;
        let mut seen = vec![false; schedule.list().weights().len()];
        for task in schedule.list().tasks() {
            let Some(id) = task.weights.filter(|id| !seen[id.0]) else {
                continue;
            };
            seen[id.0] = true;
            let streamed_bytes = schedule.streamed_bytes(id);
            if schedule.stored_bytes(id) == 0 {
                continue;
            }
            records.push(ParameterRecord {
                network: one.name.to_owned(),
                layer: task.name.clone(),
                cached_bytes: schedule.stored_bytes(id) - streamed_bytes,
                streamed_bytes,
            });
        }
    }
    records
}

pub(super) fn placements(profile: &Profile, timed: &[&Timed<'_>]) -> Vec<PlacementRecord> {
    let Some(memory) = profile.memory() else {
        return Vec::new();
    };
    let peak = |one: &&Timed<'_>| {
        let height = |live: &[Resident]| live.iter().map(Resident::end).max().unwrap_or(0);
        let runs = residents(&one.schedule).into_iter().rev();
        let (run, mut live) = runs.max_by_key(|(_, live)| height(live))?;
        let peak_bytes = height(&live);
        live.sort_by_key(|resident| resident.address);
        let placed = live.iter().map(|resident| PlacedRecord {
            name: activation(one.schedule.list(), resident.buffer),
            address: resident.address,
            bytes: resident.bytes,
        });
        Some(PlacementRecord {
            network: one.name.to_owned(),
            layer: one.schedule.list().tasks()[run.task.0].name.clone(),
            peak_bytes,
            available_bytes: memory.narrow.bytes,
            activations: placed.collect(),
        })
    };
    timed.iter().filter_map(peak).collect()
}

pub(super) fn spilled(timed: &[&Timed<'_>]) -> Vec<SpilledRecord> {
    let mut records = Vec::new();
    for one in timed {
        let activations = one.schedule.list().activations();
        for (buffer, activation_bytes) in activations.iter().map(|a| a.bytes).enumerate() {
            if one.schedule.is_spilled(BufferId(buffer)) {
                records.push(SpilledRecord {
                    network: one.name.to_owned(),
                    name: activation(one.schedule.list(), BufferId(buffer)),
                    bytes: activation_bytes,
                });
            }
        }
    }
    records.sort_by_key(|record| Reverse(record.bytes));
    records
}

pub(super) fn fused(timed: &[&Timed<'_>]) -> Vec<FusedRecord> {
    let mut records = Vec::new();
    for one in timed {
        let tasks = one.schedule.list().tasks();
        for step in one.schedule.steps() {
            let Step::Run(run) = step else {
                continue;
            };
            records.extend(run.fused.iter().map(|id| FusedRecord {
                network: one.name.to_owned(),
                layer: tasks[id.0].name.clone(),
                into: tasks[run.task.0].name.clone(),
            }));
        }
    }
    records
}

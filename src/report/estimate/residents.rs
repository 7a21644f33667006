//! What lives in the activation memory of the chip, layer by layer.

use std::collections::BTreeMap;

use hwmodels::compile::{Run, Schedule, Step};
use hwmodels::task::BufferId;

/// An activation in the memory of the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Resident {
    pub(in crate::report) buffer: BufferId,
    pub(in crate::report) address: u64,
    pub(in crate::report) bytes: u64,
}

impl Resident {
    /// The address after its last byte.
    pub(in crate::report) fn end(&self) -> u64 {
        self.address + self.bytes
    }
}

/// What the accelerator runs, in order, and the activations in its memory meanwhile: each from the
/// first run that touches it to the last. Tile buffers are not among them.
pub(in crate::report) fn residents<'s>(
    schedule: &'s Schedule<'_>,
) -> Vec<(&'s Run, Vec<Resident>)> {
    let steps = schedule.steps().iter();
    let runs: Vec<&Run> = steps
        .filter_map(|step| match step {
            Step::Run(run) => Some(run),
            Step::Load { .. } | Step::Store { .. } | Step::Host { .. } => None,
        })
        .collect();
    let mut lives: BTreeMap<BufferId, (usize, usize)> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        for buffer in touched(schedule, run) {
            lives.entry(buffer).or_insert((index, index)).1 = index;
        }
    }
    let alive = |index: usize| {
        let lives = lives.iter();
        let alive = lives.filter(move |(_, (first, last))| (*first..=*last).contains(&index));
        alive.filter_map(|(buffer, _)| {
            Some(Resident {
                buffer: *buffer,
                address: schedule.address(*buffer)?,
                bytes: schedule.list().activations()[buffer.0].bytes,
            })
        })
    };
    let runs = runs.into_iter().enumerate();
    runs.map(|(index, run)| (run, alive(index).collect()))
        .collect()
}

/// The activations that a run reads and writes.
fn touched<'s>(schedule: &'s Schedule<'_>, run: &'s Run) -> impl Iterator<Item = BufferId> + 's {
    let tasks = schedule.list().tasks();
    let ids = std::iter::once(&run.task).chain(&run.fused);
    let buffers = ids.flat_map(|id| tasks[id.0].reads.iter().chain(&tasks[id.0].writes));
    buffers.copied()
}

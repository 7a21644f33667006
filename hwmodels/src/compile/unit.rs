//! What is computed as one: a task, and the tasks that work on its results as they leave the array.
//!
//! A task is fused into the one before it if the profile says that its operator may be, the one
//! before it runs on the array, and nobody else reads the result between them. The fused result
//! never exists in memory; the other operands of the fused task are read while the array works.

use super::Price;
use super::partition::Place;
use crate::profile::Profile;
use crate::task::{BufferId, Task, TaskId, TaskList, WeightId, Work};

/// A task with what is fused into it.
#[derive(Clone, Debug)]
pub(super) struct Unit<'a> {
    pub(super) id: TaskId,
    pub(super) task: &'a Task,
    pub(super) place: Place,
    /// Fused tasks, in order.
    pub(super) fused: Vec<TaskId>,
    /// Bytes that the fused tasks read and write beside the results they take over.
    pub(super) fused_bytes: u64,
    /// Activations the fused tasks read beside those of the task itself.
    extra_reads: Vec<BufferId>,
    /// What the last of them writes.
    pub(super) writes: &'a [BufferId],
}

impl<'a> Unit<'a> {
    /// A unit to be cut only: what it reads and writes does not matter where all is on the chip.
    pub(super) fn without_operands(
        id: TaskId,
        task: &'a Task,
        place: Place,
        (fused, fused_bytes): (&[TaskId], u64),
    ) -> Self {
        Self {
            id,
            task,
            place,
            fused: fused.to_vec(),
            fused_bytes,
            extra_reads: Vec::new(),
            writes: &task.writes,
        }
    }

    /// Activations read, by the task and by what is fused into it.
    pub(super) fn reads(&self) -> impl Iterator<Item = BufferId> + '_ {
        self.task.reads.iter().chain(&self.extra_reads).copied()
    }

    /// Whether the accelerator runs it.
    pub(super) fn on_chip(&self) -> bool {
        self.place != Place::Host
    }

    /// The parameters read.
    pub(super) fn weights(&self) -> Option<WeightId> {
        self.task.weights
    }
}

/// The units of `list`, in order.
pub(super) fn units<'a>(profile: &Profile, list: &'a TaskList, places: &[Place]) -> Vec<Unit<'a>> {
    let readers = readers(list);
    let mut units: Vec<Unit<'a>> = Vec::with_capacity(places.len());
    for (index, (task, &place)) in list.tasks().iter().zip(places).enumerate() {
        let id = TaskId(index);
        let into = units
            .last_mut()
            .filter(|unit| fits(profile, list, &readers, (unit, task, place)));
        match into {
            Some(unit) => fuse(list, unit, id, task),
            None => units.push(Unit {
                id,
                task,
                place,
                fused: Vec::new(),
                fused_bytes: 0,
                extra_reads: Vec::new(),
                writes: &task.writes,
            }),
        }
    }
    units
}

/// By buffer: how many tasks read it, and the world outside as one more.
fn readers(list: &TaskList) -> Vec<usize> {
    let mut readers = vec![0; list.activations().len()];
    let read = list.tasks().iter().flat_map(|task| &task.reads);
    for &BufferId(buffer) in read.chain(list.outputs()) {
        readers[buffer] += 1;
    }
    readers
}

fn fits(
    profile: &Profile,
    list: &TaskList,
    readers: &[usize],
    (unit, task, place): (&Unit<'_>, &Task, Place),
) -> bool {
    if !profile.fuses(&task.operator) || place == Place::Host || task.weights.is_some() {
        return false;
    }
    let ([result], [fused]) = (unit.writes, &task.writes[..]) else {
        return false;
    };
    let bytes = |buffer: &BufferId| list.activations()[buffer.0].bytes;
    matches!(unit.place, Place::Chip(Price::Array(_) | Price::Table(_)))
        && matches!(task.work, Work::Vector { .. })
        && readers[result.0] == 1
        && task.reads.contains(result)
        && bytes(result) == bytes(fused)
}

fn fuse<'a>(list: &TaskList, unit: &mut Unit<'a>, id: TaskId, task: &'a Task) {
    let result = unit.writes[0];
    let taken_over = list.activations()[result.0].bytes;
    unit.fused.push(id);
    unit.fused_bytes += task.work.touched_bytes().saturating_sub(taken_over);
    let others = task.reads.iter().filter(|read| **read != result);
    unit.extra_reads.extend(others);
    unit.writes = &task.writes;
}

//! What a machine makes of a part of a program, found once.
//!
//! A part is known where all of it runs on the chip: then which of its tasks are computed as one,
//! and how those are cut while their activations and parameters stay on the chip, depend on the
//! part alone. The exception is a part whose first task could be computed as one with the task
//! before it; such a part is not known.

use std::sync::Arc;

use super::cache::Candidate;
use super::cut::Cut;
use super::memo::Memo;
use super::parameters::Demand;
use super::partition::{Place, partition, refusals};
use super::share::Share;
use super::unit::{self, Unit};
use crate::profile::Profile;
use crate::simulate::{Actions, Counts, TimedLoop, counts};
use crate::task::{BufferId, Task, TaskId, TaskList, Work};

/// A part as a machine runs it.
pub(crate) struct Known {
    list: Arc<TaskList>,
    pub(crate) units: Vec<KnownUnit>,
    /// Multiply-accumulates, for energy.
    pub(crate) multiplied: Actions,
    pub(crate) macs: u64,
    /// Multiply-accumulates and bytes that count towards the most that a program may have.
    pub(crate) work: u64,
    pub(crate) weight_bytes: u64,
}

/// A unit of a part.
pub(crate) struct KnownUnit {
    /// Activations it reads and writes, by number in the part.
    pub(crate) reads: Vec<BufferId>,
    pub(crate) writes: Vec<BufferId>,
    /// Instructions where it is not computed in strips.
    pub(crate) code_bytes: u64,
    /// Parameters, with what they are stored in and the least tile of them.
    pub(super) layer: Option<Layer>,
    /// Its tiles where all that it needs is on the chip.
    pub(crate) resting: Tiled,
    unit: Owned,
}

/// Parameters of a unit.
#[derive(Clone, Copy)]
pub(super) struct Layer {
    pub(super) candidate: Candidate,
    pub(super) whole: u64,
    pub(super) least: u64,
}

/// How a unit is cut.
pub(crate) struct Tiled {
    pub(crate) tiles: TimedLoop,
    pub(crate) counts: Counts,
}

/// A [`Unit`] whose tasks are somewhere else.
struct Owned {
    task: TaskId,
    place: Place,
    fused: Vec<TaskId>,
    fused_bytes: u64,
}

impl Known {
    /// Nothing where the part depends on more than itself.
    pub(super) fn new(profile: &Profile, list: &Arc<TaskList>, memo: &Memo) -> Option<Known> {
        let refusals = refusals(profile, list);
        let places = partition(profile, list, &refusals).ok()?;
        let hosted = places.contains(&Place::Host);
        let first = list.tasks().first()?;
        if hosted || refusals.iter().any(Option::is_some) || joins(profile, first) {
            return None;
        }
        let units = unit::units(profile, list, &places);
        let mut demand = Demand::of(profile, list, &units);
        let mut known = Known {
            list: Arc::clone(list),
            units: Vec::with_capacity(units.len()),
            multiplied: Actions::default(),
            macs: list.macs(),
            work: 0,
            weight_bytes: list.weights().iter().map(|weights| weights.bytes).sum(),
        };
        for task in list.tasks() {
            known.work += task.work.macs() + task.work.touched_bytes();
        }
        demand.layers.reverse();
        for unit in &units {
            let own =
                |layer: &&(Candidate, u64)| Some(layer.0.weight) == unit.weights().map(|id| id.0);
            let layer = demand.layers.last().filter(own).copied();
            let layer = layer.map(|(candidate, whole)| {
                demand.layers.pop();
                let least = Demand::least(profile, list, unit);
                Layer {
                    candidate,
                    whole,
                    least,
                }
            });
            known.add(profile, unit, layer, memo)?;
        }
        Some(known)
    }

    fn add(
        &mut self,
        profile: &Profile,
        unit: &Unit<'_>,
        layer: Option<Layer>,
        memo: &Memo,
    ) -> Option<()> {
        let Place::Chip(price) = unit.place else {
            return None;
        };
        // Parameters that a unit before it brought are shared; their rest depends on that unit.
        if unit.weights().is_some() != layer.is_some() {
            return None;
        }
        let resting = match (layer, profile.memory()) {
            (Some(Layer { whole, .. }), Some(_)) => Share { part: 0, whole },
            (_, _) => Share::default(),
        };
        self.multiplied.compute(profile, &unit.task.work, price);
        let code = profile.code();
        self.units.push(KnownUnit {
            reads: unit.reads().collect(),
            writes: unit.writes.to_vec(),
            code_bytes: code.map_or(0, |code| code.bytes(unit.task, 1)),
            layer,
            resting: cut(profile, &self.list, unit, resting, u64::MAX).tiled(memo),
            unit: Owned {
                task: unit.id,
                place: unit.place,
                fused: unit.fused.clone(),
                fused_bytes: unit.fused_bytes,
            },
        });
        Some(())
    }

    /// The tiles of a unit whose parameters are streamed in part.
    pub(super) fn streamed(
        &self,
        profile: &Profile,
        unit: &KnownUnit,
        (streamed, buffer_bytes): (Share, u64),
        memo: &Memo,
    ) -> Tiled {
        let task = &self.list.tasks()[unit.unit.task.0];
        let unit = Unit::without_operands(
            unit.unit.task,
            task,
            unit.unit.place,
            (&unit.unit.fused, unit.unit.fused_bytes),
        );
        cut(profile, &self.list, &unit, streamed, buffer_bytes).tiled(memo)
    }

    /// Instructions of a unit in so many strips.
    pub(super) fn code_bytes(&self, profile: &Profile, unit: &KnownUnit, strips: u64) -> u64 {
        let task = &self.list.tasks()[unit.unit.task.0];
        match profile.code() {
            Some(code) if strips > 1 => code.bytes(task, strips),
            Some(_) | None => unit.code_bytes,
        }
    }

    /// The name of a unit's task.
    pub(super) fn name(&self, unit: &KnownUnit) -> &str {
        &self.list.tasks()[unit.unit.task.0].name
    }
}

/// A cut with all activations on the chip.
fn cut<'a>(
    profile: &'a Profile,
    list: &'a TaskList,
    unit: &'a Unit<'a>,
    streamed: Share,
    buffer_bytes: u64,
) -> Cut<'a> {
    let Place::Chip(price) = unit.place else {
        unreachable!("all units of a known part run on the chip");
    };
    Cut {
        profile,
        list,
        unit,
        price,
        streamed,
        buffer_bytes,
        workspace_bytes: 0,
        spilled_in: 0,
        spilled_out: 0,
        strips: 1,
    }
}

impl Cut<'_> {
    fn tiled(&self, memo: &Memo) -> Tiled {
        let run = self.run(memo);
        Tiled {
            tiles: TimedLoop::new(&self.pricing(), &run.blocks),
            counts: counts(&run.blocks),
        }
    }
}

/// Whether a task could be computed as one with a task before it.
fn joins(profile: &Profile, task: &Task) -> bool {
    let vector = matches!(task.work, Work::Vector { .. });
    vector && task.weights.is_none() && profile.fuses(&task.operator)
}

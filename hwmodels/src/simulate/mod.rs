//! Times a schedule on the machine's resources, at one of three speeds.
//!
//! The speeds share the schedule and every rule of who waits for whom ([`clocks`]). They differ in
//! how the duration of an array tile is found (stepped, or in closed form; [`pricing`]) and in
//! whether repetitions that cannot bring anything new are skipped ([`repeat`]); so they report the
//! same cycles, always.

mod actions;
mod clocks;
mod course;
mod estimate;
mod ledger;
mod notes;
mod pricing;
mod repeat;
mod tiles;
mod timeline;
mod what;

pub use actions::{Actions, Energy, actions};
pub use estimate::{Estimate, Layer, LayerOf, Traffic};
pub use timeline::{Interval, Resource, Timeline};
pub use what::What;

pub(crate) use actions::{Counts, counts};
pub(crate) use course::{Course, Operand};
pub(crate) use notes::Bytes;
pub(crate) use pricing::Pricing;
pub(crate) use tiles::TimedLoop;

use clocks::Clocks;
use ledger::Ledger;
use notes::Notes;
use tiles::play;

use crate::compile::{Block, Run, Schedule, Step};
use crate::profile::{Host, Profile};
use crate::task::{BufferId, TaskId, TaskList};

/// How much of the machine is played through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// Every operand moves through every register of the array.
    Stepped,
    /// Tile by tile, with closed forms.
    Events,
    /// The same with exact repetitions skipped; leaves no timeline.
    Fast,
}

/// Times `schedule` on `profile`, which is the machine it was compiled for or one with other rates.
#[must_use]
pub fn simulate(profile: &Profile, schedule: &Schedule<'_>, speed: Speed) -> Estimate {
    if speed == Speed::Fast {
        return played(profile, schedule, speed, None);
    }
    let mut timeline = Timeline::default();
    let estimate = watch(profile, schedule, speed, &mut |interval| {
        timeline.intervals.push(interval);
    });
    Estimate {
        timeline: Some(timeline),
        ..estimate
    }
}

/// [`simulate`] for programs whose timeline is too long to keep: hands every interval to `watcher`
/// in the order they are scheduled, which is the order of time on each resource. Nothing is
/// skipped: [`Speed::Fast`] plays the events.
#[must_use]
pub fn watch(
    profile: &Profile,
    schedule: &Schedule<'_>,
    speed: Speed,
    watcher: &mut dyn FnMut(Interval),
) -> Estimate {
    let speed = match speed {
        Speed::Fast | Speed::Events => Speed::Events,
        Speed::Stepped => Speed::Stepped,
    };
    played(profile, schedule, speed, Some(watcher))
}

fn played<'a>(
    profile: &'a Profile,
    schedule: &'a Schedule<'_>,
    speed: Speed,
    watcher: Option<&'a mut dyn FnMut(Interval)>,
) -> Estimate {
    let buffers = schedule.list.activations().len();
    let entries = schedule.steps.len() + 1;
    let ledger = Ledger::new(profile.paths(), watcher, entries);
    let mut player = Player {
        profile,
        list: schedule.list,
        speed,
        course: Course::new(profile, ledger),
        on_chip: vec![0; buffers],
        on_host: vec![0; buffers],
    };
    player.invoke(&schedule.steps);
    for step in &schedule.steps {
        match step {
            Step::Load { buffer } => player.load(*buffer),
            Step::Store { buffer } => player.store(*buffer),
            Step::Host { task } => player.host(*task),
            Step::Run(run) => player.run(run, &schedule.spilled),
        }
    }
    Estimate::new(profile, schedule, player.course.notes)
}

/// Cycles of one tile loop on an idle machine with its operands at hand.
pub(crate) fn isolated_cycles(pricing: &Pricing<'_>, blocks: &[Block]) -> u64 {
    let mut clocks = Clocks::default();
    let mut ledger = Ledger::new(pricing.profile.paths(), None, 0);
    play(pricing, blocks, Speed::Fast, &mut clocks, &mut ledger);
    clocks.latest()
}

struct Player<'a> {
    profile: &'a Profile,
    list: &'a TaskList,
    speed: Speed,
    course: Course<'a, Ledger<'a>>,
    /// By buffer: when it is complete on the chip.
    on_chip: Vec<u64>,
    /// By buffer: when it is complete in host memory.
    on_host: Vec<u64>,
}

impl Player<'_> {
    fn invoke(&mut self, steps: &[Step]) {
        self.course.notes.open(LayerOf::Invoke, None);
        let runs = steps.iter().filter_map(|step| match step {
            Step::Run(run) => Some(run),
            Step::Load { .. } | Step::Store { .. } | Step::Host { .. } => None,
        });
        let code_bytes = runs.map(|run| code_bytes(self.profile, self.list, run));
        let end = self
            .course
            .invoke(|| code_bytes.reduce(u64::saturating_add));
        self.course.notes.close(end);
    }

    fn load(&mut self, buffer: BufferId) {
        let ready = self.on_host[buffer.0];
        self.on_chip[buffer.0] = self.cross(LayerOf::Load(buffer), What::Input, buffer, ready);
    }

    fn store(&mut self, buffer: BufferId) {
        let ready = self.on_chip[buffer.0];
        self.on_host[buffer.0] = self.cross(LayerOf::Store(buffer), What::Output, buffer, ready);
    }

    /// A whole activation on its way; returns when it has arrived.
    fn cross(&mut self, of: LayerOf, what: What, buffer: BufferId, ready: u64) -> u64 {
        let bytes = self.list.activations()[buffer.0].bytes;
        self.course.notes.open(of, None);
        let end = self.course.cross(what, bytes, ready);
        self.course.notes.close(end);
        end
    }

    fn host(&mut self, id: TaskId) {
        let task = &self.list.tasks()[id.0];
        let host = self
            .profile
            .host()
            .expect("tasks are placed on a host that is there");
        let buffers = task.reads.iter().chain(&task.writes);
        let activations: u64 = buffers.map(|id| self.list.activations()[id.0].bytes).sum();
        let weights = task.weights.map_or(0, |id| self.list.weights()[id.0].bytes);
        let ready = task.reads.iter().map(|id| self.on_host[id.0]);
        let Course { clocks, notes, .. } = &mut self.course;
        let start = ready.fold(clocks.host, u64::max);
        let bytes = activations + weights;
        let end = start.saturating_add(host_cycles(host, bytes, task.work.macs()));
        notes.open(LayerOf::Task(id), None);
        notes.record(What::Host, start, end, bytes);
        notes.close(end);
        clocks.host = end;
        for buffer in &task.writes {
            self.on_host[buffer.0] = end;
        }
    }

    fn run(&mut self, run: &Run, spilled: &[bool]) {
        let tasks = self.list.tasks();
        let task = &tasks[run.task.0];
        let fused = || run.fused.iter().map(|id| &tasks[id.0]);
        let reads = fused().chain([task]).flat_map(|task| &task.reads);
        let operands = reads.map(|buffer| Operand {
            ready: if spilled[buffer.0] {
                self.on_host[buffer.0]
            } else {
                self.on_chip[buffer.0]
            },
            spilled: spilled[buffer.0],
        });
        let pricing = Pricing::new(self.profile, run.price, fused());
        self.course
            .notes
            .open(LayerOf::Task(run.task), Some(run.price));
        let end = self.course.operator(
            || code_bytes(self.profile, self.list, run),
            operands,
            |clocks, notes| play(&pricing, &run.blocks, self.speed, clocks, notes),
        );
        let computed = self.course.computed();
        let last = run.fused.last().map_or(task, |id| &tasks[id.0]);
        for &BufferId(buffer) in &last.writes {
            if spilled[buffer] {
                self.on_host[buffer] = end;
            } else {
                self.on_chip[buffer] = computed;
                self.on_host[buffer] = computed;
            }
        }
        self.course.notes.close(end);
        for id in &run.fused {
            self.course.notes.fused(LayerOf::Task(*id));
        }
    }
}

/// Instructions of one operator; none where the profile does not count them.
fn code_bytes(profile: &Profile, list: &TaskList, run: &Run) -> u64 {
    let code = profile.code();
    code.map_or(0, |code| code.bytes(&list.tasks()[run.task.0], run.strips))
}

fn host_cycles(host: Host, bytes: u64, macs: u64) -> u64 {
    let macs = host.macs.map_or(0, |rate| rate.cycles(macs));
    host.operator_cycles
        .saturating_add(host.bytes.cycles(bytes))
        .saturating_add(macs)
}

#[cfg(test)]
pub(crate) mod tests;

//! Times a schedule on the machine's resources, at one of three speeds.
//!
//! The speeds share the schedule and every rule of who waits for whom ([`clocks`]). They differ in
//! how the duration of an array tile is found (stepped, or in closed form; [`pricing`]) and in
//! whether repetitions that cannot bring anything new are skipped ([`repeat`]); so they report the
//! same cycles, always.

mod actions;
mod clocks;
mod estimate;
mod ledger;
mod pricing;
mod repeat;
mod timeline;
mod what;

pub use actions::{Actions, Energy, actions};
pub use estimate::{Estimate, Layer, LayerOf, Traffic};
pub use timeline::{Interval, Resource, Timeline};
pub use what::What;

pub(crate) use pricing::Pricing;

use clocks::{Clocks, Timed};
use ledger::Ledger;
use repeat::{Uses, repeat};

use crate::compile::{Block, Run, Schedule, Step};
use crate::profile::{Host, Profile, Sent};
use crate::task::{BufferId, Task, TaskId, TaskList};

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
    let mut player = Player {
        profile,
        list: schedule.list,
        speed,
        clocks: Clocks::default(),
        ledger: Ledger::new(profile.paths(), watcher, entries),
        on_chip: vec![0; buffers],
        on_host: vec![0; buffers],
        started: false,
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
    Estimate::new(profile, schedule, player.ledger)
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
    clocks: Clocks,
    ledger: Ledger<'a>,
    /// By buffer: when it is complete on the chip.
    on_chip: Vec<u64>,
    /// By buffer: when it is complete in host memory.
    on_host: Vec<u64>,
    /// Whether an operator ran already.
    started: bool,
}

impl Player<'_> {
    fn invoke(&mut self, steps: &[Step]) {
        let fixed = self.profile.overheads().inference_cycles;
        self.ledger.open(LayerOf::Invoke, None);
        self.ledger.record(What::Invoke, 0, fixed, 0);
        self.clocks = Clocks::starting_at(fixed);
        let mut end = fixed;
        if let Some(code) = self.profile.code().filter(|code| code.sent == Sent::AtOnce) {
            let runs = steps.iter().filter_map(|step| match step {
                Step::Run(run) => Some(run),
                Step::Load { .. } | Step::Store { .. } | Step::Host { .. } => None,
            });
            let bytes = runs.map(|run| code.bytes(&self.list.tasks()[run.task.0], run.strips));
            let bytes = bytes.reduce(u64::saturating_add);
            let program = bytes.map(|bytes| bytes.saturating_add(code.program_bytes));
            end = end.max(self.send_code(program.unwrap_or(0)));
        }
        self.ledger.close(end);
    }

    /// Sends instructions; returns when they have arrived.
    fn send_code(&mut self, bytes: u64) -> u64 {
        match self.profile.paths() {
            Some(paths) if bytes > 0 => {
                let (port, cycles) = (paths.code.port, paths.code.cycles(bytes));
                self.clocks.send_code(port, cycles, bytes, &mut self.ledger)
            }
            Some(_) | None => 0,
        }
    }

    /// Sends the instructions of one operator, where they travel alone.
    fn send_own_code(&mut self, task: &Task, strips: u64) {
        if let Some(code) = self.profile.code().filter(|code| code.sent == Sent::Ahead) {
            let first = !std::mem::replace(&mut self.started, true);
            let program = if first { code.program_bytes } else { 0 };
            self.send_code(code.bytes(task, strips).saturating_add(program));
        }
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
        let path = self.profile.paths().and_then(|paths| what.path(paths));
        let path = path.expect("only a machine with ways of its own transfers");
        let (start, end) = self.clocks.transfer(path.port, ready, path.cycles(bytes));
        self.ledger.open(of, None);
        self.ledger.record(what, start, end, bytes);
        self.ledger.close(end);
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
        let start = ready.fold(self.clocks.host, u64::max);
        let bytes = activations + weights;
        let end = start.saturating_add(host_cycles(host, bytes, task.work.macs()));
        self.ledger.open(LayerOf::Task(id), None);
        self.ledger.record(What::Host, start, end, bytes);
        self.ledger.close(end);
        self.clocks.host = end;
        for buffer in &task.writes {
            self.on_host[buffer.0] = end;
        }
    }

    fn run(&mut self, run: &Run, spilled: &[bool]) {
        let tasks = self.list.tasks();
        let task = &tasks[run.task.0];
        let fused = || run.fused.iter().map(|id| &tasks[id.0]);
        let overheads = self.profile.overheads();
        self.ledger.open(LayerOf::Task(run.task), Some(run.price));
        self.send_own_code(task, run.strips);
        self.clocks
            .begin(overheads.operator_cycles, &mut self.ledger);
        for &BufferId(buffer) in fused().chain([task]).flat_map(|task| &task.reads) {
            if spilled[buffer] {
                self.clocks.spilled_ready = self.clocks.spilled_ready.max(self.on_host[buffer]);
            } else {
                let ready = self.on_chip[buffer];
                self.clocks.needs(ready, &mut self.ledger);
            }
        }
        let pricing = Pricing::new(self.profile, run.price, fused());
        play(
            &pricing,
            &run.blocks,
            self.speed,
            &mut self.clocks,
            &mut self.ledger,
        );
        let end = self.clocks.finish(&mut self.ledger);
        let last = run.fused.last().map_or(task, |id| &tasks[id.0]);
        for &BufferId(buffer) in &last.writes {
            if spilled[buffer] {
                self.on_host[buffer] = end;
            } else {
                self.on_chip[buffer] = self.clocks.device;
                self.on_host[buffer] = self.clocks.device;
            }
        }
        self.ledger.close(end);
        for id in &run.fused {
            self.ledger.fused(LayerOf::Task(*id));
        }
    }
}

/// Plays a tile loop.
fn play(
    pricing: &Pricing<'_>,
    blocks: &[Block],
    speed: Speed,
    clocks: &mut Clocks,
    ledger: &mut Ledger,
) {
    let skip = speed == Speed::Fast;
    for block in blocks {
        let timed = |(times, tile): &(u64, _)| (*times, pricing.timed(tile));
        let tiles: Vec<(u64, Timed)> = block.tiles.iter().map(timed).collect();
        let uses = tiles
            .iter()
            .fold(Uses::default(), |uses, (_, timed)| uses.or(Uses::of(timed)));
        let body = |clocks: &mut Clocks, ledger: &mut Ledger| {
            for (times, timed) in &tiles {
                repeat(
                    *times,
                    skip,
                    Uses::of(timed),
                    clocks,
                    ledger,
                    |clocks, ledger| match speed {
                        Speed::Stepped => clocks.tile(&pricing.stepped(&timed.tile), ledger),
                        Speed::Events | Speed::Fast => clocks.tile(timed, ledger),
                    },
                );
            }
        };
        repeat(block.repeat, skip, uses, clocks, ledger, body);
    }
}

fn host_cycles(host: Host, bytes: u64, macs: u64) -> u64 {
    let macs = host.macs.map_or(0, |rate| rate.cycles(macs));
    host.operator_cycles
        .saturating_add(host.bytes.cycles(bytes))
        .saturating_add(macs)
}

#[cfg(test)]
mod tests;

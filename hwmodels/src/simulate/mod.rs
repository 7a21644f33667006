//! Times a schedule on the machine's resources, at one of three speeds.
//!
//! The speeds share the schedule and every rule of who waits for whom ([`clocks`]). They differ in
//! how the duration of an array tile is found (stepped, or in closed form) and in whether
//! repetitions that cannot bring anything new are skipped ([`repeat`]); so they report the same
//! cycles, always.

mod clocks;
mod estimate;
mod ledger;
mod repeat;
mod timeline;

pub use estimate::{Estimate, Layer, LayerOf, Traffic};
pub use ledger::What;
pub use timeline::{Interval, Resource, Timeline};

use clocks::{Clocks, Timed};
use ledger::Ledger;
use repeat::{Uses, repeat};

use crate::array::WordOperands;
use crate::compile::{Block, Compute, Price, Run, Schedule, Step, Tile};
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
    let buffers = schedule.list.activations().len();
    let mut player = Player {
        profile,
        list: schedule.list,
        speed,
        clocks: Clocks::default(),
        ledger: Ledger::new(speed != Speed::Fast, schedule.steps.len() + 1),
        on_chip: vec![0; buffers],
        on_host: vec![0; buffers],
    };
    player.invoke();
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
pub(crate) fn isolated_cycles(profile: &Profile, price: Price, blocks: &[Block]) -> u64 {
    let mut clocks = Clocks::default();
    let mut ledger = Ledger::new(false, 0);
    play(
        profile,
        price,
        blocks,
        Speed::Fast,
        &mut clocks,
        &mut ledger,
    );
    clocks.device.max(clocks.link_out)
}

struct Player<'a> {
    profile: &'a Profile,
    list: &'a TaskList,
    speed: Speed,
    clocks: Clocks,
    ledger: Ledger,
    /// By buffer: when it is complete on the chip.
    on_chip: Vec<u64>,
    /// By buffer: when it is complete in host memory.
    on_host: Vec<u64>,
}

impl Player<'_> {
    fn invoke(&mut self) {
        let fixed = self.profile.overheads().inference_cycles;
        self.ledger.open(LayerOf::Invoke, None);
        self.ledger.record(What::Invoke, 0, fixed, 0);
        self.clocks = Clocks::starting_at(fixed);
        self.ledger.close(fixed);
    }

    fn load(&mut self, buffer: BufferId) {
        let bytes = self.list.activations()[buffer.0].bytes;
        let link = self.profile.link().expect("only a linked machine loads");
        let start = self.clocks.link_in.max(self.on_host[buffer.0]);
        let end = start + link.transfer_cycles + link.input.cycles(bytes);
        self.ledger.open(LayerOf::Load(buffer), None);
        self.ledger.record(What::Input, start, end, bytes);
        self.ledger.close(end);
        self.clocks.link_in = end;
        self.on_chip[buffer.0] = end;
    }

    fn store(&mut self, buffer: BufferId) {
        let bytes = self.list.activations()[buffer.0].bytes;
        let link = self.profile.link().expect("only a linked machine stores");
        let start = self.clocks.link_out.max(self.on_chip[buffer.0]);
        let end = start + link.transfer_cycles + link.output.cycles(bytes);
        self.ledger.open(LayerOf::Store(buffer), None);
        self.ledger.record(What::Output, start, end, bytes);
        self.ledger.close(end);
        self.clocks.link_out = end;
        self.on_host[buffer.0] = end;
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
        let ready = task
            .reads
            .iter()
            .map(|id| self.on_host[id.0])
            .max()
            .unwrap_or(0);
        let start = self.clocks.host.max(ready);
        let end = start + host_cycles(host, activations + weights, task.work.macs());
        self.ledger.open(LayerOf::Task(id), None);
        self.ledger
            .record(What::Host, start, end, activations + weights);
        self.ledger.close(end);
        self.clocks.host = end;
        for buffer in &task.writes {
            self.on_host[buffer.0] = end;
        }
    }

    fn run(&mut self, run: &Run, spilled: &[bool]) {
        let task = &self.list.tasks()[run.task.0];
        let overheads = self.profile.overheads();
        self.ledger.open(LayerOf::Task(run.task), Some(run.price));
        if let Some(link) = self
            .profile
            .link()
            .filter(|_| overheads.instruction_bytes > 0)
        {
            let cycles = link.transfer_cycles + link.parameters.cycles(overheads.instruction_bytes);
            self.clocks
                .send_code(cycles, overheads.instruction_bytes, &mut self.ledger);
        }
        self.clocks
            .begin(overheads.operator_cycles, &mut self.ledger);
        for &BufferId(buffer) in &task.reads {
            if spilled[buffer] {
                self.clocks.spilled_ready = self.clocks.spilled_ready.max(self.on_host[buffer]);
            } else {
                self.clocks.device = self.clocks.device.max(self.on_chip[buffer]);
            }
        }
        play(
            self.profile,
            run.price,
            &run.blocks,
            self.speed,
            &mut self.clocks,
            &mut self.ledger,
        );
        let end = self.clocks.finish();
        for &BufferId(buffer) in &task.writes {
            if spilled[buffer] {
                self.on_host[buffer] = end;
            } else {
                self.on_chip[buffer] = self.clocks.device;
                self.on_host[buffer] = self.clocks.device;
            }
        }
        self.ledger.close(end);
    }
}

/// Plays a tile loop.
fn play(
    profile: &Profile,
    price: Price,
    blocks: &[Block],
    speed: Speed,
    clocks: &mut Clocks,
    ledger: &mut Ledger,
) {
    let skip = speed == Speed::Fast;
    for block in blocks {
        let mut tiles: Vec<(u64, Uses, Timed)> = Vec::with_capacity(block.tiles.len());
        for (times, tile) in &block.tiles {
            tiles.push((*times, Uses::of(tile), timed(profile, price, tile)));
        }
        let uses = tiles
            .iter()
            .fold(Uses::default(), |uses, (_, tile, _)| uses.or(*tile));
        repeat(
            block.repeat,
            skip,
            uses,
            clocks,
            ledger,
            |clocks, ledger| {
                for ((times, uses, timed), (_, tile)) in tiles.iter().zip(&block.tiles) {
                    repeat(*times, skip, *uses, clocks, ledger, |clocks, ledger| {
                        let mut timed = *timed;
                        if speed == Speed::Stepped {
                            timed.compute_cycles =
                                stepped_cycles(profile, tile).unwrap_or(timed.compute_cycles);
                        }
                        clocks.tile(&timed, ledger);
                    });
                }
            },
        );
    }
}

/// The closed-form durations of a tile.
fn timed(profile: &Profile, price: Price, tile: &Tile) -> Timed {
    let compute_cycles = match (tile.compute, price) {
        (Compute::Product(product), _) => profile
            .array()
            .map_or(0, |array| array.value.cycles(&product)),
        (Compute::Macs(macs), Price::Table(priced)) => priced.rate.cycles(macs),
        (Compute::Macs(bytes) | Compute::Bytes(bytes), Price::Vector(rate)) => {
            rate.value.cycles(bytes)
        }
        (Compute::Macs(_) | Compute::Bytes(_), Price::Array(_))
        | (Compute::Bytes(_), Price::Table(_)) => {
            unreachable!("a tile's work is in the unit of what prices it")
        }
    };
    let link = profile.link();
    let transfer = |bytes: u64, rate: fn(crate::profile::Link) -> crate::units::Rate| match link {
        Some(link) if bytes > 0 => link.transfer_cycles + rate(link).cycles(bytes),
        Some(_) | None => 0,
    };
    Timed {
        tile: *tile,
        parameter_cycles: transfer(tile.parameter_bytes, |link| link.parameters),
        input_cycles: transfer(tile.input_bytes, |link| link.input),
        output_cycles: transfer(tile.output_bytes, |link| link.output),
        compute_cycles,
    }
}

/// Cycles of a tile on the array, register by register.
fn stepped_cycles(profile: &Profile, tile: &Tile) -> Option<u64> {
    match (tile.compute, profile.array()) {
        (Compute::Product(product), Some(array)) => {
            Some(array.value.step(&product, &WordOperands).cycles)
        }
        (Compute::Product(_) | Compute::Macs(_) | Compute::Bytes(_), _) => None,
    }
}

fn host_cycles(host: Host, bytes: u64, macs: u64) -> u64 {
    let macs = host.macs.map_or(0, |rate| rate.cycles(macs));
    host.operator_cycles + host.bytes.cycles(bytes) + macs
}

#[cfg(test)]
mod tests;

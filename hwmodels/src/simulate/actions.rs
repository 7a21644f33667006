//! What an inference does, counted, and the energy of it.
//!
//! `energy = sum(count * energy of one) + leakage * latency + host power * host time`. Every
//! multiply-accumulate reads its two operands from registers, and every word of them (one element
//! without SIMD) reads and writes an accumulator; memories and ways count the bytes that cross
//! them. Counts follow from the schedule alone, so all speeds agree on them.

use super::estimate::{Estimate, Traffic};
use crate::compile::{Block, Price, Run, Schedule, Step, Tile};
use crate::profile::{self, Port, Profile};
use crate::task::Work;
use crate::units::float;

/// Bits of input, weight and accumulator of operators of which only the counts are known.
const COUNTED_BITS: [u64; 3] = [8, 8, 32];

/// Counts of one inference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// Multiply-accumulates on the array, by the bits of input and weight.
    pub macs: Vec<((u64, u64), u64)>,
    /// Bytes read from and written to registers of the array.
    pub register_bytes: u64,
    /// Bytes read and written by the vector unit, fused operators included.
    pub vector_bytes: u64,
    /// Bytes read from and written to the wide memory.
    pub wide_bytes: u64,
    /// Bytes read from and written to the narrow memory, partial sums included.
    pub narrow_bytes: u64,
    /// Bytes over the network of a grid.
    pub noc_bytes: u64,
    /// Bytes over each way onto and off the chip, by [`Port`].
    pub port_bytes: [u64; Port::COUNT],
}

/// Millijoules of one inference, by what they go to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Energy {
    /// Multipliers.
    pub macs_mj: f64,
    /// Registers of the array.
    pub registers_mj: f64,
    /// The vector unit.
    pub vector_mj: f64,
    /// Both pools of on-chip memory, and the network of a grid.
    pub memory_mj: f64,
    /// Memory outside the chip.
    pub outside_mj: f64,
    /// The link to the host.
    pub link_mj: f64,
    /// Leakage.
    pub leakage_mj: f64,
    /// The host, while it runs operators.
    pub host_mj: f64,
}

impl Energy {
    /// All of it.
    #[must_use]
    pub fn total_mj(&self) -> f64 {
        self.macs_mj
            + self.registers_mj
            + self.vector_mj
            + self.memory_mj
            + self.outside_mj
            + self.link_mj
            + self.leakage_mj
            + self.host_mj
    }
}

/// Counts what `schedule` does on `profile`; `estimate` is its timing, at any speed.
#[must_use]
pub fn actions(profile: &Profile, schedule: &Schedule<'_>, estimate: &Estimate) -> Actions {
    let mut actions = Actions::default();
    for step in &schedule.steps {
        if let Step::Run(run) = step {
            actions.count(profile, schedule, run);
        }
    }
    actions.carry(profile, &estimate.traffic);
    actions
}

impl Actions {
    fn count(&mut self, profile: &Profile, schedule: &Schedule<'_>, run: &Run) {
        self.touch(counts(&run.blocks));
        let task = &schedule.list.tasks()[run.task.0];
        self.compute(profile, &task.work, run.price);
    }

    /// Counts what tiles read and write on the chip.
    pub(crate) fn touch(&mut self, counts: Counts) {
        let [wide, narrow, partial_sums, fused, elementwise] = counts;
        self.wide_bytes += wide;
        self.narrow_bytes += narrow + partial_sums + fused;
        self.vector_bytes += fused + elementwise;
    }

    /// Counts the multiply-accumulates of an operator.
    pub(crate) fn compute(&mut self, profile: &Profile, work: &Work, price: Price) {
        match (work.nest(), price) {
            (Some(nest), _) => self.multiply(
                profile,
                nest.macs(),
                [nest.input_bits, nest.weight_bits, nest.accumulator_bits],
            ),
            (None, Price::Counts(_)) => self.multiply(profile, work.macs(), COUNTED_BITS),
            (None, Price::Array(_) | Price::Table(_) | Price::Vector(_)) => {}
        }
    }

    /// Counts what crosses the borders of the chip and of the arrays of a grid.
    pub(crate) fn carry(&mut self, profile: &Profile, traffic: &Traffic) {
        self.noc_bytes += traffic.noc_bytes;
        if let Some(paths) = profile.paths() {
            let ways = [
                (&paths.input, traffic.input_bytes),
                (&paths.output, traffic.output_bytes),
                (&paths.parameters, traffic.parameter_bytes),
                (&paths.code, traffic.code_bytes),
                (&paths.spill_in, traffic.spill_in_bytes),
                (&paths.spill_out, traffic.spill_out_bytes),
            ];
            for (path, bytes) in ways {
                self.port_bytes[path.port as usize] += bytes;
            }
        }
        // What arrives on the chip is written there before it is read.
        self.wide_bytes += traffic.parameter_bytes + traffic.code_bytes;
        self.narrow_bytes += traffic.input_bytes + traffic.output_bytes;
        self.narrow_bytes += traffic.spill_in_bytes + traffic.spill_out_bytes;
    }

    /// Adds the multiply-accumulates that were counted for another part of the program.
    pub(crate) fn compute_also(&mut self, part: &Actions) {
        for (widths, macs) in &part.macs {
            self.add_macs(*widths, *macs);
        }
        self.register_bytes += part.register_bytes;
    }

    fn multiply(&mut self, profile: &Profile, macs: u64, bits: [u64; 3]) {
        let [input_bits, weight_bits, accumulator_bits] = bits;
        self.add_macs((input_bits, weight_bits), macs);
        let simd = profile.array().map_or(1, |array| array.value.simd());
        let operands = macs.saturating_mul(input_bits + weight_bits);
        let sums = macs.div_ceil(simd).saturating_mul(2 * accumulator_bits);
        self.register_bytes += operands.saturating_add(sums).div_ceil(8);
    }

    fn add_macs(&mut self, widths: (u64, u64), macs: u64) {
        match self.macs.iter_mut().find(|(known, _)| *known == widths) {
            Some((_, sum)) => *sum += macs,
            None => self.macs.push((widths, macs)),
        }
    }

    /// The energy of it on a machine, where its profile tells what actions cost: every width of
    /// the multiply-accumulates must have its entry.
    #[must_use]
    pub fn energy(&self, costs: &profile::Energy, estimate: &Estimate) -> Option<Energy> {
        let Estimate {
            cycles,
            host_cycles,
            clock_hz,
            ..
        } = *estimate;
        self.energy_over(costs, [cycles, host_cycles], clock_hz)
    }

    /// The energy of it in so many cycles, of which the host is busy in the second number.
    pub(crate) fn energy_over(
        &self,
        costs: &profile::Energy,
        [cycles, host_cycles]: [u64; 2],
        clock_hz: u64,
    ) -> Option<Energy> {
        let mj = |bytes: u64, pj: f64| float(bytes) * pj * 1e-9;
        let mut macs_mj = 0.0;
        for (widths, macs) in &self.macs {
            macs_mj += mj(*macs, *costs.mac_pj.get(widths)?);
        }
        let port = |port: Port| self.port_bytes[port as usize];
        let dram = port(Port::DramIn) + port(Port::DramOut);
        let seconds = |cycles: u64| float(cycles) / float(clock_hz);
        Some(Energy {
            macs_mj,
            registers_mj: mj(self.register_bytes, costs.register_pj_per_byte),
            vector_mj: mj(self.vector_bytes, costs.vector_pj_per_byte),
            memory_mj: mj(self.wide_bytes, costs.wide_pj_per_byte)
                + mj(self.narrow_bytes, costs.narrow_pj_per_byte)
                + mj(self.noc_bytes, costs.noc_pj_per_byte),
            outside_mj: mj(dram, costs.dram_pj_per_byte)
                + mj(port(Port::FlashIn), costs.flash_pj_per_byte),
            link_mj: mj(
                port(Port::LinkIn) + port(Port::LinkOut),
                costs.link_pj_per_byte,
            ),
            leakage_mj: costs.leakage_mw * seconds(cycles),
            host_mj: costs.host_mw * seconds(host_cycles),
        })
    }
}

/// Bytes of a tile loop: wide memory, narrow memory, partial sums, fused and elementwise.
pub(crate) type Counts = [u64; 5];

/// Counts the bytes of a tile loop.
pub(crate) fn counts(blocks: &[Block]) -> Counts {
    let mut sums = Counts::default();
    for block in blocks {
        for (times, tile) in &block.tiles {
            let repeats = times.saturating_mul(block.repeat);
            for (sum, once) in sums.iter_mut().zip(counted(tile)) {
                *sum = sum.saturating_add(once.saturating_mul(repeats));
            }
        }
    }
    sums
}

/// Bytes of a tile: wide memory, narrow memory, partial sums, fused and elementwise.
fn counted(tile: &Tile) -> Counts {
    [
        tile.wide_bytes,
        tile.narrow_bytes,
        tile.sum_bytes,
        tile.fused_bytes,
        tile.compute.touched_bytes(),
    ]
}

//! Who waits for whom: the moments at which resources and buffers become free.
//!
//! Every rule is a maximum of earlier moments plus a fixed duration. Parameters, spilled inputs,
//! operands on the network of a grid and spilled outputs pass through two buffers each: the one
//! but last use of a buffer must have ended before it is filled again.

use super::notes::Notes;
use super::what::What;
use crate::compile::Tile;
use crate::profile::Port;

/// The moments, in cycles; each never decreases.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clocks {
    pub(super) device: u64,
    /// By port.
    pub(super) ports: [u64; Port::COUNT],
    pub(super) noc: u64,
    pub(super) host: u64,
    /// When the last parameters, the last spilled input and the last operands over the network
    /// had arrived.
    pub(super) parameters_ready: u64,
    pub(super) inputs_ready: u64,
    pub(super) noc_ready: u64,
    /// When the one but last and the last user of each pair of buffers ended.
    pub(super) parameter_buffers: [u64; 2],
    pub(super) input_buffers: [u64; 2],
    pub(super) noc_buffers: [u64; 2],
    pub(super) output_buffers: [u64; 2],
    /// When the operators two and one before this one ended: code is sent one ahead.
    code_buffers: [u64; 2],
    code_ready: u64,
    /// When this operator began, and its activations on the chip were complete.
    operands_ready: u64,
    /// When the spilled inputs of this operator are complete outside the chip.
    pub(super) spilled_ready: u64,
}

/// The ways that the parts of a tile take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Routes {
    pub(super) parameters: Port,
    pub(super) spill_in: Port,
    pub(super) spill_out: Port,
}

/// A tile and how long each of its parts takes.
#[derive(Clone, Copy)]
pub(super) struct Timed {
    pub(super) tile: Tile,
    pub(super) routes: Routes,
    pub(super) parameter_cycles: u64,
    pub(super) input_cycles: u64,
    pub(super) noc_cycles: u64,
    pub(super) output_cycles: u64,
    pub(super) compute_cycles: u64,
    /// What on-chip memory adds to computing, where it cannot keep up.
    pub(super) feed_cycles: u64,
}

impl Clocks {
    /// A machine on which nothing happens before `cycle`.
    pub(super) fn starting_at(cycle: u64) -> Clocks {
        Clocks {
            device: cycle,
            ports: [cycle; Port::COUNT],
            noc: cycle,
            host: cycle,
            ..Clocks::default()
        }
    }

    /// The latest moment that anything on the chip or off it ends.
    pub(super) fn latest(&self) -> u64 {
        self.ports.iter().copied().fold(self.device, u64::max)
    }

    /// Occupies `port` for `cycles`, not before `ready`; returns start and end.
    pub(super) fn transfer(&mut self, port: Port, ready: u64, cycles: u64) -> (u64, u64) {
        let free = &mut self.ports[port as usize];
        let start = ready.max(*free);
        *free = start.saturating_add(cycles);
        (start, *free)
    }

    /// Sends code; returns when it has arrived.
    pub(super) fn send_code<N: Notes>(
        &mut self,
        port: Port,
        cycles: u64,
        bytes: u64,
        notes: &mut N,
    ) -> u64 {
        let (start, end) = self.transfer(port, self.code_buffers[0], cycles);
        self.code_ready = end;
        notes.record(What::Code, start, end, bytes);
        end
    }

    /// Starts an operator: its code is there, and the memory of spilled tiles is its own.
    pub(super) fn begin<N: Notes>(&mut self, overhead_cycles: u64, notes: &mut N) {
        let coded = notes.wait(What::Code, self.device, self.code_ready);
        let start = notes.wait(What::SpillOut, coded, self.output_buffers[1]);
        self.device = start.saturating_add(overhead_cycles);
        notes.record(What::Overhead, start, self.device, 0);
        self.spilled_ready = start;
        self.operands_ready = start;
    }

    /// An activation that this operator finds on the chip is complete at `ready`.
    pub(super) fn needs<N: Notes>(&mut self, ready: u64, notes: &mut N) {
        self.operands_ready = self.operands_ready.max(ready);
        self.device = notes.wait(What::Input, self.device, ready);
    }

    /// Ends an operator; returns when its last result had arrived where it lives.
    pub(super) fn finish<N: Notes>(&mut self, notes: &mut N) -> u64 {
        self.code_buffers = [self.code_buffers[1], self.device];
        notes.wait(What::SpillOut, self.device, self.output_buffers[1])
    }

    /// Plays one tile.
    pub(super) fn tile<N: Notes>(&mut self, timed: &Timed, notes: &mut N) {
        let tile = &timed.tile;
        self.arrive(timed, notes);
        let mut start = notes.wait(What::Parameters, self.device, self.parameters_ready);
        start = notes.wait(What::SpillIn, start, self.inputs_ready);
        start = notes.wait(What::Noc, start, self.noc_ready);
        if tile.output_bytes > 0 {
            start = notes.wait(What::SpillOut, start, self.output_buffers[0]);
        }
        let computed = start.saturating_add(timed.compute_cycles);
        self.device = computed.saturating_add(timed.feed_cycles);
        notes.record(What::Compute, start, computed, 0);
        notes.record(What::Feed, computed, self.device, 0);
        self.parameter_buffers[1] = self.device;
        self.input_buffers[1] = self.device;
        self.noc_buffers[1] = self.device;
        if tile.output_bytes > 0 {
            let port = timed.routes.spill_out;
            let (start, end) = self.transfer(port, self.device, timed.output_cycles);
            self.output_buffers = [self.output_buffers[1], end];
            notes.record(What::SpillOut, start, end, tile.output_bytes);
        }
    }

    /// Brings what the tile needs to the arrays.
    fn arrive<N: Notes>(&mut self, timed: &Timed, notes: &mut N) {
        let tile = &timed.tile;
        if tile.parameter_bytes > 0 {
            let free = self.parameter_buffers[0];
            let (start, end) = self.transfer(timed.routes.parameters, free, timed.parameter_cycles);
            self.parameters_ready = end;
            self.parameter_buffers[0] = self.parameter_buffers[1];
            notes.record(What::Parameters, start, end, tile.parameter_bytes);
        }
        if tile.input_bytes > 0 {
            let ready = self.input_buffers[0].max(self.spilled_ready);
            let (start, end) = self.transfer(timed.routes.spill_in, ready, timed.input_cycles);
            self.inputs_ready = end;
            self.input_buffers[0] = self.input_buffers[1];
            notes.record(What::SpillIn, start, end, tile.input_bytes);
        }
        if tile.noc_bytes > 0 {
            let start = [
                self.noc,
                self.operands_ready,
                self.parameters_ready,
                self.inputs_ready,
                self.noc_buffers[0],
            ]
            .into_iter()
            .fold(0, u64::max);
            self.noc = start.saturating_add(timed.noc_cycles);
            self.noc_ready = self.noc;
            self.noc_buffers[0] = self.noc_buffers[1];
            notes.record(What::Noc, start, self.noc, tile.noc_bytes);
        }
    }
}

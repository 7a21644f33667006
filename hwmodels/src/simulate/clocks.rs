//! Who waits for whom: the moments at which resources and buffers become free.
//!
//! Every rule is a maximum of earlier moments plus a fixed duration. Parameters, spilled inputs and
//! spilled outputs pass through two buffers each: the one but last use of a buffer must have ended
//! before it is filled again.

use super::ledger::{Ledger, What};
use crate::compile::Tile;

/// The moments, in cycles; each never decreases.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clocks {
    pub(super) device: u64,
    pub(super) link_in: u64,
    pub(super) link_out: u64,
    pub(super) host: u64,
    /// When the last parameters and the last spilled input had arrived.
    pub(super) parameters_ready: u64,
    pub(super) inputs_ready: u64,
    /// When the one but last and the last user of each pair of buffers ended.
    pub(super) parameter_buffers: [u64; 2],
    pub(super) input_buffers: [u64; 2],
    pub(super) output_buffers: [u64; 2],
    /// When the operators two and one before this one ended: code is sent one ahead.
    code_buffers: [u64; 2],
    code_ready: u64,
    /// When the spilled inputs of this operator are complete in host memory.
    pub(super) spilled_ready: u64,
}

/// A tile and how long each of its parts takes.
#[derive(Clone, Copy)]
pub(super) struct Timed {
    pub(super) tile: Tile,
    pub(super) parameter_cycles: u64,
    pub(super) input_cycles: u64,
    pub(super) output_cycles: u64,
    pub(super) compute_cycles: u64,
}

impl Clocks {
    /// A machine on which nothing happens before `cycle`.
    pub(super) fn starting_at(cycle: u64) -> Clocks {
        Clocks {
            device: cycle,
            link_in: cycle,
            link_out: cycle,
            host: cycle,
            ..Clocks::default()
        }
    }

    /// Sends an operator's code.
    pub(super) fn send_code(&mut self, cycles: u64, bytes: u64, ledger: &mut Ledger) {
        let start = self.link_in.max(self.code_buffers[0]);
        self.link_in = start + cycles;
        self.code_ready = self.link_in;
        ledger.record(What::Code, start, self.link_in, bytes);
    }

    /// Starts an operator: its code is there, and the memory of spilled tiles is its own.
    pub(super) fn begin(&mut self, overhead_cycles: u64, ledger: &mut Ledger) {
        let start = self.device.max(self.code_ready).max(self.output_buffers[1]);
        self.device = start + overhead_cycles;
        ledger.record(What::Overhead, start, self.device, 0);
        self.spilled_ready = start;
    }

    /// Ends an operator; returns when its last result had arrived where it lives.
    pub(super) fn finish(&mut self) -> u64 {
        self.code_buffers = [self.code_buffers[1], self.device];
        self.device.max(self.output_buffers[1])
    }

    /// Plays one tile.
    pub(super) fn tile(&mut self, timed: &Timed, ledger: &mut Ledger) {
        let tile = &timed.tile;
        if tile.parameter_bytes > 0 {
            let start = self.link_in.max(self.parameter_buffers[0]);
            self.link_in = start + timed.parameter_cycles;
            self.parameters_ready = self.link_in;
            self.parameter_buffers[0] = self.parameter_buffers[1];
            ledger.record(What::Parameters, start, self.link_in, tile.parameter_bytes);
        }
        if tile.input_bytes > 0 {
            let start = self
                .link_in
                .max(self.input_buffers[0])
                .max(self.spilled_ready);
            self.link_in = start + timed.input_cycles;
            self.inputs_ready = self.link_in;
            self.input_buffers[0] = self.input_buffers[1];
            ledger.record(What::SpillIn, start, self.link_in, tile.input_bytes);
        }
        let mut start = self
            .device
            .max(self.parameters_ready)
            .max(self.inputs_ready);
        if tile.output_bytes > 0 {
            start = start.max(self.output_buffers[0]);
        }
        self.device = start + timed.compute_cycles;
        ledger.record(What::Compute, start, self.device, 0);
        self.parameter_buffers[1] = self.device;
        self.input_buffers[1] = self.device;
        if tile.output_bytes > 0 {
            let start = self.link_out.max(self.device);
            self.link_out = start + timed.output_cycles;
            self.output_buffers = [self.output_buffers[1], self.link_out];
            ledger.record(What::SpillOut, start, self.link_out, tile.output_bytes);
        }
    }
}

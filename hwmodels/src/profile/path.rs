//! The ways onto and off the chip, and which of them each kind of data takes.

use super::SourceKind;
use crate::units::Rate;

/// A way that carries one transfer at a time, in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Port {
    /// Host memory to chip.
    LinkIn,
    /// Chip to host memory.
    LinkOut,
    /// Outside memory to chip.
    DramIn,
    /// Chip to outside memory.
    DramOut,
    /// Read-only memory to chip.
    FlashIn,
}

impl Port {
    /// The number of ports.
    pub const COUNT: usize = 5;

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Port::LinkIn => "link_in",
            Port::LinkOut => "link_out",
            Port::DramIn => "dram_in",
            Port::DramOut => "dram_out",
            Port::FlashIn => "flash_in",
        }
    }
}

/// A port and what a transfer over it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Path {
    /// The way.
    pub port: Port,
    /// Cycles of every transfer, whatever its size.
    pub transfer_cycles: u64,
    /// Transfers take whole multiples of this many bytes.
    pub burst_bytes: u64,
    /// Bytes per cycle.
    pub rate: Rate,
    /// Where the numbers come from.
    pub source: SourceKind,
}

impl Path {
    /// Cycles of one transfer; 0 for an empty one, which does not happen.
    #[must_use]
    pub fn cycles(&self, bytes: u64) -> u64 {
        if bytes == 0 {
            return 0;
        }
        let bursts = bytes.div_ceil(self.burst_bytes);
        let carried = self.rate.cycles(bursts.saturating_mul(self.burst_bytes));
        self.transfer_cycles.saturating_add(carried)
    }
}

/// The way of every kind of data. Present where there is on-chip memory; without it the machine
/// works in host memory and nothing is transferred.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paths {
    /// Inputs of the program, from host memory.
    pub input: Path,
    /// Results of the program, to host memory.
    pub output: Path,
    /// Parameters that do not stay on the chip.
    pub parameters: Path,
    /// Code.
    pub code: Path,
    /// Activations that found no room on the chip, on their way back to it.
    pub spill_in: Path,
    /// Activations that find no room on the chip.
    pub spill_out: Path,
}

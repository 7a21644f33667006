//! What actions cost in energy, and parts in area.

use std::collections::BTreeMap;

/// Picojoules per action; a count of bytes times the entry of its kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Energy {
    /// A multiply-accumulate, by the bits of its input and of its weight.
    pub mac_pj: BTreeMap<(u64, u64), f64>,
    /// A byte read from or written to a register of the array.
    pub register_pj_per_byte: f64,
    /// A byte read or written by the vector unit.
    pub vector_pj_per_byte: f64,
    /// A byte of the wide memory.
    pub wide_pj_per_byte: f64,
    /// A byte of the narrow memory.
    pub narrow_pj_per_byte: f64,
    /// A byte over the network of the grid.
    pub noc_pj_per_byte: f64,
    /// A byte of outside memory.
    pub dram_pj_per_byte: f64,
    /// A byte of read-only memory.
    pub flash_pj_per_byte: f64,
    /// A byte over the link to the host.
    pub link_pj_per_byte: f64,
    /// Milliwatts of the whole chip, all the time.
    pub leakage_mw: f64,
    /// Milliwatts of the host while it runs operators.
    pub host_mw: f64,
}

/// Square millimeters of the parts of a chip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// All multipliers with their registers.
    pub array_mm2: f64,
    /// Both pools of memory.
    pub memory_mm2: f64,
    /// Everything else.
    pub other_mm2: f64,
}

impl Area {
    /// The whole chip.
    #[must_use]
    pub fn total_mm2(&self) -> f64 {
        self.array_mm2 + self.memory_mm2 + self.other_mm2
    }
}

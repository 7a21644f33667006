//! `[energy]` and `[area]`, as a file spells them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[energy]`: picojoules per action, and milliwatts all the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEnergy {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Picojoules of a multiply-accumulate, by the bits of its operands, as `"8x8"`.
    pub mac_pj: BTreeMap<String, f64>,
    /// Picojoules of a byte read from or written to a register of the array.
    pub register_pj_per_byte: f64,
    /// Picojoules of a byte read or written by the vector unit.
    pub vector_pj_per_byte: f64,
    /// Picojoules of a byte of memory.wide, read or written.
    pub wide_pj_per_byte: f64,
    /// Picojoules of a byte of memory.narrow, read or written, partial sums included.
    pub narrow_pj_per_byte: f64,
    /// Picojoules of a byte over the network of the grid; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noc_pj_per_byte: Option<f64>,
    /// Picojoules of a byte of `[dram]`; needed where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dram_pj_per_byte: Option<f64>,
    /// Picojoules of a byte of `[flash]`; needed where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flash_pj_per_byte: Option<f64>,
    /// Picojoules of a byte over `[link]`; needed where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_pj_per_byte: Option<f64>,
    /// Milliwatts of the whole chip, all the time; 0 or more.
    pub leakage_mw: f64,
    /// Milliwatts of the host while it runs operators; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_mw: Option<f64>,
}

/// `[area]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawArea {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Area of one multiplier with its registers, square micrometers; 0 or more.
    pub mac_um2: f64,
    /// Area of one byte of memory.wide or memory.narrow, square micrometers; 0 or more.
    pub sram_um2_per_byte: f64,
    /// Area of everything else, square millimeters; 0 or more.
    pub other_mm2: f64,
}

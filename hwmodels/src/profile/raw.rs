//! A profile as its file spells it.
//!
//! Every table says in `source` where its numbers come from: `"measured: how and on what"`, with
//! the kinds of [`super::SourceKind`]. [`RawProfile::check`] turns it into a [`Profile`], and
//! [`RawProfile::to_toml`] writes a file that reads back as the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Profile, ProfileError, check};

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawProfile {
    /// The name it is asked for by.
    pub name: String,
    /// One or two sentences: which machine, in which state.
    pub description: String,
    /// The core clock, which all cycles are counted in.
    pub clock: RawClock,
    /// The array of multipliers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub array: Option<RawArray>,
    /// Elementwise work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<RawVector>,
    /// On-chip memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<RawMemory>,
    /// Parameters that stay on the chip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_cache: Option<RawParameterCache>,
    /// Padding of stored parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<RawStorage>,
    /// Copies of the array, with memory between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grid: Option<RawGrid>,
    /// Memory outside the accelerator that it reaches by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dram: Option<RawDram>,
    /// Read-only memory that parameters are kept in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flash: Option<RawFlash>,
    /// The connection to host memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<RawLink>,
    /// The processor behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<RawHost>,
    /// Fixed costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overheads: Option<RawOverheads>,
    /// What the accelerator takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<RawSupport>,
    /// Operators that work on results as they leave the array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fusion: Option<RawFusion>,
    /// What actions cost in energy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy: Option<RawEnergy>,
    /// What the parts of the chip take in area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<RawArea>,
    /// Rates that override the array, by class of work.
    #[serde(default, skip_serializing_if = "RawThroughput::is_empty")]
    pub throughput: RawThroughput,
}

/// `[clock]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawClock {
    /// Kind and place of the evidence.
    pub source: String,
    /// Above 0.
    pub mhz: f64,
}

/// `[array]`: either kind; keys of the other kind are refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawArray {
    /// Kind and place of the evidence.
    pub source: String,
    /// `systolic` or `dot`.
    pub kind: String,
    /// Multiply-accumulates per element and cycle, along the input channels; 1 if left out.
    pub simd: Option<u64>,
    /// Systolic: rows of elements.
    pub rows: Option<u64>,
    /// Systolic: columns of elements.
    pub cols: Option<u64>,
    /// Systolic: `os`, `ws` or `is`, the operand that stays.
    pub dataflow: Option<String>,
    /// Systolic: `full` (every fold crosses the whole array) or `occupied` (only the part in use).
    pub edges: Option<String>,
    /// Systolic: `per-fold` or `pipelined`.
    pub fill: Option<String>,
    /// Systolic, `os`, `per-fold`: results leave `free` sideways or through the `columns`.
    pub drain: Option<String>,
    /// Systolic: least rows streamed in one fold; 1 if left out.
    pub min_rows: Option<u64>,
    /// Systolic, `pipelined`, `ws` or `is`: cycles before the first fold; `rows` if left out.
    pub first_preload_cycles: Option<u64>,
    /// Systolic, `per-fold`: cycles added to every fold; 0 if left out.
    pub control_cycles: Option<u64>,
    /// Dot: pixels computed at once.
    pub px: Option<u64>,
    /// Dot: output channels computed at once.
    pub cells: Option<u64>,
    /// Dot: cycles from the last operand to the result; 0 if left out.
    pub pipeline_cycles: Option<u64>,
    /// Dot: window positions that a cell reduces in a cycle when every cell takes a depthwise
    /// channel of its own, at most `simd`; no such mode if left out.
    pub depthwise_taps: Option<u64>,
}

/// `[vector]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawVector {
    /// Kind and place of the evidence.
    pub source: String,
    /// Bytes read plus bytes written, per cycle.
    pub bytes_per_cycle: f64,
    /// `[vector.operators]`: the same for operators that differ from the rest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operators: BTreeMap<String, f64>,
}

/// `[memory]`: two pools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMemory {
    /// `[memory.wide]`: parameters and code.
    pub wide: RawPool,
    /// `[memory.narrow]`: activations.
    pub narrow: RawPool,
}

/// One pool of memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPool {
    /// Kind and place of the evidence.
    pub source: String,
    /// Its size, of all tiles of a grid.
    pub bytes: u64,
    /// Banks that work at once; with `ports` and `width_bytes`, the bandwidth. Without the three,
    /// it is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banks: Option<u64>,
    /// Accesses of a bank per cycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<u64>,
    /// Bytes of an access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_bytes: Option<u64>,
}

/// `[grid]`: the array and the vector unit, `rows * cols` times. Their memories are told in all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawGrid {
    /// Kind and place of the evidence.
    pub source: String,
    /// Rows of tiles.
    pub rows: u64,
    /// Columns of tiles.
    pub cols: u64,
    /// Of the network between them: cycles from a tile to the next.
    pub hop_cycles: u64,
    /// Of the network between them: bytes per cycle.
    pub noc_bytes_per_cycle: f64,
}

/// `[dram]`: memory outside the accelerator, by whatever technology. It holds parameters (unless
/// there is a `[flash]`), activations that find no room on the chip, and, on a machine without a
/// `[link]`, inputs and results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDram {
    /// Kind and place of the evidence.
    pub source: String,
    /// Its size, where it is a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Reading, in millions of bytes per second.
    pub read_mb_per_s: f64,
    /// Writing, in millions of bytes per second.
    pub write_mb_per_s: f64,
    /// From the request of a transfer to its first byte.
    pub latency_ns: f64,
    /// Transfers take whole multiples of this.
    pub burst_bytes: u64,
}

/// `[flash]`: read-only memory for parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFlash {
    /// Kind and place of the evidence.
    pub source: String,
    /// Reading, in millions of bytes per second.
    pub read_mb_per_s: f64,
    /// From the request of a transfer to its first byte.
    pub latency_ns: f64,
    /// Transfers take whole multiples of this.
    pub burst_bytes: u64,
}

/// `[fusion]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFusion {
    /// Kind and place of the evidence.
    pub source: String,
    /// Elementwise operators that take an array's results on their way to memory.
    pub operators: Vec<String>,
}

/// `[energy]`: picojoules per action, and milliwatts all the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEnergy {
    /// Kind and place of the evidence.
    pub source: String,
    /// `[energy.mac_pj]`: of a multiply-accumulate, by the bits of its operands, as `"8x8"`.
    pub mac_pj: BTreeMap<String, f64>,
    /// Of a byte read from or written to a register of the array.
    pub register_pj_per_byte: f64,
    /// Of a byte read or written by the vector unit.
    pub vector_pj_per_byte: f64,
    /// Of a byte of memory.wide.
    pub wide_pj_per_byte: f64,
    /// Of a byte of memory.narrow, partial sums included.
    pub narrow_pj_per_byte: f64,
    /// Of a byte over the network of the grid; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noc_pj_per_byte: Option<f64>,
    /// Of a byte of `[dram]`; needed where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dram_pj_per_byte: Option<f64>,
    /// Of a byte of `[flash]`; needed where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flash_pj_per_byte: Option<f64>,
    /// Of a byte over `[link]`; needed where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_pj_per_byte: Option<f64>,
    /// Of the whole chip, all the time.
    pub leakage_mw: f64,
    /// Of the host, while it runs operators; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_mw: Option<f64>,
}

/// `[area]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawArea {
    /// Kind and place of the evidence.
    pub source: String,
    /// Of one multiplier with its registers, in square micrometers.
    pub mac_um2: f64,
    /// Of one byte of memory.wide or memory.narrow.
    pub sram_um2_per_byte: f64,
    /// Of everything else.
    pub other_mm2: f64,
}

/// `[parameter_cache]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawParameterCache {
    /// Kind and place of the evidence.
    pub source: String,
    /// The part of the wide memory that may keep parameters and code.
    pub bytes: u64,
    /// `whole-layers` or `bytes`.
    pub rule: String,
    /// `pooled` (the default) or `per-tile`: every tile of the grid keeps its own channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
}

/// `[storage]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawStorage {
    /// Kind and place of the evidence.
    pub source: String,
    /// Output channels are stored in multiples of this.
    pub out_channel_multiple: u64,
    /// Input channels are stored in multiples of this.
    pub in_channel_multiple: u64,
    /// Bias and scale bytes per stored output channel.
    pub out_channel_bytes: u64,
    /// Stored bytes of a byte of padded weights, above 0 and at most 1; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_compression: Option<f64>,
}

/// `[link]`, in millions of bytes per second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLink {
    /// Kind and place of the evidence.
    pub source: String,
    /// Activations to the chip.
    pub input_mb_per_s: f64,
    /// Parameters and code to the chip.
    pub parameters_mb_per_s: f64,
    /// Activations from the chip.
    pub output_mb_per_s: f64,
    /// Cost of every transfer.
    pub transfer_us: f64,
}

/// `[host]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHost {
    /// Kind and place of the evidence.
    pub source: String,
    /// Cost of every operator.
    pub operator_us: f64,
    /// Bytes read and written, in millions per second.
    pub mb_per_s: f64,
    /// Multiply-accumulates, in millions per second, where known.
    pub mmacs_per_s: Option<f64>,
}

/// `[overheads]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOverheads {
    /// Kind and place of the evidence.
    pub source: String,
    /// Of every operator on the accelerator.
    pub operator_us: f64,
    /// Of every inference.
    pub inference_us: f64,
    /// Code sent for every operator, every inference.
    pub instruction_bytes: u64,
}

/// `[support]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSupport {
    /// Kind and place of the evidence.
    pub source: String,
    /// Operators that the accelerator takes.
    pub operators: Vec<String>,
    /// Whether the accelerator continues after one that it does not take.
    pub multiple_segments: bool,
    /// `[support.modes]`: for some operators, the modes that are taken.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modes: BTreeMap<String, Vec<String>>,
}

/// `[throughput]`: one table per class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawThroughput {
    /// `[throughput.conv]`
    pub conv: Option<RawTable>,
    /// `[throughput.pointwise]`
    pub pointwise: Option<RawTable>,
    /// `[throughput.depthwise]`
    pub depthwise: Option<RawTable>,
    /// `[throughput.dense]`
    pub dense: Option<RawTable>,
}

impl RawThroughput {
    fn is_empty(&self) -> bool {
        *self == RawThroughput::default()
    }
}

/// The rates of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTable {
    /// Kind and place of the evidence.
    pub source: String,
    /// At least one. Entries with the same kernel and stride form a full grid of `in_c` by `out_c`.
    pub entries: Vec<RawEntry>,
}

/// One rate. A key that is left out stands for any value, and is then left out of all entries of
/// the same kernel and stride.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEntry {
    /// Window `[rows, columns]`.
    pub kernel: Option<[u64; 2]>,
    /// Stride of the rows.
    pub stride: Option<u64>,
    /// Input channels.
    pub in_c: Option<u64>,
    /// Output channels.
    pub out_c: Option<u64>,
    /// Multiply-accumulates per cycle of on-chip compute alone.
    pub macs_per_cycle: f64,
}

impl RawProfile {
    /// The checked profile.
    ///
    /// # Errors
    /// The first impossible value, with its field, what was found and what was expected.
    pub fn check(self) -> Result<Profile, ProfileError> {
        check::check(self)
    }

    /// The file: reading it back gives the same profile.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("strings, numbers, lists and tables have a TOML form")
    }
}

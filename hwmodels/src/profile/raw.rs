//! A profile as its file spells it.
//!
//! Every table says in `source` where its numbers come from: `"measured: how and on what"`, with
//! the kinds of [`super::SourceKind`]. [`RawProfile::check`] turns it into a [`Profile`], and
//! [`RawProfile::to_toml`] writes a file that reads back as the same.
//!
//! The doc comments of fields are read by people who never see this file: they are the
//! descriptions in the schema ([`super::schema`]), in errors and in the starter file. Each says
//! what a value means of a machine, its unit and its range.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Profile, ProfileError, bounds, check};

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawProfile {
    /// The name that the machine is asked for by.
    pub name: String,
    /// One or two sentences: which machine, in which state.
    pub description: String,
    /// The core clock, which all cycles are counted in.
    pub clock: RawClock,
    /// The array of multipliers: `systolic` or `dot`; keys of the other kind are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub array: Option<RawArray>,
    /// The unit of elementwise work: activations, sums, pooling, resizing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<RawVector>,
    /// On-chip memory, in two pools; without it the machine works in host memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<RawMemory>,
    /// Parameters that stay on the chip from one inference to the next; without it all are streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_cache: Option<RawParameterCache>,
    /// How parameters are stored; without it, as they come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<RawStorage>,
    /// Copies of the array and of the vector unit, with a network between them; sizes of memories are
    /// told in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grid: Option<RawGrid>,
    /// Memory outside the accelerator that it reaches by itself: parameters (unless there is a
    /// `[flash]`), activations that find no room on the chip and, without a `[link]`, inputs and
    /// results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dram: Option<RawDram>,
    /// Read-only memory outside the accelerator that parameters are kept in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flash: Option<RawFlash>,
    /// The connection to host memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<RawLink>,
    /// The processor that runs what the accelerator does not take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<RawHost>,
    /// Costs that no byte and no multiplication explains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overheads: Option<RawOverheads>,
    /// What the accelerator takes; without it, everything it has a price for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<RawSupport>,
    /// Operators that work on results as they leave the array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fusion: Option<RawFusion>,
    /// What actions cost in energy; without it, the energy of an inference is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy: Option<RawEnergy>,
    /// What the parts of the chip take in area; without it, the area is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<RawArea>,
    /// Measured or fitted rates that override the array, by class of work.
    #[serde(default, skip_serializing_if = "RawThroughput::is_empty")]
    pub throughput: RawThroughput,
}

/// `[clock]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawClock {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Core clock, MHz; above 0.
    pub mhz: f64,
}

/// `[array]`: either kind; keys of the other kind are refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawArray {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// `systolic`: a grid of elements that hand operands to their neighbors; `dot`: cells that each
    /// reduce a vector, operands broadcast to them.
    #[schemars(extend("enum" = ["systolic", "dot"]))]
    pub kind: String,
    /// Multiply-accumulates per element and cycle, along the input channels; 1 if left out.
    pub simd: Option<u64>,
    /// Systolic: rows of elements.
    pub rows: Option<u64>,
    /// Systolic: columns of elements.
    pub cols: Option<u64>,
    /// Systolic: the operand that stays in the elements: outputs (`os`), weights (`ws`) or inputs
    /// (`is`).
    #[schemars(extend("enum" = ["os", "ws", "is"]))]
    pub dataflow: Option<String>,
    /// Systolic: `full` (every fold crosses the whole array) or `occupied` (only the part in use).
    #[schemars(extend("enum" = ["full", "occupied"]))]
    pub edges: Option<String>,
    /// Systolic: `per-fold` (folds follow each other whole) or `pipelined` (the next fold loads
    /// while one computes).
    #[schemars(extend("enum" = ["per-fold", "pipelined"]))]
    pub fill: Option<String>,
    /// Systolic, `os`, `per-fold`: results leave `free` sideways or through the `columns`; `free` if
    /// left out.
    #[schemars(extend("enum" = ["free", "columns"]))]
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
    /// Dot: words of `simd` operands that are taken in one step, which is not left half way: all of
    /// neighboring input channels or all of neighboring window positions; 1 if left out.
    pub step_words: Option<u64>,
    /// Dot: cycles from the last operand to the result; 0 if left out.
    pub pipeline_cycles: Option<u64>,
    /// Dot: window positions that a cell reduces in a cycle when every cell takes a depthwise
    /// channel of its own, at most `simd`; no such mode if left out.
    pub depthwise_taps: Option<u64>,
}

/// `[vector]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVector {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Bytes read plus bytes written per cycle; above 0.
    pub bytes_per_cycle: f64,
    /// The same for operators that differ from the rest, by the operator's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operators: BTreeMap<String, f64>,
}

/// `[memory]`: two pools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMemory {
    /// The pool of parameters and code.
    pub wide: RawPool,
    /// The pool of activations.
    pub narrow: RawPool,
}

/// One pool of memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPool {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Its size in bytes, of all tiles of a grid; at least 1.
    pub bytes: u64,
    /// Banks that work at once; with `ports` and `width_bytes`, the bandwidth. Without the three,
    /// it is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banks: Option<u64>,
    /// Accesses of a bank per cycle; at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<u64>,
    /// Bytes of an access; at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_bytes: Option<u64>,
}

/// `[grid]`: the array and the vector unit, `rows * cols` times. Their memories are told in all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawGrid {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Rows of tiles; at least 1.
    pub rows: u64,
    /// Columns of tiles; at least 1.
    pub cols: u64,
    /// Of the network between tiles: cycles from a tile to the next; 0 or more.
    pub hop_cycles: u64,
    /// Of the network between tiles: bytes per cycle; above 0.
    pub noc_bytes_per_cycle: f64,
}

/// `[dram]`: memory outside the accelerator, by whatever technology. It holds parameters (unless
/// there is a `[flash]`), activations that find no room on the chip, and, on a machine without a
/// `[link]`, inputs and results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDram {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Its size in bytes; no limit if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Reading, millions of bytes per second; above 0.
    pub read_mb_per_s: f64,
    /// Writing, millions of bytes per second; above 0.
    pub write_mb_per_s: f64,
    /// Nanoseconds from the request of a transfer to its first byte; 0 or more.
    pub latency_ns: f64,
    /// Transfers take whole multiples of these bytes; at least 1.
    pub burst_bytes: u64,
}

/// `[flash]`: read-only memory for parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFlash {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Reading, millions of bytes per second; above 0.
    pub read_mb_per_s: f64,
    /// Nanoseconds from the request of a transfer to its first byte; 0 or more.
    pub latency_ns: f64,
    /// Transfers take whole multiples of these bytes; at least 1.
    pub burst_bytes: u64,
}

/// `[fusion]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFusion {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Elementwise operators that take an array's results on their way to memory.
    pub operators: Vec<String>,
}

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

/// `[parameter_cache]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawParameterCache {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Bytes of the wide memory that may keep parameters and code from one inference to the next.
    pub bytes: u64,
    /// `whole-layers`: a layer stays whole or is streamed whole; `bytes`: bytes stay, in the order
    /// of the layers, until the cache is full.
    #[schemars(extend("enum" = ["whole-layers", "bytes"]))]
    pub rule: String,
    /// `pooled`: all tiles share it; `per-tile`: every tile of the grid keeps its own channels;
    /// `pooled` if left out.
    #[schemars(extend("enum" = ["pooled", "per-tile"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
}

/// `[storage]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawStorage {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Output channels are stored in multiples of this; 1 is no padding.
    pub out_channel_multiple: u64,
    /// Input channels are stored in multiples of this; 1 is no padding.
    pub in_channel_multiple: u64,
    /// Bytes of bias and scale per stored output channel.
    pub out_channel_bytes: u64,
    /// Stored bytes of a byte of padded weights, above 0 and at most 1; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_compression: Option<f64>,
}

/// `[link]`, in millions of bytes per second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLink {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Activations to the chip, millions of bytes per second; above 0.
    pub input_mb_per_s: f64,
    /// Parameters and code to the chip, millions of bytes per second; above 0.
    pub parameters_mb_per_s: f64,
    /// Activations from the chip, millions of bytes per second; above 0.
    pub output_mb_per_s: f64,
    /// Cost of every transfer whatever its size, microseconds; 0 or more.
    pub transfer_us: f64,
}

/// `[host]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawHost {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Cost of every operator whatever its size, microseconds; 0 or more.
    pub operator_us: f64,
    /// Bytes read plus bytes written, millions per second; above 0.
    pub mb_per_s: f64,
    /// Multiply-accumulates, millions per second; above 0; left out where unknown.
    pub mmacs_per_s: Option<f64>,
}

/// `[overheads]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOverheads {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Cost of every operator on the accelerator, microseconds; 0 or more.
    pub operator_us: f64,
    /// Cost of every inference, before its first transfer, microseconds; 0 or more.
    pub inference_us: f64,
    /// Bytes of code sent to the chip for every operator, every inference.
    pub instruction_bytes: u64,
}

/// `[support]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSupport {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Names of the operators that the accelerator takes; the host runs the others.
    pub operators: Vec<String>,
    /// Whether the accelerator continues after an operator that it does not take.
    pub multiple_segments: bool,
    /// For some operators, the modes of it that are taken, by the operator's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modes: BTreeMap<String, Vec<String>>,
}

/// `[throughput]`: one table per class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawThroughput {
    /// Convolutions over more than one pixel.
    pub conv: Option<RawTable>,
    /// Convolutions over one pixel.
    pub pointwise: Option<RawTable>,
    /// Convolutions of every channel by itself.
    pub depthwise: Option<RawTable>,
    /// Matrix products.
    pub dense: Option<RawTable>,
}

impl RawThroughput {
    fn is_empty(&self) -> bool {
        *self == RawThroughput::default()
    }
}

/// The rates of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTable {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// At least one rate. Entries with the same kernel and stride form a full grid of `in_c` by `out_c`.
    pub entries: Vec<RawEntry>,
}

/// One rate. A key that is left out stands for any value, and is then left out of all entries of
/// the same kernel and stride.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEntry {
    /// Window `[rows, columns]`; any if left out.
    pub kernel: Option<[u64; 2]>,
    /// Stride of the rows; any if left out.
    pub stride: Option<u64>,
    /// Input channels; any if left out.
    pub in_c: Option<u64>,
    /// Output channels; any if left out.
    pub out_c: Option<u64>,
    /// Multiply-accumulates per cycle of on-chip compute alone, without transfers and overheads;
    /// above 0, at most the array's peak.
    pub macs_per_cycle: f64,
}

impl RawProfile {
    /// The checked profile.
    ///
    /// # Errors
    /// The first impossible value, with its field, what was found and what was expected.
    pub fn check(self) -> Result<Profile, ProfileError> {
        bounds::check(&self)?;
        check::check(self)
    }

    /// The file: reading it back gives the same profile.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("strings, numbers, lists and tables have a TOML form")
    }
}

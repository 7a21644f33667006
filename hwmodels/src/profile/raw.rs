//! A profile as its file spells it.
//!
//! Every table says in `source` where its numbers come from: `"measured: how and on what"`, with
//! the kinds of [`super::SourceKind`]. [`RawProfile::check`] turns it into a [`Profile`], and
//! [`RawProfile::to_toml`] writes a file that reads back as the same.
//!
//! The doc comments of fields are read by people who never see this file: they are the
//! descriptions in the schema ([`super::schema`]), in errors and in the starter file. Each says
//! what a value means of a machine, its unit and its range.

mod calibration;
mod code;
mod costs;
mod memory;
mod support;
mod when;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use calibration::RawCalibration;
pub use code::RawCode;
pub use costs::{RawArea, RawEnergy};
pub use memory::{RawDram, RawFlash, RawMemory, RawParameterCache, RawPool, RawStorage};
pub use support::{RawLimit, RawSupport};
pub use when::RawWhen;

use super::{Profile, ProfileError, bounds, check};

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawProfile {
    /// The name that the machine is asked for by.
    pub name: String,
    /// One or two sentences: which machine, in which state.
    pub description: String,
    /// Which measurements the machine is meant by; without it, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<RawWhen>,
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
    /// Instructions that are sent to the chip at every inference; without it, none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<RawCode>,
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
    /// What measurements may change; without it, nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<RawCalibration>,
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
    /// Dot: words of a step along the input channels, where it is not as long as one along the
    /// window; `step_words` if left out.
    pub channel_step_words: Option<u64>,
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
    /// Input channels take the time of the next multiple of this; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_channel_multiple: Option<u64>,
    /// Output channels take the time of the next multiple of this; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_channel_multiple: Option<u64>,
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
    /// A machine of which nothing is known but its clock: the start of one that a program puts
    /// together.
    #[must_use]
    pub fn bare(name: &str, description: String, clock: RawClock) -> RawProfile {
        RawProfile {
            name: name.to_owned(),
            description,
            when: None,
            clock,
            array: None,
            vector: None,
            memory: None,
            parameter_cache: None,
            storage: None,
            grid: None,
            dram: None,
            flash: None,
            link: None,
            host: None,
            overheads: None,
            code: None,
            support: None,
            fusion: None,
            energy: None,
            area: None,
            calibration: None,
            throughput: RawThroughput::default(),
        }
    }

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

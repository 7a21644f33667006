//! `[memory]` and what it holds, and the memories outside the chip, as a file spells them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[memory]`: two pools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMemory {
    /// The pool of parameters.
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

/// `[parameter_cache]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawParameterCache {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Bytes of the wide memory that may keep parameters from one inference to the next.
    pub bytes: u64,
    /// `whole-layers`: a layer stays whole or is streamed whole; `bytes`: bytes stay, in the order
    /// of the layers, until the cache is full.
    #[schemars(extend("enum" = ["whole-layers", "bytes"]))]
    pub rule: String,
    /// `pooled`: all tiles share it; `per-tile`: blocks of output channels of layers of one output
    /// pixel lie on the tiles with most room, layers of more pixels are spread evenly; `first-tiles`: the
    /// same, but blocks go round the tiles from the first one on;
    /// `pooled` if left out.
    #[schemars(extend("enum" = ["pooled", "per-tile", "first-tiles"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<String>,
    /// Tiles that share the cache equally, for a placement other than `pooled`; those of the `[grid]`
    /// if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiles: Option<u64>,
    /// `first-tiles`: tiles that layers of one block of channels and more than one pixel are spread
    /// over; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub narrow_layer_tiles: Option<u64>,
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
    /// Output channels that a tile computes at once. A layer of more of them is stored in whole
    /// blocks (a depthwise one is not), and the memory of a tile holds every layer in whole blocks;
    /// `out_channel_multiple` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_channels: Option<u64>,
    /// Input channels that a depthwise filter takes the room of; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depthwise_in_channels: Option<u64>,
    /// Bytes of bias and scale per stored output channel.
    pub out_channel_bytes: u64,
    /// Bytes per stored output channel beside those, of layers that have a scale for every channel;
    /// 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_scale_bytes: Option<u64>,
    /// Stored bytes of a byte of padded weights, above 0 and at most 1; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_compression: Option<f64>,
}

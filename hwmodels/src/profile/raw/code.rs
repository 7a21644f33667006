//! `[code]` as a file spells it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[code]`: instructions, sent to the chip at every inference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCode {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// `at-once`: all of it before the first input; `ahead`: every operator's while the one before it
    /// computes; `ahead` if left out.
    #[schemars(extend("enum" = ["at-once", "ahead"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// Bytes of every program, with its first operator; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program_bytes: Option<u64>,
    /// Bytes of every operator on the accelerator.
    pub operator_bytes: u64,
    /// Bytes for every position of a window of a convolution; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_bytes: Option<u64>,
    /// Bytes for every block of output channels (`storage.block_channels`) of an operator with one
    /// output pixel; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector_block_bytes: Option<u64>,
    /// Operators whose output rows or columns are no multiple of this are ragged: the tiles at the edge
    /// have code of their own. At least 2; nothing is ragged if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ragged_multiple: Option<u64>,
    /// Bytes that a ragged operator adds; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ragged_operator_bytes: Option<u64>,
    /// Bytes that a ragged operator adds for every position of its window and block of its output
    /// channels; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ragged_window_block_bytes: Option<u64>,
    /// Layers whose activations find no room are computed in strips of rows that do, one layer into the
    /// next, and an operator adds these bytes for every strip after the first. If left out,
    /// activations that find no room live outside the chip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strip_bytes: Option<u64>,
}

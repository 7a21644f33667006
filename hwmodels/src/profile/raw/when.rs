//! `[when]`: which measurements a machine is meant by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[when]` and `[modes.NAME.when]`: words that measurements use for the machine or the mode.
///
/// A word is looked for anywhere in the text, whatever its case; the empty word is in every text,
/// also in none. One that begins with `!` must not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawWhen {
    /// Words for the device; any device if left out of a mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<String>>,
    /// Words for the link, looked for in the device where a measurement leaves the link open; any
    /// link if left out of a mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<String>>,
    /// Words for the host; any host if left out of a mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// Words for the clock; any clock if left out of a mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clocks: Option<Vec<String>>,
}

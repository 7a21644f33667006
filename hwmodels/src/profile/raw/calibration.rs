//! `[calibration]` as a file spells it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[calibration]`: what measurements may change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCalibration {
    /// The numbers that are free, `table.key`, with the least and the most each can be, both above 0;
    /// `throughput.CLASS` is the highest rate of a table, whose others scale with it, and
    /// `throughput.CLASS[N]` the rate of its entry N, from 0, alone. A key that
    /// modes set is free in each of them.
    pub free: BTreeMap<String, [f64; 2]>,
}

impl RawCalibration {
    /// The first bounds that are none, with what is wrong.
    pub(in crate::profile) fn fault(&self) -> Option<(String, [f64; 2])> {
        let sound = |[low, high]: &[f64; 2]| *low > 0.0 && low < high && high.is_finite();
        let mut free = self.free.iter();
        let wrong = free.find(|(_, bounds)| !sound(bounds));
        wrong.map(|(key, bounds)| (format!("calibration.free.\"{key}\""), *bounds))
    }
}

//! One of the measurements that a search optimizes, and which way.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::reward::{RewardError, measurement};
use crate::study::Direction;

/// A measurement to optimize, spelled `maximize:mIoU` or `minimize:latency_ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// The name under which it is measured.
    pub metric: String,
    /// Which way it is better.
    pub direction: Direction,
}

/// A text that spells no objective.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` is no objective; expected `maximize:METRIC` or `minimize:METRIC`, such as \
     `minimize:latency_ms`"
)]
pub struct ObjectiveError {
    found: String,
}

impl Objective {
    /// Its value.
    pub(super) fn value(&self, measured: &BTreeMap<String, f64>) -> Result<f64, RewardError> {
        measurement(&self.metric, measured)
    }
}

impl FromStr for Objective {
    type Err = ObjectiveError;

    fn from_str(text: &str) -> Result<Self, ObjectiveError> {
        let error = || ObjectiveError {
            found: text.to_owned(),
        };
        let (direction, metric) = text.split_once(':').ok_or_else(error)?;
        let direction = match direction {
            "maximize" => Direction::Maximize,
            "minimize" => Direction::Minimize,
            _ => return Err(error()),
        };
        let metric = metric.to_owned();
        match metric.is_empty() {
            true => Err(error()),
            false => Ok(Self { metric, direction }),
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Maximize => "maximize",
            Direction::Minimize => "minimize",
        };
        write!(f, "{direction}:{}", self.metric)
    }
}

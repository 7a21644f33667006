//! Hard limits: what no candidate may exceed, and by how much one did.
//!
//! An infeasible trial keeps its reason as text, which people read and a resumed search reads back:
//! [`reason`] writes it and [`violations`] reads it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::reward::{RewardError, measurement};

/// What can be limited: what the simulator and the network tell before any training. A profile's
/// name may follow, as in `latency_ms@coral-edgetpu`.
pub(super) const METRICS: [&str; 6] = [
    "latency_ms",
    "energy_mj",
    "peak_memory_kib",
    "area_mm2",
    "parameters",
    "macs",
];

/// How the reason of a trial beyond its limits begins.
const OVER: &str = "over the limit: ";

/// The most that a measurement may be, spelled `latency_ms=5`.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The name under which it is measured.
    pub metric: String,
    /// The most that is allowed; above 0.
    pub most: f64,
}

/// A measurement beyond its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// What was measured.
    pub metric: String,
    /// How much it was.
    pub asked: f64,
    /// How much it may be.
    pub allowed: f64,
}

/// A text that spells no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Not a name and a number.
    #[error("`{found}` is no limit; expected METRIC=NUMBER, such as `latency_ms=5`")]
    Form {
        /// What was given.
        found: String,
    },
    /// Nothing of this name is known before training.
    #[error(
        "`{found}` cannot be limited; known before training are latency_ms, energy_mj, \
         peak_memory_kib, area_mm2, parameters and macs, each alone or with a profile, as in \
         `latency_ms@coral-edgetpu`"
    )]
    Metric {
        /// What was given.
        found: String,
    },
    /// A limit that nothing can keep.
    #[error("the limit of {metric} is `{found}`; expected a number above 0")]
    Most {
        /// What is limited.
        metric: String,
        /// What was given.
        found: String,
    },
}

impl Limit {
    /// How far `measured` is beyond the limit; nothing where it is within.
    pub(super) fn check(
        &self,
        measured: &BTreeMap<String, f64>,
    ) -> Result<Option<Violation>, RewardError> {
        let asked = measurement(&self.metric, measured)?;
        if !asked.is_finite() {
            return Err(RewardError::NotFinite {
                name: self.metric.clone(),
                value: asked,
            });
        }
        Ok((asked > self.most).then(|| Violation {
            metric: self.metric.clone(),
            asked,
            allowed: self.most,
        }))
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let Some((metric, number)) = text.split_once('=') else {
            return Err(LimitError::Form {
                found: text.to_owned(),
            });
        };
        let name = metric.split('@').next().unwrap_or(metric);
        if !METRICS.contains(&name) {
            return Err(LimitError::Metric {
                found: metric.to_owned(),
            });
        }
        match number.parse::<f64>() {
            Ok(most) if most.is_finite() && most > 0.0 => Ok(Self {
                metric: metric.to_owned(),
                most,
            }),
            Ok(_) | Err(_) => Err(LimitError::Most {
                metric: metric.to_owned(),
                found: number.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.metric, self.most)
    }
}

impl Violation {
    /// How far beyond the limit, as a share of it: 0.5 for three where two are allowed.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.asked / self.allowed - 1.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (metric, rest) = text.split_once(" asked ")?;
        let (asked, allowed) = rest.split_once(", allowed ")?;
        Some(Self {
            metric: metric.to_owned(),
            asked: asked.parse().ok()?,
            allowed: allowed.parse().ok()?,
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} asked {}, allowed {}",
            self.metric, self.asked, self.allowed
        )
    }
}

/// The reason of a trial beyond its limits.
pub(super) fn reason(violations: &[Violation]) -> String {
    let violations: Vec<String> = violations.iter().map(ToString::to_string).collect();
    format!("{OVER}{}", violations.join("; "))
}

/// What [`reason`] wrote; nothing where a trial is infeasible for another reason.
pub(super) fn violations(reason: &str) -> Option<Vec<Violation>> {
    let violations = reason.strip_prefix(OVER)?;
    violations.split("; ").map(Violation::parse).collect()
}

/// How far beyond the limits a trial is, summed over them; nothing where it is infeasible for
/// another reason.
pub(in crate::search) fn excess(reason: &str) -> Option<f64> {
    Some(violations(reason)?.iter().map(Violation::excess).sum())
}

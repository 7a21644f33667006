//! Capacity per latency: what stands for a reward where nothing is trained.
//!
//! ```text
//! capacity = MACs / 10^6 * (latency / target)^beta    beta = p if latency <= target, else q
//! ```
//!
//! The most arithmetic that a machine does within the target. It is no accuracy, and says nothing
//! about one: it finds the networks that use a machine well, which a search with training can begin
//! from. Exponents by default: p = 0 and q = -1, MnasNet's hard constraint (Tan et al., "MnasNet:
//! Platform-Aware Neural Architecture Search for Mobile", section 3.2).

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::reward::{RewardError, check_finite, check_latency, measurement};

/// The metric that is maximized.
const MACS: &str = "macs";

/// Arithmetic per latency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// The latency to stay within, in milliseconds; above 0.
    pub latency_target_ms: f64,
    /// Exponent up to the target.
    pub p: f64,
    /// Exponent beyond the target.
    pub q: f64,
}

impl Capacity {
    /// All latencies within the target are equally good; twice the target halves the value.
    #[must_use]
    pub fn new(latency_target_ms: f64) -> Self {
        Self {
            latency_target_ms,
            p: 0.0,
            q: -1.0,
        }
    }

    /// The value of a network with these measurements, in millions of MACs; higher is better.
    ///
    /// # Errors
    /// When the MACs are missing, a measurement is not finite, or the latency is not positive.
    pub fn score(
        &self,
        latency_ms: f64,
        measured: &BTreeMap<String, f64>,
    ) -> Result<f64, RewardError> {
        check_finite(measured)?;
        check_latency(latency_ms)?;
        let macs = measurement(MACS, measured)?;
        let share = latency_ms / self.latency_target_ms;
        let beta = if share <= 1.0 { self.p } else { self.q };
        Ok(macs / 1e6 * share.powf(beta))
    }

    /// The settings, as journals keep them.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({
            "latency_target_ms": self.latency_target_ms,
            "p": self.p,
            "q": self.q,
        })
    }
}

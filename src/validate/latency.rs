//! What a network costs on machines that are simulated.

use anyhow::{Result, anyhow};
use hwmodels::compile::compile;
use hwmodels::profile::Profile;
use hwmodels::simulate::{Speed, simulate};
use kernels::Verified;
use kernels::work::{Precision, tasks};

/// The latency of one inference on a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// The profile's name, modes included.
    pub profile: String,
    /// One inference in steady state.
    pub latency_ms: f64,
    /// The share of it that rests on assumed numbers, 0 to 1.
    pub assumed_share: f64,
}

/// Prices `graph` on `profile`, with the element types it has.
///
/// # Errors
///
/// When the machine cannot run it; the error says which limit stands in the way.
pub fn simulated(graph: &Verified, profile: &Profile) -> Result<Simulated> {
    let list = tasks(graph, Precision::AsIs)?;
    let schedule = compile(profile, &list)
        .map_err(|limit| anyhow!("{} cannot run it: {limit}", profile.name()))?;
    let estimate = simulate(profile, &schedule, Speed::Fast);
    Ok(Simulated {
        profile: profile.name().to_owned(),
        latency_ms: estimate.latency_ms(),
        assumed_share: estimate.assumed_share(),
    })
}

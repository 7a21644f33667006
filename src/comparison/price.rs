//! What the entrants cost: size, arithmetic, simulated latency.

use hwmodels::profile::Profile;
use hwmodels::quote::cost;
use kernels::cost::graph_cost;
use kernels::live::live;
use kernels::work::{Precision, tasks};
use kernels::{Verified, fold};

use crate::space::Model;
use crate::space::ednas::{FusedDefinition, NetworkOptions};

/// What an entrant costs; networks of one task each together, run one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Costs {
    /// Learned numbers.
    pub parameters: u64,
    /// Learned numbers of the largest of its networks: what the paper counts of networks per task,
    /// whose FLOPs it adds up.
    pub parameters_of_one: u64,
    /// Floating-point operations of one image: twice the MACs.
    pub flops: u64,
    /// Simulated latency of one image, in milliseconds; nothing where the machine cannot run it.
    pub latency_ms: Option<f64>,
}

/// The costs of `network`, or of it once per task where it is `alone`, with the heads and the size of
/// `options` on `machine`.
///
/// # Errors
/// When there is no such network.
pub fn costs(
    network: &str,
    alone: bool,
    machine: &Profile,
    options: &NetworkOptions,
) -> anyhow::Result<Costs> {
    let model = Model::parse(network, FusedDefinition::default())?;
    let heads: Vec<NetworkOptions> = match alone {
        true => options
            .tasks
            .iter()
            .map(|&task| NetworkOptions {
                tasks: vec![task],
                ..options.clone()
            })
            .collect(),
        false => vec![options.clone()],
    };
    let mut sum = Costs {
        latency_ms: Some(0.0),
        ..Costs::default()
    };
    for options in heads {
        for network in model.networks(&options)? {
            let cost = graph_cost(&network);
            sum.parameters += cost.params;
            sum.parameters_of_one = sum.parameters_of_one.max(cost.params);
            sum.flops += 2 * cost.macs;
            let latency_ms = latency_ms(&network, machine)?;
            sum.latency_ms = sum.latency_ms.zip(latency_ms).map(|(a, b)| a + b);
        }
    }
    Ok(sum)
}

/// What the machine takes for one image in int8, in steady state; nothing where it cannot run it.
fn latency_ms(network: &Verified, machine: &Profile) -> anyhow::Result<Option<f64>> {
    let list = tasks(&fold(&live(network)), Precision::Int8)?;
    Ok(cost(machine, &list).ok().map(|cost| cost.latency_ms()))
}

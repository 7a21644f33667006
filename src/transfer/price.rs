//! What the entrants cost: size, arithmetic, simulated latency.

use hwmodels::profile::Profile;
use kernels::work::Precision;

use super::protocol::Entrant;
use crate::price::Pricer;
use crate::space::ednas::{FusedDefinition, NetworkOptions};
use crate::space::{Model, SpaceFile};

/// What an entrant costs; networks of one task each together, run one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Costs {
    /// Learned numbers.
    pub parameters: u64,
    /// Floating-point operations of one image: twice the MACs.
    pub flops: u64,
    /// Simulated latency of one image, in milliseconds; nothing where the machine cannot run it.
    pub latency_ms: Option<f64>,
}

/// The costs of `entrant` with the heads and the size of `options` on `machine`.
///
/// # Errors
/// When there is no such network.
pub fn costs(
    entrant: &Entrant,
    machine: &Profile,
    options: &NetworkOptions,
) -> anyhow::Result<Costs> {
    let model = Model::parse(&entrant.network, FusedDefinition::default())?;
    let heads: Vec<NetworkOptions> = match entrant.alone {
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
            let cost = kernels::cost::graph_cost(&network);
            sum.parameters += cost.params;
            sum.flops += 2 * cost.macs;
        }
        let latency_ms = latency_ms(&model, machine, options)?;
        sum.latency_ms = sum.latency_ms.zip(latency_ms).map(|(a, b)| a + b);
    }
    Ok(sum)
}

fn latency_ms(
    model: &Model,
    machine: &Profile,
    options: NetworkOptions,
) -> anyhow::Result<Option<f64>> {
    let (file, genome) = SpaceFile::genome(&model.genome)?;
    let pricer = Pricer::new(&file, vec![machine.clone()], options, Precision::Int8)?;
    let measures = pricer.price(&genome).ok();
    Ok(measures.map(|measures| measures.together.latency_ms))
}

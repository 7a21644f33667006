//! Many machines and networks, priced on all cores.

use std::sync::Arc;

use hwmodels::simulate::Speed;
use kernels::work::Precision;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::joint::{JointSpace, Pair};
use crate::report::estimate::{CostRecord, EstimateRecord, InfeasibleRecord, Program, Question};

/// A machine and a network, priced.
#[derive(Clone, Debug)]
pub struct Priced {
    /// The costs; nothing where the machine cannot run the network.
    pub cost: Option<CostRecord>,
    /// Why it cannot.
    pub infeasible: Option<InfeasibleRecord>,
}

/// Prices every pair with the network that `programs` gives for it, by the fast speed, and calls
/// `done` after each; the results are in the order of the pairs, on any number of threads.
///
/// # Errors
/// A combination that is no machine, a network that cannot be built or priced.
pub fn sweep(
    space: &JointSpace,
    pairs: &[(Pair, usize)],
    programs: impl Fn(&Pair, usize) -> anyhow::Result<Arc<Vec<Program>>> + Sync,
    done: impl Fn() + Sync,
) -> anyhow::Result<Vec<Priced>> {
    let price = |(pair, model): &(Pair, usize)| {
        let profile = space.machines().machine(&pair.machine)?;
        let programs = programs(pair, *model)?;
        let question = Question {
            model: "",
            profile: &profile,
            precision: Precision::Int8,
            speed: Speed::Fast,
        };
        let record = EstimateRecord::of_programs(&question, &programs);
        done();
        Ok(Priced {
            cost: record.cost,
            infeasible: record.infeasible,
        })
    };
    pairs.par_iter().map(price).collect()
}

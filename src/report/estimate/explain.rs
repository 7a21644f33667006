//! How the figures of an estimate came about: `ednas estimate --explain`.

mod experiment;
mod placement;
mod resting;
mod text;
mod variation;

use hwmodels::compile::Infeasible;
use serde::Serialize;

use super::{CostRecord, Program, Question, Timed};

pub use experiment::{Effect, KeyRecord, VariationRecord};
pub use placement::{FusedRecord, ParameterRecord, PlacedRecord, PlacementRecord, SpilledRecord};
pub use resting::RestsOnRecord;

/// How the figures came about.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainRecord {
    /// The tables of the profile that bound the layers, by the latency of these, largest first.
    pub rests_on: Vec<RestsOnRecord>,
    /// Every key of the profile that holds a value, and what other values of it change; tried one
    /// at a time.
    pub keys: Vec<KeyRecord>,
    /// Where the parameters of each layer are.
    pub parameters: Vec<ParameterRecord>,
    /// Where activations are when they need most room on the chip, network by network.
    pub placements: Vec<PlacementRecord>,
    /// Activations that live outside the chip for want of room.
    pub spilled: Vec<SpilledRecord>,
    /// Layers that are computed as part of another.
    pub fused: Vec<FusedRecord>,
}

/// Explains `cost`, which is that of `outcomes`. Tries every key of the profile, so it takes some
/// hundred times as long as the estimate at the fast speed.
#[must_use]
pub fn explain(
    question: &Question<'_>,
    programs: &[Program],
    outcomes: &[Result<Timed<'_>, Infeasible>],
    cost: &CostRecord,
) -> ExplainRecord {
    let profile = question.profile;
    let timed: Vec<&Timed<'_>> = outcomes.iter().flatten().collect();
    ExplainRecord {
        rests_on: resting::rests_on(profile, &timed),
        keys: experiment::keys(profile, programs, cost),
        parameters: placement::parameters(&timed),
        placements: placement::placements(profile, &timed),
        spilled: placement::spilled(&timed),
        fused: placement::fused(&timed),
    }
}

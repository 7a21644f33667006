//! What the simulator says of a deployed network, machine by machine.

use anyhow::Result;
use hwmodels::profile::{self, Profile};
use hwmodels::simulate::Speed;
use kernels::Verified;
use kernels::work::Precision;

use super::record::SimulatedRecord;
use crate::report::estimate::{EstimateRecord, Program, Question};
use crate::report::map::MapRecord;

/// One inference of `int8` on `target`, where it is a machine, and on every other machine whose
/// profile ships.
///
/// # Errors
///
/// A layer that is impossible on any machine.
pub(super) fn simulated(int8: &Verified, target: Option<&Profile>) -> Result<Vec<SimulatedRecord>> {
    let program = Program::as_it_is(int8, Precision::AsIs)?;
    let own = target.map(Profile::name);
    let shipped = profile::names().filter(|name| profile::is_verified(name));
    let others = shipped.filter(|name| Some(*name) != own);
    let mut machines: Vec<Profile> = target.into_iter().cloned().collect();
    for name in others {
        machines.push(Profile::named(name)?);
    }
    let programs = [program];
    Ok(machines.iter().map(|one| on(one, &programs)).collect())
}

fn on(profile: &Profile, programs: &[Program]) -> SimulatedRecord {
    let model = &programs[0].name;
    let question = Question {
        model,
        profile,
        precision: Precision::AsIs,
        speed: Speed::Fast,
    };
    let estimate = EstimateRecord::of_programs(&question, programs);
    let map = MapRecord::new(model, profile, programs);
    let cost = estimate.cost.as_ref();
    SimulatedRecord {
        profile: profile.name().to_owned(),
        latency_ms: cost.map(|cost| cost.latency_ms),
        assumed_share: cost.map_or(0.0, |cost| cost.assumed_share),
        accelerator_operators: map.networks.iter().map(|one| one.chip_operators).sum(),
        host_operators: map.networks.iter().map(|one| one.host_operators).sum(),
        activation_peak_bytes: cost.map_or(0, |cost| cost.activation_peak_bytes),
        energy_mj: cost.and_then(|cost| cost.energy_mj),
        infeasible: estimate.infeasible.map(|limit| limit.message),
    }
}

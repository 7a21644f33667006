//! What the keys of a profile do to an estimate: tried, one key at a time.
//!
//! Each value of the file is changed ([`super::variation`]), the machine checked, the networks
//! compiled for it and timed. A key has no effect where no total of the estimate differs by a bit;
//! it is untested where every change makes an impossible machine.

use hwmodels::profile::Profile;
use hwmodels::simulate::Speed;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::super::totals::Totals;
use super::super::{CYCLES_MAX, CostRecord, Program, timed};
use super::variation::{Change, Leaf, leaves};

/// A key of the profile and what it does.
#[derive(Clone, Debug, Serialize)]
pub struct KeyRecord {
    /// The key, as `link.input_mb_per_s`; for a word of a list, as `support.operators[pad]`.
    pub key: String,
    /// What it holds.
    pub value: Value,
    /// The strongest effect of the other values.
    pub effect: Effect,
    /// The other values.
    pub variations: Vec<VariationRecord>,
}

/// What changing a key does, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Another latency, or the network no longer runs.
    Latency,
    /// The same latency, and another total: energy, area, traffic, utilization...
    OtherTotals,
    /// No total changes.
    None,
    /// No other value makes a sound machine.
    Untested,
}

/// What another value of a key does.
#[derive(Clone, Debug, Serialize)]
pub struct VariationRecord {
    /// The value; nothing where a word is taken out of its list.
    pub value: Option<Value>,
    /// What it does.
    pub effect: Effect,
    /// The latency with it; nothing where the network does not run, or the machine is impossible.
    pub latency_ms: Option<f64>,
    /// Why the network does not run, or the machine is impossible.
    pub message: Option<String>,
}

/// All keys in the order of their names; `base` is the cost with the values of the file.
pub(super) fn keys(profile: &Profile, programs: &[Program], base: &CostRecord) -> Vec<KeyRecord> {
    let leaves = leaves(profile.raw());
    leaves
        .par_iter()
        .map(|leaf| tried(profile, programs, base, leaf))
        .collect()
}

fn tried(profile: &Profile, programs: &[Program], base: &CostRecord, leaf: &Leaf) -> KeyRecord {
    let variation = |change: Change| {
        let outcome = leaf.changed(profile.raw(), &change);
        let value = match change {
            Change::To(value) => Some(value),
            Change::Out => None,
        };
        let (effect, latency_ms, message) = match outcome.map(|machine| cost(&machine, programs)) {
            Err(refusal) => (Effect::Untested, None, Some(refusal)),
            Ok(Err(limit)) => (Effect::Latency, None, Some(limit)),
            Ok(Ok(cost)) => (effect(base, &cost), Some(cost.latency_ms), None),
        };
        VariationRecord {
            value,
            effect,
            latency_ms,
            message,
        }
    };
    let variations: Vec<VariationRecord> = leaf.changes().into_iter().map(variation).collect();
    let strongest = variations.iter().map(|variation| variation.effect).min();
    KeyRecord {
        key: leaf.name(),
        value: leaf.value.clone(),
        effect: strongest.unwrap_or(Effect::Untested),
        variations,
    }
}

/// What the networks cost on `machine`, or why it cannot run them.
fn cost(machine: &Profile, programs: &[Program]) -> Result<CostRecord, String> {
    let mut totals = Totals::default();
    for outcome in timed(machine, programs, Speed::Fast) {
        let one = outcome.map_err(|limit| limit.to_string())?;
        if one.estimate.cycles >= CYCLES_MAX {
            return Err("it takes more cycles than can be counted, 2^62".to_owned());
        }
        totals.add(machine, &one.schedule, &one.estimate);
    }
    Ok(totals.cost(machine))
}

fn effect(base: &CostRecord, cost: &CostRecord) -> Effect {
    if cost.latency_ms != base.latency_ms {
        Effect::Latency
    } else if cost != base {
        Effect::OtherTotals
    } else {
        Effect::None
    }
}

//! The rows of an estimate: one per entry of the schedule.

use std::cmp::Reverse;

use hwmodels::compile::{Price, Schedule};
use hwmodels::profile::Profile;
use hwmodels::simulate::{Layer, LayerOf, What};
use hwmodels::task::{BufferId, TaskList};
use hwmodels::units::{float, ms_of_cycles};
use serde::Serialize;

use super::Timed;

/// One entry of the schedule: a layer, a transfer of a whole activation, or the invocation.
#[derive(Clone, Debug, Serialize)]
pub struct LayerRecord {
    /// The network.
    pub network: String,
    /// The layer, or what is transferred.
    pub name: String,
    /// The operator, such as `conv2d`; `invoke`, `load` or `store` for the rest.
    pub op: String,
    /// Who works: `array`, `vector`, `host` or `link`.
    pub unit: &'static str,
    /// From the latest end of any entry before it to its own end; entries sum to the total.
    pub cycles: u64,
    /// `cycles` in milliseconds.
    pub latency_ms: f64,
    /// Cycles its unit computed, hidden or not.
    pub compute_cycles: u64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Bytes onto and off the chip.
    pub moved_bytes: u64,
    /// Cycles of `cycles` in which the array waited, by what for, largest first.
    pub stalls: Vec<StallRecord>,
    /// Multiply-accumulates per cycle of `cycles` over the peak of all arrays, 0 to 1; nothing for
    /// what does not multiply or took no time.
    pub utilization: Option<f64>,
    /// Stored parameters that stay on the chip.
    pub cached_bytes: u64,
    /// Stored parameters that are streamed every inference.
    pub streamed_bytes: u64,
    /// Whether it is computed as part of the layer before it.
    pub fused: bool,
    /// What took the largest part of `cycles`; nothing where they are 0.
    pub bound_by: Option<&'static str>,
    /// What its compute time comes from: `array`, `table`, `vector` or `host`.
    pub priced_by: Option<&'static str>,
    /// Whether it lies outside the table that prices it.
    pub extrapolated: bool,
    /// The kind of evidence for the number that bounds it.
    pub source: Option<&'static str>,
}

/// Cycles in which the array waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StallRecord {
    /// For what.
    pub cause: &'static str,
    /// How long.
    pub cycles: u64,
}

/// A record for every entry of a timed program.
pub(in crate::report) fn records<'a>(
    profile: &'a Profile,
    timed: &'a Timed<'_>,
) -> impl Iterator<Item = LayerRecord> + 'a {
    let (schedule, estimate) = (&timed.schedule, &timed.estimate);
    estimate.layers.iter().map(move |layer| {
        let (name, op, macs) = names(schedule.list(), layer.of);
        let (unit, priced_by) = unit_and_price(layer);
        let (stored, streamed) = parameters(schedule, layer.of);
        LayerRecord {
            network: timed.name.to_owned(),
            name,
            op,
            unit,
            cycles: layer.latency_cycles,
            latency_ms: ms_of_cycles(layer.latency_cycles, estimate.clock_hz),
            compute_cycles: layer.compute_cycles,
            macs,
            moved_bytes: layer.moved_bytes,
            stalls: stalls(layer),
            utilization: utilization(profile, macs, layer),
            cached_bytes: stored - streamed,
            streamed_bytes: streamed,
            fused: layer.fused,
            bound_by: layer.bound_by.map(|what| what.name()),
            priced_by,
            extrapolated: matches!(layer.price, Some(Price::Table(priced)) if priced.extrapolated),
            source: layer.source(profile).map(|source| source.name()),
        }
    })
}

fn stalls(layer: &Layer) -> Vec<StallRecord> {
    let causes = What::ALL.into_iter().zip(layer.stall_cycles);
    let mut stalls: Vec<StallRecord> = causes
        .filter(|(_, cycles)| *cycles > 0)
        .map(|(what, cycles)| StallRecord {
            cause: what.name(),
            cycles,
        })
        .collect();
    stalls.sort_by_key(|stall| Reverse(stall.cycles));
    stalls
}

fn utilization(profile: &Profile, macs: u64, layer: &Layer) -> Option<f64> {
    let peak = profile.peak_macs_per_cycle()?;
    let possible = float(peak) * float(layer.latency_cycles);
    (macs > 0 && layer.latency_cycles > 0).then(|| float(macs) / possible)
}

/// Stored and streamed bytes of the parameters of an entry on the chip.
fn parameters(schedule: &Schedule<'_>, of: LayerOf) -> (u64, u64) {
    let LayerOf::Task(id) = of else {
        return (0, 0);
    };
    let weights = schedule.list().tasks()[id.0].weights;
    weights.map_or((0, 0), |weights| {
        (
            schedule.stored_bytes(weights),
            schedule.streamed_bytes(weights),
        )
    })
}

/// Name, operator and multiply-accumulates of an entry.
pub(in crate::report) fn names(list: &TaskList, of: LayerOf) -> (String, String, u64) {
    match of {
        LayerOf::Invoke => ("(invocation)".to_owned(), "invoke".to_owned(), 0),
        LayerOf::Load(buffer) => (activation(list, buffer), "load".to_owned(), 0),
        LayerOf::Store(buffer) => (activation(list, buffer), "store".to_owned(), 0),
        LayerOf::Task(id) => {
            let task = &list.tasks()[id.0];
            (task.name.clone(), task.operator.clone(), task.work.macs())
        }
    }
}

/// What an activation is to people: the result of a layer, or an input of the network.
pub(super) fn activation(list: &TaskList, buffer: BufferId) -> String {
    if let Some(task) = list.tasks().iter().find(|t| t.writes.contains(&buffer)) {
        return format!("(result of {})", task.name);
    }
    match list.inputs().iter().position(|&input| input == buffer) {
        Some(index) => format!("(input {index})"),
        None => format!("(activation {})", buffer.0),
    }
}

fn unit_and_price(layer: &Layer) -> (&'static str, Option<&'static str>) {
    match (layer.of, layer.price) {
        (LayerOf::Invoke, _) => ("host", None),
        (LayerOf::Load(_) | LayerOf::Store(_), _) => ("link", None),
        (LayerOf::Task(_), None) => ("host", Some("host")),
        (LayerOf::Task(_), Some(Price::Array(_))) => ("array", Some("array")),
        (LayerOf::Task(_), Some(Price::Table(_))) => ("array", Some("table")),
        (LayerOf::Task(_), Some(Price::Vector(_))) => ("vector", Some("vector")),
        (LayerOf::Task(_), Some(Price::Counts(_))) => ("array", Some("counts")),
    }
}

//! The counters of a trace: activations on the chip, use of the arrays, rates of the ways.

use std::collections::BTreeMap;

use hwmodels::profile::Profile;
use hwmodels::simulate::{LayerOf, Resource};
use hwmodels::units::float;
use serde::Serialize;

use super::event::Event;
use super::slices::Slice;
use super::{One, Writer};
use crate::report::estimate::{Resident, residents};

#[derive(Serialize)]
struct Activations {
    #[serde(rename = "live bytes")]
    live_bytes: u64,
    #[serde(rename = "highest address")]
    highest_address: u64,
}

#[derive(Serialize)]
struct Utilization {
    #[serde(rename = "utilization %")]
    percent: f64,
}

#[derive(Serialize)]
struct Throughput {
    #[serde(rename = "MB/s")]
    mb_per_s: f64,
}

pub(super) fn counters(
    profile: &Profile,
    one: &One<'_>,
    writer: &mut Writer,
) -> anyhow::Result<()> {
    activations(one, writer)?;
    if profile.array().is_some() {
        utilization(one, writer)?;
    }
    for (resource, slices) in one.slices.lanes() {
        if let Resource::Port(_) | Resource::Noc = resource {
            throughput(one, resource, slices, writer)?;
        }
    }
    Ok(())
}

/// What lives in the activation memory while each layer is computed, and the end of the highest
/// address in use; tile buffers are not counted.
fn activations(one: &One<'_>, writer: &mut Writer) -> anyhow::Result<()> {
    let name = "activations on the chip";
    let empty = Activations {
        live_bytes: 0,
        highest_address: 0,
    };
    let begins = begins(one);
    let runs = residents(&one.timed.schedule);
    for (run, live) in &runs {
        if let Some(start_cycle) = begins.get(&LayerOf::Task(run.task)) {
            let values = Activations {
                live_bytes: live.iter().map(|resident| resident.bytes).sum(),
                highest_address: live.iter().map(Resident::end).max().unwrap_or(0),
            };
            writer.event(&Event::counter(name, one.clock.ns(*start_cycle), values))?;
        }
    }
    let end_ns = one.clock.ns(one.timed.estimate.cycles);
    if runs.is_empty() {
        return Ok(());
    }
    writer.event(&Event::counter(name, end_ns, empty))
}

/// By layer, when the array or the vector unit begins to work for it.
fn begins(one: &One<'_>) -> BTreeMap<LayerOf, u64> {
    let mut begins = BTreeMap::new();
    for (resource, slices) in one.slices.lanes() {
        if let Resource::Array | Resource::Vector = resource {
            for slice in slices {
                begins.entry(slice.layer).or_insert(slice.start_cycle);
            }
        }
    }
    begins
}

/// Multiply-accumulates of a layer over those that the arrays could do in its share of the latency.
fn utilization(one: &One<'_>, writer: &mut Writer) -> anyhow::Result<()> {
    let event = |ns, percent| Event::counter("array", ns, Utilization { percent });
    for window in one.windows() {
        let percent = window.layer.utilization.map_or(0.0, |share| share * 100.0);
        writer.event(&event(window.span.start_ns, percent))?;
    }
    writer.event(&event(one.clock.ns(one.timed.estimate.cycles), 0.0))
}

/// Bytes over a way, while it is in use.
fn throughput(
    one: &One<'_>,
    resource: Resource,
    slices: &[Slice],
    writer: &mut Writer,
) -> anyhow::Result<()> {
    let event = |ns, mb_per_s| Event::counter(resource.name(), ns, Throughput { mb_per_s });
    for (index, slice) in slices.iter().enumerate() {
        let cycles = float(slice.end_cycle - slice.start_cycle);
        let mb_per_s = float(slice.bytes) / cycles * float(one.clock.hz) / 1e6;
        writer.event(&event(one.clock.ns(slice.start_cycle), mb_per_s))?;
        let follows = slices
            .get(index + 1)
            .is_some_and(|n| n.start_cycle == slice.end_cycle);
        if !follows {
            writer.event(&event(one.clock.ns(slice.end_cycle), 0.0))?;
        }
    }
    Ok(())
}

//! The largest errors, explained by where the simulated time goes.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use hwmodels::simulate::Estimate;
use hwmodels::units::ms_of_cycles;
use serde::Serialize;

use super::rows::RowRecord;
use crate::compare::{Compared, Share, shares};
use crate::report::chart::shortened;
use crate::report::estimate::names;
use crate::report::numbers::{bytes, three};

/// Layers that are named of every miss.
const LAYERS: usize = 4;

/// Characters of a layer's name in words.
const NAME: usize = 40;

/// A large error.
#[derive(Clone, Debug, Serialize)]
pub struct MissRecord {
    /// The row.
    pub id: String,
    /// Its error in percent, signed.
    pub error_percent: f64,
    /// Where the simulated time goes.
    pub shares: Vec<ShareRecord>,
    /// The layers of most time.
    pub layers: Vec<LayerShareRecord>,
    /// The same in words.
    pub text: String,
}

/// What one cause takes of a simulated inference.
#[derive(Clone, Debug, Serialize)]
pub struct ShareRecord {
    /// The cause: `compute`, `overhead`, what the array waited for, or what is done without it.
    pub what: &'static str,
    /// How long.
    pub ms: f64,
    /// The same of all, 0 to 1.
    pub share: f64,
}

/// What one layer takes of a simulated inference.
#[derive(Clone, Debug, Serialize)]
pub struct LayerShareRecord {
    /// The layer, or what is transferred.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// What bounds it.
    pub bound_by: Option<&'static str>,
    /// How long.
    pub ms: f64,
}

/// The largest absolute error of every network, the largest first, at most `count`.
pub(super) fn largest(
    rows: &[Compared<'_>],
    records: &[RowRecord],
    count: usize,
) -> Vec<MissRecord> {
    let mut order: Vec<(f64, usize)> = records
        .iter()
        .enumerate()
        .filter_map(|(index, record)| Some((record.ape?, index)))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut networks = BTreeSet::new();
    order.retain(|(_, index)| networks.insert(&records[*index].network));
    let misses = order.into_iter().take(count);
    misses
        .filter_map(|(_, index)| miss(&rows[index], &records[index]))
        .collect()
}

pub(super) fn share_records(shares: &[Share]) -> Vec<ShareRecord> {
    let record = |share: &Share| ShareRecord {
        what: share.what.name(),
        ms: share.ms,
        share: share.share,
    };
    shares.iter().map(record).collect()
}

fn miss(row: &Compared<'_>, record: &RowRecord) -> Option<MissRecord> {
    let estimate = row.simulated.as_ref().ok()?;
    let shares = shares(estimate);
    let layers = layers(row, estimate);
    Some(MissRecord {
        id: record.id.clone(),
        error_percent: record.error_percent?,
        text: text(record, estimate, &shares, &layers)?,
        shares: share_records(&shares),
        layers,
    })
}

/// The layers of most time.
fn layers(row: &Compared<'_>, estimate: &Estimate) -> Vec<LayerShareRecord> {
    let mut layers: Vec<_> = estimate.layers.iter().collect();
    layers.sort_by_key(|layer| Reverse(layer.latency_cycles));
    let list = &row.case.model.program.list;
    let record = |layer: &&hwmodels::simulate::Layer| {
        let (name, op, _) = names(list, layer.of);
        LayerShareRecord {
            name,
            op,
            bound_by: layer.bound_by.map(|what| what.name()),
            ms: ms_of_cycles(layer.latency_cycles, estimate.clock_hz),
        }
    };
    layers.iter().take(LAYERS).map(record).collect()
}

fn text(
    record: &RowRecord,
    estimate: &Estimate,
    shares: &[Share],
    layers: &[LayerShareRecord],
) -> Option<String> {
    let large = shares.iter().filter(|share| share.share >= 0.05);
    let parts = large.map(|share| format!("{} {:.0} %", share.what.name(), 100.0 * share.share));
    let layer = |layer: &LayerShareRecord| {
        let bound = layer.bound_by.unwrap_or("nothing");
        format!(
            "{} ({} ms, {bound})",
            shortened(&layer.name, NAME),
            three(layer.ms)
        )
    };
    let named: Vec<String> = layers.iter().take(2).map(layer).collect();
    let spread = record
        .repeats_spread_percent
        .map_or_else(String::new, |spread| {
            format!(
                "; {} measurements of the same are {} % apart",
                record.repeats,
                three(spread)
            )
        });
    Some(format!(
        "{} on {}: {} ms measured, {} simulated ({:+.0} %). Simulated: {}; {} of parameters \
         streamed, {} kept; longest {}{spread}",
        record.network,
        record.profile,
        three(record.measured_ms),
        three(record.simulated_ms?),
        record.error_percent?,
        parts.collect::<Vec<_>>().join(", "),
        bytes(estimate.traffic.parameter_bytes),
        bytes(estimate.cached_bytes),
        named.join(", "),
    ))
}

//! Which tables of the profile the latency rests on.
//!
//! The latency of a layer counts for the table that bounds it, whole: the table of its
//! [`bound_by`](crate::report::estimate::LayerRecord::bound_by).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hwmodels::compile::Price;
use hwmodels::profile::{Path, Paths, Port, Profile, SourceKind};
use hwmodels::simulate::{Layer, LayerOf, What};
use hwmodels::task::Class;
use hwmodels::units::float;
use serde::Serialize;

use super::super::Timed;

/// A table of the profile, and the latency of the layers that it bounds.
#[derive(Clone, Debug, Serialize)]
pub struct RestsOnRecord {
    /// The table, as `link` or `throughput.conv`; nothing for layers that nothing bounds.
    pub table: Option<String>,
    /// The kind of evidence for it: `datasheet`, `paper`, `measured`, `fitted` or `assumed`.
    pub source: Option<&'static str>,
    /// Where to look it up, or why it was assumed.
    pub text: Option<String>,
    /// Latency of the layers that it bounds.
    pub cycles: u64,
    /// The same as a share of the whole, 0 to 1.
    pub share: f64,
}

pub(super) fn rests_on(profile: &Profile, timed: &[&Timed<'_>]) -> Vec<RestsOnRecord> {
    let mut by_table: BTreeMap<Option<(String, SourceKind)>, u64> = BTreeMap::new();
    for one in timed {
        for layer in one
            .estimate
            .layers
            .iter()
            .filter(|layer| layer.latency_cycles > 0)
        {
            let table = table(profile, one, layer).zip(layer.source(profile));
            *by_table.entry(table).or_default() += layer.latency_cycles;
        }
    }
    let texts: BTreeMap<String, String> = profile
        .sources()
        .into_iter()
        .map(|(table, source)| (table, source.text))
        .collect();
    let total: u64 = by_table.values().sum();
    let mut records: Vec<RestsOnRecord> = by_table
        .into_iter()
        .map(|(table, cycles)| RestsOnRecord {
            text: table
                .as_ref()
                .and_then(|(table, _)| texts.get(table).cloned()),
            source: table.as_ref().map(|(_, kind)| kind.name()),
            table: table.map(|(table, _)| table),
            cycles,
            share: float(cycles) / float(total.max(1)),
        })
        .collect();
    records.sort_by_key(|record| Reverse(record.cycles));
    records
}

/// The table whose number bounds a layer.
fn table(profile: &Profile, timed: &Timed<'_>, layer: &Layer) -> Option<String> {
    let port = |path: fn(&Paths) -> &Path| profile.paths().map(|paths| path(paths).port);
    let name = match layer.bound_by? {
        What::Invoke | What::Overhead => "overheads",
        What::Compute => return Some(pricing_table(profile, timed, layer)),
        What::Feed => "memory",
        What::Noc => "grid",
        What::Host => "host",
        What::Parameters => port_table(port(|paths| &paths.parameters)?),
        What::Code => port_table(port(|paths| &paths.code)?),
        What::Input => port_table(port(|paths| &paths.input)?),
        What::Output => port_table(port(|paths| &paths.output)?),
        What::SpillIn => port_table(port(|paths| &paths.spill_in)?),
        What::SpillOut => port_table(port(|paths| &paths.spill_out)?),
    };
    Some(name.to_owned())
}

fn port_table(port: Port) -> &'static str {
    match port {
        Port::LinkIn | Port::LinkOut => "link",
        Port::DramIn | Port::DramOut => "dram",
        Port::FlashIn => "flash",
    }
}

/// The table that prices the computing of a layer.
fn pricing_table(profile: &Profile, timed: &Timed<'_>, layer: &Layer) -> String {
    let work = match layer.of {
        LayerOf::Task(id) => Some(timed.schedule.list().tasks()[id.0].work),
        LayerOf::Invoke | LayerOf::Load(_) | LayerOf::Store(_) => None,
    };
    let Some((price, work)) = layer.price.zip(work) else {
        return "array".to_owned();
    };
    match (price, work.nest()) {
        (Price::Table(_), Some(nest)) => format!("throughput.{}", nest.class().name()),
        (Price::Vector(_), _) => "vector".to_owned(),
        (Price::Counts(counted), _) if !counted.is_by_macs(&work, profile.tiles()) => {
            "vector".to_owned()
        }
        (Price::Counts(_), _) if profile.throughput().middle(Class::Conv).is_some() => {
            format!("throughput.{}", Class::Conv.name())
        }
        (Price::Array(_) | Price::Table(_) | Price::Counts(_), _) => "array".to_owned(),
    }
}

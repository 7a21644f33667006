//! Checks of `[throughput]`: full grids of channels, and no rate above the array's peak.

use std::collections::BTreeMap;

use super::{Checked, above_zero, refuse, source};
use crate::array::Array;
use crate::profile::raw::{RawEntry, RawTable, RawThroughput};
use crate::profile::throughput::{Grid, Table};
use crate::profile::{Sourced, Throughput};
use crate::task::Class;
use crate::units::float;

pub(super) fn check(
    raw: &RawThroughput,
    array: Option<Sourced<Array>>,
    tiles: u64,
) -> Checked<Throughput> {
    let peak = array.map_or(f64::INFINITY, |array| {
        float(array.value.peak_macs_per_cycle()) * float(tiles)
    });
    let classes = [
        (Class::Conv, &raw.conv),
        (Class::Pointwise, &raw.pointwise),
        (Class::Depthwise, &raw.depthwise),
        (Class::Dense, &raw.dense),
    ];
    let mut tables = Vec::new();
    for (class, table) in classes {
        if let Some(raw) = table {
            tables.push((
                class,
                grids(&format!("throughput.{}", class.name()), raw, peak)?,
            ));
        }
    }
    Ok(Throughput { tables })
}

type WindowKey = (Option<[u64; 2]>, Option<u64>);

fn grids(table: &str, raw: &RawTable, peak: f64) -> Checked<Sourced<Table>> {
    let field = format!("{table}.entries");
    if raw.entries.is_empty() {
        return Err(refuse(field, "empty", "at least one entry"));
    }
    let mut windows: BTreeMap<WindowKey, Vec<&RawEntry>> = BTreeMap::new();
    for entry in &raw.entries {
        above_zero(&field, entry.macs_per_cycle)?;
        if entry.macs_per_cycle > peak {
            let found = format!("{} MACs per cycle", entry.macs_per_cycle);
            return Err(refuse(field, found, format!("at most the array's {peak}")));
        }
        let sizes = [entry.stride, entry.in_c, entry.out_c]
            .into_iter()
            .flatten();
        if sizes
            .chain(entry.kernel.into_iter().flatten())
            .any(|size| size == 0)
        {
            return Err(refuse(
                field,
                "a kernel, stride or channel count of 0",
                "at least 1",
            ));
        }
        windows
            .entry((entry.kernel, entry.stride))
            .or_default()
            .push(entry);
    }
    let grids = windows
        .iter()
        .map(|(key, entries)| grid(&field, *key, entries))
        .collect::<Checked<_>>()?;
    let multiples = [
        (raw.in_channel_multiple, "in_channel_multiple"),
        (raw.out_channel_multiple, "out_channel_multiple"),
    ];
    if let Some((_, key)) = multiples.iter().find(|(multiple, _)| *multiple == Some(0)) {
        return Err(refuse(format!("{table}.{key}"), 0, "at least 1"));
    }
    Ok(Sourced {
        value: Table {
            grids,
            multiples: multiples.map(|(multiple, _)| multiple.unwrap_or(1)),
        },
        source: source(table, &raw.source)?,
    })
}

/// The entries of one window as a grid; every pair of channel counts exactly once.
fn grid(field: &str, (kernel, stride): WindowKey, entries: &[&RawEntry]) -> Checked<Grid> {
    let rates: BTreeMap<(Option<u64>, Option<u64>), f64> = entries
        .iter()
        .map(|entry| ((entry.in_c, entry.out_c), entry.macs_per_cycle))
        .collect();
    let axis = |side: fn(&RawEntry) -> Option<u64>| {
        let mut axis: Vec<Option<u64>> = entries.iter().map(|entry| side(entry)).collect();
        axis.sort_unstable();
        axis.dedup();
        axis
    };
    let (in_c, out_c) = (axis(|entry| entry.in_c), axis(|entry| entry.out_c));
    let whole = |axis: &[Option<u64>]| axis.len() == 1 || !axis.contains(&None);
    let full = rates.len() == entries.len() && entries.len() == in_c.len() * out_c.len();
    if !(full && whole(&in_c) && whole(&out_c)) {
        let any = |size: Option<String>| size.unwrap_or_else(|| "any".to_owned());
        let window = any(kernel.map(|[h, w]| format!("{h} x {w}")));
        let stride = any(stride.map(|stride| stride.to_string()));
        let found = format!(
            "{} entries over {} in_c by {} out_c at kernel {window}, stride {stride}",
            entries.len(),
            in_c.len(),
            out_c.len()
        );
        return Err(refuse(
            field,
            found,
            "every pair of in_c and out_c exactly once",
        ));
    }
    let known = |axis: Vec<Option<u64>>| axis.into_iter().flatten().collect();
    let macs_per_cycle = rates.into_values().collect();
    Ok(Grid {
        kernel,
        stride,
        in_c: known(in_c),
        out_c: known(out_c),
        macs_per_cycle,
    })
}

//! Varied keys that change nothing: on a machine that tables price, say, the sides of the array.

use std::collections::BTreeMap;

use serde_json::Map;

use super::{ExploreRecord, ExploreRow};

/// The keys of axes along which all costs of all rows stay the same.
pub(super) fn without(record: &ExploreRecord) -> Vec<String> {
    let idle = record.varied.iter().filter(|axis| {
        let mut costs = BTreeMap::new();
        axis.values.len() > 1
            && record.rows.iter().all(|row| {
                let mut others: Map<_, _> = row.settings.clone();
                others.retain(|key, _| !axis.keys.contains(key));
                let place = (
                    row.model.clone(),
                    serde_json::Value::Object(others).to_string(),
                );
                let cost = outcome(row);
                *costs.entry(place).or_insert_with(|| cost.clone()) == cost
            })
    });
    idle.flat_map(|axis| axis.keys.clone()).collect()
}

/// Whatever a row says of a machine on its network.
fn outcome(row: &ExploreRow) -> (Option<u64>, [Option<u64>; 3], Option<String>) {
    let bits = |cost: Option<f64>| cost.map(f64::to_bits);
    let costs = [
        bits(row.latency_ms),
        bits(row.energy_mj),
        bits(row.area_mm2),
    ];
    let limit = row.infeasible.as_ref().map(|limit| limit.message.clone());
    (row.cycles, costs, limit)
}

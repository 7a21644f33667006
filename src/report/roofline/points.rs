//! The layers that multiply, as points under the roofs.

use hwmodels::units::float;

use crate::report::bound::Bound;
use crate::report::estimate::{EstimateRecord, LayerRecord};
use crate::report::numbers::{bytes, count, three};

/// A layer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) name: String,
    /// Nothing where no byte was moved.
    pub(super) macs_per_byte: Option<f64>,
    /// Over the longer of its share of the latency and its computing, which may be hidden.
    pub(super) macs_per_cycle: f64,
    /// Of the latency, 0 to 1.
    pub(super) share: f64,
    pub(super) bound: Bound,
    pub(super) note: String,
}

impl Point {
    /// Its place on the axis of bytes; `beyond` where there are none.
    pub(super) fn x(&self, beyond: f64) -> f64 {
        self.macs_per_byte.unwrap_or(beyond)
    }
}

/// The layers that multiply, the slowest first, so that small points lie on large ones.
pub(super) fn points(record: &EstimateRecord) -> Vec<Point> {
    let total_cycles: u64 = record.layers.iter().map(|layer| layer.cycles).sum();
    let multiply = record.layers.iter().filter(|layer| layer.macs > 0);
    let mut points: Vec<Point> = multiply
        .filter(|layer| layer.cycles.max(layer.compute_cycles) > 0)
        .map(|layer| point(layer, total_cycles))
        .collect();
    points.sort_by(|a, b| b.share.total_cmp(&a.share));
    points
}

fn point(layer: &LayerRecord, total_cycles: u64) -> Point {
    let macs = float(layer.macs);
    let macs_per_cycle = macs / float(layer.cycles.max(layer.compute_cycles));
    let share = float(layer.cycles) / float(total_cycles.max(1));
    let bound = Bound::of(layer.bound_by);
    let note = format!(
        "{} ({}): {} ms, {} % of the latency, bound by {}\n{} MACs, {} moved, {} MACs per cycle",
        layer.name,
        layer.op,
        three(layer.latency_ms),
        three(share * 100.0),
        bound.words(),
        count(layer.macs),
        bytes(layer.moved_bytes),
        three(macs_per_cycle),
    );
    Point {
        name: layer.name.clone(),
        macs_per_byte: (layer.moved_bytes > 0).then(|| macs / float(layer.moved_bytes)),
        macs_per_cycle,
        share,
        bound,
        note,
    }
}

//! Two estimates side by side, layer by layer: the record of `ednas diff`.

mod align;
mod text;

use serde::Serialize;

use super::estimate::{EstimateRecord, InfeasibleRecord, LayerRecord};
use align::align;

pub use text::Order;

/// `ednas.diff/1`: one network on two machines, or two networks on one.
#[derive(Clone, Debug, Serialize)]
pub struct DiffRecord {
    /// `ednas.diff/1`.
    pub schema: &'static str,
    /// The first estimate.
    pub a: SideRecord,
    /// The second.
    pub b: SideRecord,
    /// What both cost in all.
    pub totals: Vec<TotalRecord>,
    /// Layers that belong together, in the order they run.
    pub layers: Vec<PairRecord>,
}

/// What was estimated.
#[derive(Clone, Debug, Serialize)]
pub struct SideRecord {
    /// The network.
    pub model: String,
    /// The machine.
    pub profile: String,
    /// Height and width of the image in pixels; nothing where the layers alone are known.
    pub size: Option<[usize; 2]>,
    /// Cycles per second, in millions.
    pub clock_mhz: f64,
    /// Why the machine cannot run the network.
    pub infeasible: Option<InfeasibleRecord>,
}

/// A total of both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TotalRecord {
    /// The field of `ednas.estimate/1`; its unit is the end of the name.
    pub name: &'static str,
    /// In the first; nothing where it is unknown or the network does not run.
    pub a: Option<f64>,
    /// In the second.
    pub b: Option<f64>,
    /// The second less the first, where both are known.
    pub difference: Option<f64>,
}

/// Layers that belong together; one of them is missing where there is no counterpart.
#[derive(Clone, Debug, Serialize)]
pub struct PairRecord {
    /// In the first estimate.
    pub a: Option<OneRecord>,
    /// In the second.
    pub b: Option<OneRecord>,
    /// The second less the first; a missing one takes no time.
    pub difference_ms: f64,
}

/// A layer of one of the estimates.
#[derive(Clone, Debug, Serialize)]
pub struct OneRecord {
    /// The network.
    pub network: String,
    /// The layer, or what is transferred.
    pub name: String,
    /// The operator.
    pub op: String,
    /// Who works.
    pub unit: &'static str,
    /// Its share of the latency, in cycles of its machine.
    pub cycles: u64,
    /// The same in milliseconds.
    pub latency_ms: f64,
    /// Multiply-accumulates.
    pub macs: u64,
    /// What took the largest part of it.
    pub bound_by: Option<&'static str>,
}

impl DiffRecord {
    /// Compares two estimates.
    #[must_use]
    pub fn new(a: &EstimateRecord, b: &EstimateRecord) -> Self {
        let pairs = align(&a.layers, &b.layers).into_iter();
        let layers = pairs.map(|(of_a, of_b)| {
            let (a, b) = (of_a.map(|i| &a.layers[i]), of_b.map(|i| &b.layers[i]));
            let ms = |layer: Option<&LayerRecord>| layer.map_or(0.0, |layer| layer.latency_ms);
            PairRecord {
                difference_ms: ms(b) - ms(a),
                a: a.map(OneRecord::of),
                b: b.map(OneRecord::of),
            }
        });
        Self {
            schema: "ednas.diff/1",
            layers: layers.collect(),
            totals: totals(a, b),
            a: SideRecord::of(a),
            b: SideRecord::of(b),
        }
    }
}

impl SideRecord {
    fn of(record: &EstimateRecord) -> Self {
        Self {
            model: record.model.clone(),
            profile: record.profile.clone(),
            size: record.size,
            clock_mhz: record.clock_mhz,
            infeasible: record.infeasible.clone(),
        }
    }
}

impl OneRecord {
    fn of(layer: &LayerRecord) -> Self {
        Self {
            network: layer.network.clone(),
            name: layer.name.clone(),
            op: layer.op.clone(),
            unit: layer.unit,
            cycles: layer.cycles,
            latency_ms: layer.latency_ms,
            macs: layer.macs,
            bound_by: layer.bound_by,
        }
    }
}

fn totals(a: &EstimateRecord, b: &EstimateRecord) -> Vec<TotalRecord> {
    let [a, b] = [a, b].map(figures);
    let totals = a.into_iter().zip(b).map(|((name, a), (_, b))| TotalRecord {
        name,
        a,
        b,
        difference: a.zip(b).map(|(a, b)| b - a),
    });
    totals.collect()
}

/// The totals that are compared, in the order they are told.
fn figures(record: &EstimateRecord) -> [(&'static str, Option<f64>); 15] {
    use hwmodels::units::float;

    let cost = record.cost.as_ref();
    let traffic = cost.map(|cost| &cost.traffic);
    [
        ("latency_ms", cost.map(|c| c.latency_ms)),
        ("first_ms", cost.map(|c| c.first_ms)),
        ("device_ms", cost.map(|c| c.device_ms)),
        ("throughput_fps", cost.map(|c| c.throughput_fps)),
        ("energy_mj", cost.and_then(|c| c.energy_mj)),
        ("area_mm2", cost.and_then(|c| c.area_mm2)),
        ("macs", cost.map(|c| float(c.macs))),
        ("utilization", cost.and_then(|c| c.utilization)),
        ("cached_bytes", cost.map(|c| float(c.cached_bytes))),
        (
            "activation_peak_bytes",
            cost.map(|c| float(c.activation_peak_bytes)),
        ),
        ("input_bytes", traffic.map(|t| float(t.input_bytes))),
        ("output_bytes", traffic.map(|t| float(t.output_bytes))),
        ("parameter_bytes", traffic.map(|t| float(t.parameter_bytes))),
        ("code_bytes", traffic.map(|t| float(t.code_bytes))),
        ("spill_bytes", traffic.map(|t| float(t.spill_bytes))),
    ]
}

#[cfg(test)]
mod tests;

//! What a candidate measures: figures of every machine, of all of them together, of the network.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::study::LATENCY_MS;

/// Millijoules of one inference.
pub const ENERGY_MJ: &str = "energy_mj";
/// The most activations that live on the chip at once, in KiB.
pub const PEAK_MEMORY_KIB: &str = "peak_memory_kib";
/// Area of the chip.
pub const AREA_MM2: &str = "area_mm2";
/// Learned numbers of the network.
pub const PARAMETERS: &str = "parameters";
/// Multiply-accumulates of one inference.
pub const MACS: &str = "macs";

/// What one machine says of a network, or all machines together; nothing where a profile has no
/// numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// One inference in steady state, in milliseconds.
    pub latency_ms: f64,
    /// Energy of one inference, in millijoules.
    pub energy_mj: Option<f64>,
    /// The most activations that live on the chip at once, in KiB.
    pub peak_memory_kib: Option<f64>,
    /// Area of the chip, in square millimeters.
    pub area_mm2: Option<f64>,
}

/// What a candidate measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// The machines by name, in the order they were given.
    pub machines: Vec<(Arc<str>, Figures)>,
    /// All machines together, as [`Aggregate`] says.
    pub together: Figures,
    /// Learned numbers of the whole network.
    pub parameters: u64,
    /// Multiply-accumulates of what a machine runs of it.
    pub macs: u64,
}

/// How the figures of several machines become one.
#[derive(Clone, Debug, PartialEq)]
pub enum Aggregate {
    /// The largest of each figure.
    Worst,
    /// The mean of each figure, weighted machine by machine.
    Weighted(Vec<f64>),
}

impl Figures {
    /// The figures in the order of their metrics' names in [`Figures::NAMES`].
    #[must_use]
    pub fn values(&self) -> [Option<f64>; 4] {
        [
            Some(self.latency_ms),
            self.energy_mj,
            self.peak_memory_kib,
            self.area_mm2,
        ]
    }

    /// The names of the metrics.
    pub const NAMES: [&str; 4] = [LATENCY_MS, ENERGY_MJ, PEAK_MEMORY_KIB, AREA_MM2];
}

impl Measures {
    /// The metrics as a journal keeps them: `latency_ms` and so on of all machines together,
    /// `latency_ms@NAME` of each where there are several, `parameters` and `macs`.
    #[must_use]
    pub fn metrics(&self) -> BTreeMap<String, f64> {
        let mut metrics = BTreeMap::new();
        let mut add = |figures: &Figures, suffix: &str| {
            for (name, value) in Figures::NAMES.into_iter().zip(figures.values()) {
                if let Some(value) = value {
                    metrics.insert([name, suffix].concat(), value);
                }
            }
        };
        add(&self.together, "");
        if self.machines.len() > 1 {
            for (name, figures) in &self.machines {
                add(figures, &format!("@{name}"));
            }
        }
        let network = [(PARAMETERS, self.parameters), (MACS, self.macs)];
        metrics
            .extend(network.map(|(name, count)| (name.to_owned(), hwmodels::units::float(count))));
        metrics
    }
}

impl Aggregate {
    /// The figures of all `machines` together; one that a machine does not say is not said.
    pub(super) fn of(&self, machines: &[(Arc<str>, Figures)]) -> Option<Figures> {
        if let [(_, only)] = machines {
            return Some(*only);
        }
        let together = |of: fn(&Figures) -> Option<f64>| {
            let mut values = machines.iter().map(|(_, figures)| of(figures));
            match self {
                Self::Worst => {
                    values.try_fold(f64::NEG_INFINITY, |worst, value| Some(worst.max(value?)))
                }
                Self::Weighted(weights) => {
                    let pairs = values.zip(weights);
                    let mut sum = 0.0;
                    for (value, weight) in pairs {
                        sum += value? * weight;
                    }
                    Some(sum / weights.iter().sum::<f64>())
                }
            }
        };
        Some(Figures {
            latency_ms: together(|figures| Some(figures.latency_ms))?,
            energy_mj: together(|figures| figures.energy_mj),
            peak_memory_kib: together(|figures| figures.peak_memory_kib),
            area_mm2: together(|figures| figures.area_mm2),
        })
    }
}

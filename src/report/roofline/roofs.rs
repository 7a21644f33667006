//! What a machine allows: the peak of its arrays, and the rate of every way that is in use.

use hwmodels::profile::{Path, Profile};
use hwmodels::units::float;

use super::points::Point;
use crate::report::chart::{Axes, label, path, slanted};
use crate::report::estimate::EstimateRecord;
use crate::report::markup::Markup;
use crate::report::numbers::{thousands, three};

/// Roofs above no point; the ways by falling rate.
pub(super) struct Roofs {
    peak_macs_per_cycle: Option<u64>,
    clock_hz: u64,
    ways: Vec<Way>,
}

/// Ways of one rate, and what of a layer goes over them.
struct Way {
    ports: Vec<&'static str>,
    bytes_per_cycle: f64,
    carries: Vec<&'static str>,
}

impl Roofs {
    pub(super) fn new(profile: &Profile, record: &EstimateRecord) -> Self {
        let mut ways: Vec<Way> = Vec::new();
        for (path, carried) in used(profile, record) {
            let bytes_per_cycle = path.rate.units_per_cycle();
            let port = path.port.name();
            let same = |way: &&mut Way| way.bytes_per_cycle == bytes_per_cycle;
            match ways.iter_mut().find(same) {
                Some(way) => {
                    way.carries.push(carried);
                    if !way.ports.contains(&port) {
                        way.ports.push(port);
                    }
                }
                None => ways.push(Way {
                    ports: vec![port],
                    bytes_per_cycle,
                    carries: vec![carried],
                }),
            }
        }
        ways.sort_by(|a, b| b.bytes_per_cycle.total_cmp(&a.bytes_per_cycle));
        Self {
            peak_macs_per_cycle: profile.peak_macs_per_cycle(),
            clock_hz: profile.clock_hz(),
            ways,
        }
    }

    /// Where layers stand that moved no byte: right of all others, and of where the roofs meet.
    pub(super) fn beyond(&self, points: &[Point]) -> f64 {
        let others = points.iter().filter_map(|point| point.macs_per_byte);
        let corners = self.corners().into_iter().map(|(x, _)| x);
        3.0 * others.chain(corners).fold(1.0, f64::max)
    }

    /// The level roof, if there is one.
    pub(super) fn ceiling(&self) -> Option<f64> {
        self.peak_macs_per_cycle.map(float)
    }

    /// Where the slanted roofs meet the level one.
    pub(super) fn corners(&self) -> Vec<(f64, f64)> {
        let Some(peak) = self.ceiling() else {
            return Vec::new();
        };
        let corner = |way: &Way| (peak / way.bytes_per_cycle, peak);
        self.ways.iter().map(corner).collect()
    }

    pub(super) fn draw(&self, m: &mut Markup, axes: &Axes) {
        let ((left, right), (bottom, top)) = (axes.x.ends(), axes.y.ends());
        let peak = self.ceiling();
        let ceiling = peak.unwrap_or(top);
        let spot = |x: f64, y: f64| (axes.x.at(x), axes.y.at(y));
        for way in &self.ways {
            let (low, high) = (
                left.max(bottom / way.bytes_per_cycle),
                ceiling / way.bytes_per_cycle,
            );
            let high = high.min(right);
            if low < high {
                let from = spot(low, low * way.bytes_per_cycle);
                let to = spot(high, high * way.bytes_per_cycle);
                path(m, "roof", &[from, to]);
                slanted(m, from, to, &self.way_text(way));
            }
        }
        if let Some(peak) = peak {
            let fastest = self.ways.first();
            let from = fastest.map_or(left, |way| left.max(peak / way.bytes_per_cycle));
            let (from, to) = (spot(from, peak), spot(right, peak));
            path(m, "roof", &[from, to]);
            label(
                m,
                ("tick halo", "end"),
                (to.0 - 6.0, to.1 - 18.0),
                &self.peak_text(),
            );
        }
    }

    fn peak_text(&self) -> String {
        let macs = self.peak_macs_per_cycle.unwrap_or(0);
        let gigas = float(macs) * float(self.clock_hz) / 1e9;
        format!(
            "peak {} MACs/cycle, {} GMAC/s",
            thousands(macs),
            three(gigas)
        )
    }

    fn way_text(&self, way: &Way) -> String {
        let mb_per_s = way.bytes_per_cycle * float(self.clock_hz) / 1e6;
        let carries = way.carries.join(", ");
        format!(
            "{} {} MB/s: {carries}",
            way.ports.join(", "),
            three(mb_per_s)
        )
    }
}

/// The ways that something of a layer went over, and what. Inputs and results of the network are
/// entries of their own, which multiply nothing.
fn used<'p>(profile: &'p Profile, record: &EstimateRecord) -> Vec<(&'p Path, &'static str)> {
    let (Some(paths), Some(cost)) = (profile.paths(), &record.cost) else {
        return Vec::new();
    };
    let traffic = &cost.traffic;
    let all = [
        (&paths.parameters, "parameters", traffic.parameter_bytes),
        (&paths.code, "code", traffic.code_bytes),
        (&paths.spill_in, "spilled, back", traffic.spill_bytes),
        (&paths.spill_out, "spilled", traffic.spill_bytes),
    ];
    let used = all.into_iter().filter(|(_, _, bytes)| *bytes > 0);
    used.map(|(path, carried, _)| (path, carried)).collect()
}

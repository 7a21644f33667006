//! The totals of an estimate in words.

use super::{CostRecord, EstimateRecord};
use crate::report::numbers::{bytes, thousands};

impl EstimateRecord {
    /// Latency, rates, traffic, energy: one figure of each.
    pub(super) fn summary(&self, cost: &CostRecord) -> String {
        let percent = |share: f64| share * 100.0;
        let runs = match self.runs {
            1 => String::new(),
            runs => format!(", {runs} networks one after another"),
        };
        let utilization = cost.utilization.map_or(String::new(), |share| {
            format!(", {:.1} % of the array's peak", percent(share))
        });
        let stepped = if self.speed == "stepped" && cost.array_priced_share == 0.0 {
            "no layer is priced by the array's own arithmetic, so nothing was stepped\n"
        } else {
            ""
        };
        let traffic = &cost.traffic;
        let noc = match traffic.noc_bytes {
            0 => String::new(),
            moved => format!(", {} between arrays", bytes(moved)),
        };
        let energy = energy_line(cost);
        format!(
            "{} ({}{runs}) on {} at {} MHz\n\
             latency {:.3} ms = {} cycles; first inference {:.3} ms; {:.1} inferences/s back to back\n\
             {:.3} ms on the device{utilization}; {:.1} % of the latency rests on assumed numbers\n\
             parameters: {} kept on the chip, {} streamed; code {}\n\
             activations: peak {} on the chip; {} in, {} out, {} spilled{noc}\n{energy}{stepped}",
            self.subject(),
            self.precision,
            self.profile,
            self.clock_mhz,
            cost.latency_ms,
            thousands(cost.cycles),
            cost.first_ms,
            cost.throughput_fps,
            cost.device_ms,
            percent(cost.assumed_share),
            bytes(cost.cached_bytes),
            bytes(traffic.parameter_bytes),
            bytes(traffic.code_bytes),
            bytes(cost.activation_peak_bytes),
            bytes(traffic.input_bytes),
            bytes(traffic.output_bytes),
            bytes(traffic.spill_bytes),
        )
    }
}

/// Energy, power and area, as far as the profile tells them.
fn energy_line(cost: &CostRecord) -> String {
    let energy = cost
        .energy_mj
        .zip(cost.average_mw)
        .zip(cost.energy_delay_mj_ms);
    let energy = energy.map(|((mj, mw), delay)| {
        format!("energy {mj:.4} mJ, {mw:.1} mW on average, energy-delay {delay:.4} mJ ms")
    });
    let area = cost.area_mm2.map(|area| format!("area {area:.3} mm2"));
    match (energy, area) {
        (None, None) => String::new(),
        (energy, area) => {
            let known: Vec<String> = energy.into_iter().chain(area).collect();
            known.join("; ") + "\n"
        }
    }
}

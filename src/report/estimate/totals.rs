//! The costs of one image: sums over the networks that run for it.

use hwmodels::compile::Schedule;
use hwmodels::profile::Profile;
use hwmodels::simulate::{Energy, Estimate, Traffic, actions};
use hwmodels::units::float;

use super::{CostRecord, EnergyRecord, TrafficRecord};

/// Sums over the networks of one image.
#[derive(Default)]
pub(super) struct Totals {
    cost: CostRecord,
    first_cycles: u64,
    period_cycles: u64,
    device_cycles: u64,
    assumed_cycles: u64,
    array_priced_cycles: u64,
    energy: Option<EnergyRecord>,
    networks: usize,
}

impl Totals {
    pub(super) fn add(&mut self, profile: &Profile, schedule: &Schedule<'_>, estimate: &Estimate) {
        self.cost.cycles += estimate.cycles;
        self.cost.macs += schedule.list().macs();
        self.cost.cached_bytes += estimate.cached_bytes;
        self.cost.activation_peak_bytes = self
            .cost
            .activation_peak_bytes
            .max(estimate.narrow_peak_bytes);
        self.cost.traffic.add(estimate.traffic);
        self.first_cycles += estimate.first_cycles;
        self.period_cycles += estimate.period_cycles;
        self.device_cycles += estimate.device_cycles;
        self.assumed_cycles += estimate.assumed_cycles;
        self.array_priced_cycles += estimate.array_priced_cycles;
        let energy = profile
            .energy()
            .and_then(|costs| actions(profile, schedule, estimate).energy(costs, estimate));
        self.energy = match (self.energy.take(), energy, self.networks) {
            (None, Some(energy), 0) => Some(EnergyRecord::of(&energy)),
            (Some(sum), Some(energy), _) => Some(sum.and(&energy)),
            (_, _, _) => None,
        };
        self.networks += 1;
    }

    pub(super) fn cost(self, profile: &Profile) -> CostRecord {
        let ms = |cycles| hwmodels::units::ms_of_cycles(cycles, profile.clock_hz());
        let cycles = self.cost.cycles;
        let share = |part: u64| {
            if cycles == 0 {
                0.0
            } else {
                float(part) / float(cycles)
            }
        };
        let peak = profile.peak_macs_per_cycle();
        let latency_ms = ms(cycles);
        CostRecord {
            latency_ms,
            energy_mj: self.energy.map(|energy| energy.total_mj),
            average_mw: self.energy.map(|energy| energy.total_mj / latency_ms * 1e3),
            energy_delay_mj_ms: self.energy.map(|energy| energy.total_mj * latency_ms),
            energy: self.energy,
            area_mm2: profile.area().map(|area| area.total_mm2()),
            first_ms: ms(self.first_cycles),
            throughput_fps: 1e3 / ms(self.period_cycles),
            device_ms: ms(self.device_cycles),
            utilization: peak.map(|peak| share(self.cost.macs) / float(peak)),
            assumed_share: share(self.assumed_cycles),
            array_priced_share: share(self.array_priced_cycles),
            ..self.cost
        }
    }
}

impl TrafficRecord {
    fn add(&mut self, traffic: Traffic) {
        self.input_bytes += traffic.input_bytes;
        self.output_bytes += traffic.output_bytes;
        self.parameter_bytes += traffic.parameter_bytes;
        self.code_bytes += traffic.code_bytes;
        self.spill_bytes += traffic.spill_bytes();
        self.noc_bytes += traffic.noc_bytes;
    }
}

impl EnergyRecord {
    fn of(energy: &Energy) -> Self {
        Self {
            total_mj: energy.total_mj(),
            macs_mj: energy.macs_mj,
            registers_mj: energy.registers_mj,
            vector_mj: energy.vector_mj,
            memory_mj: energy.memory_mj,
            outside_mj: energy.outside_mj,
            link_mj: energy.link_mj,
            leakage_mj: energy.leakage_mj,
            host_mj: energy.host_mj,
        }
    }

    fn and(self, energy: &Energy) -> Self {
        let other = Self::of(energy);
        Self {
            total_mj: self.total_mj + other.total_mj,
            macs_mj: self.macs_mj + other.macs_mj,
            registers_mj: self.registers_mj + other.registers_mj,
            vector_mj: self.vector_mj + other.vector_mj,
            memory_mj: self.memory_mj + other.memory_mj,
            outside_mj: self.outside_mj + other.outside_mj,
            link_mj: self.link_mj + other.link_mj,
            leakage_mj: self.leakage_mj + other.leakage_mj,
            host_mj: self.host_mj + other.host_mj,
        }
    }
}

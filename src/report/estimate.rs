//! What a network costs on a machine: the record of `ednas estimate` and its table.

mod layers;
mod totals;

use anyhow::Context;
use hwmodels::compile::{Infeasible, Limit, compile};
use hwmodels::profile::Profile;
use hwmodels::simulate::{Estimate, Speed, simulate};
use hwmodels::task::TaskList;
use hwmodels::units::float;
use kernels::work::{Precision, tasks};
use kernels::{Verified, fold};
use serde::Serialize;

pub use layers::{LayerRecord, StallRecord};

use totals::Totals;

/// Where counters stop: sums of durations saturate beyond it.
const CYCLES_MAX: u64 = 1 << 62;

/// `ednas.estimate/1`: one inference on one machine.
#[derive(Clone, Debug, Serialize)]
pub struct EstimateRecord {
    /// `ednas.estimate/1`.
    pub schema: &'static str,
    /// The network, by the name it was asked for.
    pub model: String,
    /// The machine.
    pub profile: String,
    /// Height and width of the image in pixels; nothing where the layers alone are known.
    pub size: Option<[usize; 2]>,
    /// `int8` or `as-is`: the element sizes it was priced with.
    pub precision: &'static str,
    /// `fast`, `events` or `stepped`.
    pub speed: &'static str,
    /// The networks run one after another for one image, each with the parameter cache to itself.
    pub runs: usize,
    /// Cycles per second, in millions.
    pub clock_mhz: f64,
    /// The costs, as fields of the record itself; absent where the machine cannot run the network.
    #[serde(flatten)]
    pub cost: Option<CostRecord>,
    /// Why it cannot.
    pub infeasible: Option<InfeasibleRecord>,
    /// Every entry of the schedule, in order.
    pub layers: Vec<LayerRecord>,
}

/// Totals of one inference; all networks of it together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CostRecord {
    /// One inference in steady state, from input in host memory to output in host memory.
    pub latency_ms: f64,
    /// The same with the parameters that stay on the chip sent first.
    pub first_ms: f64,
    /// Inferences per second, back to back.
    pub throughput_fps: f64,
    /// Without link and host.
    pub device_ms: f64,
    /// `latency_ms` in core clock cycles.
    pub cycles: u64,
    /// Energy of one inference; nothing where the profile does not tell what actions cost.
    pub energy_mj: Option<f64>,
    /// `energy_mj` over the latency.
    pub average_mw: Option<f64>,
    /// `energy_mj` times the latency.
    pub energy_delay_mj_ms: Option<f64>,
    /// What the energy goes to.
    pub energy: Option<EnergyRecord>,
    /// Area of the chip; nothing where the profile does not tell.
    pub area_mm2: Option<f64>,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Multiply-accumulates done of those the array could have done, 0 to 1; nothing without one.
    pub utilization: Option<f64>,
    /// Share of the latency that rests on assumed numbers, 0 to 1.
    pub assumed_share: f64,
    /// Share of the latency in layers that the array's own arithmetic prices, 0 to 1.
    pub array_priced_share: f64,
    /// Parameters that stay on the chip between inferences.
    pub cached_bytes: u64,
    /// The most activations that live on the chip at once.
    pub activation_peak_bytes: u64,
    /// Bytes onto and off the chip.
    pub traffic: TrafficRecord,
}

/// Millijoules of one inference, by what they go to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct EnergyRecord {
    /// All of it.
    pub total_mj: f64,
    /// Multipliers.
    pub macs_mj: f64,
    /// Registers of the array.
    pub registers_mj: f64,
    /// The vector unit.
    pub vector_mj: f64,
    /// Memory on the chip and the network of a grid.
    pub memory_mj: f64,
    /// Memory outside the chip.
    pub outside_mj: f64,
    /// The link to the host.
    pub link_mj: f64,
    /// Leakage.
    pub leakage_mj: f64,
    /// The host, while it runs operators.
    pub host_mj: f64,
}

/// Bytes onto and off the chip in one inference, and between the arrays of a grid.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TrafficRecord {
    /// Activations to the chip.
    pub input_bytes: u64,
    /// Activations from the chip.
    pub output_bytes: u64,
    /// Streamed parameters.
    pub parameter_bytes: u64,
    /// Code.
    pub code_bytes: u64,
    /// Activations that found no room on the chip, both ways.
    pub spill_bytes: u64,
    /// Operands between the arrays of a grid.
    pub noc_bytes: u64,
}

/// Which limit stands in the way.
#[derive(Clone, Debug, Serialize)]
pub struct InfeasibleRecord {
    /// The key of the profile, or what it lacks.
    pub limit: &'static str,
    /// The layer that asked.
    pub layer: String,
    /// The least it can do with.
    pub asked: u64,
    /// What there is.
    pub available: u64,
    /// The same in words.
    pub message: String,
}

/// What is estimated, and how.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The network, by the name it was asked for.
    pub model: &'a str,
    /// The machine.
    pub profile: &'a Profile,
    /// Element sizes.
    pub precision: Precision,
    /// How much is played through.
    pub speed: Speed,
}

/// A network as the simulator takes it.
#[derive(Clone, Debug)]
pub struct Program {
    /// The network's name.
    pub name: String,
    /// What it asks of a machine.
    pub list: TaskList,
}

impl Program {
    /// Folds a network and asks for its work.
    ///
    /// # Errors
    /// A layer that is impossible on any machine.
    pub fn new(network: &Verified, precision: Precision) -> anyhow::Result<Self> {
        let list = tasks(&fold(network), precision)
            .with_context(|| format!("cannot price network `{}`", network.name))?;
        Ok(Self {
            name: network.name.clone(),
            list,
        })
    }
}

impl EstimateRecord {
    /// Folds, compiles and times the networks of one image, one after another.
    ///
    /// # Errors
    /// A network with a layer that is impossible on any machine.
    pub fn new(question: &Question<'_>, networks: &[Verified]) -> anyhow::Result<Self> {
        let programs: Vec<Program> = networks
            .iter()
            .map(|network| Program::new(network, question.precision))
            .collect::<anyhow::Result<_>>()?;
        let size = networks.first().map(|graph| {
            let shape = &graph[graph.inputs[0]].shape;
            [shape[1], shape[2]]
        });
        Ok(Self {
            size,
            ..Self::of_programs(question, &programs)
        })
    }

    /// Compiles and times programs, one after another.
    #[must_use]
    pub fn of_programs(question: &Question<'_>, programs: &[Program]) -> Self {
        let profile = question.profile;
        let mut totals = Totals::default();
        let mut infeasible = None;
        let mut layers = Vec::new();
        for Program { name, list } in programs {
            match compile(profile, list) {
                Ok(schedule) => {
                    let estimate = simulate(profile, &schedule, question.speed);
                    if estimate.cycles >= CYCLES_MAX {
                        infeasible.get_or_insert(InfeasibleRecord::endless(name, &estimate));
                    }
                    layers.extend(layers::records(name, profile, &schedule, &estimate));
                    totals.add(profile, &schedule, &estimate);
                }
                Err(limit) => {
                    infeasible.get_or_insert(InfeasibleRecord::new(&limit));
                }
            }
        }
        Self {
            schema: "ednas.estimate/1",
            model: question.model.to_owned(),
            profile: profile.name().to_owned(),
            size: None,
            precision: match question.precision {
                Precision::Int8 => "int8",
                Precision::AsIs => "as-is",
            },
            speed: match question.speed {
                Speed::Fast => "fast",
                Speed::Events => "events",
                Speed::Stepped => "stepped",
            },
            runs: programs.len(),
            clock_mhz: float(profile.clock_hz()) / 1e6,
            cost: infeasible.is_none().then(|| totals.cost(profile)),
            infeasible,
            layers,
        }
    }

    /// A table for people: a row per entry that takes time of its own, and the totals.
    #[must_use]
    pub fn table(&self) -> String {
        match (&self.cost, &self.infeasible) {
            (Some(cost), _) => format!("{}\n\n{}", layers::table(&self.layers), self.totals(cost)),
            (None, Some(infeasible)) => format!(
                "{} does not run on {}: {}\n",
                self.subject(),
                self.profile,
                infeasible.message
            ),
            (None, None) => String::new(),
        }
    }

    /// The network, and the image where it takes one.
    fn subject(&self) -> String {
        match self.size {
            Some([height, width]) => format!("{} at {height}x{width}", self.model),
            None => self.model.clone(),
        }
    }

    fn totals(&self, cost: &CostRecord) -> String {
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
            bytes => format!(", {} between arrays", kib(bytes)),
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
            cost.cycles,
            cost.first_ms,
            cost.throughput_fps,
            cost.device_ms,
            percent(cost.assumed_share),
            kib(cost.cached_bytes),
            kib(traffic.parameter_bytes),
            kib(traffic.code_bytes),
            kib(cost.activation_peak_bytes),
            kib(traffic.input_bytes),
            kib(traffic.output_bytes),
            kib(traffic.spill_bytes),
        )
    }
}

impl InfeasibleRecord {
    fn new(infeasible: &Infeasible) -> Self {
        Self {
            limit: match infeasible.limit {
                Limit::NarrowMemory => "memory.narrow",
                Limit::WideMemory => "memory.wide",
                Limit::Dram => "dram",
                Limit::HostOperators => "host",
            },
            layer: infeasible.task.clone(),
            asked: infeasible.asked,
            available: infeasible.available,
            message: infeasible.to_string(),
        }
    }

    fn endless(network: &str, estimate: &Estimate) -> Self {
        Self {
            limit: "time",
            layer: network.to_owned(),
            asked: estimate.cycles,
            available: CYCLES_MAX,
            message: format!("`{network}` takes more cycles than can be counted, 2^62"),
        }
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

fn kib(bytes: u64) -> String {
    format!("{:.1} KiB", float(bytes) / 1024.0)
}

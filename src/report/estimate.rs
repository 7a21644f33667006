//! What a network costs on a machine: the record of `ednas estimate` and its table.

pub mod explain;

mod layers;
mod program;
mod residents;
mod summary;
mod table;
mod totals;

use hwmodels::compile::{Infeasible, Limit};
use hwmodels::simulate::Speed;
use hwmodels::units::float;
use kernels::Verified;
use kernels::work::Precision;
use serde::Serialize;

pub use explain::{ExplainRecord, explain};
pub use layers::{LayerRecord, StallRecord};
pub use program::{Program, Question, Timed, timed};
pub use table::Shown;

pub(super) use layers::{names, records};
pub(super) use program::timed_by;
pub(super) use residents::{Resident, residents};
pub(super) use table::plain_table;

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
    /// Images that one inference takes at once.
    pub images: u64,
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
    /// How the figures came about, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<ExplainRecord>,
}

/// Totals of one inference; all networks of it together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
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

impl EstimateRecord {
    /// Folds, compiles and times the networks of one image, one after another.
    ///
    /// # Errors
    /// A network with a layer that is impossible on any machine.
    pub fn new(question: &Question<'_>, networks: &[Verified]) -> anyhow::Result<Self> {
        let program = |network| Program::new(network, question.precision);
        let programs = networks.iter().map(program);
        let programs: Vec<Program> = programs.collect::<anyhow::Result<_>>()?;
        Ok(Self::of_programs(question, &programs))
    }

    /// Compiles and times programs, one after another.
    #[must_use]
    pub fn of_programs(question: &Question<'_>, programs: &[Program]) -> Self {
        let outcomes = timed(question.profile, programs, question.speed);
        Self::of(question, programs, &outcomes)
    }

    /// The record of programs that were timed already.
    #[must_use]
    pub fn of(
        question: &Question<'_>,
        programs: &[Program],
        outcomes: &[Result<Timed<'_>, Infeasible>],
    ) -> Self {
        let profile = question.profile;
        let mut totals = Totals::default();
        let mut infeasible = None;
        let mut layers = Vec::new();
        for outcome in outcomes {
            match outcome {
                Ok(timed) => {
                    if timed.estimate.cycles >= CYCLES_MAX {
                        infeasible.get_or_insert(InfeasibleRecord::endless(timed));
                    }
                    layers.extend(layers::records(profile, timed));
                    totals.add(profile, &timed.schedule, &timed.estimate);
                }
                Err(limit) => {
                    infeasible.get_or_insert(InfeasibleRecord::new(limit));
                }
            }
        }
        Self {
            schema: "ednas.estimate/1",
            model: question.model.to_owned(),
            profile: profile.name().to_owned(),
            size: programs.first().and_then(|program| program.size),
            images: programs.first().map_or(1, |program| program.images),
            precision: match question.precision {
                Precision::Int8 => "int8",
                Precision::AsIs => "as-is",
            },
            speed: match question.speed {
                Speed::Fast => "fast",
                Speed::Events => "events",
                Speed::Stepped => "stepped",
            },
            runs: outcomes.len(),
            clock_mhz: float(profile.clock_hz()) / 1e6,
            cost: infeasible.is_none().then(|| totals.cost(profile)),
            infeasible,
            layers,
            explain: None,
        }
    }

    /// A table for people: rows of `shown` entries, and the totals.
    #[must_use]
    pub fn table(&self, shown: Shown) -> String {
        match (&self.cost, &self.infeasible) {
            (Some(cost), _) => {
                let rows = table::table(&self.layers, shown);
                let explained = self
                    .explain
                    .as_ref()
                    .map(|explain| explain.text(cost.latency_ms));
                let parts = [rows, self.summary(cost), explained.unwrap_or_default()];
                let parts: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
                parts.join("\n")
            }
            (None, Some(_)) => self.refusal() + "\n",
            (None, None) => String::new(),
        }
    }

    /// That the network does not run, and why; of an estimate without costs.
    pub(super) fn refusal(&self) -> String {
        let why = self
            .infeasible
            .as_ref()
            .map_or("", |infeasible| &infeasible.message);
        format!("{} does not run on {}: {why}", self.subject(), self.profile)
    }

    /// The network, and the image where it takes one.
    #[must_use]
    pub fn subject(&self) -> String {
        let images = match self.images {
            1 => String::new(),
            images => format!(", {images} images at once"),
        };
        match self.size {
            Some([height, width]) => format!("{} at {height}x{width}{images}", self.model),
            None => format!("{}{images}", self.model),
        }
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

    fn endless(timed: &Timed<'_>) -> Self {
        let network = timed.name;
        Self {
            limit: "time",
            layer: network.to_owned(),
            asked: timed.estimate.cycles,
            available: CYCLES_MAX,
            message: format!("`{network}` takes more cycles than can be counted, 2^62"),
        }
    }
}

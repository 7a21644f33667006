//! A table of the paper as it came out here: the record of `ednas reproduce`, and its text.

mod backbones;

mod facts;

mod text;

use std::collections::BTreeMap;

use serde::Serialize;

pub use backbones::{Backbone, BackbonesRecord};
pub use facts::FactRecord;

use super::transfer::SpreadRecord;
use crate::comparison::{Compared, Costs, Spread};
use crate::reproduce::{Interval, Judged, Printed, Quantity, Row, Scale, Table, Verdict, judge};
use crate::task::Task;
use crate::train::Training;
use crate::validate::metrics::Metric;

/// `ednas.reproduce/1`: a table of the paper, with networks trained here.
#[derive(Clone, Debug, Serialize)]
pub struct ReproduceRecord {
    /// `ednas.reproduce/1`.
    pub schema: &'static str,
    /// The number of the paper's table.
    pub table: usize,
    /// How much of the experiment was run.
    pub scale: Scale,
    /// The machine of the latencies.
    pub profile: String,
    /// How all are trained, but for network, tasks and recipe; its seed is the first.
    pub training: Training,
    /// JAReD's lambda, which the paper does not say: assumed.
    pub lambda: f64,
    /// Trainings of each network, with seeds one after the other.
    pub seeds: u64,
    /// The rows, in the paper's order.
    pub rows: Vec<RowRecord>,
    /// What the paper says of accuracy, and whether it is so here.
    pub claims: Vec<ClaimRecord>,
    /// What the paper prints of sizes and speeds, and whether it is so here.
    pub facts: Vec<FactRecord>,
}

/// A row.
#[derive(Clone, Debug, Serialize)]
pub struct RowRecord {
    /// What the paper calls it.
    pub name: String,
    /// What the paper prints.
    pub printed: PrintedRecord,
    /// What came out here; `null` for rows that only the paper has.
    pub measured: Option<MeasuredRecord>,
}

/// What the paper prints of a row.
#[derive(Clone, Debug, Serialize)]
pub struct PrintedRecord {
    /// Parameters in millions.
    pub parameters_m: Option<f64>,
    /// FLOPs in billions.
    pub gflops: Option<f64>,
    /// How many times the speed of the single-task baseline.
    pub speed: Option<f64>,
    /// The metrics by name.
    pub metrics: BTreeMap<Metric, f64>,
    /// Standard deviations in percent of the means.
    pub sigma_percent: Option<BTreeMap<Metric, f64>>,
    /// The mean gain over the baseline in percent.
    pub delta_t: Option<f64>,
}

/// What came out here.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredRecord {
    /// A named network, or the genome's short text.
    pub network: String,
    /// Whether it is one network per task.
    pub per_task: bool,
    /// Learned numbers as the paper counts: of one network, where there is one per task.
    pub parameters: u64,
    /// Floating-point operations of one image of 256x256, of all networks.
    pub flops: u64,
    /// Simulated latency of one image of 256x256; `null` where the machine cannot run it.
    pub latency_ms: Option<f64>,
    /// How many times the speed of a network per task.
    pub speed: Option<f64>,
    /// The metrics by name.
    pub metrics: BTreeMap<Metric, SpreadRecord>,
    /// Gains of the means over those of the baseline, by metric, in percent.
    pub delta: BTreeMap<Metric, f64>,
    /// The means of these per task.
    pub delta_task: BTreeMap<Task, f64>,
    /// The mean of those over the tasks.
    pub delta_t: f64,
    /// `delta_t` over the seeds.
    pub delta_t_seeds: SpreadRecord,
    /// Whether its gains are its own baseline's: 0 by definition.
    pub is_baseline: bool,
}

/// A claim, judged.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimRecord {
    /// In words.
    pub claim: &'static str,
    /// What is compared.
    pub quantity: Quantity,
    /// The mean paired difference in favor of the claim, with its interval of 95 %; of how much a
    /// metric varies, the difference of the logarithms of standard deviations. `null` for too few seeds.
    pub support: Option<Interval>,
    /// Whether it held.
    pub verdict: Verdict,
}

/// A row that was trained.
#[derive(Clone, Debug)]
pub struct Trained<'a> {
    /// A named network, or the genome's short text.
    pub network: &'a str,
    /// What it costs.
    pub costs: Costs,
    /// What it measures and gains.
    pub compared: &'a Compared,
}

/// How a table was run.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// How much of the experiment.
    pub scale: Scale,
    /// The machine of the latencies.
    pub profile: &'a str,
    /// What all trainings have in common.
    pub training: &'a Training,
    /// JAReD's lambda.
    pub lambda: f64,
    /// Trainings of each network.
    pub seeds: u64,
    /// The latency of a network per task, which speeds are relative to.
    pub slowest_ms: Option<f64>,
}

impl ReproduceRecord {
    /// The record of `table`, of whose rows those with something in `trained` were trained.
    #[must_use]
    pub fn new(table: Table, setting: Setting<'_>, trained: &[Option<Trained<'_>>]) -> Self {
        let rows = table.rows();
        let compared: Vec<Option<&Compared>> = trained
            .iter()
            .map(|row| row.as_ref().map(|row| row.compared))
            .collect();
        let judged = judge(&table.claims(), &compared);
        let record = |(place, (row, trained)): (usize, (&Row, &Option<Trained<'_>>))| {
            let measured = trained
                .as_ref()
                .map(|trained| MeasuredRecord::new(place, row, trained, setting.slowest_ms));
            RowRecord {
                name: row.printed.name.to_owned(),
                printed: PrintedRecord::new(&row.printed, table.metrics()),
                measured,
            }
        };
        let rows: Vec<RowRecord> = rows.iter().zip(trained).enumerate().map(record).collect();
        Self {
            schema: "ednas.reproduce/1",
            table: table.number(),
            scale: setting.scale,
            profile: setting.profile.to_owned(),
            training: setting.training.clone(),
            lambda: setting.lambda,
            seeds: setting.seeds,
            facts: rows.iter().flat_map(FactRecord::of_row).collect(),
            rows,
            claims: judged.iter().map(ClaimRecord::new).collect(),
        }
    }
}

impl PrintedRecord {
    fn new(printed: &Printed, metrics: &[Metric]) -> Self {
        let by_name = |values: &[f64]| {
            metrics
                .iter()
                .copied()
                .zip(values.iter().copied())
                .collect()
        };
        Self {
            parameters_m: printed.size.map(|(parameters, _)| parameters),
            gflops: printed.size.map(|(_, gflops)| gflops),
            speed: printed.speed,
            metrics: by_name(printed.scores),
            sigma_percent: printed.sigmas.map(by_name),
            delta_t: printed.total,
        }
    }
}

impl MeasuredRecord {
    fn new(place: usize, row: &Row, trained: &Trained<'_>, slowest_ms: Option<f64>) -> Self {
        let Trained {
            network,
            costs,
            compared,
        } = trained;
        let metrics = compared.metrics.iter();
        Self {
            network: (*network).to_owned(),
            per_task: row.alone,
            parameters: costs.parameters_of_one,
            flops: costs.flops,
            latency_ms: costs.latency_ms,
            speed: slowest_ms.zip(costs.latency_ms).map(|(slow, ms)| slow / ms),
            metrics: metrics
                .map(|(&metric, &spread): (&Metric, &Spread)| (metric, spread.into()))
                .collect(),
            delta: compared.gain.metrics.iter().copied().collect(),
            delta_task: compared.gain.tasks.iter().copied().collect(),
            delta_t: compared.gain.total,
            delta_t_seeds: compared.total().into(),
            is_baseline: row.over == place,
        }
    }
}

impl ClaimRecord {
    fn new(judged: &Judged) -> Self {
        Self {
            claim: judged.claim.words,
            quantity: judged.claim.quantity,
            support: judged.support,
            verdict: judged.verdict,
        }
    }
}

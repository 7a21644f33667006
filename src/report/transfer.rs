//! Joint against transfer: the record of `ednas transfer`, and its table in the paper's layout.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::gains::{figure, plain};
use crate::comparison::{Compared, Costs, Entrant, Spread};
use crate::task::Task;
use crate::train::Training;
use crate::validate::metrics::{Direction, Metric};

/// `ednas.transfer/1`: networks found for one task and for all, trained alike on all tasks.
#[derive(Clone, Debug, Serialize)]
pub struct TransferRecord {
    /// `ednas.transfer/1`.
    pub schema: &'static str,
    /// The machine of the latencies.
    pub profile: String,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// How all are trained, but for network and tasks; its seed is the first.
    pub training: Training,
    /// Trainings of each network, with seeds one after the other.
    pub seeds: u64,
    /// The networks; gains are over the first.
    pub rows: Vec<TransferRow>,
}

/// A network of the comparison.
#[derive(Clone, Debug, Serialize)]
pub struct TransferRow {
    /// What it is called.
    pub name: String,
    /// A named network, or the genome's short text.
    pub network: String,
    /// Whether it is one network per task.
    pub per_task: bool,
    /// Learned numbers.
    pub parameters: u64,
    /// Floating-point operations of one image: twice the MACs.
    pub flops: u64,
    /// Simulated latency of one image; `null` where the machine cannot run it.
    pub latency_ms: Option<f64>,
    /// How many times faster than the first network.
    pub speed_up: Option<f64>,
    /// Its metrics by name.
    pub metrics: BTreeMap<Metric, SpreadRecord>,
    /// Gains of the means over the first network's, by metric, in percent.
    pub delta: BTreeMap<Metric, f64>,
    /// The means of these per task.
    pub delta_task: BTreeMap<Task, f64>,
    /// The mean of those over the tasks.
    pub delta_t: f64,
    /// `delta_t` over the seeds: the gains of single trainings over the first network's means.
    pub delta_t_seeds: SpreadRecord,
}

/// A figure over the seeds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SpreadRecord {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the sample; 0 for one seed.
    pub sigma: f64,
}

impl TransferRecord {
    /// The record of `entrants` with what they cost and how they compare, in their order.
    #[must_use]
    pub fn new(
        profile: &str,
        (tasks, training, seeds): (&[Task], &Training, u64),
        entrants: &[Entrant],
        costs: &[Costs],
        compared: &[Compared],
    ) -> Self {
        let slowest = costs.first().and_then(|costs| costs.latency_ms);
        let rows = entrants.iter().zip(costs).zip(compared);
        Self {
            schema: "ednas.transfer/1",
            profile: profile.to_owned(),
            tasks: tasks.to_vec(),
            training: training.clone(),
            seeds,
            rows: rows
                .map(|((entrant, costs), compared)| {
                    TransferRow::new(entrant, costs, compared, slowest)
                })
                .collect(),
        }
    }

    /// The table, its columns those of Table 5 of the paper; sigmas below, where there are several
    /// seeds.
    #[must_use]
    pub fn text(&self) -> String {
        let metrics: Vec<Metric> = self
            .rows
            .first()
            .map_or_else(Vec::new, |row| row.metrics.keys().copied().collect());
        let mut text = format!(
            "{} on {}, {} steps, {} seed{}; deltas in % over {}, better is positive\n\n{}\n",
            self.training.data.name,
            self.profile,
            self.training.recipe.steps,
            self.seeds,
            if self.seeds == 1 { "" } else { "s" },
            self.rows.first().map_or("", |row| &row.name),
            self.table(&metrics)
        );
        if self.seeds > 1 {
            let _ = write!(
                text,
                "\nsigma over the seeds\n\n{}\n",
                self.sigmas(&metrics)
            );
        }
        text += "\n";
        for row in &self.rows {
            let _ = writeln!(text, "{}: {}", row.name, row.network);
        }
        text
    }

    fn table(&self, metrics: &[Metric]) -> String {
        let words = ["model", "params M", "GFLOPs", "ms", "speed-up"];
        let mut head: Vec<String> = words.map(str::to_owned).to_vec();
        let arrow = |metric: &Metric| match metric.direction() {
            Direction::HigherIsBetter => "up",
            Direction::LowerIsBetter => "down",
        };
        head.extend(metrics.iter().map(|m| format!("{m} ({})", arrow(m))));
        head.extend(metrics.iter().map(|m| format!("d {m}")));
        head.extend(self.tasks.iter().map(|task| format!("dT {task}")));
        head.push("dT".to_owned());
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![
                row.name.clone(),
                format!("{:.2}", row.parameters as f64 / 1e6),
                format!("{:.2}", row.flops as f64 / 1e9),
                row.latency_ms
                    .map_or_else(|| "-".into(), |ms| format!("{ms:.2}")),
                row.speed_up
                    .map_or_else(|| "-".into(), |times| format!("x{times:.2}")),
            ];
            cells.extend(metrics.iter().map(|m| match row.metrics.get(m) {
                Some(spread) => figure(*m, spread.mean),
                None => String::new(),
            }));
            cells.extend(metrics.iter().map(|m| percent(row.delta.get(m))));
            cells.extend(
                self.tasks
                    .iter()
                    .map(|task| percent(row.delta_task.get(task))),
            );
            cells.push(percent(Some(&row.delta_t)));
            cells
        });
        plain(head, rows)
    }

    fn sigmas(&self, metrics: &[Metric]) -> String {
        let mut head = vec!["model".to_owned()];
        head.extend(metrics.iter().map(ToString::to_string));
        head.push("dT".to_owned());
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![row.name.clone()];
            cells.extend(metrics.iter().map(|m| match row.metrics.get(m) {
                Some(spread) => figure(*m, spread.sigma),
                None => String::new(),
            }));
            cells.push(format!("{:.1}", row.delta_t_seeds.sigma));
            cells
        });
        plain(head, rows)
    }
}

impl TransferRow {
    fn new(entrant: &Entrant, costs: &Costs, compared: &Compared, slowest: Option<f64>) -> Self {
        let metrics = compared.metrics.iter();
        Self {
            name: entrant.name.clone(),
            network: entrant.network.clone(),
            per_task: entrant.alone,
            parameters: costs.parameters,
            flops: costs.flops,
            latency_ms: costs.latency_ms,
            speed_up: slowest.zip(costs.latency_ms).map(|(slow, ms)| slow / ms),
            metrics: metrics
                .map(|(&metric, &spread)| (metric, spread.into()))
                .collect(),
            delta: compared.gain.metrics.iter().copied().collect(),
            delta_task: compared.gain.tasks.iter().copied().collect(),
            delta_t: compared.gain.total,
            delta_t_seeds: compared.total().into(),
        }
    }
}

impl From<Spread> for SpreadRecord {
    fn from(Spread { mean, sigma }: Spread) -> Self {
        Self { mean, sigma }
    }
}

fn percent(value: Option<&f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:+.1}"))
}

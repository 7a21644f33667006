//! The table in the paper's layout, a line of ours above each line of the paper's.

use std::fmt::Write;

use super::{ClaimRecord, FactRecord, MeasuredRecord, PrintedRecord, ReproduceRecord, RowRecord};
use crate::report::gains::{figure, plain};
use crate::reproduce::{Interval, Quantity, Verdict};
use crate::task::Task;
use crate::validate::metrics::{Direction, Metric};

impl ReproduceRecord {
    /// The table, the sigmas where there are several seeds, the claims and the facts.
    #[must_use]
    pub fn text(&self) -> String {
        let training = &self.training;
        let mut text = format!(
            "Table {} on {}, {}x{}, {} scale: {} steps of {} images, {} seed{}; lambda {} (assumed); \
             speeds simulated on {}\n\n{}\n",
            self.table,
            training.data.name,
            training.height,
            training.width,
            self.scale.name,
            training.recipe.steps,
            training.recipe.batch_size,
            self.seeds,
            if self.seeds == 1 { "" } else { "s" },
            self.lambda,
            self.profile,
            self.table(),
        );
        if self.seeds > 1 {
            let _ = write!(text, "\nsigma, in % of the mean\n\n{}\n", self.sigmas());
        }
        text += "\n";
        text += &claims(&self.claims, self.seeds);
        text + &facts(&self.facts)
    }

    fn metrics(&self) -> Vec<Metric> {
        let measured = self.rows.iter().find_map(|row| row.measured.as_ref());
        let printed = self.rows.iter().flat_map(|row| row.printed.metrics.keys());
        match measured {
            Some(row) => row.metrics.keys().copied().collect(),
            None => printed.copied().collect(),
        }
    }

    fn table(&self) -> String {
        let metrics = self.metrics();
        let tasks = &self.training.tasks;
        let mut head: Vec<String> = ["", "#P, M", "GFLOPs", "speed"].map(str::to_owned).into();
        head.extend(metrics.iter().map(|metric| {
            let arrow = match metric.direction() {
                Direction::HigherIsBetter => "up",
                Direction::LowerIsBetter => "down",
            };
            format!("{metric} ({arrow})")
        }));
        head.extend(metrics.iter().map(|metric| format!("d {metric}")));
        head.extend(tasks.iter().map(|task| format!("dT {task}")));
        head.push("dT".to_owned());
        let rows = self.rows.iter().flat_map(|row| {
            let ours = row.measured.as_ref();
            let ours = ours.map(|measured| measured.cells(&row.name, &metrics, tasks));
            let printed = row.printed.cells(row, &metrics, tasks);
            ours.into_iter().chain([printed])
        });
        plain(head, rows)
    }

    fn sigmas(&self) -> String {
        let metrics = self.metrics();
        let mut head = vec![String::new()];
        head.extend(metrics.iter().map(ToString::to_string));
        head.push("dT".to_owned());
        let mut rows = Vec::new();
        for row in &self.rows {
            if let Some(measured) = &row.measured {
                rows.push(measured.sigmas(&row.name, &metrics));
            }
            if let Some(sigmas) = &row.printed.sigma_percent {
                let mut cells = vec!["  printed".to_owned()];
                let cell = |metric| sigmas.get(metric).map(|sigma| format!("{sigma:.1}"));
                cells.extend(metrics.iter().map(|metric| or_dash(cell(metric))));
                cells.push("-".to_owned());
                rows.push(cells);
            }
        }
        plain(head, rows.into_iter())
    }
}

impl MeasuredRecord {
    fn cells(&self, name: &str, metrics: &[Metric], tasks: &[Task]) -> Vec<String> {
        let gain = |gain: Option<f64>| match self.is_baseline {
            true => "-".to_owned(),
            false => or_dash(gain.map(|gain| format!("{gain:+.1}"))),
        };
        let mut cells = vec![
            name.to_owned(),
            format!("{:.1}", self.parameters as f64 / 1e6),
            format!("{:.1}", self.flops as f64 / 1e9),
            or_dash(self.speed.map(|times| format!("x{times:.2}"))),
        ];
        cells.extend(metrics.iter().map(|metric| {
            let spread = self.metrics.get(metric);
            or_dash(spread.map(|spread| figure(*metric, spread.mean)))
        }));
        cells.extend(
            metrics
                .iter()
                .map(|metric| gain(self.delta.get(metric).copied())),
        );
        cells.extend(
            tasks
                .iter()
                .map(|task| gain(self.delta_task.get(task).copied())),
        );
        cells.push(gain(Some(self.delta_t)));
        cells
    }

    fn sigmas(&self, name: &str, metrics: &[Metric]) -> Vec<String> {
        let mut cells = vec![name.to_owned()];
        cells.extend(metrics.iter().map(|metric| {
            let spread = self.metrics.get(metric).filter(|s| s.mean != 0.0);
            or_dash(spread.map(|s| format!("{:.1}", 100.0 * s.sigma / s.mean)))
        }));
        cells.push(format!("{:.1} points", self.delta_t_seeds.sigma));
        cells
    }
}

impl PrintedRecord {
    /// The line of the paper; named where there is none of ours above it.
    fn cells(&self, row: &RowRecord, metrics: &[Metric], tasks: &[Task]) -> Vec<String> {
        let mut cells = vec![
            match &row.measured {
                Some(_) => "  printed".to_owned(),
                None => format!("{} (printed)", row.name),
            },
            or_dash(self.parameters_m.map(|size| format!("{size:.1}"))),
            or_dash(self.gflops.map(|size| format!("{size:.1}"))),
            or_dash(self.speed.map(|times| format!("x{times:.1}"))),
        ];
        cells.extend(metrics.iter().map(|metric| {
            let score = self.metrics.get(metric);
            or_dash(score.map(|score| figure(*metric, *score)))
        }));
        cells.extend(metrics.iter().map(|_| "-".to_owned()));
        cells.extend(tasks.iter().map(|_| "-".to_owned()));
        cells.push(or_dash(self.delta_t.map(|gain| format!("{gain:+.1}"))));
        cells
    }
}

/// What the paper says, one line each.
fn claims(claims: &[ClaimRecord], seeds: u64) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "what the paper says, by the paired differences of {seeds} seed{} (mean, 95 % interval):\n",
        if seeds == 1 { "" } else { "s" }
    );
    for claim in claims {
        let verdict = match claim.verdict {
            Verdict::Held => "held",
            Verdict::DidNotHold => "did not hold",
            Verdict::NotShown => "not shown at this scale",
        };
        let support = claim.support.map(|support| match claim.quantity {
            Quantity::Spread(_) => ratio(support),
            Quantity::Total | Quantity::Metric(_) => difference(support),
        });
        let support = support.map(|support| format!(" ({support})"));
        let _ = writeln!(
            text,
            "  {}: {verdict}{}",
            claim.claim,
            support.unwrap_or_default()
        );
    }
    text + "\n"
}

fn difference(Interval { mean, half_width }: Interval) -> String {
    match half_width {
        Some(half) => format!("{mean:+.4} +- {half:.4}"),
        None => format!("{mean:+.4}"),
    }
}

/// The standard deviation as a multiple of the other row's: below 1 where it varies less.
fn ratio(Interval { mean, half_width }: Interval) -> String {
    let times = |logarithm: f64| format!("x{:.2}", (-logarithm).exp());
    match half_width {
        Some(half) => format!(
            "deviation {}, {} to {}",
            times(mean),
            times(mean + half),
            times(mean - half)
        ),
        None => format!("deviation {}", times(mean)),
    }
}

/// Sizes and speeds, one line each.
pub(super) fn facts(facts: &[FactRecord]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let mut text =
        "sizes (to the printed digit) and speeds (to 0.1) over the paper's trunks:\n".to_owned();
    for fact in facts {
        let verdict = if fact.holds {
            "as printed"
        } else {
            "not as printed"
        };
        let _ = writeln!(
            text,
            "  {}: {:.2}, printed {:.1}: {verdict}",
            fact.fact, fact.found, fact.printed
        );
    }
    text
}

fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "-".to_owned())
}

//! What a run found, as a table for the terminal.

use std::fmt::Write as _;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};

use super::record::{NetworkRecord, RunRecord};
use crate::validate::metrics::{Metric, Scores};
use crate::validate::tract;

impl RunRecord {
    /// The networks side by side, the difference between them, and where to look.
    #[must_use]
    pub fn table(&self, folder: &Path) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let heads = self.networks.iter().map(|n| n.role.clone());
        table.set_header(std::iter::once(String::new()).chain(heads));
        for (name, value) in rows() {
            let values: Vec<String> = self.networks.iter().map(value).collect();
            if values.iter().any(|v| !v.is_empty()) {
                table.add_row(std::iter::once(name).chain(values));
            }
        }
        for column in 1..=self.networks.len() {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = format!("{}\n\n", table.trim_fmt());
        if let Some(comparison) = &self.comparison {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "found against the baseline: delta-T {:+.2} % in float, {:+.2} % in int8; {:.2} times \
                 its speed on {} (simulated)",
                comparison.delta_t_float,
                comparison.delta_t_int8,
                comparison.speed_up,
                self.settings.profile,
            );
        }
        let _ = writeln!(text, "{}", tract::ARITHMETIC);
        let _ = writeln!(text, "look at {}", folder.join("report.html").display());
        text
    }
}

type Value = Box<dyn Fn(&NetworkRecord) -> String>;

/// The rows of the table: a name, and a network's value.
fn rows() -> Vec<(String, Value)> {
    let mut rows: Vec<(String, Value)> = vec![
        row("parameters, M", |n| Some(millions(n.params))),
        row("MACs, M", |n| Some(millions(n.macs))),
        row("steps", |n| Some(n.steps.to_string())),
    ];
    for metric in Metric::ALL {
        let score = move |scores: &Scores| scores.get(&metric).map(|v| format!("{v:.4}"));
        let unit = match metric.unit() {
            "" => String::new(),
            unit => format!(", {unit}"),
        };
        rows.push(row(format!("{metric} float{unit}"), move |n| {
            score(&n.float_scores)
        }));
        rows.push(row(format!("{metric} int8{unit}"), move |n| {
            score(&n.int8.as_ref()?.scores)
        }));
    }
    rows.extend([
        row("target, simulated ms", |n| {
            Some(format!("{:.3}", n.int8.as_ref()?.latency.target_ms))
        }),
        row("this host in tract, simulated ms", |n| {
            Some(format!("{:.2}", n.int8.as_ref()?.latency.host_simulated_ms))
        }),
        row("this host in tract, measured ms", |n| {
            Some(format!("{:.2}", n.int8.as_ref()?.latency.host_measured_ms))
        }),
        row("error of the simulation, %", |n| {
            Some(format!(
                "{:+.1}",
                n.int8.as_ref()?.latency.host_error_percent
            ))
        }),
    ]);
    rows
}

fn row(
    name: impl Into<String>,
    value: impl Fn(&NetworkRecord) -> Option<String> + 'static,
) -> (String, Value) {
    let value = Box::new(move |network: &NetworkRecord| value(network).unwrap_or_default());
    (name.into(), value)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn millions(count: u64) -> String {
    format!("{:.3}", count as f64 / 1e6)
}

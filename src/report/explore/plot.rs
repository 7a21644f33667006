//! An exploration as a scatter plot.

use super::{AxisRecord, ExploreRecord, ExploreRow};
use crate::report::chart::{Mark, Scatter};
use crate::report::value::spelled;

pub(super) fn plot(record: &ExploreRecord) -> String {
    let (x_title, x) = horizontal(record);
    let mut series: Vec<String> = Vec::new();
    if record.networks.is_none() {
        series.extend(record.rows.iter().map(|row| row.model.clone()));
        series.sort();
        series.dedup();
    }
    let marks = record.rows.iter().enumerate().filter_map(|(index, row)| {
        Some(Mark {
            x: x(index, row)?,
            y: row.latency_ms?,
            series: series
                .iter()
                .position(|name| *name == row.model)
                .unwrap_or(0),
            on_front: row.pareto,
            note: note(row),
        })
    });
    let marks = marks.collect();
    Scatter {
        caption: format!("{}: {} combinations", record.title(), record.rows.len()),
        remark: remark(record),
        x_title,
        y_title: "latency, ms".to_owned(),
        series,
        marks,
    }
    .svg()
}

fn remark(record: &ExploreRecord) -> String {
    let mut parts = Vec::new();
    if !record.objectives.is_empty() {
        let objectives = record.objectives.join(", ");
        parts.push(format!("ringed: on the Pareto front over {objectives}"));
    }
    let left_out = record.rows.iter().filter(|row| row.infeasible.is_some());
    match left_out.count() {
        0 => {}
        count => parts.push(format!("{count} that do not run are left out")),
    }
    parts.join("; ")
}

type Place<'a> = Box<dyn Fn(usize, &ExploreRow) -> Option<f64> + 'a>;

/// What the horizontal axis shows, and where a row stands on it.
fn horizontal(record: &ExploreRecord) -> (String, Place<'_>) {
    let known =
        |cost: fn(&ExploreRow) -> Option<f64>| record.rows.iter().any(|row| cost(row).is_some());
    if known(|row| row.area_mm2) {
        return ("area, mm\u{b2}".to_owned(), Box::new(|_, row| row.area_mm2));
    }
    if known(|row| row.energy_mj) {
        let title = "energy of one inference, mJ".to_owned();
        return (title, Box::new(|_, row| row.energy_mj));
    }
    let is_number = |axis: &&AxisRecord| axis.values.iter().all(serde_json::Value::is_number);
    match record.varied.iter().find(is_number) {
        Some(axis) => {
            let place = |_, row: &ExploreRow| row.settings.get(axis.keys.first()?)?.as_f64();
            (axis.keys.join(", "), Box::new(place))
        }
        None => {
            let place = |index: usize, _: &ExploreRow| u32::try_from(index).ok().map(f64::from);
            ("combination".to_owned(), Box::new(place))
        }
    }
}

fn note(row: &ExploreRow) -> String {
    let settings = row
        .settings
        .iter()
        .map(|(key, value)| format!("{key} = {}", spelled(value)));
    let costs = [
        ("ms", row.latency_ms),
        ("mJ", row.energy_mj),
        ("mm\u{b2}", row.area_mm2),
    ];
    let costs = costs
        .iter()
        .filter_map(|(unit, cost)| Some(format!("{:.4} {unit}", (*cost)?)));
    let lines: Vec<String> = std::iter::once(row.model.clone())
        .chain(settings)
        .chain(costs)
        .collect();
    lines.join("\n")
}

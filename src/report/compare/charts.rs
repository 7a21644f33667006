//! The plots of a comparison: simulated over measured latency, and their ratio over what it may go
//! with.

use std::collections::BTreeMap;

use hwmodels::units::float;

use super::RowRecord;
use crate::compare::statistics::median;
use crate::report::chart::{Axes, circle, drawing, label, line};
use crate::report::markup::Markup;
use crate::report::numbers::three;

/// Colors told apart; further machines begin anew.
const HUES: usize = 10;

/// How far apart the dotted lines are from the full one.
const BAND: f64 = 1.25;

/// Height of a strip of ratios, its name above it.
const STRIP: f64 = 34.0;

/// The class of the color of the machine with that index.
pub(super) fn hue(index: usize) -> String {
    format!("hue-{}", index % HUES)
}

/// Simulated over measured, both logarithmic, with the line of equals.
pub(super) fn scatter(m: &mut Markup, rows: &[RowRecord], machines: &[String]) {
    let dots: Vec<(f64, f64, &RowRecord)> = rows
        .iter()
        .filter_map(|row| Some((row.measured_ms, row.simulated_ms?, row)))
        .collect();
    let mut corners: Vec<(f64, f64)> = dots.iter().map(|(x, y, _)| (*x, *y)).collect();
    // Both axes cover the same, so that the line of equals is a diagonal.
    corners.extend(dots.iter().map(|(x, y, _)| (*y, *x)));
    let axes = Axes::logarithmic(&corners, 560.0);
    drawing(m, 560.0, "Simulated latency over measured latency", |m| {
        axes.draw(m, "measured, ms", "simulated, ms");
        let (low, high) = axes.x.ends();
        for (class, factor) in [("rule", 1.0 / BAND), ("roof", 1.0), ("rule", BAND)] {
            // Clipped where the line leaves the plot.
            let from = low.max(low / factor);
            let to = high.min(high / factor);
            let end = |x: f64| (axes.x.at(x), axes.y.at(x * factor));
            line(m, class, end(from), end(to));
        }
        for (x, y, row) in dots {
            dot(m, (axes.x.at(x), axes.y.at(y)), row, machines);
        }
    });
}

/// Simulated over measured; 1 is where both are the same.
fn ratio(row: &RowRecord) -> Option<f64> {
    Some(row.simulated_ms? / row.measured_ms)
}

/// Ratios over what `of` says of a row.
pub(super) fn residuals(
    m: &mut Markup,
    rows: &[RowRecord],
    machines: &[String],
    title: &str,
    of: &dyn Fn(&RowRecord) -> Option<f64>,
) {
    let dots: Vec<(f64, f64, &RowRecord)> = rows
        .iter()
        .filter_map(|row| Some((of(row)?, ratio(row)?, row)))
        .collect();
    let spots: Vec<(f64, f64)> = dots.iter().map(|(x, y, _)| (*x, *y)).collect();
    let axes = Axes::covering_decades(&spots, 280.0);
    drawing(
        m,
        280.0,
        &format!("Simulated over measured, by {title}"),
        |m| {
            axes.draw(m, title, "simulated / measured");
            let [left, top, right, bottom] = axes.edges();
            let same = axes.y.at(1.0);
            if (top..=bottom).contains(&same) {
                line(m, "roof", (left, same), (right, same));
            }
            for (x, y, row) in dots {
                dot(m, (axes.x.at(x), axes.y.at(y)), row, machines);
            }
        },
    );
}

/// Ratios of every group in a strip of its own, with a tick at the median.
pub(super) fn strips(
    m: &mut Markup,
    rows: &[RowRecord],
    title: &str,
    of: impl Fn(&RowRecord) -> String,
) {
    let mut groups: BTreeMap<String, Vec<(f64, &RowRecord)>> = BTreeMap::new();
    for row in rows {
        if let Some(ratio) = ratio(row) {
            groups.entry(of(row)).or_default().push((ratio, row));
        }
    }
    let ratios = rows.iter().filter_map(ratio).chain([1.0]);
    let spots: Vec<(f64, f64)> = ratios.map(|ratio| (ratio, 0.0)).collect();
    let height = STRIP * float(groups.len() as u64) + 62.0;
    let axes = Axes::covering_decades(&spots, height);
    drawing(
        m,
        height,
        &format!("Simulated over measured, by {title}"),
        |m| {
            axes.draw_across(m, &format!("simulated / measured, by {title}"));
            let [left, top, _, bottom] = axes.edges();
            line(m, "roof", (axes.x.at(1.0), top), (axes.x.at(1.0), bottom));
            for (index, (name, ratios)) in groups.iter().enumerate() {
                let y = top + STRIP * float(index as u64);
                let name = format!("{name} ({})", ratios.len());
                label(m, ("tick halo", "start"), (left, y + 11.0), &name);
                for (ratio, row) in ratios {
                    let class = if row.host_known {
                        "hue-0 faint"
                    } else {
                        "hue-0 hollow"
                    };
                    circle(m, class, (axes.x.at(*ratio), y + 22.0), 4.0, &note(row));
                }
                let all: Vec<f64> = ratios.iter().map(|(ratio, _)| *ratio).collect();
                if let Some(middle) = median(&all) {
                    let x = axes.x.at(middle);
                    line(m, "roof", (x, y + 15.0), (x, y + 29.0));
                }
            }
        },
    );
}

fn dot(m: &mut Markup, at: (f64, f64), row: &RowRecord, machines: &[String]) {
    let machine = machines.iter().position(|name| *name == row.profile);
    let looks = if row.host_known { "point" } else { "hollow" };
    let class = format!("{} {looks}", hue(machine.unwrap_or(0)));
    circle(m, &class, at, 4.5, &note(row));
}

fn note(row: &RowRecord) -> String {
    format!(
        "{}: {} on {}\n{} ms measured ({}), {} simulated ({:+.1} %), bound by {}\n{}",
        row.id,
        row.network,
        row.profile,
        three(row.measured_ms),
        row.statistic,
        three(row.simulated_ms.unwrap_or(0.0)),
        row.error_percent.unwrap_or(0.0),
        row.bound_by.unwrap_or("nothing"),
        row.host,
    )
}

//! The gains that the paper prints in Tables 2 to 5, from the metrics that it prints beside them.

use std::collections::BTreeMap;

use ednas::validate::metrics::{Metric, Scores, delta_t};

use super::{Row, rows};

/// The smallest and the largest value that a printed number may stand for.
type Span = [f64; 2];

/// How a printed gain and the recomputed one agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    /// The recomputed gain rounds to the printed one.
    Exact,
    /// Some values that round to the printed metrics have the printed gain.
    WithinRounding,
    /// None has.
    Wrong,
}

/// The number, and how far rounding may have moved it; nothing where the cell is empty.
fn printed(row: &Row, column: &str) -> Option<(f64, f64)> {
    let text = row.get(column).filter(|text| !text.is_empty())?;
    let decimals = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let half = 0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap());
    Some((text.parse().unwrap(), half))
}

fn scores(row: &Row) -> Scores {
    let metrics = Metric::ALL.into_iter();
    let known = metrics.filter_map(|m| Some((m, printed(row, m.name())?.0)));
    known.collect()
}

/// The gain of one metric over all values that round to the printed ones.
fn span(metric: Metric, model: &Row, baseline: &Row) -> Option<Span> {
    let (m, of_m) = printed(model, metric.name())?;
    let (b, of_b) = printed(baseline, metric.name())?;
    let gain = |m: f64, b: f64| {
        let of = |value| Scores::from([(metric, value)]);
        delta_t(&of(m), &of(b)).unwrap().total
    };
    let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)];
    let gains = corners.map(|(x, y)| gain(m + x * of_m, b + y * of_b));
    let low = gains.into_iter().fold(f64::INFINITY, f64::min);
    let high = gains.into_iter().fold(f64::NEG_INFINITY, f64::max);
    Some([low, high])
}

fn mean(spans: &[Span]) -> Span {
    let of = |end: usize| spans.iter().map(|span| span[end]).sum::<f64>() / spans.len() as f64;
    [of(0), of(1)]
}

/// Recomputed gains and their spans by column.
fn recomputed(model: &Row, baseline: &Row) -> BTreeMap<String, (f64, Span)> {
    let gains = delta_t(&scores(model), &scores(baseline)).unwrap();
    let mut columns = BTreeMap::new();
    let mut of_tasks = Vec::new();
    for (metric, gain) in &gains.metrics {
        let span = span(*metric, model, baseline).unwrap();
        columns.insert(format!("d_{metric}"), (*gain, span));
    }
    for (task, gain) in &gains.tasks {
        let own = gains
            .metrics
            .iter()
            .filter(|(metric, _)| metric.task() == *task);
        let spans: Vec<Span> = own
            .map(|(metric, _)| columns[&format!("d_{metric}")].1)
            .collect();
        let letter = match task.name() {
            "seg" => "S",
            "depth" => "D",
            _ => "SN",
        };
        of_tasks.push(mean(&spans));
        columns.insert(format!("dT_{letter}"), (*gain, mean(&spans)));
    }
    columns.insert("dT_T".to_owned(), (gains.total, mean(&of_tasks)));
    columns
}

fn agreement((value, half): (f64, f64), (gain, [low, high]): (f64, Span)) -> Agreement {
    let near = half + 1e-9;
    if (gain - value).abs() <= near {
        Agreement::Exact
    } else if low <= value + near && high >= value - near {
        Agreement::WithinRounding
    } else {
        Agreement::Wrong
    }
}

/// Every printed gain: table, row, column, and how it agrees. `cells` says which row's printed cells
/// stand beside the metrics of a row.
fn agreements(cells: impl Fn(&Row, &str) -> String) -> Vec<(String, Agreement)> {
    let rows = rows("delta_t.csv");
    let named = |table: &str, name: &str| {
        let of = |row: &&Row| row["table"] == table && row["row"] == name;
        rows.iter().find(of).unwrap()
    };
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| !row["baseline"].is_empty()) {
        let baseline = named(&row["table"], &row["baseline"]);
        for (column, gain) in recomputed(row, baseline) {
            let printing = named(&row["table"], &cells(row, &column));
            let Some(cell) = printed(printing, &format!("printed_{column}")) else {
                continue;
            };
            let place = format!("{} {} {column}", row["table"], row["row"]);
            found.push((place, agreement(cell, gain)));
        }
    }
    found
}

const SEG: &str = "Transfer: NAS-Seg->MT";
const DEP: &str = "Transfer: NAS-Dep->MT";

#[test]
fn printed_gains_follow_from_printed_metrics_but_for_five() {
    let found = agreements(|row, _| row["row"].clone());
    let count = |wanted| {
        found
            .iter()
            .filter(|(_, agreement)| *agreement == wanted)
            .count()
    };
    assert_eq!(found.len(), 147);
    let counts = [
        Agreement::Exact,
        Agreement::WithinRounding,
        Agreement::Wrong,
    ]
    .map(count);
    assert_eq!(counts, [115, 27, 5]);
    for (place, agreement) in &found {
        let swapped = place.contains(SEG) || place.contains(DEP);
        assert!(*agreement != Agreement::Wrong || swapped, "{place}");
    }
}

/// Table 5 prints the gains per metric of one network found for a single task beside the metrics of
/// the other; the gains per task stand where they belong.
#[test]
fn the_five_are_cells_of_two_rows_that_changed_places() {
    let found = agreements(|row, column| match (row["row"].as_str(), column) {
        (SEG, column) if column.starts_with("d_") => DEP.to_owned(),
        (DEP, column) if column.starts_with("d_") => SEG.to_owned(),
        (name, _) => name.to_owned(),
    });
    assert_eq!(found.len(), 147);
    let wrong: Vec<_> = found
        .iter()
        .filter(|(_, a)| *a == Agreement::Wrong)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

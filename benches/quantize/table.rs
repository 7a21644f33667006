//! Metrics of quantized networks beside those of the float one.

use std::fmt::Write as _;

use ednas::validate::metrics::{Metric, Scores};

/// The metrics that are shown.
const METRICS: [Metric; 5] = [
    Metric::MeanIou,
    Metric::PixelAccuracy,
    Metric::AbsoluteError,
    Metric::RelativeError,
    Metric::MeanAngle,
];

/// A network and its metrics; the first of a table is the float one.
pub(super) struct Row {
    name: String,
    scores: Scores,
}

impl Row {
    pub(super) fn new(name: &str, scores: Scores) -> Self {
        let name = name.to_owned();
        Self { name, scores }
    }
}

/// Every metric, and its change against the first row in percent.
pub(super) fn text(rows: &[Row]) -> String {
    let shown: Vec<Metric> = METRICS
        .into_iter()
        .filter(|m| rows[0].scores.contains_key(m))
        .collect();
    let mut text = format!("{:34}", "");
    for metric in &shown {
        // Writing to a string cannot fail.
        let _ = write!(text, " {:>18}", metric.to_string());
    }
    for row in rows {
        let _ = write!(text, "\n{:34}", row.name);
        for metric in &shown {
            let (found, float) = (row.scores[metric], rows[0].scores[metric]);
            let change = 100.0 * (found / float - 1.0);
            let _ = write!(text, " {found:9.4} {change:+6.2} %");
        }
    }
    text
}

/// The mean of each row over tables of the same rows.
pub(super) fn mean(tables: &[Vec<Row>]) -> Vec<Row> {
    let row = |position: usize| {
        let first = &tables[0][position];
        let mean = |metric: &Metric| {
            let sum: f64 = tables
                .iter()
                .map(|rows| rows[position].scores[metric])
                .sum();
            sum / tables.len() as f64
        };
        let scores = first.scores.keys().map(|metric| (*metric, mean(metric)));
        Row::new(&first.name, scores.collect())
    };
    (0..tables[0].len()).map(row).collect()
}

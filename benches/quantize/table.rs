//! Metrics of quantized networks beside those of the float one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ednas::quantize::Power;
use ednas::task::Task;
use ednas::validate::metrics::{Metric, Scores};

/// The metrics that are shown.
const METRICS: [Metric; 5] = [
    Metric::MeanIou,
    Metric::PixelAccuracy,
    Metric::AbsoluteError,
    Metric::RelativeError,
    Metric::MeanAngle,
];

/// A network, its metrics, and its outputs beside the float network's; the first row of a table is
/// that one.
pub(super) struct Row {
    name: String,
    scores: Scores,
    /// In dB; none where both say the same.
    signal_to_noise: BTreeMap<Task, Option<f64>>,
}

impl Row {
    pub(super) fn new(name: &str, scores: Scores, powers: BTreeMap<Task, Power>) -> Self {
        let ratios = powers.into_iter().map(|(task, power)| (task, power.db()));
        Self {
            name: name.to_owned(),
            scores,
            signal_to_noise: ratios.collect(),
        }
    }
}

/// Every metric with its change against the first row in percent, and the signal-to-noise ratios.
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
    for task in rows[0].signal_to_noise.keys() {
        let _ = write!(text, " {:>11}", format!("{task} dB"));
    }
    for row in rows {
        let _ = write!(text, "\n{:34}", row.name);
        for metric in &shown {
            let (found, float) = (row.scores[metric], rows[0].scores[metric]);
            let change = 100.0 * (found / float - 1.0);
            let _ = write!(text, " {found:9.4} {change:+6.2} %");
        }
        for ratio in row.signal_to_noise.values() {
            let shown = ratio.map_or_else(|| "-".to_owned(), |db| format!("{db:.1}"));
            let _ = write!(text, " {shown:>11}");
        }
    }
    text
}

/// The mean of each row over tables of the same rows.
pub(super) fn mean(tables: &[Vec<Row>]) -> Vec<Row> {
    let row = |position: usize| {
        let first = &tables[0][position];
        let mean = |value: &dyn Fn(&Row) -> Option<f64>| {
            let values = tables.iter().map(|rows| value(&rows[position]));
            let sum: Option<f64> = values.sum();
            Some(sum? / tables.len() as f64)
        };
        let metrics = first.scores.keys();
        let scores = metrics
            .filter_map(|&metric| Some((metric, mean(&|row| row.scores.get(&metric).copied())?)));
        let tasks = first.signal_to_noise.keys();
        let ratios = tasks.map(|&task| (task, mean(&|row| row.signal_to_noise[&task])));
        Row {
            name: first.name.clone(),
            scores: scores.collect(),
            signal_to_noise: ratios.collect(),
        }
    };
    (0..tables[0].len()).map(row).collect()
}

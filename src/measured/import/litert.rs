//! What LiteRT's `benchmark_model` logs, of one run or of several in a row.
//!
//! A run says its model (`Graph: [FILE]`), then for the warm-up and for the runs that count one line
//! `count=N first=... avg=...`, then the summary that the latency is taken from.

use super::super::error::MeasuredError;
use super::super::measurement::{Measurement, Place, Statistic};
use super::{latency, measurement};

/// What the line with the latency holds.
pub(super) const SUMMARY: &str = "Inference timings in us:";

/// What stands before the latency: the mean in microseconds.
const MEAN: &str = "Inference (avg):";

/// A run that is being read.
#[derive(Default)]
struct Run {
    model_file: String,
    threads: Option<String>,
    /// Of the phases so far: warm-up, then the runs that count.
    counts: Vec<u64>,
}

pub(super) fn read(text: &str, file: &str) -> Result<Vec<Measurement>, MeasuredError> {
    let mut rows = Vec::new();
    let mut run = Run::default();
    for (line, number) in text.lines().zip(1..) {
        let place = Place {
            file: file.to_owned(),
            line: number,
        };
        if let Some(model_file) = bracketed(line, "Graph: [") {
            run = Run {
                model_file: model_file.to_owned(),
                ..Run::default()
            };
        } else if let Some(threads) = bracketed(line, "#threads used for CPU inference: [") {
            run.threads = Some(threads.to_owned());
        } else if let Some((_, count)) = line.split_once("count=") {
            let digits = count.split(' ').next().unwrap_or_default();
            run.counts.extend(digits.parse::<u64>().ok());
        } else if let Some((_, summary)) = line.split_once(SUMMARY) {
            let id = format!("run {}", rows.len() + 1);
            rows.push(run.finish(place, id, summary)?);
        }
    }
    if rows.is_empty() {
        return Err(MeasuredError::Table {
            file: file.to_owned(),
            problem: format!("no line says `{SUMMARY}`; did the benchmark end?"),
        });
    }
    Ok(rows)
}

impl Run {
    fn finish(
        &mut self,
        place: Place,
        id: String,
        summary: &str,
    ) -> Result<Measurement, MeasuredError> {
        let refuse = |expected: &str| MeasuredError::Text {
            place: place.clone(),
            found: summary.trim().to_owned(),
            expected: expected.to_owned(),
        };
        if self.model_file.is_empty() {
            return Err(refuse("a line `Graph: [FILE]` before it"));
        }
        let mean = summary.split_once(MEAN).map(|(_, mean)| mean);
        let mean = mean.ok_or_else(|| refuse("`Inference (avg): MICROSECONDS` in it"))?;
        let expected = "microseconds above 0 after `Inference (avg):`";
        let ms = latency(
            &place,
            mean.split(',').next().unwrap_or_default(),
            1e-3,
            expected,
        )?;
        let mut row = measurement(place, id, &self.model_file, ms);
        row.statistic = Statistic::Mean;
        row.runs = self.counts.last().copied();
        row.warmup_runs = self.counts.iter().rev().nth(1).copied();
        row.source = "LiteRT benchmark_model".to_owned();
        let threads = self.threads.take();
        row.notes
            .extend(threads.map(|threads| ("threads".to_owned(), threads)));
        self.counts.clear();
        Ok(row)
    }
}

/// What stands behind `before` up to the closing bracket.
fn bracketed<'a>(line: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    rest.rsplit_once(']').map(|(inside, _)| inside)
}

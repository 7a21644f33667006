//! All trials of a study as a table of numbers: `ednas study export`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::space::Genome;
use crate::study::{Recorded, Trial};

/// `ednas.study.export/1`: what was written.
#[derive(Clone, Debug, Serialize)]
pub struct ExportRecord {
    /// `ednas.study.export/1`.
    pub schema: &'static str,
    /// The journal's path, as it was given.
    pub journal: String,
    /// The file that holds the trials now.
    pub file: String,
    /// How many trials it holds.
    pub trials: usize,
    /// The columns of a CSV file, in order.
    pub columns: Vec<String>,
}

/// A trial of the JSON file.
#[derive(Serialize)]
struct ExportedTrial<'a> {
    trial: usize,
    state: &'static str,
    parent: Option<usize>,
    values: BTreeMap<String, f64>,
    metrics: BTreeMap<&'a str, f64>,
    /// Steps and values on the way.
    rungs: Vec<(usize, f64)>,
    decisions: Map<String, Json>,
    genome: String,
    reason: Option<&'a str>,
}

impl ExportRecord {
    /// The record of an export of the journal at `path` to `file`.
    #[must_use]
    pub fn new(path: &Path, recorded: &Recorded, file: &Path) -> Self {
        Self {
            schema: "ednas.study.export/1",
            journal: path.display().to_string(),
            file: file.display().to_string(),
            trials: recorded.history.trials().len(),
            columns: columns(recorded),
        }
    }

    /// A line of text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} trials written to {}\n", self.trials, self.file)
    }
}

/// The trials as CSV, one a row, under the names of [`ExportRecord::columns`]. What a trial does not
/// have is empty; numbers are written so that they read back to the bit.
///
/// # Errors
/// None that memory can have.
pub fn csv(recorded: &Recorded) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns(recorded))?;
    let objectives = recorded.header.goals();
    let metrics = metric_names(recorded);
    let number = |value: Option<f64>| value.map_or_else(String::new, |v| json!(v).to_string());
    for (index, trial) in recorded.history.trials().iter().enumerate() {
        let parent = trial.parent.map_or_else(String::new, |p| p.to_string());
        let mut row = vec![index.to_string(), trial.state().to_owned(), parent];
        row.extend(objectives.iter().map(|o| number(o.of(trial))));
        row.extend(metrics.iter().map(|name| number(trial.metric(name))));
        row.extend(decided(recorded, &trial.genome));
        row.push(recorded.space.text(&trial.genome));
        row.push(trial.reason().unwrap_or_default().to_owned());
        writer.write_record(row)?;
    }
    writer.into_inner().context("cannot finish the table")
}

/// The trials as a JSON object, one a line.
///
/// # Errors
/// None that memory can have.
pub fn json(recorded: &Recorded) -> anyhow::Result<Vec<u8>> {
    let mut bytes = b"{\"schema\": \"ednas.study.trials/1\", \"trials\": [\n".to_vec();
    for (index, trial) in recorded.history.trials().iter().enumerate() {
        if index > 0 {
            bytes.extend_from_slice(b",\n");
        }
        serde_json::to_writer(&mut bytes, &exported(recorded, index, trial))?;
    }
    bytes.extend_from_slice(b"\n]}\n");
    Ok(bytes)
}

fn exported<'a>(recorded: &'a Recorded, index: usize, trial: &'a Trial) -> ExportedTrial<'a> {
    let objectives = recorded.header.objectives().into_iter();
    let measured = trial.values().into_iter().flatten().copied();
    ExportedTrial {
        trial: index,
        state: trial.state(),
        parent: trial.parent,
        values: objectives.zip(measured).collect(),
        metrics: trial.metrics().into_iter().flat_map(|m| m.iter()).collect(),
        rungs: trial.rungs.iter().map(|r| (r.step, r.value)).collect(),
        decisions: recorded.space.to_json(&trial.genome),
        genome: recorded.space.text(&trial.genome),
        reason: trial.reason(),
    }
}

fn columns(recorded: &Recorded) -> Vec<String> {
    let mut columns: Vec<String> = ["trial", "state", "parent"].map(str::to_owned).to_vec();
    let objectives = recorded.header.objectives();
    columns.extend(objectives.iter().map(|name| format!("value.{name}")));
    let metrics = metric_names(recorded);
    columns.extend(metrics.iter().map(|name| format!("metric.{name}")));
    columns.extend(recorded.space.decisions().iter().map(|d| d.full_name()));
    columns.extend(["genome", "reason"].map(str::to_owned));
    columns
}

/// The names of everything that was measured of any trial.
fn metric_names(recorded: &Recorded) -> BTreeSet<&str> {
    let metrics = recorded.history.trials().iter().filter_map(Trial::metrics);
    metrics
        .flat_map(|m| m.iter().map(|(name, _)| name))
        .collect()
}

/// The value of every decision, empty where it is not made.
fn decided(recorded: &Recorded, genome: &Genome) -> Vec<String> {
    let decisions = recorded.space.decisions().iter().enumerate();
    let value = |(index, decision): (usize, &crate::space::Decision)| {
        let choices = genome.choices();
        match recorded.space.is_active(index, choices) {
            true => decision.choices[choices[index]].value.to_string(),
            false => String::new(),
        }
    };
    decisions.map(value).collect()
}

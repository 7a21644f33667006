//! A study so far: the record of `ednas study show` and its text.

use std::collections::BTreeMap;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde_json::Value as Json;

use crate::space::Space;
use crate::study::{ACCURACY, Counts, History, LATENCY_MS, Recorded, Summary};

/// `ednas.study/1`: a search, its best trial and its Pareto front.
#[derive(Clone, Debug, Serialize)]
pub struct StudyRecord {
    /// `ednas.study/1`.
    pub schema: &'static str,
    /// The journal's path, as it was given.
    pub journal: String,
    /// Everything that proposals and rewards depend on.
    pub settings: BTreeMap<String, Json>,
    /// How the trials ended.
    pub counts: CountsRecord,
    /// The trial with the highest reward; `null` before the first.
    pub best: Option<TrialRecord>,
    /// The trials that no other beats in accuracy and latency, from fast to slow.
    pub front: Vec<TrialRecord>,
}

/// How many trials ended how.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CountsRecord {
    /// Trials proposed.
    pub trials: usize,
    /// Evaluated and rewarded.
    pub complete: usize,
    /// Stopped on the way.
    pub stopped: usize,
    /// Networks that the machine cannot run.
    pub infeasible: usize,
    /// Evaluations that went wrong.
    pub failed: usize,
    /// Without an outcome yet.
    pub unfinished: usize,
}

/// A rewarded trial.
#[derive(Clone, Debug, Serialize)]
pub struct TrialRecord {
    /// Its number, from 0.
    pub trial: usize,
    /// The genome's short text.
    pub genome: String,
    /// The reward; higher is better.
    pub reward: Option<f64>,
    /// Accuracy of equation 6.
    pub accuracy: Option<f64>,
    /// Simulated latency in milliseconds.
    pub latency_ms: Option<f64>,
}

impl StudyRecord {
    /// The record of the journal at `path`.
    #[must_use]
    pub fn new(path: &Path, recorded: &Recorded) -> Self {
        let Recorded {
            header,
            space,
            history,
            ..
        } = recorded;
        let summary = Summary::of(history);
        let trial = |number: usize| TrialRecord::new(space, history, number);
        Self {
            schema: "ednas.study/1",
            journal: path.display().to_string(),
            settings: header.attributes().clone(),
            counts: CountsRecord::new(summary.counts),
            best: summary.best.map(trial),
            front: summary.front.into_iter().map(trial).collect(),
        }
    }

    /// Settings, counts, and the front as a table with the best trial marked.
    #[must_use]
    pub fn text(&self) -> String {
        let settings: Vec<String> = self
            .settings
            .iter()
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect();
        let c = self.counts;
        let counts = format!(
            "{} trials: {} complete, {} stopped, {} infeasible, {} failed, {} unfinished",
            c.trials, c.complete, c.stopped, c.infeasible, c.failed, c.unfinished
        );
        let Some(best) = &self.best else {
            return format!("{}\n{counts}\n", settings.concat());
        };
        // The best reward need not be on the front: it also counts how far from the target a
        // latency is.
        let beside = self
            .front
            .iter()
            .all(|t| t.trial != best.trial)
            .then_some(best);
        let rows = self.front.iter().chain(beside);
        let table = table(rows, best.trial, self.front.len());
        format!("{}\n{counts}\n\n{table}\n", settings.concat())
    }
}

impl CountsRecord {
    fn new(counts: Counts) -> Self {
        let Counts {
            complete,
            stopped,
            infeasible,
            failed,
            unfinished,
        } = counts;
        let trials = complete + stopped + infeasible + failed + unfinished;
        Self {
            trials,
            complete,
            stopped,
            infeasible,
            failed,
            unfinished,
        }
    }
}

impl TrialRecord {
    fn new(space: &Space, history: &History, number: usize) -> Self {
        let trial = &history.trials()[number];
        Self {
            trial: number,
            genome: space.text(&trial.genome),
            reward: trial.reward(),
            accuracy: trial.metric(ACCURACY),
            latency_ms: trial.metric(LATENCY_MS),
        }
    }
}

fn table<'a>(
    trials: impl Iterator<Item = &'a TrialRecord>,
    best: usize,
    front_length: usize,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["trial", "reward", "accuracy", "latency ms", "", "genome"]);
    let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.4}"));
    for (row, trial) in trials.enumerate() {
        let mark = match (row < front_length, trial.trial == best) {
            (true, true) => "front, best",
            (true, false) => "front",
            (false, _) => "best",
        };
        table.add_row([
            trial.trial.to_string(),
            number(trial.reward),
            number(trial.accuracy),
            number(trial.latency_ms),
            mark.to_owned(),
            trial.genome.clone(),
        ]);
    }
    for column in 0..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

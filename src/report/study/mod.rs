//! A study so far: the record of `ednas study show` and its text, and what its sisters share.

mod analysis;
mod best;
mod diff;
mod export;
mod pareto;
mod plot;
mod trial;

use std::collections::BTreeMap;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde_json::Value as Json;

pub use analysis::{AnalysisRecord, MeanRecord, TakenRecord, ValueRecord, analysis_page};
pub use best::{BestRecord, RankedRecord};
pub use diff::{DiffRecord, SettingRecord, StudySideRecord};
pub use export::{ExportRecord, csv, json};
pub use pareto::ParetoRecord;
pub use plot::{PlotRecord, page};
pub use trial::{ObjectiveRecord, TrialRecord};

use crate::study::{Counts, Recorded, SnapshotUse, Summary, pareto_front, ranking};

/// `ednas.study/1`: a search, its best trial and its Pareto front.
#[derive(Clone, Debug, Serialize)]
pub struct StudyRecord {
    /// `ednas.study/1`.
    pub schema: &'static str,
    /// The journal's path, as it was given.
    pub journal: String,
    /// Everything that proposals and rewards depend on.
    pub settings: BTreeMap<String, Json>,
    /// What trials are ranked by, in the order of their values.
    pub objectives: Vec<ObjectiveRecord>,
    /// How the trials ended.
    pub counts: CountsRecord,
    /// How many different genomes were proposed.
    pub distinct: usize,
    /// The best trial in the first objective; `null` before the first.
    pub best: Option<TrialRecord>,
    /// What the front is over.
    pub trade_off: Vec<ObjectiveRecord>,
    /// The trials that no other beats in `trade_off`.
    pub front: Vec<TrialRecord>,
    /// Why the snapshot beside the journal was not used, where there is one.
    pub snapshot_ignored: Option<String>,
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

impl StudyRecord {
    /// The record of the journal at `path`.
    #[must_use]
    pub fn new(path: &Path, recorded: &Recorded) -> Self {
        let Recorded {
            header, history, ..
        } = recorded;
        let goals = header.goals();
        let trade_off = header.trade_off(history);
        let front = pareto_front(history, &trade_off);
        let ranked = goals.first().map(|goal| ranking(history, goal));
        let best = ranked.and_then(|ranked| ranked.first().copied());
        let trial = |number: usize| TrialRecord::new(recorded, &trade_off, number);
        Self {
            schema: "ednas.study/1",
            journal: path.display().to_string(),
            settings: header
                .settings()
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
            objectives: goals.iter().map(ObjectiveRecord::new).collect(),
            counts: CountsRecord::new(Summary::of(history).counts),
            distinct: history.distinct(),
            best: best.map(trial),
            front: front.into_iter().map(trial).collect(),
            trade_off: trade_off.iter().map(ObjectiveRecord::new).collect(),
            snapshot_ignored: match &recorded.snapshot {
                SnapshotUse::Ignored { reason } => Some(reason.clone()),
                SnapshotUse::Absent | SnapshotUse::Used { .. } => None,
            },
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
        let mut text = format!("{}\n{}\n", settings.concat(), self.counts.text());
        if let Some(reason) = &self.snapshot_ignored {
            text += &format!("the snapshot beside the journal was not used: {reason}\n");
        }
        let Some(best) = &self.best else {
            return text;
        };
        // The best reward need not be on the front: it also counts how far from the target a
        // latency is.
        let beside = self
            .front
            .iter()
            .all(|t| t.trial != best.trial)
            .then_some(best);
        let rows = self.front.iter().chain(beside);
        let rows = rows.enumerate().map(|(row, trial)| {
            let mark = match (row < self.front.len(), trial.trial == best.trial) {
                (true, true) => "front, best",
                (true, false) => "front",
                (false, _) => "best",
            };
            (mark.to_owned(), trial)
        });
        let objectives = [&self.objectives[..], &self.trade_off[..]].concat();
        text + &format!("\n{}\n", table(&objectives, rows))
    }
}

impl CountsRecord {
    pub(super) fn new(counts: Counts) -> Self {
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

    fn text(self) -> String {
        format!(
            "{} trials: {} complete, {} stopped, {} infeasible, {} failed, {} unfinished",
            self.trials, self.complete, self.stopped, self.infeasible, self.failed, self.unfinished
        )
    }
}

/// Trials with what they have of `objectives`, a remark and the genome.
fn table<'a>(
    objectives: &[ObjectiveRecord],
    rows: impl Iterator<Item = (String, &'a TrialRecord)>,
) -> String {
    let mut names: Vec<&str> = Vec::new();
    for objective in objectives {
        if !names.contains(&&*objective.name) {
            names.push(&objective.name);
        }
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let heading = std::iter::once("trial").chain(names.iter().copied());
    table.set_header(heading.chain(["", "genome"]));
    for (remark, trial) in rows {
        let number = |name: &&str| {
            let value = trial.value(name);
            value.map_or_else(String::new, |v| format!("{v:.4}"))
        };
        let mut cells = vec![trial.trial.to_string()];
        cells.extend(names.iter().map(number));
        cells.extend([remark, trial.genome.clone()]);
        table.add_row(cells);
    }
    for column in 0..=names.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

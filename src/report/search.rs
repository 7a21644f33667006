//! A search: what it says while it runs, the record of `ednas search`, and its text.

mod account;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table, presets};
use hwmodels::units::float;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::Value as Json;

pub use account::{PredictorRecord, RungRecord, TrainingRecord};

use super::Console;
use super::study::CountsRecord;
use crate::search::{Ending, Finished, Plan, Tally};
use crate::study::{Direction, History, Outcome, Summary, pareto_front, ranking};

/// How often the bar is written anew.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// `ednas.search/1`: what a search found.
#[derive(Clone, Debug, Serialize)]
pub struct SearchRecord {
    /// `ednas.search/1`.
    pub schema: &'static str,
    /// The journal's path, as it was given.
    pub journal: String,
    /// The space.
    pub space: String,
    /// Everything that proposals and values depend on.
    pub settings: BTreeMap<String, Json>,
    /// Why the search ended: `complete` or `exhausted`.
    pub ending: &'static str,
    /// Trials in all, those of earlier runs included.
    pub trials: usize,
    /// Seconds that this run took.
    pub wall_s: f64,
    /// How the trials ended.
    pub counts: CountsRecord,
    /// The share of trials that the machine and the limits let live.
    pub feasible_share: f64,
    /// The trial that is best in the first objective.
    pub best: Option<FoundRecord>,
    /// What was trained, and what was saved; where candidates were trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingRecord>,
    /// With several objectives, the trials that no other beats, best in the first objective first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front: Option<Vec<FoundRecord>>,
}

/// A trial with values.
#[derive(Clone, Debug, Serialize)]
pub struct FoundRecord {
    /// Its number, from 0.
    pub trial: usize,
    /// The genome's short text.
    pub genome: String,
    /// One per objective.
    pub values: Vec<f64>,
    /// Everything measured.
    pub metrics: BTreeMap<String, f64>,
}

impl SearchRecord {
    /// The record of a search that took `wall`.
    #[must_use]
    pub fn new(plan: &Plan, finished: &Finished, wall: Duration, journal: &Path) -> Self {
        let history = &finished.history;
        let header = plan.header();
        let goals = header.goals();
        let found = |number: usize| FoundRecord::new(plan, history, number);
        let ranked = goals.first().map(|first| ranking(history, first));
        let best = ranked.and_then(|ranked| ranked.first().copied());
        let front = || pareto_front(history, &goals).into_iter().map(found);
        Self {
            schema: "ednas.search/1",
            journal: journal.display().to_string(),
            space: plan.space.name().to_owned(),
            settings: header
                .settings()
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
            ending: match finished.ending {
                Ending::Complete => "complete",
                Ending::Exhausted => "exhausted",
                Ending::Hopeless => "hopeless",
                Ending::Stopped => "stopped",
            },
            trials: history.trials().len(),
            wall_s: wall.as_secs_f64(),
            counts: CountsRecord::new(Summary::of(history).counts),
            feasible_share: share(&finished.tally),
            best: best.map(found),
            training: None,
            front: (goals.len() > 1).then(|| front().collect()),
        }
    }

    /// The record with an account of the trainings, of `steps` steps each in whole.
    #[must_use]
    pub fn with_account(self, plan: &Plan, finished: &Finished, steps: NonZeroUsize) -> Self {
        let training = Some(TrainingRecord::new(plan, finished, steps));
        Self { training, ..self }
    }

    /// What was found, as a table; the front where there are several objectives.
    #[must_use]
    pub fn text(&self) -> String {
        let rate = float_of(self.trials) / self.wall_s.max(1e-9);
        let head = format!(
            "{} trials of {} in {:.1} s ({rate:.0} a second with those of earlier runs), {:.1} % feasible{}",
            self.trials,
            self.space,
            self.wall_s,
            100.0 * self.feasible_share,
            match self.ending {
                "exhausted" => "; no genome of the space is left",
                _ => "",
            }
        );
        let Some(best) = &self.best else {
            return format!(
                "{head}\nno trial has a value; `ednas study show {}` says why\n",
                self.journal
            );
        };
        let rows = match &self.front {
            Some(front) => front.as_slice(),
            None => std::slice::from_ref(best),
        };
        let training = self.training.as_ref().map(TrainingRecord::text);
        let training = training.unwrap_or_default();
        format!(
            "{head}\n\n{}\n\n{training}journal: {}\n",
            table(rows),
            self.journal
        )
    }
}

impl FoundRecord {
    fn new(plan: &Plan, history: &History, number: usize) -> Self {
        let trial = &history.trials()[number];
        let metrics = trial
            .metrics()
            .into_iter()
            .flat_map(|metrics| metrics.iter());
        Self {
            trial: number,
            genome: plan.space.text(&trial.genome),
            values: trial.values().map(<[f64]>::to_vec).unwrap_or_default(),
            metrics: metrics
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }
}

fn table(rows: &[FoundRecord]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let metrics = rows.iter().flat_map(|row| row.metrics.keys().cloned());
    let metrics: std::collections::BTreeSet<String> = metrics.collect();
    let words = |words: &[&str]| words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>();
    let mut head = words(&["trial", "value"]);
    head.extend(metrics.iter().cloned());
    head.extend(words(&["genome"]));
    let columns = head.len();
    table.set_header(head);
    for row in rows {
        let values: Vec<String> = row.values.iter().map(|value| short(*value)).collect();
        let mut cells = vec![row.trial.to_string(), values.join(", ")];
        let cell = |name| {
            row.metrics
                .get(name)
                .map_or_else(String::new, |v| short(*v))
        };
        cells.extend(metrics.iter().map(cell));
        cells.push(row.genome.clone());
        table.add_row(cells);
    }
    for column in 0..columns - 1 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A number for people: whole when large, with four digits after the point when small.
fn short(value: f64) -> String {
    if value.abs() >= 1e5 {
        format!("{value:.0}")
    } else {
        format!("{value:.4}")
    }
}

/// So many trials a second, per minute or hour where that would be less than one.
fn rate(per_s: f64) -> String {
    let (number, of) = match per_s {
        _ if per_s >= 1.0 => (per_s, "s"),
        _ if per_s >= 1.0 / 60.0 => (per_s * 60.0, "min"),
        _ => (per_s * 3600.0, "h"),
    };
    format!("{number:.0} trials/{of}")
}

fn share(tally: &Tally) -> f64 {
    float_of(tally.feasible) / float_of(tally.trials.max(1))
}

fn float_of(count: usize) -> f64 {
    float(u64::try_from(count).unwrap_or(u64::MAX))
}

/// What a search says while it runs: a bar with the best value, the feasible share and the rate.
#[derive(Debug)]
pub struct Live {
    console: Console,
    bar: ProgressBar,
    journal: PathBuf,
    direction: Direction,
    tally: Tally,
    best: Option<f64>,
    began: Instant,
    drawn: Instant,
    /// Trials of this run.
    done: usize,
    /// Trials of this run that the bar shows.
    shown: usize,
}

impl Live {
    /// The display of a search that is about to begin.
    #[must_use]
    pub fn new(console: &Console, plan: &Plan, journal: &Path) -> Self {
        let trials = u64::try_from(plan.trials).unwrap_or(u64::MAX);
        let directions = plan.goal.directions();
        Self {
            console: console.clone(),
            bar: console.bar("searching", trials),
            journal: journal.to_owned(),
            direction: directions.first().copied().unwrap_or(Direction::Maximize),
            tally: Tally::default(),
            best: None,
            began: Instant::now(),
            drawn: Instant::now(),
            done: 0,
            shown: 0,
        }
    }

    /// The journal is open.
    pub fn opened(&mut self, history: &History, torn_bytes: usize) {
        let journal = self.journal.display().to_string();
        if torn_bytes > 0 {
            let line = format!("{journal}: cut off a half-written last line ({torn_bytes} bytes)");
            self.console.say(line);
        }
        for outcome in history.trials().iter().filter_map(|t| t.outcome.as_ref()) {
            self.take(outcome);
        }
        if self.tally.trials > 0 {
            let line = format!("{journal}: going on after {} trials", self.tally.trials);
            self.console.say(line);
        }
        self.bar
            .set_position(u64::try_from(self.tally.trials).unwrap_or(u64::MAX));
        self.bar.reset_eta();
        self.began = Instant::now();
    }

    /// A trial has an outcome.
    pub fn done(&mut self, outcome: &Outcome) {
        self.take(outcome);
        self.done += 1;
        if self.drawn.elapsed() < DRAW_EVERY {
            return;
        }
        self.drawn = Instant::now();
        let new = self.done - self.shown;
        self.shown = self.done;
        self.bar.inc(u64::try_from(new).unwrap_or(u64::MAX));
        let best = self.best.map_or_else(|| "none".to_owned(), short);
        self.bar.set_message(format!(
            "best {best}, {:.0} % feasible, {}",
            100.0 * share(&self.tally),
            rate(float_of(self.done) / self.began.elapsed().as_secs_f64().max(1e-9))
        ));
    }

    /// Nothing was feasible for a long time.
    pub fn hopeless(&self, tally: &Tally) {
        self.console
            .say(format!("nothing is feasible so far: {tally}"));
    }

    /// The search is over.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn take(&mut self, outcome: &Outcome) {
        self.tally.count(outcome);
        let value = match outcome {
            Outcome::Complete { values, .. } => values.first().copied(),
            Outcome::Stopped { .. } | Outcome::Infeasible { .. } | Outcome::Failed { .. } => None,
        };
        let Some(value) = value else { return };
        let is_better = self.best.is_none_or(|best| match self.direction {
            Direction::Maximize => value > best,
            Direction::Minimize => value < best,
        });
        if is_better {
            self.best = Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_told_in_a_unit_that_does_not_make_it_nothing() {
        for (per_s, text) in [
            (12_345.0, "12345 trials/s"),
            (0.5, "30 trials/min"),
            (0.01, "36 trials/h"),
        ] {
            assert_eq!(rate(per_s), text);
        }
    }
}

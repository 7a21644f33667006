//! Two studies side by side: `ednas study diff`.

use std::collections::BTreeSet;
use std::path::Path;

use comfy_table::{Table, presets};
use serde::Serialize;
use serde_json::Value as Json;

use super::{CountsRecord, ObjectiveRecord, TrialRecord};
use crate::study::{Objective, Recorded, Summary, costs_of, hypervolume, pareto_front, ranking};

/// How far beyond the worst cost on either front the reference lies, as a share of the range.
const ROOM: f64 = 0.1;

/// `ednas.study.diff/1`: what two studies have in common, and how far each came.
#[derive(Clone, Debug, Serialize)]
pub struct DiffRecord {
    /// `ednas.study.diff/1`.
    pub schema: &'static str,
    /// The settings that differ.
    pub settings: Vec<SettingRecord>,
    /// What both fronts are over: what both studies measured. Empty where that is nothing.
    pub objectives: Vec<ObjectiveRecord>,
    /// The first study.
    pub a: StudySideRecord,
    /// The second one.
    pub b: StudySideRecord,
}

/// A setting that differs.
#[derive(Clone, Debug, Serialize)]
pub struct SettingRecord {
    /// Its name.
    pub name: String,
    /// In the first study; `null` where it has none.
    pub a: Option<Json>,
    /// In the second study.
    pub b: Option<Json>,
}

/// One of the two studies.
#[derive(Clone, Debug, Serialize)]
pub struct StudySideRecord {
    /// The journal's path, as it was given.
    pub journal: String,
    /// How its trials ended.
    pub counts: CountsRecord,
    /// Its best trial in its first objective.
    pub best: Option<TrialRecord>,
    /// How many trials are on its front.
    pub front: usize,
    /// How many of those the other study's front beats.
    pub front_beaten: usize,
    /// The share that its front covers of the box between the best of both fronts in every
    /// objective and a point a tenth of the range beyond the worst; 0 to 1. `null` without a front.
    pub hypervolume_share: Option<f64>,
}

impl DiffRecord {
    /// The journals at two paths.
    #[must_use]
    pub fn new(a: (&Path, &Recorded), b: (&Path, &Recorded)) -> Self {
        let objectives = common(a.1, b.1);
        let fronts = [a.1, b.1].map(|recorded| front_costs(recorded, &objectives));
        let shares = shares(&fronts);
        let side = |(path, recorded): (&Path, &Recorded), own: usize| {
            let goals = recorded.header.goals();
            let ranked = goals.first().map(|goal| ranking(&recorded.history, goal));
            let best = ranked.and_then(|ranked| ranked.first().copied());
            let beaten = |point: &&Vec<f64>| fronts[1 - own].iter().any(|by| beats(by, point));
            StudySideRecord {
                journal: path.display().to_string(),
                counts: CountsRecord::new(Summary::of(&recorded.history).counts),
                best: best.map(|number| TrialRecord::new(recorded, &objectives, number)),
                front: fronts[own].len(),
                front_beaten: fronts[own].iter().filter(beaten).count(),
                hypervolume_share: shares.map(|shares| shares[own]),
            }
        };
        Self {
            schema: "ednas.study.diff/1",
            settings: settings(a.1, b.1),
            objectives: objectives.iter().map(ObjectiveRecord::new).collect(),
            a: side(a, 0),
            b: side(b, 1),
        }
    }

    /// What differs, as two tables.
    #[must_use]
    pub fn text(&self) -> String {
        let mut settings = plain_table();
        settings.set_header(["setting", "a", "b"]);
        for SettingRecord { name, a, b } in &self.settings {
            let shown =
                |value: &Option<Json>| value.as_ref().map_or_else(|| "-".into(), Json::to_string);
            settings.add_row([name.clone(), shown(a), shown(b)]);
        }
        let settings = match self.settings.is_empty() {
            true => "the settings are the same".to_owned(),
            false => settings.trim_fmt(),
        };
        let over: Vec<&str> = self.objectives.iter().map(|o| &*o.name).collect();
        let note = match over.is_empty() {
            true => {
                "the studies have no objective in common, so that their fronts cannot be compared"
                    .into()
            }
            false => format!(
                "fronts and hypervolume over {}; the hypervolume is the share of the box from the best of \
                 both fronts to a tenth beyond the worst",
                over.join(", ")
            ),
        };
        format!("{settings}\n\n{}\n\n{note}\n", self.results())
    }

    fn results(&self) -> String {
        let mut table = plain_table();
        table.set_header(["", "a", "b"]);
        let mut row = |name: &str, of: &dyn Fn(&StudySideRecord) -> String| {
            table.add_row([name.to_owned(), of(&self.a), of(&self.b)]);
        };
        let figure =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
        row("journal", &|side| side.journal.clone());
        row("trials", &|side| side.counts.trials.to_string());
        row("complete", &|side| side.counts.complete.to_string());
        row("infeasible", &|side| side.counts.infeasible.to_string());
        row("best trial", &|side| {
            let best = side.best.as_ref();
            best.map_or_else(|| "-".to_owned(), |best| best.trial.to_string())
        });
        let values = [&self.a, &self.b]
            .into_iter()
            .filter_map(|side| side.best.as_ref());
        let names: BTreeSet<String> = values
            .flat_map(|best| best.values.keys().cloned())
            .collect();
        for name in &names {
            row(&format!("its {name}"), &|side| {
                figure(side.best.as_ref().and_then(|best| best.value(name)))
            });
        }
        row("on the front", &|side| side.front.to_string());
        row("of them beaten", &|side| side.front_beaten.to_string());
        row("hypervolume", &|side| figure(side.hypervolume_share));
        table.trim_fmt()
    }
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

/// The trade-off of the first study, as far as the second one has the same.
fn common(a: &Recorded, b: &Recorded) -> Vec<Objective> {
    let of = |recorded: &Recorded| recorded.header.trade_off(&recorded.history);
    let others = of(b);
    let is_common = |o: &Objective| others.contains(o);
    of(a).into_iter().filter(is_common).collect()
}

fn settings(a: &Recorded, b: &Recorded) -> Vec<SettingRecord> {
    let value = |of: &Recorded, name: &str| of.header.attributes().get(name).cloned();
    let all = a.header.settings().chain(b.header.settings());
    let names: BTreeSet<&str> = all.map(|(name, _)| name).collect();
    let records = names.into_iter().map(|name| SettingRecord {
        name: name.to_owned(),
        a: value(a, name),
        b: value(b, name),
    });
    records.filter(|setting| setting.a != setting.b).collect()
}

fn front_costs(recorded: &Recorded, objectives: &[Objective]) -> Vec<Vec<f64>> {
    if objectives.is_empty() {
        return Vec::new();
    }
    let front = pareto_front(&recorded.history, objectives).into_iter();
    let costs = front.map(|number| costs_of(&recorded.history.trials()[number], objectives));
    costs.flatten().collect()
}

/// What each front covers of the box that both span; nothing where there is no point at all.
fn shares(fronts: &[Vec<Vec<f64>>; 2]) -> Option<[f64; 2]> {
    let points: Vec<&Vec<f64>> = fronts.iter().flatten().collect();
    let costs = points.first()?.len();
    let bounds = (0..costs).map(|cost| {
        let all = points.iter().map(|point| point[cost]);
        let best = all.clone().fold(f64::INFINITY, f64::min);
        let worst = all.fold(f64::NEG_INFINITY, f64::max);
        let room = ROOM * (worst - best);
        // Where all are equal, any box serves.
        let room = if room > 0.0 { room } else { 1.0 };
        (best, worst + room - best)
    });
    let bounds: Vec<(f64, f64)> = bounds.collect();
    let scaled = |point: &Vec<f64>| -> Vec<f64> {
        let scaled = point.iter().zip(&bounds);
        scaled
            .map(|(cost, (best, width))| (cost - best) / width)
            .collect()
    };
    let share = |front: &Vec<Vec<f64>>| {
        let points: Vec<Vec<f64>> = front.iter().map(scaled).collect();
        hypervolume(&points, &vec![1.0; costs])
    };
    Some([share(&fronts[0]), share(&fronts[1])].map(|share| share.max(0.0)))
}

fn beats(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a != b
}

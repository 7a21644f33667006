//! The best trials of a study, and what to do with their genomes: `ednas study best`.

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{ObjectiveRecord, TrialRecord, table};
use crate::space::{Decoder, SpaceFile};
use crate::study::{Objective, Recorded, ranking};

/// `ednas.study.best/1`: the trials that rank first in one objective.
#[derive(Clone, Debug, Serialize)]
pub struct BestRecord {
    /// `ednas.study.best/1`.
    pub schema: &'static str,
    /// The journal's path, as it was given.
    pub journal: String,
    /// What the trials are ranked by.
    pub objective: ObjectiveRecord,
    /// The first of them, best first.
    pub trials: Vec<RankedRecord>,
}

/// A trial with its decisions, and the command that looks at it.
#[derive(Clone, Debug, Serialize)]
pub struct RankedRecord {
    /// The trial.
    #[serde(flatten)]
    pub trial: TrialRecord,
    /// The decisions that it makes, by name.
    pub decisions: Map<String, Json>,
    /// A command that prices the network, or checks the machine, of the genome.
    pub command: String,
}

impl BestRecord {
    /// The best `top` trials of the journal at `path` in `objective`.
    #[must_use]
    pub fn new(path: &Path, recorded: &Recorded, objective: &Objective, top: usize) -> Self {
        let ranked = ranking(&recorded.history, objective).into_iter().take(top);
        Self {
            schema: "ednas.study.best/1",
            journal: path.display().to_string(),
            objective: ObjectiveRecord::new(objective),
            trials: ranked
                .map(|number| RankedRecord::new(recorded, objective, number))
                .collect(),
        }
    }

    /// The trials as a table, and what the first one is made of.
    #[must_use]
    pub fn text(&self) -> String {
        let Some(first) = self.trials.first() else {
            return "no trial is complete yet\n".to_owned();
        };
        let rows = self.trials.iter().enumerate();
        let rows = rows.map(|(rank, of)| (format!("{}.", rank + 1), &of.trial));
        let trials = table(std::slice::from_ref(&self.objective), rows);
        let metrics = first.trial.metrics.iter();
        let metrics: String = metrics
            .map(|(name, value)| format!("  {name}: {value}\n"))
            .collect();
        format!(
            "{trials}\n\ntrial {}:\n{metrics}\n{}\n",
            first.trial.trial, first.command
        )
    }
}

impl RankedRecord {
    fn new(recorded: &Recorded, objective: &Objective, number: usize) -> Self {
        let genome = &recorded.history.trials()[number].genome;
        let trial = TrialRecord::new(recorded, std::slice::from_ref(objective), number);
        Self {
            decisions: recorded.space.to_json(genome),
            command: command(recorded, &trial.genome),
            trial,
        }
    }
}

/// The machine and the image that a study asked about, as options of `ednas estimate`.
fn question(recorded: &Recorded) -> String {
    let setting = |name: &str| recorded.header.attributes().get(name);
    let list = |name: &str, between: &str| {
        let words = setting(name)?.as_array()?.iter().map(|word| {
            let text = word.as_str().map(str::to_owned);
            text.unwrap_or_else(|| word.to_string())
        });
        Some(words.collect::<Vec<_>>().join(between))
    };
    let first = setting("profiles").and_then(|profiles| profiles.get(0));
    let profile = first.or_else(|| setting("profile")).and_then(Json::as_str);
    let mut options = format!(" --profile {}", profile.unwrap_or("PROFILE"));
    for (option, value) in [("size", list("size", "x")), ("tasks", list("tasks", ","))] {
        if let Some(value) = value {
            options += &format!(" --{option} {value}");
        }
    }
    options
}

/// The command that says more of a genome: on the study's machine, where that is known.
fn command(recorded: &Recorded, genome: &str) -> String {
    let name = recorded.space.name();
    let shipped = SpaceFile::open(name).ok();
    let is_same = |file: &SpaceFile| file.space == recorded.space;
    let Some(shipped) = shipped.filter(is_same) else {
        let body = genome.strip_prefix(name).unwrap_or(genome);
        return format!("ednas estimate 'FILE{body}' --profile PROFILE   # FILE: the space's file");
    };
    match shipped.decoder {
        Some(Decoder::Ednas(_) | Decoder::Mobiledet | Decoder::Pyramid) => {
            format!("ednas estimate '{genome}'{}", question(recorded))
        }
        Some(Decoder::Profile(_)) | None => format!("ednas space check {name} '{genome}'"),
    }
}

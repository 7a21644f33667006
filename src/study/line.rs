//! The lines of an Optuna journal file: one JSON object each, told apart by `op_code`.
//!
//! Operation codes and fields are those of Optuna's `JournalStorage` (read from version 5.0.0). The
//! study is number 0 of its file, and a trial's id is its number.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Value as Json, json};

use super::trial::{Direction, Outcome, Rung};
use crate::space::{Decision, Genome, Space};

/// `op_code` of a new study.
pub(super) const CREATE_STUDY: u8 = 0;
/// `op_code` of a study's user attribute.
pub(super) const STUDY_USER_ATTRIBUTE: u8 = 2;
/// `op_code` of a new trial.
pub(super) const CREATE_TRIAL: u8 = 4;
/// `op_code` of a trial's state and values.
pub(super) const TRIAL_STATE_VALUES: u8 = 6;
/// `op_code` of a trial's value on the way.
pub(super) const TRIAL_INTERMEDIATE_VALUE: u8 = 7;
/// `op_code` of a trial's user attribute.
pub(super) const TRIAL_USER_ATTRIBUTE: u8 = 8;

/// Trial state: has a value.
pub(super) const COMPLETE: u8 = 1;
/// Trial state: ended early; with values, stopped on the way; without, infeasible on the machine.
pub(super) const PRUNED: u8 = 2;
/// Trial state: failed.
pub(super) const FAIL: u8 = 3;

/// User attribute that holds why a trial has no reward.
pub(super) const REASON: &str = "reason";

/// User attribute that holds the number of the trial that a trial descends from.
pub(super) const PARENT: &str = "parent";

/// The writer's name, which Optuna asks of every line.
const WORKER: &str = "ednas";

/// A line as read: the fields that a replay needs; the others are skipped.
#[derive(Debug, Deserialize)]
pub(super) struct Line<'a> {
    pub(super) op_code: u8,
    #[serde(default)]
    pub(super) study_id: usize,
    #[serde(default)]
    pub(super) trial_id: Option<usize>,
    #[serde(default)]
    pub(super) state: Option<u8>,
    #[serde(default)]
    pub(super) values: Option<Vec<f64>>,
    #[serde(default)]
    pub(super) step: Option<usize>,
    #[serde(default)]
    pub(super) intermediate_value: Option<f64>,
    #[serde(default)]
    pub(super) directions: Vec<u8>,
    #[serde(default, borrow)]
    pub(super) user_attr: Pairs<'a, Json>,
    #[serde(default, borrow)]
    pub(super) user_attrs: Pairs<'a, Json>,
    #[serde(default, borrow)]
    pub(super) params: Pairs<'a, usize>,
}

/// The fields of an object in the order of the file. Names are borrowed from the text where JSON
/// does not escape them: they are most of what a replay reads.
#[derive(Debug)]
pub(super) struct Pairs<'a, T>(pub(super) Vec<(Cow<'a, str>, T)>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// What every new trial of a space says alike: names and distributions, prepared once.
#[derive(Debug)]
pub(super) struct TrialTemplate {
    names: Vec<String>,
    distributions: String,
}

/// The line that creates the study.
pub(super) fn create_study(directions: &[Direction]) -> String {
    let codes: Vec<u8> = directions.iter().map(|&d| direction_code(d)).collect();
    line(json!({
        "op_code": CREATE_STUDY, "worker_id": WORKER,
        "study_name": "ednas", "directions": codes,
    }))
}

/// Optuna's number for a direction.
fn direction_code(direction: Direction) -> u8 {
    match direction {
        Direction::Minimize => 1,
        Direction::Maximize => 2,
    }
}

/// The direction of Optuna's number.
pub(super) fn direction_of(code: u8) -> Option<Direction> {
    [Direction::Minimize, Direction::Maximize]
        .into_iter()
        .find(|&direction| direction_code(direction) == code)
}

/// The line that sets a study's attribute.
pub(super) fn study_attribute(name: &str, value: &Json) -> String {
    line(json!({
        "op_code": STUDY_USER_ATTRIBUTE, "worker_id": WORKER,
        "study_id": 0, "user_attr": { name: value },
    }))
}

impl TrialTemplate {
    /// The template of `space`.
    pub(super) fn new(space: &Space) -> Self {
        let names = space.decisions().iter().map(Decision::full_name).collect();
        let distributions: BTreeMap<String, String> = space
            .decisions()
            .iter()
            .map(|d| (d.full_name(), distribution(d)))
            .collect();
        Self {
            names,
            distributions: json!(distributions).to_string(),
        }
    }

    /// The line that creates a trial, with all its parameters, the genome's short text and the trial
    /// that it descends from.
    pub(super) fn create_trial(
        &self,
        genome: &Genome,
        text: &str,
        parent: Option<usize>,
        now: &str,
    ) -> String {
        let attributes = match parent {
            Some(parent) => json!({ "genome": text, PARENT: parent }),
            None => json!({ "genome": text }),
        };
        let params: Vec<String> = self
            .names
            .iter()
            .zip(genome.choices())
            .map(|(name, choice)| format!("{}:{choice}", json!(name)))
            .collect();
        format!(
            "{{\"op_code\":{CREATE_TRIAL},\"worker_id\":\"{WORKER}\",\"study_id\":0,\
             \"datetime_start\":{},\"state\":0,\"user_attrs\":{},\
             \"params\":{{{}}},\"distributions\":{}}}\n",
            json!(now),
            attributes,
            params.join(","),
            self.distributions,
        )
    }
}

/// The lines that finish a trial: what was measured, then state and value in one line. Until that
/// last line is whole the trial counts as unfinished.
pub(super) fn finish_trial(number: usize, outcome: &Outcome, now: &str) -> String {
    let mut lines = String::new();
    let mut measured = |metrics: &BTreeMap<String, f64>| {
        for (name, value) in metrics {
            lines += &trial_attribute(number, name, &json!(value));
        }
    };
    let (state, values) = match outcome {
        Outcome::Complete { values, metrics } => {
            measured(metrics);
            (COMPLETE, json!(values))
        }
        Outcome::Stopped { values, metrics } => {
            measured(metrics);
            (PRUNED, json!(values))
        }
        Outcome::Infeasible { reason } => {
            lines += &trial_attribute(number, REASON, &json!(reason));
            (PRUNED, Json::Null)
        }
        Outcome::Failed { reason } => {
            lines += &trial_attribute(number, REASON, &json!(reason));
            (FAIL, Json::Null)
        }
    };
    lines
        + &line(json!({
            "op_code": TRIAL_STATE_VALUES, "worker_id": WORKER,
            "trial_id": number, "state": state, "values": values, "datetime_complete": now,
        }))
}

/// The line that gives a trial's value on the way.
pub(super) fn reach(number: usize, rung: Rung) -> String {
    line(json!({
        "op_code": TRIAL_INTERMEDIATE_VALUE, "worker_id": WORKER,
        "trial_id": number, "step": rung.step, "intermediate_value": rung.value,
    }))
}

fn trial_attribute(number: usize, name: &str, value: &Json) -> String {
    line(json!({
        "op_code": TRIAL_USER_ATTRIBUTE, "worker_id": WORKER,
        "trial_id": number, "user_attr": { name: value },
    }))
}

/// Optuna keeps a distribution as JSON text within the JSON.
fn distribution(decision: &Decision) -> String {
    let choices: Vec<Json> = decision.choices.iter().map(|c| c.value.to_json()).collect();
    json!({ "name": "CategoricalDistribution", "attributes": { "choices": choices } }).to_string()
}

fn line(object: Json) -> String {
    format!("{object}\n")
}

impl<T> Default for Pairs<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Pairs<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
    type Value = Pairs<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            pairs.push((name, value));
        }
        Ok(Pairs(pairs))
    }
}

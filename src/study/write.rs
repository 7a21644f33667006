//! The lines of a journal as they are written: straight into bytes, since a search without
//! training writes thousands of trials a second.

use serde::Serialize;
use serde_json::Value as Json;

use super::line::{
    self, COMPLETE, CREATE_STUDY, CREATE_TRIAL, FAIL, GENOME, METRIC_NAMES, PARENT, PRUNED, REASON,
    STUDY_SYSTEM_ATTRIBUTE, STUDY_USER_ATTRIBUTE, TRIAL_INTERMEDIATE_VALUE, TRIAL_STATE_VALUES,
    TRIAL_USER_ATTRIBUTE,
};
use super::metrics::Metrics;
use super::parameters::Parameters;
use super::trial::{Direction, Outcome, Rung};
use crate::space::Genome;

/// What stands before the distributions, which are the last field of a trial's line.
pub(super) const DISTRIBUTIONS: &str = ",\"distributions\":{";

/// Behind the distributions.
pub(super) const DISTRIBUTIONS_END: &str = "}}";

/// How the line of a new trial begins.
pub(super) const TRIAL_START: &str = "{\"op_code\":4,";

/// The line that creates the study.
pub(super) fn create_study(directions: &[Direction], lines: &mut Vec<u8>) {
    let codes: Vec<u8> = directions
        .iter()
        .map(|&d| line::direction_code(d))
        .collect();
    begin(CREATE_STUDY, lines);
    text(",\"study_name\":\"ednas\",\"directions\":", lines);
    json(&codes, lines);
    text("}\n", lines);
}

/// The line that sets a study's attribute.
pub(super) fn study_attribute(name: &str, value: &Json, lines: &mut Vec<u8>) {
    begin(STUDY_USER_ATTRIBUTE, lines);
    text(",\"study_id\":0,\"user_attr\":{", lines);
    pair(name, value, lines);
    text("}}\n", lines);
}

/// The line that says what the values of a study are called.
pub(super) fn metric_names(names: &[String], lines: &mut Vec<u8>) {
    begin(STUDY_SYSTEM_ATTRIBUTE, lines);
    text(",\"study_id\":0,\"system_attr\":{", lines);
    pair(METRIC_NAMES, &names, lines);
    text("}}\n", lines);
}

/// The line that creates a trial, with all its parameters, the genome's short text and the trial
/// that it descends from.
pub(super) fn create_trial(
    parameters: &Parameters,
    genome: &Genome,
    short: &str,
    parent: Option<usize>,
    now: &str,
    lines: &mut Vec<u8>,
) {
    begin(CREATE_TRIAL, lines);
    text(",\"study_id\":0,\"datetime_start\":\"", lines);
    text(now, lines);
    text("\",\"user_attrs\":{", lines);
    pair(GENOME, &short, lines);
    if let Some(parent) = parent {
        text(",", lines);
        pair(PARENT, &parent, lines);
    }
    text("},\"params\":{", lines);
    parameters.write_values(genome, lines);
    text("}", lines);
    text(DISTRIBUTIONS, lines);
    parameters.write_distributions(genome, lines);
    text(DISTRIBUTIONS_END, lines);
    text("\n", lines);
}

/// The lines that finish a trial: what was measured, then state and value in one line. Until that
/// last line is whole the trial counts as unfinished. Returns how many lines they are.
pub(super) fn finish_trial(
    number: usize,
    outcome: &Outcome,
    now: &str,
    lines: &mut Vec<u8>,
) -> usize {
    let (state, values, attributes) = match outcome {
        Outcome::Complete { values, metrics } => {
            (COMPLETE, Some(values), measured(number, metrics, lines))
        }
        Outcome::Stopped { values, metrics } => {
            (PRUNED, Some(values), measured(number, metrics, lines))
        }
        Outcome::Infeasible { reason } => {
            trial_attribute(number, REASON, reason, lines);
            (PRUNED, None, 1)
        }
        Outcome::Failed { reason } => {
            trial_attribute(number, REASON, reason, lines);
            (FAIL, None, 1)
        }
    };
    begin(TRIAL_STATE_VALUES, lines);
    text(",\"trial_id\":", lines);
    json(&number, lines);
    text(",\"state\":", lines);
    json(&state, lines);
    text(",\"values\":", lines);
    json(&values, lines);
    text(",\"datetime_complete\":\"", lines);
    text(now, lines);
    text("\"}\n", lines);
    attributes + 1
}

/// The line that gives a trial's value on the way.
pub(super) fn reach(number: usize, rung: Rung, lines: &mut Vec<u8>) {
    begin(TRIAL_INTERMEDIATE_VALUE, lines);
    text(",\"trial_id\":", lines);
    json(&number, lines);
    text(",\"step\":", lines);
    json(&rung.step, lines);
    text(",\"intermediate_value\":", lines);
    json(&rung.value, lines);
    text("}\n", lines);
}

/// Writes a line for each of the metrics, and returns how many they are.
fn measured(number: usize, metrics: &Metrics, lines: &mut Vec<u8>) -> usize {
    for (name, value) in metrics.iter() {
        trial_attribute(number, name, &value, lines);
    }
    metrics.values().len()
}

fn trial_attribute(number: usize, name: &str, value: &impl Serialize, lines: &mut Vec<u8>) {
    begin(TRIAL_USER_ATTRIBUTE, lines);
    text(",\"trial_id\":", lines);
    json(&number, lines);
    text(",\"user_attr\":{", lines);
    pair(name, value, lines);
    text("}}\n", lines);
}

/// Operation code, and the writer's name, which Optuna asks of every line.
fn begin(op_code: u8, lines: &mut Vec<u8>) {
    text("{\"op_code\":", lines);
    json(&op_code, lines);
    text(",\"worker_id\":\"ednas\"", lines);
}

fn pair(name: &str, value: &impl Serialize, lines: &mut Vec<u8>) {
    json(&name, lines);
    text(":", lines);
    json(value, lines);
}

fn text(text: &str, lines: &mut Vec<u8>) {
    lines.extend_from_slice(text.as_bytes());
}

fn json(value: &impl Serialize, lines: &mut Vec<u8>) {
    serde_json::to_writer(lines, value).expect("numbers and texts are JSON, and memory takes all");
}

//! The lines of an Optuna journal file: one JSON object each, told apart by `op_code`.
//!
//! Operation codes and fields are those of Optuna's `JournalStorage` (read from version 5.0.0). The
//! study is number 0 of its file, and a trial's id is its number.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;

use super::trial::Direction;

/// `op_code` of a new study.
pub(super) const CREATE_STUDY: u8 = 0;
/// `op_code` of a study's user attribute.
pub(super) const STUDY_USER_ATTRIBUTE: u8 = 2;
/// `op_code` of a study's system attribute.
pub(super) const STUDY_SYSTEM_ATTRIBUTE: u8 = 3;
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

/// User attribute that holds the genome's short text.
pub(super) const GENOME: &str = "genome";

/// User attribute that holds the number of the trial that a trial descends from.
pub(super) const PARENT: &str = "parent";

/// System attribute under which Optuna keeps what the values of a study are called.
pub(super) const METRIC_NAMES: &str = "study:metric_names";

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
    pub(super) params: Pairs<'a, f64>,
    #[serde(default, borrow)]
    pub(super) datetime_start: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(super) datetime_complete: Option<Cow<'a, str>>,
}

/// The fields of an object in the order of the file. Names are borrowed from the text where JSON
/// does not escape them: they are most of what a replay reads.
#[derive(Debug)]
pub(super) struct Pairs<'a, T>(pub(super) Vec<(Cow<'a, str>, T)>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Optuna's number for a direction.
pub(super) fn direction_code(direction: Direction) -> u8 {
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

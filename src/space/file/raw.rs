//! A space's file as it is written: TOML, or JSON of the same shape.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::super::decision::Value;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSpace {
    /// Front of every genome's text.
    pub(super) name: String,
    /// A line for people.
    pub(super) description: String,
    /// What genomes stand for.
    pub(super) decodes: Option<RawDecodes>,
    /// The profile that is varied, where genomes stand for machines.
    pub(super) base: Option<String>,
    pub(super) group: Vec<RawGroup>,
    #[serde(default)]
    pub(super) constraints: Vec<String>,
}

/// What genomes stand for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawDecodes {
    Ednas,
    Mobiledet,
    Pyramid,
    Profile,
}

/// Decisions that belong together, once or several times.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGroup {
    /// A run of `#` is replaced by each number from `from` to `to`.
    pub(super) name: String,
    pub(super) from: Option<u32>,
    pub(super) to: Option<u32>,
    pub(super) decision: Vec<RawDecision>,
    /// Names in them are looked for in this group first.
    #[serde(default)]
    pub(super) constraints: Vec<String>,
}

/// A decision; exactly one of the four kinds is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDecision {
    pub(super) name: String,
    /// Stands before every value in the short text.
    pub(super) prefix: Option<String>,
    pub(super) one_of: Option<Vec<RawChoice>>,
    pub(super) many_of: Option<RawMany>,
    pub(super) int: Option<RawInt>,
    pub(super) float: Option<RawFloat>,
}

/// A choice of `one_of`.
#[derive(Debug)]
pub(super) struct RawChoice {
    pub(super) value: Value,
    pub(super) short: Option<String>,
    /// Decisions that hang on this choice.
    pub(super) decision: Vec<RawDecision>,
}

/// `choose` of the values `of`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMany {
    pub(super) choose: usize,
    #[serde(deserialize_with = "values")]
    pub(super) of: Vec<Value>,
    /// No value twice.
    #[serde(default = "yes")]
    pub(super) distinct: bool,
    /// Only in the order of `of`.
    #[serde(default = "yes")]
    pub(super) sorted: bool,
}

/// Whole numbers from `min` to `max`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInt {
    pub(super) min: i64,
    pub(super) max: i64,
    #[serde(default = "one")]
    pub(super) step: i64,
}

/// Numbers from `min` to `max`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFloat {
    pub(super) min: f64,
    pub(super) max: f64,
    /// How many, both ends among them.
    pub(super) points: usize,
    /// Whether neighbors have the same ratio instead of the same difference.
    #[serde(default)]
    pub(super) log: bool,
}

/// A choice that says more than its value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceTable {
    #[serde(deserialize_with = "value")]
    value: Value,
    short: Option<String>,
    #[serde(default)]
    decision: Vec<RawDecision>,
}

fn yes() -> bool {
    true
}

fn one() -> i64 {
    1
}

impl<'de> Deserialize<'de> for RawChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChoiceVisitor)
    }
}

struct ChoiceVisitor;

impl ChoiceVisitor {
    fn plain(value: Value) -> RawChoice {
        RawChoice {
            value,
            short: None,
            decision: Vec::new(),
        }
    }
}

impl<'de> Visitor<'de> for ChoiceVisitor {
    type Value = RawChoice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a word or a table with `value`")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<RawChoice, E> {
        Ok(Self::plain(Value::Text(word.to_owned())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<RawChoice, E> {
        Ok(Self::plain(Value::Int(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<RawChoice, E> {
        let too_large = |_| E::custom("a whole number beyond 2^63");
        let number = i64::try_from(number).map_err(too_large)?;
        Ok(Self::plain(Value::Int(number)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<RawChoice, E> {
        match number.is_finite() {
            true => Ok(Self::plain(Value::Float(number))),
            false => Err(E::custom("a number that is not finite")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawChoice, A::Error> {
        let table = ChoiceTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RawChoice {
            value: table.value,
            short: table.short,
            decision: table.decision,
        })
    }
}

/// A value that stands alone.
fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let choice = RawChoice::deserialize(deserializer)?;
    match choice.short.is_none() && choice.decision.is_empty() {
        true => Ok(choice.value),
        false => Err(D::Error::custom("expected a number or a word alone")),
    }
}

fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    let choices: Vec<RawChoice> = Vec::deserialize(deserializer)?;
    if choices
        .iter()
        .any(|c| c.short.is_some() || !c.decision.is_empty())
    {
        let problem = "values of many_of have no `short` and no decisions of their own; \
                       give each its own one_of decision instead";
        return Err(D::Error::custom(problem));
    }
    Ok(choices.into_iter().map(|choice| choice.value).collect())
}

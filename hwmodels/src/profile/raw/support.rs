//! `[support]`: what the accelerator takes, as a file spells it.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::task::FactName;

/// `[support]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSupport {
    /// Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or
    /// `assumed`, a colon, and where to look it up.
    pub source: String,
    /// Names of the operators that the accelerator takes; the host runs the others. One that `ednas`
    /// knows by name only, such as `TANH` of a TFLite file, is priced by its bytes on the vector unit
    /// or, if that takes longer, by its multiply-accumulates at the rate of convolutions, and counts as
    /// assumed.
    pub operators: Vec<String>,
    /// Whether the accelerator continues after an operator that it does not take.
    pub multiple_segments: bool,
    /// For some operators, the modes of it that are taken, by the operator's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modes: BTreeMap<String, Vec<String>>,
    /// Limits on the operators: each is one condition, and says what to change in a network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<RawLimit>,
}

impl RawSupport {
    /// The rules without `operator`, which the host runs then.
    #[must_use]
    pub fn without(mut self, operator: &str) -> RawSupport {
        self.operators.retain(|name| name != operator);
        self.modes.remove(operator);
        let limits = self.limits.iter_mut();
        for operators in limits.filter_map(|limit| limit.operators.as_mut()) {
            operators.retain(|name| name != operator);
        }
        self
    }
}

/// One limit. An operation without the fact that it asks for keeps to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLimit {
    /// Where the limit comes from: `datasheet`, `paper`, `measured`, `fitted` or `assumed`, a colon,
    /// and where to look it up.
    pub source: String,
    /// What is demanded, in a few words; shown where it is not met.
    pub name: String,
    /// The operators that it is on, of those listed; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operators: Option<Vec<String>>,
    /// The fact of an operation that it is about.
    #[schemars(schema_with = "fact_names")]
    pub fact: String,
    /// Words that the fact may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<Vec<String>>,
    /// Numbers that the fact may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<u64>>,
    /// The least that the fact may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// The most that the fact may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
    /// What the fact is a multiple of; at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiple_of: Option<u64>,
    /// Another fact that it equals.
    #[schemars(schema_with = "fact_names")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// A fact that decides whether the limit holds at all; it always does if left out.
    #[schemars(schema_with = "fact_names")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The words of that fact for which the limit holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when_is: Option<Vec<String>>,
    /// What to change in a network that does not keep to it.
    pub advice: String,
}

/// A word, one of the names of facts.
fn fact_names(_: &mut schemars::SchemaGenerator) -> Schema {
    let names: Vec<&str> = FactName::ALL.iter().map(|fact| fact.name()).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}

//! A whole space as JSON: what a journal keeps so that it is read without the space's file.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::space::{Choice, Condition, Constraint, Decision, Scale, Space, SpaceError, Value};

/// Differences that are told; where there are more, the spaces have little in common.
const TOLD_MAX: usize = 3;

/// A space as a journal keeps it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Definition {
    decisions: Vec<RawDecision>,
    constraints: Vec<RawConstraint>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct RawDecision {
    group: String,
    name: String,
    scale: RawScale,
    values: Vec<Json>,
    /// Their spellings in the short text.
    short: Vec<String>,
    /// The decision and the choice there that it hangs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<(usize, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawScale {
    Unordered,
    Linear,
    Logarithmic,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct RawConstraint {
    group: String,
    text: String,
}

impl Definition {
    pub(super) fn of(space: &Space) -> Self {
        let constraints = space.constraints().iter().map(|c| RawConstraint {
            group: c.group().to_owned(),
            text: c.text().to_owned(),
        });
        Self {
            decisions: space.decisions().iter().map(RawDecision::of).collect(),
            constraints: constraints.collect(),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        json!(self)
    }

    /// Reads what [`Definition::to_json`] wrote.
    pub(super) fn from_json(json: &Json) -> Result<Self, String> {
        Self::deserialize(json).map_err(|e| e.to_string())
    }

    /// The space of this definition, called `name`.
    pub(super) fn space(&self, name: &str) -> Result<Space, SpaceError> {
        let decisions: Option<Vec<Decision>> =
            self.decisions.iter().map(RawDecision::read).collect();
        let decisions = decisions.ok_or_else(|| SpaceError::Empty {
            space: name.to_owned(),
        })?;
        let constraints: Result<Vec<Constraint>, SpaceError> = self
            .constraints
            .iter()
            .map(|c| Constraint::parse(&c.text, &c.group, &decisions))
            .collect();
        Space::constrained(name, decisions, constraints?)
    }

    /// What `given` has otherwise than this, in words; `None` when they are the same.
    pub(super) fn differences(&self, given: &Self) -> Option<String> {
        let mut told = Vec::new();
        let named = |of: &Self, name: &str| of.decisions.iter().position(|d| d.full_name() == name);
        for decision in &self.decisions {
            let name = decision.full_name();
            match named(given, &name).map(|at| &given.decisions[at]) {
                None => told.push(format!("its decision `{name}` is not in this search's")),
                Some(other) if other.values != decision.values => told.push(format!(
                    "its `{name}` takes {}, this search's {}",
                    spelled(&decision.values),
                    spelled(&other.values)
                )),
                Some(other) if other != decision => told.push(format!(
                    "its `{name}` is spelled, scaled or hung on other decisions otherwise than this search's"
                )),
                Some(_) => {}
            }
        }
        for decision in &given.decisions {
            let name = decision.full_name();
            if named(self, &name).is_none() {
                told.push(format!("it lacks the decision `{name}` of this search's"));
            }
        }
        told.extend(self.constraint_differences(given));
        if told.is_empty() && self != given {
            told.push("its decisions stand in another order than this search's".to_owned());
        }
        let more = told.len().saturating_sub(TOLD_MAX);
        told.truncate(TOLD_MAX);
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn constraint_differences(&self, given: &Self) -> Vec<String> {
        let only = |of: &Self, other: &Self, words: &str| -> Vec<String> {
            let others = &other.constraints;
            let only = of.constraints.iter().filter(|c| !others.contains(c));
            only.map(|c| format!("{words} `{}`", c.text)).collect()
        };
        let mut told = only(self, given, "only it has the constraint");
        told.extend(only(given, self, "only this search's has the constraint"));
        told
    }
}

impl RawDecision {
    fn of(decision: &Decision) -> Self {
        let choices = &decision.choices;
        Self {
            group: decision.group.clone(),
            name: decision.name.clone(),
            scale: match decision.scale {
                Scale::Unordered => RawScale::Unordered,
                Scale::Linear => RawScale::Linear,
                Scale::Logarithmic => RawScale::Logarithmic,
            },
            values: choices.iter().map(|c| c.value.to_json()).collect(),
            short: choices.iter().map(|c| c.short.clone()).collect(),
            when: decision.when.map(|c| (c.decision, c.choice)),
        }
    }

    /// Nothing when a value is none, or has no spelling.
    fn read(&self) -> Option<Decision> {
        if self.values.len() != self.short.len() {
            return None;
        }
        let choice =
            |(value, short): (&Json, &String)| Some(Choice::new(Value::from_json(value)?, short));
        let choices: Option<Vec<Choice>> =
            self.values.iter().zip(&self.short).map(choice).collect();
        Some(Decision {
            scale: match self.scale {
                RawScale::Unordered => Scale::Unordered,
                RawScale::Linear => Scale::Linear,
                RawScale::Logarithmic => Scale::Logarithmic,
            },
            when: self
                .when
                .map(|(decision, choice)| Condition { decision, choice }),
            ..Decision::one_of(&self.group, &self.name, choices?)
        })
    }

    fn full_name(&self) -> String {
        format!("{}.{}", self.group, self.name)
    }
}

fn spelled(values: &[Json]) -> String {
    let values: Vec<String> = values.iter().map(Json::to_string).collect();
    values.join(", ")
}

//! Genomes: one choice per decision, and the named form that JSON shows.

use serde_json::{Map, Value as Json};

use super::decision::{Condition, Decision, Value};
use super::definition::Space;
use super::error::SpaceError;

/// A point of a space: the index of the choice taken, for every decision in order; 0 where the
/// decision is idle, since it hangs on a choice that was not taken.
///
/// Only a [`Space`] makes genomes, so every index exists in the space that made it, and no
/// constraint is broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Genome(pub(super) Vec<usize>);

impl Genome {
    /// The choices, one index per decision.
    #[must_use]
    pub fn choices(&self) -> &[usize] {
        &self.0
    }
}

impl Space {
    /// The genome that takes `choices`.
    ///
    /// # Errors
    /// When there are too few or too many choices, one does not exist, one but the first is given
    /// for an idle decision, or a constraint is broken.
    pub fn genome(&self, choices: Vec<usize>) -> Result<Genome, SpaceError> {
        if choices.len() != self.decisions().len() {
            return Err(SpaceError::ChoiceCount {
                space: self.name().to_owned(),
                expected: self.decisions().len(),
                found: choices.len(),
            });
        }
        for (index, (decision, &found)) in self.decisions().iter().zip(&choices).enumerate() {
            let count = decision.choices.len();
            if found >= count {
                let decision = decision.full_name();
                return Err(SpaceError::NoSuchChoice {
                    decision,
                    found,
                    count,
                });
            }
            if found != 0 && !self.is_active(index, &choices) {
                return Err(self.idle(index, found.to_string()));
            }
        }
        let genome = Genome(choices);
        match self.keeps(&genome) {
            true => Ok(genome),
            false => Err(self.broken(&genome)),
        }
    }

    /// The decisions that are made and the values taken, in genome order.
    pub fn values<'a>(
        &'a self,
        genome: &'a Genome,
    ) -> impl Iterator<Item = (&'a Decision, &'a Value)> {
        let all = self.decisions().iter().zip(&genome.0).enumerate();
        all.filter(|(index, _)| self.is_active(*index, &genome.0))
            .map(|(_, (d, &c))| (d, &d.choices[c].value))
    }

    /// The genome as a JSON object: full name of the decision to value, of decisions that are made.
    #[must_use]
    pub fn to_json(&self, genome: &Genome) -> Map<String, Json> {
        self.values(genome)
            .map(|(d, value)| (d.full_name(), value.to_json()))
            .collect()
    }

    /// Reads what [`Space::to_json`] wrote; the order of the names does not matter.
    ///
    /// # Errors
    /// When a decision is missing, unknown, idle, or has a value that it cannot take, or a
    /// constraint is broken.
    pub fn from_json(&self, values: &Map<String, Json>) -> Result<Genome, SpaceError> {
        let mut choices = vec![0; self.decisions().len()];
        let mut read = 0;
        for (index, decision) in self.decisions().iter().enumerate() {
            let found = values.get(&decision.full_name());
            if self.is_active(index, &choices) {
                choices[index] = choice_in(decision, found)?;
                read += 1;
            } else if let Some(found) = found {
                return Err(self.idle(index, found.to_string()));
            }
        }
        if values.len() > read {
            let known = |name: &String| self.decisions().iter().any(|d| d.full_name() == *name);
            let found = values.keys().find(|name| !known(name)).cloned();
            return Err(SpaceError::NoSuchDecision {
                space: self.name().to_owned(),
                found: found.unwrap_or_default(),
            });
        }
        self.genome(choices)
    }

    /// The refusal of a value for the idle decision `index`.
    fn idle(&self, index: usize, found: String) -> SpaceError {
        let decisions = self.decisions();
        let needed = decisions[index].when.map(|Condition { decision, choice }| {
            let on = &decisions[decision];
            format!("`{}` is {}", on.full_name(), on.choices[choice].value)
        });
        SpaceError::Idle {
            decision: decisions[index].full_name(),
            found,
            needed: needed.unwrap_or_default(),
        }
    }

    /// The refusal of choices that break a constraint.
    fn broken(&self, genome: &Genome) -> SpaceError {
        let taken = |index: usize| self.is_active(index, &genome.0).then(|| genome.0[index]);
        let constraint = self.constraints().iter().find(|c| !c.holds(&taken));
        let value = |index: usize| {
            let decision = &self.decisions()[index];
            let value = &decision.choices[taken(index)?].value;
            Some(format!("{} = {value}", decision.full_name()))
        };
        let values = constraint.map(|c| c.decisions().into_iter().filter_map(value).collect());
        SpaceError::Broken {
            constraint: constraint.map(ToString::to_string).unwrap_or_default(),
            values: values.map_or_else(String::new, |values: Vec<String>| values.join(", ")),
        }
    }
}

impl Value {
    /// The value as JSON: a string, a number or a list of them.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::from(text.as_str()),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
            Self::List(values) => values.iter().map(Self::to_json).collect(),
        }
    }

    /// The value that [`Value::to_json`] wrote; nothing for what no value can be.
    #[must_use]
    pub fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::String(text) => Some(Self::Text(text.clone())),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Some(Self::Int(whole)),
                None => number.as_f64().map(Self::Float),
            },
            Json::Array(values) => {
                let values: Option<Vec<Self>> = values.iter().map(Self::from_json).collect();
                values.map(Self::List)
            }
            Json::Null | Json::Bool(_) | Json::Object(_) => None,
        }
    }

    /// Whether `json` is this value; `1` and `1.0` are the same multiplier.
    fn matches(&self, json: &Json) -> bool {
        match self {
            Self::Text(text) => json.as_str() == Some(text),
            Self::Int(number) => json.as_i64() == Some(*number),
            Self::Float(number) => json.as_f64() == Some(*number),
            Self::List(values) => json.as_array().is_some_and(|list| {
                list.len() == values.len() && values.iter().zip(list).all(|(v, j)| v.matches(j))
            }),
        }
    }
}

fn choice_in(decision: &Decision, found: Option<&Json>) -> Result<usize, SpaceError> {
    let position =
        found.and_then(|found| decision.choices.iter().position(|c| c.value.matches(found)));
    position.ok_or_else(|| SpaceError::NoSuchValue {
        decision: decision.full_name(),
        found: found.map_or_else(|| "missing".to_owned(), Json::to_string),
        allowed: decision.allowed_values(),
    })
}

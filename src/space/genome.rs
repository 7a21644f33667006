//! Genomes: one choice per decision; sampling, mutation, and the named form that JSON shows.

use rand::{Rng, RngExt};
use serde_json::{Map, Value as Json};

use super::decision::{Decision, Space, Value};
use super::error::SpaceError;

/// A point of a space: the index of the choice taken, for every decision in order.
///
/// Only a [`Space`] makes genomes, so every index exists in the space that made it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Genome(Vec<usize>);

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
    /// When there are too few or too many choices, or one does not exist.
    pub fn genome(&self, choices: Vec<usize>) -> Result<Genome, SpaceError> {
        if choices.len() != self.decisions().len() {
            return Err(SpaceError::ChoiceCount {
                space: self.name().to_owned(),
                expected: self.decisions().len(),
                found: choices.len(),
            });
        }
        for (decision, &found) in self.decisions().iter().zip(&choices) {
            let count = decision.choices.len();
            if found >= count {
                let decision = decision.full_name();
                return Err(SpaceError::NoSuchChoice {
                    decision,
                    found,
                    count,
                });
            }
        }
        Ok(Genome(choices))
    }

    /// A genome drawn uniformly from the whole space.
    pub fn sample(&self, rng: &mut impl Rng) -> Genome {
        let choices = self
            .decisions()
            .iter()
            .map(|d| rng.random_range(0..d.choices.len()));
        Genome(choices.collect())
    }

    /// A copy of `parent` with one decision, drawn uniformly among those that have a choice, set to
    /// another value: it always differs from the parent in exactly one place.
    ///
    /// `None` when the space holds one genome only.
    pub fn mutate(&self, parent: &Genome, rng: &mut impl Rng) -> Option<Genome> {
        let counts = self.decisions().iter().map(|d| d.choices.len());
        let open: Vec<(usize, usize)> = counts.enumerate().filter(|&(_, n)| n > 1).collect();
        if open.is_empty() {
            return None;
        }
        let (index, count) = open[rng.random_range(0..open.len())];
        // One value fewer than there are: the parent's own is stepped over.
        let drawn = rng.random_range(0..count - 1);
        let mut child = parent.clone();
        child.0[index] = if drawn < parent.0[index] {
            drawn
        } else {
            drawn + 1
        };
        Some(child)
    }

    /// The values taken, by full name of the decision, in genome order.
    pub fn values<'a>(
        &'a self,
        genome: &'a Genome,
    ) -> impl Iterator<Item = (&'a Decision, &'a Value)> {
        self.decisions()
            .iter()
            .zip(&genome.0)
            .map(|(d, &c)| (d, &d.choices[c].value))
    }

    /// The genome as a JSON object: full name of the decision to value.
    #[must_use]
    pub fn to_json(&self, genome: &Genome) -> Map<String, Json> {
        self.values(genome)
            .map(|(d, value)| (d.full_name(), value.to_json()))
            .collect()
    }

    /// Reads what [`Space::to_json`] wrote; the order of the names does not matter.
    ///
    /// # Errors
    /// When a decision is missing, unknown, or has a value that it cannot take.
    pub fn from_json(&self, values: &Map<String, Json>) -> Result<Genome, SpaceError> {
        let choices: Result<Vec<usize>, SpaceError> = self
            .decisions()
            .iter()
            .map(|d| choice_in(d, values))
            .collect();
        let choices = choices?;
        if values.len() > self.decisions().len() {
            let known = |name: &String| self.decisions().iter().any(|d| d.full_name() == *name);
            let found = values
                .keys()
                .find(|name| !known(name))
                .cloned()
                .unwrap_or_default();
            return Err(SpaceError::NoSuchDecision {
                space: self.name().to_owned(),
                found,
            });
        }
        self.genome(choices)
    }
}

impl Value {
    /// The value as JSON: a string or a number.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::from(text.as_str()),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
        }
    }

    /// Whether `json` is this value; `1` and `1.0` are the same multiplier.
    fn matches(&self, json: &Json) -> bool {
        match self {
            Self::Text(text) => json.as_str() == Some(text),
            Self::Int(number) => json.as_i64() == Some(*number),
            Self::Float(number) => json.as_f64() == Some(*number),
        }
    }
}

fn choice_in(decision: &Decision, values: &Map<String, Json>) -> Result<usize, SpaceError> {
    let name = decision.full_name();
    let found = values.get(&name);
    let position =
        found.and_then(|found| decision.choices.iter().position(|c| c.value.matches(found)));
    position.ok_or_else(|| SpaceError::NoSuchValue {
        decision: name,
        found: found.map_or_else(|| "missing".to_owned(), Json::to_string),
        allowed: decision.allowed_values(),
    })
}

//! What an accelerator takes: operators, modes of them, and limits on their shapes and attributes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::SourceKind;
use crate::task::{FactName, FactValue, Operation};

/// What the accelerator takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// Names of operators.
    pub operators: BTreeSet<String>,
    /// For some operators, the modes of it that are taken.
    pub modes: BTreeMap<String, BTreeSet<String>>,
    /// Limits, in the order of the file.
    pub limits: Vec<SupportLimit>,
    /// Whether the accelerator continues after an operator that it does not take.
    pub multiple_segments: bool,
}

/// One condition on operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportLimit {
    /// What is demanded, in a few words.
    pub name: String,
    /// What to change in a network that does not keep to it.
    pub advice: String,
    /// Where it comes from.
    pub source: SourceKind,
    /// The operators that it is on; all where there is nothing.
    pub operators: Option<BTreeSet<String>>,
    /// It holds only where this fact is one of these words.
    pub when: Option<(FactName, BTreeSet<String>)>,
    /// What it is about.
    pub fact: FactName,
    /// What that may be; every demand is to be met.
    pub demands: Vec<Demand>,
}

/// What a fact may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// One of these words.
    Is(BTreeSet<String>),
    /// One of these numbers.
    OneOf(BTreeSet<u64>),
    /// No less.
    AtLeast(u64),
    /// No more.
    AtMost(u64),
    /// A multiple.
    MultipleOf(u64),
    /// What another fact is.
    SameAs(FactName),
}

impl Support {
    /// The first limit that `operation` does not keep to, by its place in [`Support::limits`], and what
    /// its fact is.
    #[must_use]
    pub fn broken(&self, operation: &Operation) -> Option<(usize, FactValue)> {
        let limits = self.limits.iter().enumerate();
        let mut broken =
            limits.filter_map(|(place, limit)| Some((place, limit.broken(operation)?)));
        broken.next()
    }
}

impl SupportLimit {
    /// What the fact is of an `operation` that does not keep to the limit.
    fn broken(&self, operation: &Operation) -> Option<FactValue> {
        let named = |names: &BTreeSet<String>| names.contains(&operation.operator);
        if !self.operators.as_ref().is_none_or(named) {
            return None;
        }
        let is = |(fact, words): &(FactName, BTreeSet<String>)| {
            values(operation, *fact).any(|value| is_word(value, words))
        };
        if !self.when.as_ref().is_none_or(is) {
            return None;
        }
        let met = |value: FactValue| {
            let mut demands = self.demands.iter();
            demands.all(|demand| demand.met(value, operation))
        };
        values(operation, self.fact).find(|value| !met(*value))
    }
}

impl Demand {
    fn met(&self, value: FactValue, operation: &Operation) -> bool {
        let counted = |holds: &dyn Fn(u64) -> bool| match value {
            FactValue::Count(count) => holds(count),
            FactValue::Word(_) => false,
        };
        match self {
            Demand::Is(words) => is_word(value, words),
            Demand::OneOf(numbers) => counted(&|count| numbers.contains(&count)),
            Demand::AtLeast(least) => counted(&|count| count >= *least),
            Demand::AtMost(most) => counted(&|count| count <= *most),
            Demand::MultipleOf(factor) => counted(&|count| count.is_multiple_of(*factor)),
            Demand::SameAs(other) => values(operation, *other).all(|other| other == value),
        }
    }
}

fn values(operation: &Operation, name: FactName) -> impl Iterator<Item = FactValue> {
    let facts = operation.facts.iter();
    facts
        .filter(move |fact| fact.name == name)
        .map(|fact| fact.value)
}

fn is_word(value: FactValue, words: &BTreeSet<String>) -> bool {
    match value {
        FactValue::Word(word) => words.contains(word),
        FactValue::Count(_) => false,
    }
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FactValue::Count(count) => write!(f, "{count}"),
            FactValue::Word(word) => f.write_str(word),
        }
    }
}

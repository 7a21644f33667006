//! The values of a genome by the names of its decisions, each to be asked for.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::super::decision::Value;
use super::super::definition::Space;
use super::super::error::SpaceError;
use super::super::genome::Genome;

/// What a genome says that was not asked for yet.
pub(super) struct Taken<'g> {
    values: BTreeMap<String, &'g Value>,
}

impl<'g> Taken<'g> {
    pub(super) fn new(space: &'g Space, genome: &'g Genome) -> Self {
        let values = space.values(genome);
        Self {
            values: values.map(|(d, value)| (d.full_name(), value)).collect(),
        }
    }

    /// What was not asked for yet.
    pub(super) fn rest(&self) -> impl Iterator<Item = (&str, &'g Value)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
    }

    /// A whole number in `range`; `usual` where there is no such decision.
    pub(super) fn count(
        &mut self,
        name: &str,
        range: RangeInclusive<usize>,
        usual: Option<usize>,
    ) -> Result<usize, SpaceError> {
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        let Some(value) = self.values.remove(name) else {
            return usual.ok_or_else(|| meaningless(name, "missing", &expected()));
        };
        let number = match value {
            Value::Int(number) => usize::try_from(*number).ok(),
            Value::Text(_) | Value::Float(_) | Value::List(_) => None,
        };
        let number = number.filter(|number| range.contains(number));
        number.ok_or_else(|| meaningless(name, value, &expected()))
    }

    /// A number, as hundredths.
    pub(super) fn hundredths(&mut self, name: &str) -> Result<usize, SpaceError> {
        let expected = "a number from 0.01 to 100 with at most two decimals";
        let Some(value) = self.values.remove(name) else {
            return Err(meaningless(name, "missing", expected));
        };
        let text = value.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let number = format!("{whole}{decimals:0<2}").parse().ok();
        let number = number.filter(|number| decimals.len() <= 2 && (1..=10_000).contains(number));
        number.ok_or_else(|| meaningless(name, value, expected))
    }

    /// One of `words`, by index.
    pub(super) fn word(&mut self, name: &str, words: &[&str]) -> Result<usize, SpaceError> {
        let expected = || format!("one of {}", words.join(", "));
        let Some(value) = self.values.remove(name) else {
            return Err(meaningless(name, "missing", &expected()));
        };
        let found = match value {
            Value::Text(text) => words.iter().position(|word| word == text),
            Value::Int(_) | Value::Float(_) | Value::List(_) => None,
        };
        found.ok_or_else(|| meaningless(name, value, &expected()))
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> Result<(), SpaceError> {
        match self.values.first_key_value() {
            None => Ok(()),
            Some((name, value)) => {
                let expected = "no decision of this name; the decoder reads none";
                Err(meaningless(name, value, expected))
            }
        }
    }
}

/// The refusal of a value that a decoder cannot read.
pub(super) fn meaningless(name: &str, found: impl ToString, expected: &str) -> SpaceError {
    SpaceError::Meaningless {
        decision: name.to_owned(),
        found: found.to_string(),
        expected: expected.to_owned(),
    }
}

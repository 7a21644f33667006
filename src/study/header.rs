//! The settings that make a study: the front of its journal, and what a resumed search must match.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::line;
use super::trial::Direction;
use crate::space::Space;

/// Attribute that names the space.
const SPACE: &str = "space";
/// Attribute that holds [`Space::fingerprint`].
const FINGERPRINT: &str = "space_fingerprint";

/// The settings of a study, as the user attributes of an Optuna study.
///
/// Everything that proposals or rewards depend on belongs here, so that a journal is continued with
/// the settings it was begun with or not at all. How many trials to run does not: it may grow.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    directions: Vec<Direction>,
    attributes: BTreeMap<String, Json>,
}

impl Header {
    /// The header of a study over `space` whose trials have values in these `directions`, with
    /// `settings` (seed, controller, reward, ...).
    #[must_use]
    pub fn new(
        space: &Space,
        directions: Vec<Direction>,
        settings: BTreeMap<String, Json>,
    ) -> Self {
        let mut attributes = settings;
        attributes.insert(SPACE.into(), json!(space.name()));
        attributes.insert(FINGERPRINT.into(), json!(space.fingerprint()));
        Self {
            directions,
            attributes,
        }
    }

    /// A header as read from a journal.
    pub(super) fn read(directions: Vec<Direction>, attributes: BTreeMap<String, Json>) -> Self {
        Self {
            directions,
            attributes,
        }
    }

    /// Which way every objective is better; one for a reward.
    #[must_use]
    pub fn directions(&self) -> &[Direction] {
        &self.directions
    }

    /// Every setting by name, the space's name and fingerprint included.
    #[must_use]
    pub fn attributes(&self) -> &BTreeMap<String, Json> {
        &self.attributes
    }

    /// The name of the space, when the journal has one.
    #[must_use]
    pub fn space_name(&self) -> Option<&str> {
        self.attributes.get(SPACE).and_then(Json::as_str)
    }

    /// Whether the study was made over exactly this space.
    #[must_use]
    pub fn is_over(&self, space: &Space) -> bool {
        let fingerprint = self.attributes.get(FINGERPRINT).and_then(Json::as_str);
        self.space_name() == Some(space.name()) && fingerprint == Some(&space.fingerprint())
    }

    /// The settings of `given` that differ from this header's, in words; `None` when none does.
    ///
    /// Attributes that only the journal has are no difference: people annotate studies in Optuna.
    #[must_use]
    pub fn differences(&self, given: &Self) -> Option<String> {
        let absent = || "absent".to_owned();
        let mut differences: Vec<String> = given
            .attributes
            .iter()
            .filter(|(name, value)| self.attributes.get(*name) != Some(value))
            .map(|(name, value)| {
                let found = self
                    .attributes
                    .get(name)
                    .map_or_else(absent, Json::to_string);
                format!("its {name} is {found}, this search's is {value}")
            })
            .collect();
        if self.directions != given.directions {
            differences.push(format!(
                "its objectives are {:?}, this search's are {:?}",
                self.directions, given.directions
            ));
        }
        (!differences.is_empty()).then(|| differences.join("; "))
    }

    /// The journal's first lines: the study and its attributes.
    pub(super) fn lines(&self) -> String {
        let mut lines = line::create_study(&self.directions);
        for (name, value) in &self.attributes {
            lines += &line::study_attribute(name, value);
        }
        lines
    }
}

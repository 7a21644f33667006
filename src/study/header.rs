//! The settings that make a study: the front of its journal, and what a resumed search must match.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::definition::Definition;
use super::trial::Direction;
use super::write;
use crate::space::{Space, SpaceError};

/// Attribute that names the layout of the journal.
const FORMAT: &str = "journal";
/// The layout that this version writes and reads.
const THIS_FORMAT: &str = "ednas.journal/2";
/// Attribute that names the space.
const SPACE: &str = "space";
/// Attribute that holds [`Space::fingerprint`].
const FINGERPRINT: &str = "space_fingerprint";
/// Attribute that holds the whole space.
const DEFINITION: &str = "space_definition";
/// Setting that names the objectives, in the order of their values.
const OBJECTIVES: &str = "objectives";

/// The settings of a study, as the user attributes of an Optuna study.
///
/// Everything that proposals or rewards depend on belongs here, so that a journal is continued with
/// the settings it was begun with or not at all. How many trials to run does not: it may grow. A
/// setting that is null is off: journals leave it out, and one that has it is of another study.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    directions: Vec<Direction>,
    attributes: BTreeMap<String, Json>,
}

impl Header {
    /// The header of a study over `space` whose trials have values in these `directions`, with
    /// `settings` (seed, controller, reward, ...). A setting `objectives`, a list of names, says
    /// what the values are.
    #[must_use]
    pub fn new(
        space: &Space,
        directions: Vec<Direction>,
        settings: BTreeMap<String, Json>,
    ) -> Self {
        let mut attributes = settings;
        attributes.insert(FORMAT.into(), json!(THIS_FORMAT));
        attributes.insert(SPACE.into(), json!(space.name()));
        attributes.insert(FINGERPRINT.into(), json!(space.fingerprint()));
        attributes.insert(DEFINITION.into(), Definition::of(space).to_json());
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

    /// What the values of a trial are called: the setting `objectives`, `reward` for a single value
    /// without it, else `value 0`, `value 1`, ...
    #[must_use]
    pub fn objectives(&self) -> Vec<String> {
        let given = self.attributes.get(OBJECTIVES).and_then(Json::as_array);
        let name = |objective: &Json| objective.as_str().map(str::to_owned);
        let given: Option<Vec<String>> = given.and_then(|list| list.iter().map(name).collect());
        let count = self.directions.len();
        match given {
            Some(names) if names.len() == count => names,
            Some(_) | None if count == 1 => vec!["reward".to_owned()],
            Some(_) | None => (0..count).map(|at| format!("value {at}")).collect(),
        }
    }

    /// Every attribute by name, the space and its definition included.
    #[must_use]
    pub fn attributes(&self) -> &BTreeMap<String, Json> {
        &self.attributes
    }

    /// The settings by name that are not off, without the space's definition and the journal's
    /// layout.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.all_settings().filter(|(_, value)| !value.is_null())
    }

    fn all_settings(&self) -> impl Iterator<Item = (&str, &Json)> {
        let internal = [FORMAT, FINGERPRINT, DEFINITION];
        let all = self.attributes.iter().map(|(n, v)| (n.as_str(), v));
        all.filter(move |(name, _)| !internal.contains(name))
    }

    /// The name of the space, when the journal has one.
    #[must_use]
    pub fn space_name(&self) -> Option<&str> {
        self.attributes.get(SPACE).and_then(Json::as_str)
    }

    /// Whether the study was made over exactly this space.
    #[must_use]
    pub fn is_over(&self, space: &Space) -> bool {
        let definition = self.attributes.get(DEFINITION);
        self.space_name() == Some(space.name())
            && definition == Some(&Definition::of(space).to_json())
    }

    /// The space that the journal defines.
    ///
    /// # Errors
    /// When there is no definition in words, or a [`SpaceError`] when it makes no space.
    pub(super) fn space(&self) -> Result<Result<Space, SpaceError>, String> {
        let definition = self.definition()?;
        let name = self
            .space_name()
            .ok_or("the attribute `space` is missing")?;
        Ok(definition.space(name))
    }

    fn definition(&self) -> Result<Definition, String> {
        let definition = self.attributes.get(DEFINITION);
        let definition = definition.ok_or("the attribute `space_definition` is missing")?;
        Definition::from_json(definition)
    }

    /// Another layout than this version's, in words.
    pub(super) fn other_format(&self) -> Option<String> {
        match self.attributes.get(FORMAT) {
            Some(Json::String(format)) if format == THIS_FORMAT => None,
            Some(other) => Some(format!(
                "is laid out as {other}, this version as \"{THIS_FORMAT}\""
            )),
            None => Some(format!(
                "does not say how it is laid out; this version's say \"{THIS_FORMAT}\" in the attribute `{FORMAT}`"
            )),
        }
    }

    /// The settings of `given` that differ from this header's, in words; `None` when none does.
    ///
    /// Attributes that only the journal has are no difference: people annotate studies in Optuna.
    #[must_use]
    pub fn differences(&self, given: &Self) -> Option<String> {
        let words = |value: &Json| match value.is_null() {
            true => "absent".to_owned(),
            false => value.to_string(),
        };
        let found = |name: &str| self.attributes.get(name).unwrap_or(&Json::Null);
        let mut differences: Vec<String> = given
            .all_settings()
            .map(|(name, value)| (name, found(name), value))
            .filter(|(_, found, value)| found != value)
            .map(|(name, found, value)| {
                let (found, value) = (words(found), words(value));
                format!("its {name} is {found}, this search's is {value}")
            })
            .collect();
        if self.directions != given.directions {
            differences.push(format!(
                "its objectives are {:?}, this search's are {:?}",
                self.directions, given.directions
            ));
        }
        // Spaces of other names have little in common.
        if self.space_name() == given.space_name() {
            differences.extend(self.space_differences(given));
        }
        (!differences.is_empty()).then(|| differences.join("; "))
    }

    fn space_differences(&self, given: &Self) -> Option<String> {
        if self.attributes.get(DEFINITION) == given.attributes.get(DEFINITION) {
            return None;
        }
        match (self.definition(), given.definition()) {
            (Ok(found), Ok(given)) => found.differences(&given),
            (Err(problem), _) | (_, Err(problem)) => Some(problem),
        }
    }

    /// The journal's first lines: the study and its attributes.
    pub(super) fn lines(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        write::create_study(&self.directions, &mut lines);
        let set = self.attributes.iter().filter(|(_, value)| !value.is_null());
        for (name, value) in set {
            write::study_attribute(name, value, &mut lines);
        }
        write::metric_names(&self.objectives(), &mut lines);
        lines
    }
}

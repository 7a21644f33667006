//! What can be wrong with a profile.

use super::place::Place;

/// Why a profile was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No profile of that name ships with this crate.
    #[error("there is no profile `{name}`{}; known profiles: {}", suggestion(nearest), known.join(", "))]
    UnknownName {
        /// What was asked for.
        name: String,
        /// A known name that looks like it.
        nearest: Option<String>,
        /// The names to choose from.
        known: Vec<String>,
    },
    /// The profile has no mode of that name.
    #[error(
        "profile `{profile}` has no mode `{mode}`{}; {}",
        suggestion(nearest),
        modes(known)
    )]
    UnknownMode {
        /// The profile without modes.
        profile: String,
        /// What was asked for.
        mode: String,
        /// A mode that looks like it.
        nearest: Option<String>,
        /// All modes of the profile.
        known: Vec<String>,
    },
    /// No profile has such a key with a single value.
    #[error(
        "no profile has a key `{key}` with a single value{}",
        suggestion(nearest)
    )]
    NoSuchKey {
        /// What was asked for, as `table.key`.
        key: String,
        /// A known key that looks like it.
        nearest: Option<String>,
    },
    /// Not TOML.
    #[error("{place}: {message}{}", place.excerpt())]
    Syntax {
        /// Where.
        place: Box<Place>,
        /// What the reader says.
        message: String,
    },
    /// A key that no profile has.
    #[error(
        "{place}: unknown key `{key}`{}{}; known keys here: {}{}",
        within(table), suggestion(nearest), known.join(", "), place.excerpt()
    )]
    UnknownKey {
        /// Where.
        place: Box<Place>,
        /// The table that it stands in; empty at the top of the file.
        table: String,
        /// The key.
        key: String,
        /// A known key that looks like it.
        nearest: Option<String>,
        /// All keys known in that table.
        known: Vec<String>,
    },
    /// A key that every profile has.
    #[error("{place}: key `{key}` is missing{}; it is: {meaning}{}", within(table), place.excerpt())]
    MissingKey {
        /// The table that lacks it.
        place: Box<Place>,
        /// The name of that table; empty at the top of the file.
        table: String,
        /// The key.
        key: String,
        /// What the key says of a machine.
        meaning: String,
    },
    /// A value of the wrong type, or one that no machine has.
    #[error(
        "{}{field} is {found}; expected {expected}{}",
        before(place),
        after(place)
    )]
    Value {
        /// Where, if the profile came from a file.
        place: Option<Box<Place>>,
        /// The field, as `table.key`.
        field: String,
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: String,
    },
}

fn before(place: &Option<Box<Place>>) -> String {
    place
        .as_ref()
        .map(|place| format!("{place}: "))
        .unwrap_or_default()
}

fn after(place: &Option<Box<Place>>) -> String {
    place
        .as_ref()
        .map(|place| place.excerpt())
        .unwrap_or_default()
}

fn within(table: &str) -> String {
    if table.is_empty() {
        String::new()
    } else {
        format!(" in [{table}]")
    }
}

fn modes(known: &[String]) -> String {
    if known.is_empty() {
        "it has no modes".to_owned()
    } else {
        format!("known modes: {}", known.join(", "))
    }
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|name| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

/// The one of `known` that looks most like `name`, if any does.
#[must_use]
pub fn nearest(name: &str, known: &[String]) -> Option<String> {
    let score = |candidate: &String| strsim::jaro_winkler(name, candidate);
    let best = known.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) > 0.7).then(|| best.clone())
}

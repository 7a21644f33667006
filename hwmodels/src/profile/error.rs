//! What can be wrong with a profile.

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
        /// All known names.
        known: Vec<String>,
    },
    /// A key that no profile has.
    #[error("{origin}:{line}: unknown key `{key}`{}; known keys here: {}", suggestion(nearest), known.join(", "))]
    UnknownKey {
        /// The file.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// A known key that looks like it.
        nearest: Option<String>,
        /// All keys known at that place.
        known: Vec<String>,
    },
    /// Not TOML, a key missing, or a value of the wrong type.
    #[error("{origin}:{line}: {message}, in `{excerpt}`")]
    Syntax {
        /// The file.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// What the reader says.
        message: String,
        /// The line itself.
        excerpt: String,
    },
    /// A value that no machine has.
    #[error("{origin}{}: {field} is {found}; expected {expected}", line.map(|line| format!(":{line}")).unwrap_or_default())]
    Value {
        /// The file.
        origin: String,
        /// Line, from 1, where the field is in the file.
        line: Option<usize>,
        /// The field, as `table.key`.
        field: String,
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: String,
    },
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|name| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

/// The one of `known` that looks most like `name`, if any does.
pub(super) fn nearest(name: &str, known: &[String]) -> Option<String> {
    let score = |candidate: &String| strsim::jaro_winkler(name, candidate);
    let best = known.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) > 0.7).then(|| best.clone())
}

//! What can be wrong with a space's file.

use std::path::PathBuf;

use hwmodels::profile::Place;

use super::super::error::SpaceError;

/// Why a space could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpaceFileError {
    /// No space of that name ships with this crate, and it is no file either.
    #[error(
        "there is no space `{name}`{}; known spaces: {}; a file ends in .toml or .json",
        suggestion(nearest),
        known.join(", ")
    )]
    UnknownName {
        /// What was asked for.
        name: String,
        /// A known name that looks like it.
        nearest: Option<String>,
        /// The names to choose from.
        known: Vec<String>,
    },
    /// A definition of Fused-IBN that does not exist, or a genome that is not in the space.
    #[error(transparent)]
    Genome(#[from] SpaceError),
    /// The file cannot be read.
    #[error("cannot read the space {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: String,
    },
    /// Too long to be a space.
    #[error("{} is longer than a mebibyte, which no space is", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Something in the file is wrong.
    #[error("{place}: {problem}{}", place.excerpt())]
    Refused {
        /// Where.
        place: Box<Place>,
        /// What stands there and what was expected.
        problem: String,
    },
}

/// ` (did you mean ...?)`, where there is something to suggest.
pub(super) fn suggestion(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|name| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

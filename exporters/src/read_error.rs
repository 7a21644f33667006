//! Why a file could not be read.

use std::fmt::Display;

use crate::Format;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes are another format's, or another version's.
    #[error("not read as {format}: found {found}, expected {expected}")]
    Format {
        /// The format that was asked for.
        format: Format,
        /// What the file must say.
        expected: String,
        /// What it says.
        found: String,
    },
    /// A part of the file contradicts the format or the rest of the file.
    #[error("{place}: found {found}, expected {expected}")]
    Malformed {
        /// Where: the subgraph, the operator by index and name, the tensor.
        place: String,
        /// What would be accepted.
        expected: String,
        /// What it is.
        found: String,
    },
    /// An input has an extent that may change from run to run, and nothing says what it is.
    #[error("input `{input}` is {found}: give all its extents, such as {input}={example}")]
    Dynamic {
        /// The input.
        input: String,
        /// Its extents as the file has them.
        found: String,
        /// Extents that would do, separated by commas.
        example: String,
    },
    /// The parts are sound and their combination is no network.
    #[error("{place}: {problem}")]
    Contradiction {
        /// Where: the subgraph, the operator by index and name.
        place: String,
        /// What [`kernels::verify()`] refuses.
        problem: String,
    },
}

impl ReadError {
    /// A contradiction whose place the callers add.
    pub(crate) fn malformed(expected: impl Display, found: impl Display) -> Self {
        Self::Malformed {
            place: String::new(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    /// An extent of an input that is not known.
    pub(crate) fn dynamic(input: &str, found: &str, example: &str) -> Self {
        Self::Dynamic {
            input: input.to_owned(),
            found: found.to_owned(),
            example: example.to_owned(),
        }
    }

    /// Parts that do not go together, whose place the callers add.
    pub(crate) fn contradiction(problem: impl Display) -> Self {
        Self::Contradiction {
            place: String::new(),
            problem: problem.to_string(),
        }
    }

    /// The same with `outer` before the place.
    fn inside(mut self, outer: String) -> Self {
        match &mut self {
            Self::Format { .. } | Self::Dynamic { .. } => {}
            Self::Malformed { place, .. } | Self::Contradiction { place, .. } => {
                let inner = std::mem::replace(place, outer);
                if !inner.is_empty() {
                    place.push_str(", ");
                    place.push_str(&inner);
                }
            }
        }
        self
    }
}

/// Says where in the file something went wrong.
pub(crate) trait Inside {
    /// The same, with an error's place inside of `outer`.
    fn inside(self, outer: impl FnOnce() -> String) -> Self;
}

impl<T> Inside for Result<T, ReadError> {
    fn inside(self, outer: impl FnOnce() -> String) -> Self {
        self.map_err(|error| error.inside(outer()))
    }
}

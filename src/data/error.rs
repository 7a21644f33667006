//! What can be wrong with a request for data, or with its files.

use std::fmt;
use std::path::{Path, PathBuf};

use super::name::KNOWN_DATASETS;
use super::split::Split;

/// The smallest height and width, in pixels, that a scene can be drawn at.
pub(super) const SIZE_MIN: usize = 16;

/// The largest height and width, in pixels, that images are made in.
pub const SIZE_MAX: usize = 4096;

/// What is wrong with a request for data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// No data set has that name.
    #[error("there is no data set '{name}'; known: {}", KNOWN_DATASETS.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The data set is known, but not what stands behind its name.
    #[error("data set '{name}': {problem}")]
    Name {
        /// The name asked for.
        name: String,
        /// What is wrong with it, and what is expected.
        problem: String,
    },
    /// The image would be too small to show anything, or too large to hold.
    #[error(
        "images are not made in {height}x{width}: height and width must be {SIZE_MIN} to {SIZE_MAX}"
    )]
    Size {
        /// Rows asked for.
        height: usize,
        /// Columns asked for.
        width: usize,
    },
    /// The index is past the end of the split.
    #[error("sample {index} of split '{}' does not exist: it has {len}, counted from 0", split.name())]
    Index {
        /// The split asked.
        split: Split,
        /// The index asked for.
        index: usize,
        /// How many samples the split has.
        len: usize,
    },
    /// A file is missing, damaged, or holds what it must not.
    #[error(transparent)]
    File(#[from] Problem),
}

/// What is wrong with a file of a data set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// The file or folder.
    pub path: PathBuf,
    /// What was found, where, and what was expected.
    pub found: String,
    /// What to do.
    pub remedy: String,
}

/// What to do about a file that is not whole.
pub(super) const FETCH_AGAIN: &str = "copy or download it again";

impl Problem {
    /// Something is wrong with `path`.
    pub(super) fn new(path: &Path, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            found: found.into(),
            remedy: remedy.into(),
        }
    }

    /// `path` cannot be read.
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            let remedy = "check the name, and whether the download came to its end";
            return Self::new(path, "is missing", remedy);
        }
        Self::new(path, format!("cannot be read: {error}"), FETCH_AGAIN)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}; {}",
            self.path.display(),
            self.found,
            self.remedy
        )
    }
}

//! What can be wrong with a journal.

use std::path::{Path, PathBuf};

use crate::space::SpaceError;

/// Why a journal could not be read, continued or written.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The operating system refused.
    #[error("cannot {action} the journal {}", .path.display())]
    Io {
        /// What was tried, such as `open`.
        action: &'static str,
        /// The journal.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },

    /// Another process is writing this journal.
    #[error("{} is in use by another search; wait for it, or give this search another journal", .path.display())]
    Locked {
        /// The journal.
        path: PathBuf,
    },

    /// A line that no search wrote.
    #[error("{}, line {line}: {problem}", .path.display())]
    BadLine {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },

    /// The journal belongs to a study with other settings.
    #[error("{} belongs to another study: {differences}; give the same settings to continue it, or another journal", .path.display())]
    OtherStudy {
        /// The journal.
        path: PathBuf,
        /// Every setting that differs, as found and as given.
        differences: String,
    },

    /// The journal's space is unknown here, or is not what it was.
    #[error("{} is over a space that this version does not have", .path.display())]
    Space {
        /// The journal.
        path: PathBuf,
        /// What is wrong with the space.
        source: Box<SpaceError>,
    },
}

impl StudyError {
    /// Whether the user's input is to blame (exit code 2) rather than the system (exit code 1).
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            Self::Locked { .. }
            | Self::BadLine { .. }
            | Self::OtherStudy { .. }
            | Self::Space { .. } => true,
        }
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

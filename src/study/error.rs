//! What can be wrong with a journal.

use std::io::ErrorKind;
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

    /// There is no room for more.
    #[error(
        "cannot write the journal {}; what was recorded before is whole: make room, and give the \
         same command again to go on from there",
        .path.display()
    )]
    Full {
        /// The journal.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },

    /// A folder, a device or a pipe.
    #[error("{} is not a file, which a journal must be", .path.display())]
    NotAFile {
        /// What was given for a journal.
        path: PathBuf,
    },

    /// The snapshot could not be written; the journal needs none.
    #[error("cannot write the snapshot {}: {problem}", .path.display())]
    Snapshot {
        /// The snapshot.
        path: PathBuf,
        /// What was in the way.
        problem: String,
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

    /// The journal is of another version.
    #[error(
        "{} was written by another version of ednas: it {difference}; read it with that version, or \
         begin another journal",
        .path.display()
    )]
    OtherVersion {
        /// The journal.
        path: PathBuf,
        /// What it says of its layout.
        difference: String,
    },

    /// What the journal says of its space makes none.
    #[error("the space that {} defines cannot be used", .path.display())]
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
            Self::Io { source, .. } => source.kind() == ErrorKind::NotFound,
            Self::Full { .. } | Self::Snapshot { .. } => false,
            Self::Locked { .. }
            | Self::NotAFile { .. }
            | Self::BadLine { .. }
            | Self::OtherStudy { .. }
            | Self::OtherVersion { .. }
            | Self::Space { .. } => true,
        }
    }

    /// What a failed write means.
    pub(super) fn write(path: &Path, source: std::io::Error) -> Self {
        let full = [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::FileTooLarge,
        ];
        match full.contains(&source.kind()) {
            true => Self::Full {
                path: path.to_owned(),
                source,
            },
            false => Self::io("write", path)(source),
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

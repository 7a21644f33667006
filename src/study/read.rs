//! A journal as it stands: settings, space, trials; from the snapshot as far as that goes.

use std::fs::File;
use std::path::Path;

use super::error::StudyError;
use super::header::Header;
use super::history::History;
use super::parameters::Parameters;
use super::preamble::{self, Preamble};
use super::replay::{Progress, Replay, bad_line};
use super::snapshot::{self, ControllerState, SnapshotUse};
use crate::space::Space;

/// A journal as read: what was searched, how, and what came of it.
#[derive(Debug)]
pub struct Recorded {
    /// The settings of the study.
    pub header: Header,
    /// The space that the journal defines.
    pub space: Space,
    /// The trials.
    pub history: History,
    /// Bytes of a last line that was cut off by a kill or a crash; not part of the history.
    pub torn_bytes: usize,
    /// Whether the snapshot beside the journal was of use.
    pub snapshot: SnapshotUse,
}

/// Reads the journal at `path` without changing it; a search may be writing it meanwhile.
///
/// # Errors
/// When the file cannot be read, or was not written by a search of this version.
pub fn read(path: &Path) -> Result<Recorded, StudyError> {
    let file = File::open(path).map_err(StudyError::io("read", path))?;
    check_is_file(path, &file)?;
    let front = preamble::read(path, &file)?;
    let space = front.header.space();
    let space = space.map_err(|problem| bad_line(path, 1, problem))?;
    let space = space.map_err(|e| StudyError::Space {
        path: path.to_owned(),
        source: Box::new(e),
    })?;
    let loaded = load(path, &file, &front, &Parameters::new(&space))?;
    Ok(Recorded {
        header: front.header,
        space,
        history: loaded.history,
        torn_bytes: loaded.torn_bytes,
        snapshot: loaded.snapshot,
    })
}

/// The trials of a journal.
pub(super) struct Loaded {
    pub(super) history: History,
    pub(super) progress: Progress,
    pub(super) torn_bytes: usize,
    pub(super) controller: Option<ControllerState>,
    pub(super) snapshot: SnapshotUse,
    /// Length of the journal at the snapshot that was used; 0 without one.
    pub(super) snapshot_bytes: u64,
}

/// Reads the trials of `file` after its `front`.
pub(super) fn load(
    path: &Path,
    file: &File,
    front: &Preamble,
    parameters: &Parameters,
) -> Result<Loaded, StudyError> {
    let (found, snapshot) = snapshot::find(path, file, front, parameters);
    let (history, progress, controller) = match found {
        Some(found) => (found.history, found.progress, Some(found.controller)),
        None => Default::default(),
    };
    let snapshot_bytes = progress.bytes;
    let mut replay = Replay::new(path, parameters, history, progress);
    let torn_bytes = replay.run(file)?;
    Ok(Loaded {
        history: replay.history,
        progress: replay.progress,
        torn_bytes,
        controller,
        snapshot,
        snapshot_bytes,
    })
}

/// Devices and pipes would be read forever.
pub(super) fn check_is_file(path: &Path, file: &File) -> Result<(), StudyError> {
    let metadata = file.metadata().map_err(StudyError::io("read", path))?;
    match metadata.is_file() {
        true => Ok(()),
        false => Err(StudyError::NotAFile {
            path: path.to_owned(),
        }),
    }
}

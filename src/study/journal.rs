//! The journal file: opened by one search at a time, repaired, continued, only ever appended to.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::clock;
use super::error::StudyError;
use super::header::Header;
use super::history::History;
use super::parameters::Parameters;
use super::preamble;
use super::read::{check_is_file, load};
use super::replay::Progress;
use super::snapshot::{self, ControllerState, SnapshotUse};
use super::trial::{Outcome, Rung};
use super::write;
use crate::fingerprint::fingerprint;
use crate::lock::try_lock;
use crate::report::write_atomically;
use crate::space::{Genome, Space};

/// Bytes that a journal grows by, at least, until the next snapshot is worth its cost.
const SNAPSHOT_BYTES_MIN: u64 = 64 << 20;

/// A journal grows by one part in so many between snapshots, so that all snapshots together cost a
/// fixed number of times the last one, and a resumed search reads one part in so many of the text.
const SNAPSHOT_SHARE: u64 = 8;

/// When outcomes are pressed to the disk. Every outcome is in the system's hands, and safe from a
/// kill, in either case; the disk matters when the machine loses its power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At every outcome: for trials that took a training.
    EachOutcome,
    /// At most once in this time: for trials that are evaluated again in no time.
    Every(Duration),
}

/// A journal open for writing. The file stays locked until this is dropped, also by a kill.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    parameters: Parameters,
    /// Hash of the lines before the first trial.
    front: String,
    /// What the file holds.
    progress: Progress,
    /// Lines on their way to the file.
    lines: Vec<u8>,
    pace: Pace,
    synced: Instant,
    /// Length of the journal at the last snapshot.
    snapshot_bytes: u64,
}

/// What [`Journal::open`] found.
#[derive(Debug)]
pub struct Opened {
    /// The journal, ready for the next trial.
    pub journal: Journal,
    /// The trials it already holds.
    pub history: History,
    /// The controller's state at the snapshot; older than `history` by the trials after it.
    pub controller: Option<ControllerState>,
    /// Whether the snapshot beside the journal was of use.
    pub snapshot: SnapshotUse,
    /// Bytes of a half-written last line that were cut off; 0 after an orderly end.
    pub torn_bytes: usize,
}

impl Journal {
    /// Opens the journal at `path` to continue its study, or begins one there, with every outcome
    /// synced.
    ///
    /// A last line that a kill left half-written is cut off: its trial counts as unfinished, or as
    /// never proposed.
    ///
    /// # Errors
    /// When the file cannot be opened or written, another search has it open, it is not a journal,
    /// or its settings differ from `header`.
    pub fn open(path: &Path, space: &Space, header: &Header) -> Result<Opened, StudyError> {
        let lines = header.lines();
        let mut journal = Self {
            file: open_locked(path)?,
            path: path.to_owned(),
            parameters: Parameters::new(space),
            front: fingerprint(&lines),
            progress: Progress::default(),
            lines: Vec::new(),
            pace: Pace::EachOutcome,
            synced: Instant::now(),
            snapshot_bytes: 0,
        };
        match journal.begin(lines)? {
            Some(torn_bytes) => Ok(Opened {
                journal,
                history: History::default(),
                controller: None,
                snapshot: SnapshotUse::Absent,
                torn_bytes,
            }),
            None => journal.resume(header),
        }
    }

    /// The same journal, synced at this pace.
    #[must_use]
    pub fn paced(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// Writes `front` to a file that ends within it, and returns how many bytes it held: a search
    /// killed before its first trial loses nothing by beginning again.
    fn begin(&mut self, front: Vec<u8>) -> Result<Option<usize>, StudyError> {
        let mut bytes = Vec::new();
        let mut start = (&self.file).take(u64::try_from(front.len()).expect("a length fits"));
        start
            .read_to_end(&mut bytes)
            .map_err(StudyError::io("read", &self.path))?;
        self.file
            .rewind()
            .map_err(StudyError::io("read", &self.path))?;
        if bytes.len() == front.len() || !front.starts_with(&bytes) {
            return Ok(None);
        }
        self.cut(0)?;
        let count = front.iter().filter(|&&b| b == b'\n').count();
        self.lines = front;
        self.flush(count)?;
        self.sync()?;
        Ok(Some(bytes.len()))
    }

    /// Reads what the file holds and cuts off a torn end.
    fn resume(mut self, header: &Header) -> Result<Opened, StudyError> {
        let front = preamble::read(&self.path, &self.file)?;
        if let Some(differences) = front.header.differences(header) {
            return Err(StudyError::OtherStudy {
                path: self.path,
                differences,
            });
        }
        let loaded = load(&self.path, &self.file, &front, &self.parameters)?;
        self.front = front.fingerprint;
        self.progress = loaded.progress;
        self.snapshot_bytes = loaded.snapshot_bytes;
        if loaded.torn_bytes > 0 {
            self.cut(self.progress.bytes)?;
        }
        Ok(Opened {
            journal: self,
            history: loaded.history,
            controller: loaded.controller,
            snapshot: loaded.snapshot,
            torn_bytes: loaded.torn_bytes,
        })
    }

    /// Records that `genome` (short text: `text`), descended from the trial `parent`, is proposed as
    /// the next trial.
    ///
    /// Not synced: a proposal lost in a crash is proposed again.
    ///
    /// # Errors
    /// When the file cannot be written; it is then as it was before.
    pub fn propose(
        &mut self,
        genome: &Genome,
        text: &str,
        parent: Option<usize>,
    ) -> Result<(), StudyError> {
        self.stamp();
        let now = &self.progress.latest;
        write::create_trial(&self.parameters, genome, text, parent, now, &mut self.lines);
        self.flush(1)
    }

    /// Records what trial `number` is worth on the way.
    ///
    /// Not synced: a value lost in a crash is measured again.
    ///
    /// # Errors
    /// When the file cannot be written; it is then as it was before.
    pub fn reach(&mut self, number: usize, rung: Rung) -> Result<(), StudyError> {
        write::reach(number, rung, &mut self.lines);
        self.flush(1)
    }

    /// Records the outcome of trial `number`. On return no kill can lose it, and at
    /// [`Pace::EachOutcome`] no loss of power either.
    ///
    /// # Errors
    /// When the file cannot be written; it is then as it was before.
    pub fn finish(&mut self, number: usize, outcome: &Outcome) -> Result<(), StudyError> {
        self.stamp();
        let now = &self.progress.latest;
        let count = write::finish_trial(number, outcome, now, &mut self.lines);
        self.flush(count)?;
        match self.pace {
            Pace::Every(time) if self.synced.elapsed() < time => Ok(()),
            Pace::EachOutcome | Pace::Every(_) => self.sync(),
        }
    }

    /// Whether the journal has grown so much that a snapshot is worth its cost.
    #[must_use]
    pub fn is_snapshot_due(&self) -> bool {
        is_due(self.progress.bytes, self.snapshot_bytes)
    }

    /// Writes a snapshot beside the journal, in place of an older one: `history`, which must be what
    /// the journal holds, and the state of the controller.
    ///
    /// # Errors
    /// When it cannot be written; the older one and the journal are as they were.
    pub fn snapshot(
        &mut self,
        history: &History,
        controller: &impl Serialize,
    ) -> Result<(), StudyError> {
        self.sync()?;
        let path = snapshot::path_beside(&self.path);
        let bytes = snapshot::bytes(&self.file, &self.front, &self.progress, history, controller);
        let written = bytes.map_err(anyhow::Error::msg);
        let written = written.and_then(|bytes| write_atomically(&path, &bytes));
        written.map_err(|problem| StudyError::Snapshot {
            path,
            problem: format!("{problem:#}"),
        })?;
        self.snapshot_bytes = self.progress.bytes;
        Ok(())
    }

    /// Presses what was written to the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&mut self) -> Result<(), StudyError> {
        self.synced = Instant::now();
        self.file
            .sync_data()
            .map_err(StudyError::io("sync", &self.path))
    }

    /// Reads the clock. Where it was set back, time stands still until it has caught up: a trial
    /// never ends before it began.
    fn stamp(&mut self) {
        let now = clock::now();
        if now > self.progress.latest {
            self.progress.latest = now;
        }
    }

    /// Appends the `count` lines in hand, all of them or none.
    fn flush(&mut self, count: usize) -> Result<(), StudyError> {
        let lines = std::mem::take(&mut self.lines);
        if let Err(source) = self.file.write_all(&lines) {
            // Making a file shorter needs no room. Should it fail all the same, the torn line is
            // cut off when the journal is opened next.
            let _ = self.file.set_len(self.progress.bytes);
            return Err(StudyError::write(&self.path, source));
        }
        self.progress.bytes += u64::try_from(lines.len()).expect("a length fits");
        self.progress.lines += count;
        self.lines = lines;
        self.lines.clear();
        Ok(())
    }

    fn cut(&mut self, bytes: u64) -> Result<(), StudyError> {
        self.file
            .set_len(bytes)
            .map_err(StudyError::io("repair", &self.path))
    }
}

/// Whether a journal of `bytes` is due for a snapshot after one at `snapshot_bytes`.
pub(super) fn is_due(bytes: u64, snapshot_bytes: u64) -> bool {
    let grown = bytes.saturating_sub(snapshot_bytes);
    grown >= SNAPSHOT_BYTES_MIN.max(snapshot_bytes / SNAPSHOT_SHARE)
}

/// Opens or makes the file; writes go to its end, and the system frees the lock with the process.
fn open_locked(path: &Path) -> Result<File, StudyError> {
    let mut options = OpenOptions::new();
    let file = options.read(true).append(true).create(true).open(path);
    let file = file.map_err(StudyError::io("open", path))?;
    check_is_file(path, &file)?;
    match try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StudyError::Locked {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(e)) => Err(StudyError::io("lock", path)(e)),
    }
}

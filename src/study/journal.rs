//! The journal file: opened by one search at a time, repaired, continued, only ever appended to.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::clock;
use super::error::StudyError;
use super::header::Header;
use super::line::{self, TrialTemplate};
use super::replay;
use super::trial::{History, Outcome, Rung};
use crate::lock::try_lock;
use crate::space::{Genome, Space};

/// A journal open for writing. The file stays locked until this is dropped, also by a kill.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    template: TrialTemplate,
}

/// What [`Journal::open`] found.
#[derive(Debug)]
pub struct Opened {
    /// The journal, ready for the next trial.
    pub journal: Journal,
    /// The trials it already holds.
    pub history: History,
    /// Bytes of a half-written last line that were cut off; 0 after an orderly end.
    pub torn_bytes: usize,
}

impl Journal {
    /// Opens the journal at `path` to continue its study, or begins one there.
    ///
    /// A last line that a kill left half-written is cut off: its trial counts as unfinished, or as
    /// never proposed.
    ///
    /// # Errors
    /// When the file cannot be opened or written, another search has it open, it is not a journal,
    /// or its settings differ from `header`.
    pub fn open(path: &Path, space: &Space, header: &Header) -> Result<Opened, StudyError> {
        let mut journal = Self {
            file: open_locked(path)?,
            path: path.to_owned(),
            template: TrialTemplate::new(space),
        };
        if let Some(torn_bytes) = journal.begin(&header.lines())? {
            let history = History::default();
            return Ok(Opened {
                journal,
                history,
                torn_bytes,
            });
        }
        let text = replay::load(path, &journal.file)?;
        let lines = replay::parse(path, &text)?;
        if let Some(differences) = replay::header_of(path, &lines)?.differences(header) {
            return Err(StudyError::OtherStudy {
                path: path.to_owned(),
                differences,
            });
        }
        let history = replay::history_of(path, lines, space)?;
        if text.torn_bytes > 0 {
            journal.truncate(text.whole_bytes)?;
        }
        Ok(Opened {
            journal,
            history,
            torn_bytes: text.torn_bytes,
        })
    }

    /// Writes `front` to a file that ends within it, and returns how many bytes it held: a search
    /// killed before its first trial loses nothing by beginning again.
    fn begin(&mut self, front: &str) -> Result<Option<usize>, StudyError> {
        let mut bytes = Vec::new();
        let mut start = (&self.file).take(u64::try_from(front.len()).expect("a length fits"));
        start
            .read_to_end(&mut bytes)
            .map_err(StudyError::io("read", &self.path))?;
        self.file
            .rewind()
            .map_err(StudyError::io("read", &self.path))?;
        if bytes.len() == front.len() || !front.as_bytes().starts_with(&bytes) {
            return Ok(None);
        }
        self.truncate(0)?;
        self.append(front)?;
        self.sync()?;
        Ok(Some(bytes.len()))
    }

    /// Records that `genome` (short text: `text`), descended from the trial `parent`, is proposed as
    /// the next trial.
    ///
    /// Not synced: a proposal lost in a crash is proposed again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn propose(
        &mut self,
        genome: &Genome,
        text: &str,
        parent: Option<usize>,
    ) -> Result<(), StudyError> {
        let now = clock::now();
        self.append(&self.template.create_trial(genome, text, parent, &now))
    }

    /// Records what trial `number` is worth on the way.
    ///
    /// Not synced: a value lost in a crash is measured again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn reach(&mut self, number: usize, rung: Rung) -> Result<(), StudyError> {
        self.append(&line::reach(number, rung))
    }

    /// Records the outcome of trial `number`; on return it has reached the disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(&mut self, number: usize, outcome: &Outcome) -> Result<(), StudyError> {
        self.append(&line::finish_trial(number, outcome, &clock::now()))?;
        self.sync()
    }

    fn append(&mut self, lines: &str) -> Result<(), StudyError> {
        self.file
            .write_all(lines.as_bytes())
            .map_err(StudyError::io("write", &self.path))
    }

    fn sync(&mut self) -> Result<(), StudyError> {
        self.file
            .sync_data()
            .map_err(StudyError::io("sync", &self.path))
    }

    fn truncate(&mut self, bytes: u64) -> Result<(), StudyError> {
        self.file
            .set_len(bytes)
            .map_err(StudyError::io("repair", &self.path))
    }
}

/// Opens or makes the file; writes go to its end, and the system frees the lock with the process.
fn open_locked(path: &Path) -> Result<File, StudyError> {
    let mut options = OpenOptions::new();
    let file = options.read(true).append(true).create(true).open(path);
    let file = file.map_err(StudyError::io("open", path))?;
    match try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StudyError::Locked {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(e)) => Err(StudyError::io("lock", path)(e)),
    }
}

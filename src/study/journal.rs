//! The journal file: opened by one search at a time, repaired, continued, only ever appended to.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::clock;
use super::error::StudyError;
use super::header::Header;
use super::line::{self, TrialTemplate};
use super::replay;
use super::trial::{History, Outcome};
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
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(StudyError::io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StudyError::Locked {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(e)) => return Err(StudyError::io("lock", path)(e)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(StudyError::io("read", path))?;

        let template = TrialTemplate::new(space);
        let mut journal = Self {
            file,
            path: path.to_owned(),
            template,
        };
        let front = header.lines();
        // Killed before its first trial: nothing is lost by beginning again.
        if bytes.len() < front.len() && front.as_bytes().starts_with(&bytes) {
            journal.truncate(0)?;
            journal.append(&front)?;
            journal.sync()?;
            return Ok(Opened {
                journal,
                history: History::default(),
                torn_bytes: bytes.len(),
            });
        }
        let (whole, torn) = replay::split_torn(&bytes);
        let text = replay::compact(path, whole)?;
        let lines = replay::parse(path, &text)?;
        if let Some(differences) = replay::header_of(path, &lines)?.differences(header) {
            return Err(StudyError::OtherStudy {
                path: path.to_owned(),
                differences,
            });
        }
        let history = replay::history_of(path, lines, space)?;
        if !torn.is_empty() {
            journal.truncate(whole.len())?;
        }
        Ok(Opened {
            journal,
            history,
            torn_bytes: torn.len(),
        })
    }

    /// Records that `genome` (short text: `text`) is proposed as the next trial.
    ///
    /// Not synced: a proposal lost in a crash is proposed again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn propose(&mut self, genome: &Genome, text: &str) -> Result<(), StudyError> {
        let line = self.template.create_trial(genome, text, &clock::now());
        self.append(&line)
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

    fn truncate(&mut self, bytes: usize) -> Result<(), StudyError> {
        let bytes = u64::try_from(bytes).expect("a file in memory has a length that fits");
        let cut = self
            .file
            .set_len(bytes)
            .and_then(|()| self.file.seek(SeekFrom::End(0)));
        cut.map(drop).map_err(StudyError::io("repair", &self.path))
    }
}

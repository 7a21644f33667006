//! The files of a run, and the lock that keeps a second process out.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::record::RunRecord;
use super::settings::Settings;
use crate::lock::try_lock;
use crate::report::write_atomically;

/// The record of a run.
const RECORD: &str = "run.json";

/// A folder that a run cannot use.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Another process runs in it.
    #[error(
        "{} is in use by another process; wait for it, or choose another folder with --out",
        root.display()
    )]
    InUse {
        /// The folder.
        root: PathBuf,
    },
    /// It holds a run with other arguments.
    #[error(
        "{} holds a run with other arguments ({differences}); give the same to continue it, or \
         choose another folder with --out",
        root.display()
    )]
    OtherRun {
        /// The folder.
        root: PathBuf,
        /// Every argument that differs, there and here.
        differences: String,
    },
    /// Its record is not one.
    #[error(
        "{} is not the record of a run: {problem}; choose another folder with --out",
        path.display()
    )]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// The folder of a run.
pub(super) struct Folder {
    root: PathBuf,
    /// Held as long as the run lasts.
    _lock: File,
}

impl Folder {
    /// Opens the folder at `root`, made if it is missing, for one process at a time.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(root)
            .with_context(|| format!("cannot make the folder {}", root.display()))?;
        let path = root.join(".lock");
        let lock =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let root = root.to_owned();
                return Err(Refused::InUse { root }.into());
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        Ok(Self {
            root: root.to_owned(),
            _lock: lock,
        })
    }

    /// The path of a file of the run.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The files that people use, with their sizes in bytes.
    pub(super) fn sizes(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let mut sizes = BTreeMap::new();
        for entry in fs::read_dir(&self.root)
            .with_context(|| format!("cannot list {}", self.root.display()))?
        {
            let entry = entry?;
            let (name, data) = (entry.file_name(), entry.metadata()?);
            let name = name.to_string_lossy();
            // The record cannot hold its own size.
            if data.is_file() && !name.starts_with('.') && name != RECORD {
                sizes.insert(name.into_owned(), data.len());
            }
        }
        Ok(sizes)
    }

    /// Writes a file of the run, whole or not at all.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        write_atomically(&self.path(name), bytes)
    }

    /// Removes a checkpoint.
    pub(super) fn forget(&self, checkpoint: &Path) -> anyhow::Result<()> {
        fs::remove_file(checkpoint)
            .with_context(|| format!("cannot remove {}", checkpoint.display()))
    }

    /// The record of a run that was begun here with the same settings; a new one in a new folder.
    pub(super) fn record(&self, settings: &Settings) -> anyhow::Result<RunRecord> {
        let path = self.path(RECORD);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(RunRecord::new(settings.clone()));
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let record: RunRecord = serde_json::from_str(&text).map_err(|error| Refused::Record {
            path: path.clone(),
            problem: error.to_string(),
        })?;
        if record.settings != *settings {
            let differences = settings.differences(&record.settings)?;
            return Err(Refused::OtherRun {
                root: self.root.clone(),
                differences,
            }
            .into());
        }
        Ok(record)
    }

    /// Writes `run.json`.
    pub(super) fn keep(&self, record: &RunRecord) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(record).context("a record is plain data")?;
        text.push('\n');
        self.write(RECORD, text.as_bytes())
    }
}

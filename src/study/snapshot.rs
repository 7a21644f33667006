//! The snapshot beside a journal: its trials and the controller's state in a compact form, so that
//! a long search resumes without reading gigabytes of text.
//!
//! A line of text (format and checksum), then [postcard] values: what the snapshot belongs to, every
//! trial, the controller's state. Postcard is small and fast and has a written specification;
//! nothing but this version ever reads it: a snapshot of another version, of another journal, or a
//! damaged one is ignored, and the journal, which alone is the record, is read from its beginning.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::history::History;
use super::metrics::Metrics;
use super::parameters::Parameters;
use super::preamble::Preamble;
use super::replay::Progress;
use super::trial::{Outcome, Rung, Trial};
use crate::fingerprint::fingerprint;
use crate::space::Space;

/// What a snapshot begins with; the checksum of all behind the line follows.
const MAGIC: &str = "ednas.snapshot/1 ";

/// Length of the first line: format, 16 digits, newline.
const FIRST_LINE_BYTES: usize = MAGIC.len() + 17;

/// Bytes of the journal before the snapshot's place that are compared.
const BEFORE_BYTES: u64 = 4096;

/// A controller's state as a snapshot keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControllerState(Vec<u8>);

impl ControllerState {
    /// The state that was given to [`Journal::snapshot`](super::Journal::snapshot); nothing when it
    /// is of another type.
    #[must_use]
    pub fn read<S: DeserializeOwned>(&self) -> Option<S> {
        let (state, rest) = postcard::take_from_bytes(&self.0).ok()?;
        rest.is_empty().then_some(state)
    }
}

/// What became of the snapshot beside a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotUse {
    /// There is none.
    Absent,
    /// It was not used; the journal was read from its beginning.
    Ignored {
        /// Why, in words.
        reason: String,
    },
    /// The trials in it were not read from the journal again.
    Used {
        /// How many they are.
        trials: usize,
    },
}

/// A snapshot as read.
pub(super) struct Snapshot {
    pub(super) history: History,
    pub(super) progress: Progress,
    pub(super) controller: ControllerState,
}

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    /// Controllers may change from version to version.
    version: Cow<'a, str>,
    /// The front of the journal.
    front: Cow<'a, str>,
    bytes: u64,
    lines: usize,
    latest: Cow<'a, str>,
    /// The bytes of the journal before the place.
    before: Cow<'a, str>,
    trials: usize,
}

#[derive(Serialize, Deserialize)]
struct RawTrial<'a> {
    choices: Cow<'a, [usize]>,
    parent: Option<usize>,
    rungs: Vec<(usize, f64)>,
    outcome: RawOutcome<'a>,
}

#[derive(Serialize, Deserialize)]
enum RawOutcome<'a> {
    Unfinished,
    Complete(RawMeasured<'a>),
    Stopped(RawMeasured<'a>),
    Infeasible(Cow<'a, str>),
    Failed(Cow<'a, str>),
}

#[derive(Serialize, Deserialize)]
struct RawMeasured<'a> {
    values: Cow<'a, [f64]>,
    names: RawNames,
    metrics: Cow<'a, [f64]>,
}

/// Names of metrics: written out where they are met first.
#[derive(Serialize, Deserialize)]
enum RawNames {
    New(Vec<String>),
    Known(usize),
}

/// The snapshot's path: the journal's with `.snapshot` behind it.
pub(super) fn path_beside(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".snapshot");
    name.into()
}

/// The bytes of the snapshot of `history`, which `progress` of the journal `file` gave.
pub(super) fn bytes(
    file: &File,
    front: &str,
    progress: &Progress,
    history: &History,
    controller: &impl Serialize,
) -> Result<Vec<u8>, String> {
    let words = |e: postcard::Error| e.to_string();
    let before = before(file, progress.bytes).map_err(|e| e.to_string())?;
    let head = Head {
        version: env!("CARGO_PKG_VERSION").into(),
        front: front.into(),
        bytes: progress.bytes,
        lines: progress.lines,
        latest: (&*progress.latest).into(),
        before: before.into(),
        trials: history.trials().len(),
    };
    let first_line = vec![b' '; FIRST_LINE_BYTES];
    let mut bytes = postcard::to_extend(&head, first_line).map_err(words)?;
    let mut names = Vec::new();
    for trial in history.trials() {
        bytes = postcard::to_extend(&RawTrial::of(trial, &mut names), bytes).map_err(words)?;
    }
    let mut bytes = postcard::to_extend(controller, bytes).map_err(words)?;
    let first_line = format!("{MAGIC}{}\n", fingerprint(&bytes[FIRST_LINE_BYTES..]));
    bytes[..FIRST_LINE_BYTES].copy_from_slice(first_line.as_bytes());
    Ok(bytes)
}

/// The snapshot beside the journal `file` at `path`, where it can be used.
pub(super) fn find(
    path: &Path,
    file: &File,
    front: &Preamble,
    parameters: &Parameters,
) -> (Option<Snapshot>, SnapshotUse) {
    let bytes = match fs::read(path_beside(path)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return (None, SnapshotUse::Absent),
        Err(e) => {
            return (
                None,
                SnapshotUse::Ignored {
                    reason: e.to_string(),
                },
            );
        }
    };
    match read(&bytes, file, front, parameters) {
        Ok(snapshot) => {
            let trials = snapshot.history.trials().len();
            (Some(snapshot), SnapshotUse::Used { trials })
        }
        Err(reason) => {
            let reason = reason.to_owned();
            (None, SnapshotUse::Ignored { reason })
        }
    }
}

fn read(
    bytes: &[u8],
    file: &File,
    front: &Preamble,
    parameters: &Parameters,
) -> Result<Snapshot, &'static str> {
    const DAMAGED: &str = "it is damaged";
    let (first_line, body) = bytes.split_at_checked(FIRST_LINE_BYTES).ok_or(DAMAGED)?;
    let checksum = first_line.strip_prefix(MAGIC.as_bytes());
    let checksum = checksum.ok_or("it is of another version of ednas, or no snapshot")?;
    if checksum.trim_ascii_end() != fingerprint(body).as_bytes() {
        return Err(DAMAGED);
    }
    let (head, mut rest): (Head, _) = postcard::take_from_bytes(body).map_err(|_| DAMAGED)?;
    if head.version != env!("CARGO_PKG_VERSION") {
        return Err("it is of another version of ednas");
    }
    if head.front != *front.fingerprint || !is_place(file, &head) {
        return Err("it belongs to another journal");
    }
    let mut history = History::default();
    // A trial takes a byte at least: a damaged count asks for no more than that.
    history.reserve(head.trials.min(rest.len()));
    let mut names = Vec::new();
    for _ in 0..head.trials {
        let (trial, behind): (RawTrial, _) =
            postcard::take_from_bytes(rest).map_err(|_| DAMAGED)?;
        let trial = trial.read(parameters.space(), &mut names).ok_or(DAMAGED)?;
        history.push(trial);
        rest = behind;
    }
    Ok(Snapshot {
        history,
        progress: Progress {
            bytes: head.bytes,
            lines: head.lines,
            latest: head.latest.into_owned(),
        },
        controller: ControllerState(rest.to_vec()),
    })
}

/// Whether the journal is what it was up to the place of the snapshot, as far as a look tells.
fn is_place(file: &File, head: &Head) -> bool {
    before(file, head.bytes).is_ok_and(|before| before == *head.before)
}

/// A hash of the bytes before `place`.
fn before(mut file: &File, place: u64) -> std::io::Result<String> {
    let from = place.saturating_sub(BEFORE_BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(place - from).read_to_end(&mut bytes)?;
    Ok(fingerprint(&bytes))
}

impl<'a> RawTrial<'a> {
    fn of(trial: &'a Trial, names: &mut Vec<Arc<[String]>>) -> Self {
        let mut measured = |values: &'a [f64], metrics: &'a Metrics| RawMeasured {
            values: values.into(),
            names: RawNames::of(metrics, names),
            metrics: metrics.values().into(),
        };
        let outcome = match &trial.outcome {
            None => RawOutcome::Unfinished,
            Some(Outcome::Complete { values, metrics }) => {
                RawOutcome::Complete(measured(values, metrics))
            }
            Some(Outcome::Stopped { values, metrics }) => {
                RawOutcome::Stopped(measured(values, metrics))
            }
            Some(Outcome::Infeasible { reason }) => RawOutcome::Infeasible(reason.into()),
            Some(Outcome::Failed { reason }) => RawOutcome::Failed(reason.into()),
        };
        Self {
            choices: trial.genome.choices().into(),
            parent: trial.parent,
            rungs: trial.rungs.iter().map(|r| (r.step, r.value)).collect(),
            outcome,
        }
    }

    /// Nothing for what no trial of the space can be.
    fn read(self, space: &Space, names: &mut Vec<Arc<[String]>>) -> Option<Trial> {
        let outcome = match self.outcome {
            RawOutcome::Unfinished => None,
            RawOutcome::Complete(measured) => {
                let (values, metrics) = measured.read(names)?;
                Some(Outcome::Complete { values, metrics })
            }
            RawOutcome::Stopped(measured) => {
                let (values, metrics) = measured.read(names)?;
                Some(Outcome::Stopped { values, metrics })
            }
            RawOutcome::Infeasible(reason) => Some(Outcome::Infeasible {
                reason: reason.into_owned(),
            }),
            RawOutcome::Failed(reason) => Some(Outcome::Failed {
                reason: reason.into_owned(),
            }),
        };
        let rungs = self.rungs.into_iter();
        Some(Trial {
            genome: space.genome(self.choices.into_owned()).ok()?,
            parent: self.parent,
            rungs: rungs.map(|(step, value)| Rung { step, value }).collect(),
            outcome,
        })
    }
}

impl RawMeasured<'_> {
    fn read(self, known: &mut Vec<Arc<[String]>>) -> Option<(Vec<f64>, Metrics)> {
        let names = match self.names {
            RawNames::Known(index) => Arc::clone(known.get(index)?),
            RawNames::New(names) => {
                let names: Arc<[String]> = names.into();
                known.push(Arc::clone(&names));
                names
            }
        };
        let metrics = Metrics::of(names, self.metrics.into_owned())?;
        Some((self.values.into_owned(), metrics))
    }
}

impl RawNames {
    fn of(metrics: &Metrics, known: &mut Vec<Arc<[String]>>) -> Self {
        let names = metrics.names();
        match known.iter().position(|k| k == names) {
            Some(index) => Self::Known(index),
            None => {
                known.push(Arc::clone(names));
                Self::New(names.to_vec())
            }
        }
    }
}

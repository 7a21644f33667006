//! From the lines of a journal back to its trials, in pieces, so that a journal may be far larger
//! than memory.
//!
//! Lines are parsed on all threads and applied in their order. Most of a journal are the
//! distributions that every trial repeats: the line of a trial as this crate writes it is parsed
//! up to them only, and they are compared with those that the genome has.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value as Json;

use super::clock;
use super::error::StudyError;
use super::history::History;
use super::line::{self, Line};
use super::metrics::Names;
use super::parameters::Parameters;
use super::trial::{Outcome, Rung};
use super::write::{DISTRIBUTIONS, DISTRIBUTIONS_END, TRIAL_START};
use crate::space::Genome;

/// Bytes that are read and parsed at a time; a longer line is read whole.
const PIECE_BYTES: usize = 8 << 20;

/// Lines of a piece that a thread takes at a time.
const LINES_PER_TASK: usize = 32;

/// How far a replay has come.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Progress {
    /// Length of the whole lines so far.
    pub(super) bytes: u64,
    /// How many they are.
    pub(super) lines: usize,
    /// The latest time stamp among them.
    pub(super) latest: String,
}

/// The state that lines are applied to.
pub(super) struct Replay<'a> {
    path: &'a Path,
    parameters: &'a Parameters,
    pub(super) history: History,
    pub(super) progress: Progress,
    /// What was measured of a trial whose state is still to come. It stands right before it.
    measured: Measured,
    names: Names,
}

#[derive(Default)]
struct Measured {
    trial: Option<usize>,
    numbers: Vec<(Cow<'static, str>, f64)>,
    reason: Option<String>,
}

/// What a line says.
enum Event<'a> {
    Proposed {
        genome: Genome,
        parent: Option<Json>,
        time: Option<String>,
    },
    Other(Box<Line<'a>>),
}

impl<'a> Replay<'a> {
    /// A replay that goes on from `history`, which the first `progress` bytes gave.
    pub(super) fn new(
        path: &'a Path,
        parameters: &'a Parameters,
        history: History,
        progress: Progress,
    ) -> Self {
        Self {
            path,
            parameters,
            history,
            progress,
            measured: Measured::default(),
            names: Names::default(),
        }
    }

    /// Applies the rest of `file`, and returns the length of a torn last line.
    pub(super) fn run(&mut self, file: &File) -> Result<usize, StudyError> {
        let io = || StudyError::io("read", self.path);
        let mut reader = BufReader::new(file);
        reader
            .seek(SeekFrom::Start(self.progress.bytes))
            .map_err(io())?;
        let mut piece = Vec::new();
        loop {
            let torn = piece.len();
            let more = u64::try_from(PIECE_BYTES).expect("a constant fits");
            reader
                .by_ref()
                .take(more)
                .read_to_end(&mut piece)
                .map_err(StudyError::io("read", self.path))?;
            if piece.len() == torn {
                return Ok(torn);
            }
            if let Some(last) = piece[torn..].iter().rposition(|&b| b == b'\n') {
                let whole = torn + last + 1;
                self.apply_piece(&piece[..whole])?;
                piece.drain(..whole);
            }
        }
    }

    fn apply_piece(&mut self, piece: &[u8]) -> Result<(), StudyError> {
        let lines: Vec<&[u8]> = piece.split_inclusive(|&b| b == b'\n').collect();
        let parameters = self.parameters;
        let events: Vec<Result<Event, String>> = lines
            .par_iter()
            .with_min_len(LINES_PER_TASK)
            .map(|line| parse(line, parameters))
            .collect();
        for (event, line) in events.into_iter().zip(&lines) {
            let applied = event.and_then(|event| self.apply(event));
            applied.map_err(|problem| bad_line(self.path, self.progress.lines + 1, problem))?;
            self.progress.lines += 1;
            self.progress.bytes += u64::try_from(line.len()).expect("a length fits");
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Proposed {
                genome,
                parent,
                time,
            } => {
                self.measured = Measured::default();
                let parent = parent.map(|p| parent_of(&p, &self.history)).transpose()?;
                self.history.propose(genome, parent);
                self.see(time.as_deref());
                Ok(())
            }
            Event::Other(line) => self.apply_line(*line),
        }
    }

    /// What Optuna may have added (notes, system attributes) is skipped.
    fn apply_line(&mut self, line: Line) -> Result<(), String> {
        match line.op_code {
            line::CREATE_STUDY if self.progress.lines > 0 => {
                Err("a second study; a search's journal holds one".into())
            }
            line::TRIAL_USER_ATTRIBUTE => {
                let number = trial_of(&line, &self.history)?;
                self.measured.take(number, line);
                Ok(())
            }
            line::TRIAL_INTERMEDIATE_VALUE => {
                let number = trial_of(&line, &self.history)?;
                if let (Some(step), Some(value)) = (line.step, line.intermediate_value) {
                    self.history.reach(number, Rung { step, value });
                }
                Ok(())
            }
            line::TRIAL_STATE_VALUES => {
                let number = trial_of(&line, &self.history)?;
                self.see(line.datetime_complete.as_deref());
                let measured = std::mem::take(&mut self.measured);
                let measured = if measured.trial == Some(number) {
                    measured
                } else {
                    Measured::default()
                };
                if let Some(outcome) = outcome_of(&line, measured, &mut self.names)? {
                    self.history.finish(number, outcome);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn see(&mut self, time: Option<&str>) {
        // Stamps of another form cannot be compared as texts.
        if let Some(time) = time
            && time.len() == clock::STAMP_BYTES
            && *time > *self.progress.latest
        {
            time.clone_into(&mut self.progress.latest);
        }
    }
}

impl Measured {
    fn take(&mut self, number: usize, line: Line) {
        if self.trial != Some(number) {
            *self = Self::default();
            self.trial = Some(number);
        }
        for (name, value) in line.user_attr.0 {
            if let Some(number) = value.as_f64() {
                self.numbers.push((Cow::Owned(name.into_owned()), number));
            } else if name == line::REASON {
                self.reason = value.as_str().map(str::to_owned);
            }
        }
    }
}

fn parse<'a>(line: &'a [u8], parameters: &Parameters) -> Result<Event<'a>, String> {
    let text = std::str::from_utf8(line).map_err(|e| e.to_string())?;
    match proposal_written_here(text, parameters) {
        Some(event) => Ok(event),
        None => parse_any(text, parameters),
    }
}

/// Any line of a journal, its fields in any order.
fn parse_any<'a>(text: &'a str, parameters: &Parameters) -> Result<Event<'a>, String> {
    let line: Line = serde_json::from_str(text).map_err(|e| e.to_string())?;
    match line.op_code {
        line::CREATE_TRIAL => proposed(line, parameters),
        _ => Ok(Event::Other(Box::new(line))),
    }
}

/// The line of a trial as [`super::write::create_trial`] writes it; nothing for any other, which
/// [`parse_any`] reads just the same.
fn proposal_written_here(text: &str, parameters: &Parameters) -> Option<Event<'static>> {
    if !text.starts_with(TRIAL_START) {
        return None;
    }
    let (front, rest) = text.split_once(DISTRIBUTIONS)?;
    let distributions = rest.trim_end().strip_suffix(DISTRIBUTIONS_END)?;
    let front = [front, "}"].concat();
    let line: Line = serde_json::from_str(&front).ok()?;
    let event = proposed(line, parameters).ok()?;
    match &event {
        Event::Proposed { genome, .. } if parameters.has_distributions(genome, distributions) => {
            Some(event)
        }
        Event::Proposed { .. } | Event::Other(_) => None,
    }
}

fn proposed(line: Line, parameters: &Parameters) -> Result<Event<'static>, String> {
    let genome = parameters.genome(&line.params)?;
    let mut attributes = line.user_attrs.0.into_iter();
    Ok(Event::Proposed {
        genome,
        parent: attributes.find(|a| a.0 == line::PARENT).map(|a| a.1),
        time: line.datetime_start.map(Cow::into_owned),
    })
}

fn trial_of(line: &Line, history: &History) -> Result<usize, String> {
    let count = history.trials().len();
    match line.trial_id {
        Some(number) if number < count => Ok(number),
        Some(number) => Err(format!(
            "trial {number} does not exist yet, there are {count}"
        )),
        None => Err("no trial_id".into()),
    }
}

/// The trial that a new one descends from.
fn parent_of(parent: &Json, history: &History) -> Result<usize, String> {
    let number = parent.as_u64().and_then(|n| usize::try_from(n).ok());
    number
        .filter(|&number| number < history.trials().len())
        .ok_or_else(|| format!("the parent {parent} is not an earlier trial"))
}

/// The outcome that a state line reports; `None` for a trial that is said to run or wait.
fn outcome_of(
    line: &Line,
    measured: Measured,
    names: &mut Names,
) -> Result<Option<Outcome>, String> {
    let values = line.values.clone().filter(|values| !values.is_empty());
    let reason = || {
        let reason = measured.reason.clone();
        reason.unwrap_or_else(|| "no reason recorded".to_owned())
    };
    Ok(match (line.state, values) {
        (Some(line::COMPLETE), Some(values)) => Some(Outcome::Complete {
            values,
            metrics: names.metrics(&measured.numbers),
        }),
        (Some(line::COMPLETE), None) => return Err("a complete trial without a value".to_owned()),
        (Some(line::PRUNED), Some(values)) => Some(Outcome::Stopped {
            values,
            metrics: names.metrics(&measured.numbers),
        }),
        (Some(line::PRUNED), None) => Some(Outcome::Infeasible { reason: reason() }),
        (Some(line::FAIL), _) => Some(Outcome::Failed { reason: reason() }),
        (Some(_) | None, _) => None,
    })
}

pub(super) fn bad_line(path: &Path, line: usize, problem: String) -> StudyError {
    StudyError::BadLine {
        path: path.to_owned(),
        line,
        problem,
    }
}

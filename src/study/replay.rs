//! From the bytes of a journal back to its header and history.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value as Json;

use super::error::StudyError;
use super::header::Header;
use super::line::{self, Line};
use super::trial::{History, Outcome, Rung};
use crate::space::{Genome, Space, ednas};

/// Bytes asked of the system at a time.
const READ_BYTES: usize = 1 << 20;

/// A journal as read: what was searched, how, and what came of it.
#[derive(Debug)]
pub struct Recorded {
    /// The settings of the study.
    pub header: Header,
    /// The space that the header names.
    pub space: Space,
    /// The trials.
    pub history: History,
    /// Bytes of a last line that was cut off by a kill or a crash; not part of the history.
    pub torn_bytes: usize,
}

/// Reads the journal at `path` without changing it; a search may be writing it meanwhile.
///
/// # Errors
/// When the file cannot be read, was not written by a search, or is over a space that is unknown
/// here or has changed since.
pub fn read(path: &Path) -> Result<Recorded, StudyError> {
    let file = File::open(path).map_err(StudyError::io("read", path))?;
    let text = load(path, &file)?;
    let lines = parse(path, &text)?;
    let header = header_of(path, &lines)?;
    let unknown = |e| StudyError::Space {
        path: path.to_owned(),
        source: Box::new(e),
    };
    let space = ednas::space_named(header.space_name().unwrap_or("")).map_err(unknown)?;
    if !header.is_over(&space) {
        return Err(bad_line(
            path,
            1,
            format!("the space `{}` has changed since", space.name()),
        ));
    }
    let history = history_of(path, lines, &space)?;
    Ok(Recorded {
        header,
        space,
        history,
        torn_bytes: text.torn_bytes,
    })
}

/// The whole lines of a journal, as far as a replay reads them.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// The lines, without the distributions that trials repeat.
    lines: String,
    /// Length of the whole lines in the file.
    pub(super) whole_bytes: u64,
    /// Length of what follows the last newline.
    pub(super) torn_bytes: usize,
}

/// Reads whole lines, dropping the distributions of trials on the way: they are four fifths of a
/// journal, the same in every trial of a space, and a replay needs none of them.
pub(super) fn load(path: &Path, file: &File) -> Result<Text, StudyError> {
    let mut reader = BufReader::with_capacity(READ_BYTES, file);
    let mut text = Text::default();
    let mut distributions: Option<Vec<u8>> = None;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader
            .read_until(b'\n', &mut line)
            .map_err(StudyError::io("read", path))?;
        if line.last() != Some(&b'\n') {
            text.torn_bytes = line.len();
            break;
        }
        text.whole_bytes += u64::try_from(read).expect("a length fits");
        let front = distributions
            .as_ref()
            .and_then(|end| line.strip_suffix(end.as_slice()));
        let utf8 = std::str::from_utf8(front.unwrap_or(&line));
        let kept = utf8.map_err(|e| bad_line(path, number, e.to_string()))?;
        text.lines += kept;
        if front.is_some() {
            text.lines += "}\n";
        } else if distributions.is_none() {
            distributions = distributions_of(kept).map(|end| end.as_bytes().to_vec());
        }
    }
    Ok(text)
}

/// The end of a trial's line from its distributions on, when nothing else follows them.
fn distributions_of(line: &str) -> Option<&str> {
    let end = &line[line.find(",\"distributions\":")?..];
    let fields: serde_json::Map<String, Json> =
        serde_json::from_str(&format!("{{{}", end.strip_prefix(',')?)).ok()?;
    (fields.len() == 1).then_some(end)
}

/// Parses the lines.
pub(super) fn parse<'a>(path: &Path, text: &'a Text) -> Result<Vec<Line<'a>>, StudyError> {
    let parse_line = |(index, text): (usize, &'a str)| {
        serde_json::from_str(text).map_err(|e| bad_line(path, index + 1, e.to_string()))
    };
    let lines: Vec<&str> = text.lines.lines().collect();
    lines.into_par_iter().enumerate().map(parse_line).collect()
}

/// The study's attributes.
pub(super) fn header_of(path: &Path, lines: &[Line]) -> Result<Header, StudyError> {
    if lines
        .first()
        .is_none_or(|first| first.op_code != line::CREATE_STUDY)
    {
        return Err(bad_line(
            path,
            1,
            "expected the line that creates a study".into(),
        ));
    }
    let attributes = lines
        .iter()
        .filter(|l| l.op_code == line::STUDY_USER_ATTRIBUTE && l.study_id == 0)
        .flat_map(|l| &l.user_attr.0)
        .map(|(name, value)| (name.to_string(), value.clone()));
    let directions = lines[0].directions.iter().map(|&code| {
        let unknown = || bad_line(path, 1, format!("the direction {code}: expected 1 or 2"));
        line::direction_of(code).ok_or_else(unknown)
    });
    Ok(Header::read(
        directions.collect::<Result<_, _>>()?,
        attributes.collect(),
    ))
}

/// The trials and their outcomes. What Optuna may have added (notes, system attributes) is skipped.
pub(super) fn history_of(
    path: &Path,
    lines: Vec<Line>,
    space: &Space,
) -> Result<History, StudyError> {
    let names: Vec<String> = space.decisions().iter().map(|d| d.full_name()).collect();
    let mut history = History::default();
    let mut attributes: Vec<Vec<(Cow<str>, Json)>> = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        let bad = |problem: String| bad_line(path, index + 1, problem);
        match line.op_code {
            line::CREATE_STUDY if index > 0 => {
                return Err(bad("a second study; a search's journal holds one".into()));
            }
            line::CREATE_TRIAL => {
                let parent = parent_of(&line, &history).map_err(bad)?;
                history.propose(genome_of(&line, &names, space).map_err(bad)?, parent);
                attributes.push(Vec::new());
            }
            line::TRIAL_USER_ATTRIBUTE => {
                let number = trial_of(&line, &history).map_err(bad)?;
                attributes[number].extend(line.user_attr.0);
            }
            line::TRIAL_INTERMEDIATE_VALUE => {
                let number = trial_of(&line, &history).map_err(bad)?;
                if let (Some(step), Some(value)) = (line.step, line.intermediate_value) {
                    history.reach(number, Rung { step, value });
                }
            }
            line::TRIAL_STATE_VALUES => {
                let number = trial_of(&line, &history).map_err(bad)?;
                if let Some(outcome) = outcome_of(&line, &attributes[number]).map_err(bad)? {
                    history.finish(number, outcome);
                }
            }
            _ => {}
        }
    }
    Ok(history)
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
fn parent_of(line: &Line, history: &History) -> Result<Option<usize>, String> {
    let parent = line.user_attrs.0.iter().find(|a| a.0 == line::PARENT);
    let Some((_, parent)) = parent else {
        return Ok(None);
    };
    let number = parent.as_u64().and_then(|n| usize::try_from(n).ok());
    number
        .filter(|&number| number < history.trials().len())
        .map(Some)
        .ok_or_else(|| format!("the parent {parent} is not an earlier trial"))
}

fn genome_of(line: &Line, names: &[String], space: &Space) -> Result<Genome, String> {
    let params = &line.params.0;
    let in_order =
        params.len() == names.len() && params.iter().zip(names).all(|(p, name)| p.0 == *name);
    let choices = if in_order {
        params.iter().map(|p| p.1).collect()
    } else {
        let choice = |name: &String| {
            let param = params.iter().find(|p| p.0 == *name);
            param
                .map(|p| p.1)
                .ok_or_else(|| format!("the trial has no parameter `{name}`"))
        };
        names
            .iter()
            .map(choice)
            .collect::<Result<Vec<usize>, String>>()?
    };
    space.genome(choices).map_err(|e| e.to_string())
}

/// The outcome that a state line reports; `None` for a trial that is said to run or wait.
fn outcome_of(line: &Line, attributes: &[(Cow<str>, Json)]) -> Result<Option<Outcome>, String> {
    let reason = || {
        // A trial that was run again has its attributes twice; the later ones count.
        let reason = attributes.iter().rev().find(|a| a.0 == line::REASON);
        let reason = reason.and_then(|a| a.1.as_str());
        reason.unwrap_or("no reason recorded").to_owned()
    };
    let metrics = || {
        let number = |a: &(Cow<str>, Json)| Some((a.0.to_string(), a.1.as_f64()?));
        attributes.iter().filter_map(number).collect()
    };
    let values = line.values.clone().filter(|values| !values.is_empty());
    match (line.state, values) {
        (Some(line::COMPLETE), Some(values)) => Ok(Some(Outcome::Complete {
            values,
            metrics: metrics(),
        })),
        (Some(line::COMPLETE), None) => Err("a complete trial without a value".to_owned()),
        (Some(line::PRUNED), Some(values)) => Ok(Some(Outcome::Stopped {
            values,
            metrics: metrics(),
        })),
        (Some(line::PRUNED), None) => Ok(Some(Outcome::Infeasible { reason: reason() })),
        (Some(line::FAIL), _) => Ok(Some(Outcome::Failed { reason: reason() })),
        (Some(_) | None, _) => Ok(None),
    }
}

fn bad_line(path: &Path, line: usize, problem: String) -> StudyError {
    StudyError::BadLine {
        path: path.to_owned(),
        line,
        problem,
    }
}

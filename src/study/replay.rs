//! From the bytes of a journal back to its header and history.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value as Json;

use super::error::StudyError;
use super::header::Header;
use super::line::{self, Line};
use super::trial::{History, Outcome};
use crate::space::{Genome, Space, ednas};

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
    let bytes = fs::read(path).map_err(StudyError::io("read", path))?;
    let (whole, torn) = split_torn(&bytes);
    let text = compact(path, whole)?;
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
        torn_bytes: torn.len(),
    })
}

/// The whole lines, and what follows the last of them.
pub(super) fn split_torn(bytes: &[u8]) -> (&[u8], &[u8]) {
    let whole = bytes
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |last| last + 1);
    bytes.split_at(whole)
}

/// The text of whole lines, without the distributions that trials repeat: they are four fifths of
/// a journal, the same in every trial of a space, and a replay reads none of them.
pub(super) fn compact(path: &Path, whole: &[u8]) -> Result<String, StudyError> {
    let text = std::str::from_utf8(whole)
        .map_err(|e| bad_line(path, line_at(whole, e.valid_up_to()), "is not UTF-8".into()))?;
    let Some(distributions) = text.lines().find_map(distributions) else {
        return Ok(text.to_owned());
    };
    let mut compact = String::new();
    for line in text.lines() {
        match line.strip_suffix(distributions) {
            Some(front) => compact.extend([front, "}\n"]),
            None => compact.extend([line, "\n"]),
        }
    }
    Ok(compact)
}

/// The end of a trial's line from its distributions on, when nothing else follows them.
fn distributions(line: &str) -> Option<&str> {
    let end = &line[line.find(",\"distributions\":")?..];
    let fields: serde_json::Map<String, Json> =
        serde_json::from_str(&format!("{{{}", end.strip_prefix(',')?)).ok()?;
    (fields.len() == 1).then_some(end)
}

/// Reads the lines of a text.
pub(super) fn parse<'a>(path: &Path, text: &'a str) -> Result<Vec<Line<'a>>, StudyError> {
    let parse_line = |(index, text): (usize, &'a str)| {
        serde_json::from_str(text).map_err(|e| bad_line(path, index + 1, e.to_string()))
    };
    let lines: Vec<&str> = text.lines().collect();
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
        .flat_map(|l| l.user_attr.clone());
    Ok(Header::from_attributes(attributes.collect()))
}

/// The trials and their outcomes. What Optuna may have added (notes, system attributes) is skipped.
pub(super) fn history_of(
    path: &Path,
    lines: Vec<Line>,
    space: &Space,
) -> Result<History, StudyError> {
    let names: Vec<String> = space.decisions().iter().map(|d| d.full_name()).collect();
    let mut history = History::default();
    let mut attributes: Vec<BTreeMap<String, Json>> = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        let bad = |problem: String| bad_line(path, index + 1, problem);
        match line.op_code {
            line::CREATE_STUDY if index > 0 => {
                return Err(bad("a second study; a search's journal holds one".into()));
            }
            line::CREATE_TRIAL => {
                history.propose(genome_of(&line, &names, space).map_err(bad)?);
                attributes.push(BTreeMap::new());
            }
            line::TRIAL_USER_ATTRIBUTE => {
                let number = trial_of(&line, &history).map_err(bad)?;
                attributes[number].extend(line.user_attr);
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

fn genome_of(line: &Line, names: &[String], space: &Space) -> Result<Genome, String> {
    let params = &line.params.0;
    let in_order =
        params.len() == names.len() && params.iter().zip(names).all(|(p, name)| p.0 == name);
    let choices = if in_order {
        params.iter().map(|p| p.1).collect()
    } else {
        let choice = |name: &String| {
            let param = params.iter().find(|p| p.0 == name);
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
fn outcome_of(line: &Line, attributes: &BTreeMap<String, Json>) -> Result<Option<Outcome>, String> {
    let reason = || {
        let reason = attributes.get(line::REASON).and_then(Json::as_str);
        reason.unwrap_or("no reason recorded").to_owned()
    };
    match line.state {
        Some(line::COMPLETE) => {
            let reward = line.values.as_ref().and_then(|v| v.first()).copied();
            let reward = reward.ok_or("a complete trial without a value")?;
            let number = |(name, value): (&String, &Json)| Some((name.clone(), value.as_f64()?));
            let metrics = attributes.iter().filter_map(number).collect();
            Ok(Some(Outcome::Complete { reward, metrics }))
        }
        Some(line::PRUNED) => Ok(Some(Outcome::Infeasible { reason: reason() })),
        Some(line::FAIL) => Ok(Some(Outcome::Failed { reason: reason() })),
        Some(_) | None => Ok(None),
    }
}

fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes[..offset].iter().filter(|&&b| b == b'\n').count()
}

fn bad_line(path: &Path, line: usize, problem: String) -> StudyError {
    StudyError::BadLine {
        path: path.to_owned(),
        line,
        problem,
    }
}

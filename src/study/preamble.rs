//! The front of a journal: the lines before its first trial, which say what study it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

use super::error::StudyError;
use super::header::Header;
use super::line::{self, Line};
use super::replay::bad_line;
use crate::fingerprint::fingerprint;

/// The lines before the first trial.
#[derive(Debug)]
pub(super) struct Preamble {
    /// The settings that they give.
    pub(super) header: Header,
    /// Tells the study from others: a hash of the lines.
    pub(super) fingerprint: String,
}

/// Reads the front of `file` from its beginning.
pub(super) fn read(path: &Path, file: &File) -> Result<Preamble, StudyError> {
    let mut reader = BufReader::new(file);
    reader.rewind().map_err(StudyError::io("read", path))?;
    let (mut text, mut bytes) = (Vec::new(), Vec::new());
    let mut directions = None;
    let mut attributes = BTreeMap::new();
    for number in 1.. {
        bytes.clear();
        reader
            .read_until(b'\n', &mut bytes)
            .map_err(StudyError::io("read", path))?;
        if bytes.last() != Some(&b'\n') {
            break;
        }
        let bad = |problem: String| bad_line(path, number, problem);
        let line: Line = serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
        match line.op_code {
            line::CREATE_STUDY if number == 1 => directions = Some(line.directions),
            _ if number == 1 => break,
            line::STUDY_USER_ATTRIBUTE if line.study_id == 0 => {
                let pairs = line.user_attr.0.into_iter();
                attributes.extend(pairs.map(|(name, value)| (name.into_owned(), value)));
            }
            line::STUDY_USER_ATTRIBUTE | line::STUDY_SYSTEM_ATTRIBUTE => {}
            _ => break,
        }
        text.extend_from_slice(&bytes);
    }
    let bad = |problem: String| bad_line(path, 1, problem);
    let directions = directions
        .ok_or_else(|| bad("expected the line that creates a study".to_owned()))?
        .into_iter()
        .map(|code| {
            let unknown = || bad(format!("the direction {code}: expected 1 or 2"));
            line::direction_of(code).ok_or_else(unknown)
        });
    let header = Header::read(directions.collect::<Result<_, _>>()?, attributes);
    if let Some(difference) = header.other_format() {
        return Err(StudyError::OtherVersion {
            path: path.to_owned(),
            difference,
        });
    }
    Ok(Preamble {
        header,
        fingerprint: fingerprint(&text),
    })
}

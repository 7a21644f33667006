//! From TOML text to a profile, with the line of whatever is wrong.

use toml::de::{DeTable, DeValue};

use super::error::nearest;
use super::raw::RawProfile;
use super::{Profile, ProfileError};

pub(super) fn parse(text: &str, origin: &str) -> Result<Profile, ProfileError> {
    let raw: RawProfile = toml::from_str(text).map_err(|error| refuse(text, origin, &error))?;
    raw.check().map_err(|error| locate(text, origin, error))
}

/// Tells an unknown key, which deserves a suggestion, from all other faults of the text.
fn refuse(text: &str, origin: &str, error: &toml::de::Error) -> ProfileError {
    let line = error.span().map_or(1, |span| line_at(text, span.start));
    // serde's words: "unknown field `a`, expected one of `b`, `c`".
    let mut names = error
        .message()
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned);
    match names.next() {
        Some(key) if error.message().starts_with("unknown field") => {
            let known: Vec<String> = names.collect();
            let nearest = nearest(&key, &known);
            ProfileError::UnknownKey {
                origin: origin.to_owned(),
                line,
                key,
                nearest,
                known,
            }
        }
        Some(_) | None => ProfileError::Syntax {
            origin: origin.to_owned(),
            line,
            message: error.message().to_owned(),
            excerpt: text
                .lines()
                .nth(line - 1)
                .unwrap_or_default()
                .trim()
                .to_owned(),
        },
    }
}

/// Adds the file and the line of the field to a refused value.
fn locate(text: &str, file: &str, mut error: ProfileError) -> ProfileError {
    if let ProfileError::Value {
        origin,
        line,
        field,
        ..
    } = &mut error
    {
        file.clone_into(origin);
        *line = line_of(text, field);
    }
    error
}

/// The line of `table.key`, or of the innermost table on the way to it.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut table = root.get_ref();
    let mut found = None;
    for name in field.split(['.', '[']) {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name) else {
            break;
        };
        found = Some(line_at(text, key.span().start));
        let DeValue::Table(inner) = value.get_ref() else {
            break;
        };
        table = inner;
    }
    found
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

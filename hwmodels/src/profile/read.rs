//! From a merged TOML table to a profile, with the place of whatever is wrong.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::document::{Origin, at_span, entry, join, span_of, words};
use super::error::nearest;
use super::raw::{RawProfile, RawWhen};
use super::{Profile, ProfileError, schema};

/// Reads `table`, strictly, and checks it; `finish` may still change the raw profile before that.
pub(super) fn read(
    origin: Origin<'_>,
    table: &DeTable<'_>,
    finish: impl FnOnce(&mut RawProfile),
) -> Result<Profile, ProfileError> {
    let whole = Spanned::new(0..0, table.clone());
    check_lengths(origin, table, "")?;
    let mut raw = RawProfile::deserialize(Deserializer::from(whole))
        .map_err(|error| refuse(origin, table, &error))?;
    finish(&mut raw);
    raw.check().map_err(|error| locate(origin, table, error))
}

/// The table `when` of `table`, which is a mode, read strictly and checked; nothing where there is
/// none.
pub(super) fn when(
    origin: Origin<'_>,
    table: &DeTable<'_>,
) -> Result<Option<RawWhen>, ProfileError> {
    let Some((_, when)) = entry(table, "when") else {
        return Ok(None);
    };
    let DeValue::Table(words) = when.get_ref() else {
        return Err(ProfileError::Value {
            place: Some(origin.place(when.span())),
            field: "when".to_owned(),
            found: words(when.get_ref()),
            expected: schema::expected("when"),
        });
    };
    let words = Spanned::new(when.span(), words.clone());
    let when = RawWhen::deserialize(Deserializer::from(words))
        .map_err(|error| refuse(origin, table, &error))?;
    match when.check() {
        Ok(()) => Ok(Some(when)),
        Err(error) => Err(locate(origin, table, error)),
    }
}

/// The root table of `text`.
pub(super) fn parse(origin: Origin<'_>) -> Result<DeTable<'_>, ProfileError> {
    match DeTable::parse(origin.text) {
        Ok(root) => Ok(root.into_inner()),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let key = origin.text.get(span.clone()).unwrap_or_default();
            Err(ProfileError::Syntax {
                place: origin.place(span),
                message: match error.message() {
                    "duplicate key" => format!("`{key}` is given twice"),
                    message => message.to_owned(),
                },
            })
        }
    }
}

/// Refuses lists that are longer than the schema lets them be: serde would drop the rest.
fn check_lengths(origin: Origin<'_>, table: &DeTable<'_>, path: &str) -> Result<(), ProfileError> {
    table
        .iter()
        .try_for_each(|(key, value)| check_length(origin, value, &join(path, key.get_ref())))
}

fn check_length(
    origin: Origin<'_>,
    value: &Spanned<DeValue<'_>>,
    path: &str,
) -> Result<(), ProfileError> {
    if let DeValue::Table(table) = value.get_ref() {
        return check_lengths(origin, table, path);
    }
    let Some(list) = value.get_ref().as_array() else {
        return Ok(());
    };
    let most = schema::node(path).and_then(|node| node.get("maxItems")?.as_u64());
    if most.is_some_and(|most| usize::try_from(most).is_ok_and(|most| list.len() > most)) {
        return Err(ProfileError::Value {
            place: Some(origin.place(value.span())),
            field: path.to_owned(),
            found: words(value.get_ref()),
            expected: schema::expected(path),
        });
    }
    (list.iter().enumerate())
        .try_for_each(|(index, inner)| check_length(origin, inner, &format!("{path}[{index}]")))
}

/// Tells the reader's refusals apart by its words: ``unknown field `a` ``, ``missing field `a` ``,
/// `invalid type`, `invalid value`, `invalid length`.
fn refuse(origin: Origin<'_>, root: &DeTable<'_>, error: &toml::de::Error) -> ProfileError {
    let message = error.message();
    let span = error.span().unwrap_or(0..0);
    let found = at_span(root, &span);
    let path = found.as_ref().map_or("", |(path, _)| path.as_str());
    let quoted = message.split('`').nth(1).unwrap_or_default();
    match &found {
        _ if message.starts_with("missing field") => missing(origin, span, path, quoted),
        Some(_) if message.starts_with("unknown field") => {
            let table = path.rsplit_once('.').map_or("", |(table, _)| table);
            unknown(origin, span, table, quoted)
        }
        Some((_, value)) if message.starts_with("invalid") => ProfileError::Value {
            place: Some(origin.place(span)),
            field: path.to_owned(),
            found: words(value),
            expected: schema::expected(path),
        },
        Some(_) | None => ProfileError::Syntax {
            place: origin.place(span),
            message: match path {
                "" => message.to_owned(),
                path => format!("{path}: {message}"),
            },
        },
    }
}

/// `key` is missing in `table`, which stands at `span`.
pub(super) fn missing(
    origin: Origin<'_>,
    span: Range<usize>,
    table: &str,
    key: &str,
) -> ProfileError {
    ProfileError::MissingKey {
        place: origin.place(span),
        table: table.to_owned(),
        key: key.to_owned(),
        meaning: schema::meaning(&join(table, key)).to_owned(),
    }
}

/// `key`, at `span`, is not one of the keys of `table`.
pub(super) fn unknown(
    origin: Origin<'_>,
    span: Range<usize>,
    table: &str,
    key: &str,
) -> ProfileError {
    let known = schema::keys_of(table);
    ProfileError::UnknownKey {
        place: origin.place(span),
        table: table.to_owned(),
        key: key.to_owned(),
        nearest: nearest(key, &known),
        known,
    }
}

/// Adds the place of the field to a refused value.
fn locate(origin: Origin<'_>, root: &DeTable<'_>, mut error: ProfileError) -> ProfileError {
    if let ProfileError::Value { place, field, .. } = &mut error {
        *place = Some(origin.place(span_of(root, field).unwrap_or(0..0)));
    }
    error
}

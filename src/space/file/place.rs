//! From the path of a value to its place in the text.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::value::RawValue;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A step on the way to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Key(&'static str),
    Index(usize),
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Toml,
    Json,
}

/// The bytes of `text` that the value at `path` takes, or of the innermost value on the way to it;
/// its beginning where there is none.
pub(super) fn span_of(format: Format, text: &str, path: &[Step]) -> Range<usize> {
    let span = match format {
        Format::Toml => in_toml(text, path),
        Format::Json => in_json(text, path),
    };
    span.unwrap_or(0..0)
}

fn in_toml(text: &str, path: &[Step]) -> Option<Range<usize>> {
    let root = DeTable::parse(text).ok()?.into_inner();
    let (first, rest) = path.split_first()?;
    let Step::Key(first) = first else {
        return None;
    };
    let mut value: &Spanned<DeValue<'_>> = root.get(*first)?;
    let mut span = value.span();
    for step in rest {
        let next = match step {
            Step::Key(key) => value.get_ref().as_table().and_then(|table| table.get(*key)),
            Step::Index(index) => value.get_ref().as_array().and_then(|list| list.get(*index)),
        };
        let Some(next) = next else {
            break;
        };
        value = next;
        // The list of [[tables]] has no place of its own; its tables have.
        span = value.span();
    }
    Some(span)
}

fn in_json(text: &str, path: &[Step]) -> Option<Range<usize>> {
    let mut value: &RawValue = serde_json::from_str(text).ok()?;
    for step in path {
        let next: Option<&RawValue> = match step {
            Step::Key(key) => {
                let fields = serde_json::from_str::<HashMap<String, &RawValue>>(value.get());
                fields.ok().and_then(|fields| fields.get(*key).copied())
            }
            Step::Index(index) => {
                let list = serde_json::from_str::<Vec<&RawValue>>(value.get());
                list.ok().and_then(|list| list.get(*index).copied())
            }
        };
        let Some(next) = next else {
            break;
        };
        value = next;
    }
    // Raw values are slices of the text.
    let start = value
        .get()
        .as_ptr()
        .addr()
        .checked_sub(text.as_ptr().addr())?;
    Some(start..start + value.get().len())
}

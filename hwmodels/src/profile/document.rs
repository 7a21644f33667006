//! A TOML text in which every key and value keeps its place.
//!
//! Places are bytes of the one text, also after a mode was laid over the base, so whatever is
//! wrong with the merged profile is found on the line that says it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::Place;

/// A text and what it is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
}

impl Origin<'_> {
    pub(super) fn place(&self, span: Range<usize>) -> Box<Place> {
        Box::new(Place::new(self.name, self.text, span))
    }
}

/// Where `path`, such as `throughput.conv.entries[0].in_c`, is: its value, or its key where that
/// is a table or list, or the innermost table on the way to it; nothing where not even the first
/// step exists.
pub(super) fn span_of(root: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let mut found = None;
    let mut value: Option<&DeValue<'_>> = None;
    let is_single = |value: &DeValue<'_>| value.as_table().is_none() && value.as_array().is_none();
    for step in path.split(['.', '[']) {
        let next = match step.strip_suffix(']') {
            Some(index) => value.and_then(|value| Some((None, element(value, index)?))),
            None => value
                .map_or(Some(root), DeValue::as_table)
                .and_then(|table| entry(table, step))
                .map(|(key, value)| (Some(key.span()), value)),
        };
        let Some((key, inner)) = next else {
            break;
        };
        let key = key.filter(|_| !is_single(inner.get_ref()));
        found = Some(key.unwrap_or_else(|| inner.span()));
        value = Some(inner.get_ref());
    }
    found
}

/// The path and the value that the reader means by `span`: the place of a key or of a value.
pub(super) fn at_span<'d, 't>(
    root: &'d DeTable<'t>,
    span: &Range<usize>,
) -> Option<(String, &'d DeValue<'t>)> {
    in_table(root, "", span)
}

fn in_table<'d, 't>(
    table: &'d DeTable<'t>,
    path: &str,
    span: &Range<usize>,
) -> Option<(String, &'d DeValue<'t>)> {
    table.iter().find_map(|(key, value)| {
        let path = join(path, key.get_ref());
        if key.span() == *span {
            Some((path, value.get_ref()))
        } else {
            in_value(value, path, span)
        }
    })
}

fn in_value<'d, 't>(
    value: &'d Spanned<DeValue<'t>>,
    path: String,
    span: &Range<usize>,
) -> Option<(String, &'d DeValue<'t>)> {
    if value.span() == *span {
        return Some((path, value.get_ref()));
    }
    match value.get_ref() {
        DeValue::Table(table) => in_table(table, &path, span),
        DeValue::Array(list) => (list.iter().enumerate())
            .find_map(|(index, element)| in_value(element, format!("{path}[{index}]"), span)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

/// A value in words: `the text "x"`, `3.5`, `a table`.
pub(super) fn words(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(switch) => switch.to_string(),
        DeValue::Datetime(date) => format!("the date {date}"),
        DeValue::Array(list) => format!("a list of {}", list.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Lays `over` on `base`: tables are merged key by key, everything else is replaced.
pub(super) fn merge<'t>(base: &mut DeTable<'t>, over: &DeTable<'t>) {
    for (key, value) in over {
        let name = key.get_ref().as_ref();
        match (base.get_mut(name).map(Spanned::get_mut), value.get_ref()) {
            (Some(DeValue::Table(inner)), DeValue::Table(over)) => merge(inner, over),
            _ => {
                // The key goes too, since it carries the place.
                base.remove(name);
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The key `name` of `table` and what it holds.
pub(super) fn entry<'d, 't>(
    table: &'d DeTable<'t>,
    name: &str,
) -> Option<(
    &'d Spanned<toml::de::DeString<'t>>,
    &'d Spanned<DeValue<'t>>,
)> {
    table.iter().find(|(key, _)| key.get_ref() == name)
}

/// `table.key`, or `key` at the top.
pub(super) fn join(table: &str, key: &str) -> String {
    if table.is_empty() {
        key.to_owned()
    } else {
        format!("{table}.{key}")
    }
}

fn element<'d, 't>(value: &'d DeValue<'t>, index: &str) -> Option<&'d Spanned<DeValue<'t>>> {
    value.as_array()?.get(index.parse::<usize>().ok()?)
}

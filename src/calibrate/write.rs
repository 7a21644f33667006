//! A fitted profile as text: its numbers, and beside them what they were fitted to.

use std::collections::BTreeMap;

use hwmodels::profile::{ProfileError, ProfileFile};

use super::fit::{Fate, Fit};
use super::setting::Setting;

/// What stands beside every fitted number.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The files of measurements.
    pub data: String,
    /// The day of the fit, `2026-11-24`.
    pub date: String,
    /// How far it is off, in words.
    pub residual: String,
}

/// The text of the profile with the numbers of `fit`.
///
/// # Errors
/// Numbers that make no machine.
pub fn written(setting: &Setting, fit: &Fit, told: &Told) -> Result<String, ProfileError> {
    let mut editor = setting.editor().clone();
    let mut tables: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let numbers = setting.numbers().iter().zip(&fit.values).zip(&fit.fates);
    for ((number, value), fate) in numbers {
        if matches!(fate, Fate::Fitted(_)) {
            editor.set(number, *value);
            let name = number.key.rsplit('.').next().unwrap_or(&number.key);
            let table = editor.sourced_table(number);
            tables.entry(table).or_default().push(name);
        }
    }
    for (table, names) in tables {
        let before = editor.source(&table).unwrap_or_default();
        let source = source(&names, before, told);
        editor.set_source(&table, &source);
    }
    let text = editor.text();
    let file = ProfileFile::parse(&text, "the fitted profile")?;
    for mode in file.modes() {
        file.with_modes(&[&mode.name])?;
    }
    file.base()?;
    Ok(text)
}

/// The source of a table some of whose numbers were fitted. What was said of the others before stays;
/// an earlier fit's words are replaced.
fn source(names: &[&str], before: &str, told: &Told) -> String {
    const REST: &str = "; before: ";
    let rest = before.split_once(REST).map_or(before, |(_, rest)| rest);
    format!(
        "fitted: {} to {}, {}, {}{REST}{rest}",
        names.join(", "),
        told.data,
        told.date,
        told.residual
    )
}

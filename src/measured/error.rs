//! Why measurements were refused.

use hwmodels::profile::ProfileError;

use super::measurement::Place;

/// Why measurements, or what they name, were refused.
#[derive(Debug, thiserror::Error)]
pub enum MeasuredError {
    /// The file cannot be opened, or is no table of comma-separated values.
    #[error("cannot read measurements `{file}`: {problem}")]
    Table {
        /// The file.
        file: String,
        /// What is wrong, and where.
        problem: String,
    },
    /// A column that every file has.
    #[error("{file}:1: column `{column}` is missing; {remedy}; found: {}", found.join(", "))]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: &'static str,
        /// What to do.
        remedy: String,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// Two columns where one can be.
    #[error("{file}:1: {problem}")]
    Columns {
        /// The file.
        file: String,
        /// Which, and what to do.
        problem: String,
    },
    /// A value that no measurement has.
    #[error("{place}: column {number} (`{column}`) is `{found}`; expected {expected}")]
    Value {
        /// Where.
        place: Place,
        /// The column, from 1.
        number: usize,
        /// The column's name.
        column: String,
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: String,
    },
    /// A text that is not as the tool that is named writes it.
    #[error("{place}: found `{found}`; expected {expected}")]
    Text {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
        /// What the tool writes there.
        expected: String,
    },
    /// A row that is there already.
    #[error("{place}: {what} is there already, in line {first}; every row is one measurement")]
    Duplicate {
        /// Where.
        place: Place,
        /// What is the same.
        what: String,
        /// The line of the first.
        first: u64,
    },
    /// Names no model file, or one that is not there.
    #[error("{place}: {problem}")]
    Model {
        /// Where.
        place: Place,
        /// What was looked for, and where.
        problem: String,
    },
    /// A model file that cannot be read or priced.
    #[error("{place}: {problem:#}")]
    Unreadable {
        /// Where the file is named.
        place: Place,
        /// What is wrong with it.
        problem: anyhow::Error,
    },
    /// No profile, or more than one, is meant by a row.
    #[error("{place}: {problem}; say which with --profile NAME|FILE.toml")]
    Machine {
        /// Where.
        place: Place,
        /// The row's words and what they mean.
        problem: String,
    },
    /// A profile that is not as it should be.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

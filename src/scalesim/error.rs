//! What can be wrong with SCALE-Sim's files, or with a machine that SCALE-Sim's reports are asked of.

/// Why a config, a topology or a report was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScalesimError {
    /// A file that has none of what it should have.
    #[error("{file}: {fault}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it, and what was expected.
        fault: String,
    },
    /// A line that cannot be read.
    #[error("{file}:{line}: {fault}")]
    Line {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What is wrong with it, and what was expected.
        fault: String,
    },
    /// A value of a layer that no layer has.
    #[error(transparent)]
    Cell(Box<BadCell>),
    /// A machine that SCALE-Sim has no report for.
    #[error(
        "SCALE-Sim has no report for profile `{profile}`: {field} is {found}; expected {expected}"
    )]
    Machine {
        /// The profile.
        profile: String,
        /// The field, as `table.key`.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What SCALE-Sim's arrays have.
        expected: String,
    },
    /// A layer that is too much to report.
    #[error("{file}:{line}: layer `{layer}` {fault}")]
    Layer {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// The layer.
        layer: String,
        /// What is too much, and how much may be.
        fault: String,
    },
}

/// A cell of a topology that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{file}:{line}: column {number} (`{column}`) of layer `{layer}` is `{found}`; expected {expected}"
)]
pub struct BadCell {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub number: usize,
    /// The column as SCALE-Sim heads it.
    pub column: &'static str,
    /// The layer.
    pub layer: String,
    /// What stands there.
    pub found: String,
    /// What could stand there.
    pub expected: String,
}

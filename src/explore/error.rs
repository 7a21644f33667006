//! Why an exploration was refused.

use hwmodels::profile::ProfileError;

use super::axis::LIMIT;
use crate::space::SpaceError;

/// Why an exploration was refused, before anything was priced.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExploreError {
    /// Not KEY=RANGE.
    #[error(
        "`{0}` is not KEY=RANGE; expected a key of the profile such as `array.rows` (or several that \
         vary together: `array.rows,array.cols`), and `a,b,c`, `a..bxF` (times F) or `a..b+S` (plus S)"
    )]
    Form(String),
    /// A range whose parts do not make one.
    #[error("`{key}={range}`: {problem}")]
    Range {
        /// The key.
        key: String,
        /// The range, as given.
        range: String,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// A key that no profile has, or that has no single value.
    #[error(transparent)]
    Key(#[from] ProfileError),
    /// A key that two axes vary.
    #[error("`{0}` is varied twice")]
    KeyTwice(String),
    /// Nothing to vary, or a value twice in one axis.
    #[error("--vary: {0}")]
    Space(#[from] SpaceError),
    /// More combinations than anyone waits for.
    #[error(
        "{count} combinations are too many, at most {LIMIT}; vary less, or draw some with --sample"
    )]
    TooMany {
        /// How many were asked for, machines times models.
        count: String,
    },
    /// A combination that is no machine.
    #[error("no machine has {machine}: {fault}")]
    Impossible {
        /// The varied keys and their values.
        machine: String,
        /// Why.
        fault: Box<ProfileError>,
    },
}

//! What of the decisions made so far matters for those still ahead.

use super::super::constraint::Truth;

/// Equal for two ways to begin a genome only if exactly the same can follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// For every decision that others hang on: the choice taken, while decisions that hang on that
    /// choice are still ahead.
    pub(super) branches: Vec<Option<usize>>,
    /// For every constraint: how its tests stand, premises first, while it can still be broken.
    pub(super) open: Vec<Option<Vec<Progress>>>,
}

/// How a test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Progress {
    /// The sum so far; what is ahead decides.
    Sum(i128),
    /// Nothing ahead can change it.
    Known(Truth),
}

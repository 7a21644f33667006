//! Who finds out what a candidate of a search is worth: the simulator alone, or with training.

mod simulated;
mod trained;

use std::sync::atomic::AtomicBool;

pub use simulated::Simulated;
pub use trained::{Job, Trained};

use crate::search::{Candidate, Evaluation};

/// Evaluates candidates, on several threads at a time.
pub trait Evaluator: Sync {
    /// What is found of `candidate`, at its next hurdle where it has one; [`Evaluation::Interrupted`] soon after `stop` is set.
    ///
    /// # Errors
    /// When no other candidate would fare better.
    fn evaluate(&self, candidate: &Candidate, stop: &AtomicBool) -> anyhow::Result<Evaluation>;

    /// Removes what was kept of trial `number`, from which no other will descend.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn forget(&self, number: usize) -> anyhow::Result<()>;
}

#[cfg(test)]
mod tests;

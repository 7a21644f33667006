//! The study journal: an append-only log that a killed search resumes from.
//!
//! A [`Journal`] is an Optuna journal file: Optuna, optuna-dashboard and pandas read it as it is.
//! What it remembers is a [`History`] of [`Trial`]s; [`Summary`] is what people ask of one.
//! Nothing here knows how genomes are proposed or evaluated.

mod trial;

mod analysis;

mod error;
mod header;
mod journal;
mod line;
mod replay;

pub(crate) mod clock;
mod summary;

pub use analysis::{Analysis, Taken, Together};
pub use error::StudyError;
pub use header::Header;
pub use journal::{Journal, Opened};
pub use replay::{Recorded, read};
pub use summary::{Counts, Summary};
pub use trial::{ACCURACY, Direction, History, LATENCY_MS, Outcome, Rung, Trial};

#[cfg(test)]
mod tests;

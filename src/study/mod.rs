//! The study journal: an append-only log that a killed search resumes from.
//!
//! A [`Journal`] is an Optuna journal file: Optuna, optuna-dashboard and pandas read it as it is.
//! What it remembers is a [`History`] of [`Trial`]s; [`Summary`] and [`pareto_front`] are what
//! people ask of one. A snapshot beside it makes a long study quick to resume; the journal alone is
//! the record. Nothing here knows how genomes are proposed or evaluated.

mod history;
mod metrics;
mod trial;

mod analysis;

mod error;
mod header;
mod journal;
mod read;
mod snapshot;

mod definition;
mod parameters;

mod line;
mod preamble;
mod replay;
mod write;

pub(crate) mod clock;
mod objective;
mod summary;

pub use analysis::{Analysis, Taken, Together};
pub use error::StudyError;
pub use header::Header;
pub use history::History;
pub use journal::{Journal, Opened, Pace};
pub use metrics::Metrics;
pub use objective::{Objective, costs_of, hypervolume, pareto_front, ranking};
pub use read::{Recorded, read};
pub use snapshot::{ControllerState, SnapshotUse};
pub use summary::{Counts, Summary};
pub use trial::{ACCURACY, Direction, LATENCY_MS, Outcome, Rung, Trial};

#[cfg(test)]
mod tests;

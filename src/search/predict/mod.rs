//! A predictor of values: an ensemble that has seen some genomes' values ranks others.
//!
//! Training a network takes minutes, asking an ensemble about it microseconds, so a search may
//! propose many genomes and train the most promising one. How far the ranking can be trusted is
//! measured, not hoped: every member is fitted to a resample of the evaluated genomes, and the rank
//! correlation of [`Ensemble::rank_correlation`] is taken on those it did not see (out of bag).

mod encoding;

mod ridge;
mod tree;

mod rank;

mod ensemble;

pub(super) use ensemble::GENOMES_MIN;
pub use ensemble::{Ensemble, Kind, Prediction};
pub use rank::kendall_tau;

#[cfg(test)]
mod tests;

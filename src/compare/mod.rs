//! Simulated beside measured: how far apart, against what simple rules would say, and why.
//!
//! An error is `simulated / measured - 1`; its absolute value in percent is the absolute percentage
//! error, APE, of which medians and means are taken.

mod baseline;
mod comparison;
mod group;
mod layers;
mod linear;
mod repeats;
mod score;
mod share;
pub mod statistics;

pub use baseline::{Baseline, Judged, Kind, Law};
pub use comparison::{Compared, Comparison};
pub use group::{By, Group};
pub use layers::{ByLayer, layer_named};
pub use repeats::{Repeats, Spread};
pub use score::{Pair, Score};
pub use share::{Share, shares};

#[cfg(test)]
mod tests;

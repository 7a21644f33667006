//! Runs exported models and measures accuracy and latency.

pub mod agreement;
pub mod metrics;

#[cfg(feature = "validate")]
mod stopwatch;
#[cfg(feature = "validate")]
pub mod tract;

#[cfg(feature = "validate")]
pub mod host;

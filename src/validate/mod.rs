//! Runs exported models and measures accuracy and latency.

pub mod agreement;
pub mod metrics;
pub mod prediction;

mod stopwatch;

pub mod network;
pub mod runtime;

pub mod accuracy;
pub mod bundle;
pub mod images;

pub mod divergence;
pub mod golden;
pub mod latency;
pub mod matrix;
pub mod vela;

pub mod validation;

#[cfg(feature = "validate")]
pub mod tract;

#[cfg(feature = "validate")]
pub mod host;

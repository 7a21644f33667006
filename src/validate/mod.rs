//! Runs exported models and measures accuracy and latency.

pub mod metrics;

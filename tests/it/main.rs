//! The integration tests: one binary, one module per subject.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod tidy;

mod calibrate;
mod commands;
mod compare;
mod diff;
mod docs;
mod estimate;
mod explain;
mod explore;
mod foreign;
mod machines;
mod map;
mod microbench;
mod model_files;
mod profile;
mod scalesim;
mod study;
mod trace;
mod training;
mod vela;

#[cfg(feature = "train")]
mod road;

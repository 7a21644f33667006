//! The integration tests: one binary, one module per subject.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod tidy;

#[path = "../acceptance/accept.rs"]
mod accept;

mod calibrate;
mod commands;
mod compare;
mod data;
mod diff;
mod docs;
mod estimate;
mod explain;
mod explore;
mod export;
mod foreign;
mod machines;
mod map;
mod microbench;
mod model_files;
mod profile;
mod quantize;
mod reproduce;
mod scalesim;
mod search;
mod space;
mod study;
mod trace;
mod train_command;
mod training;
mod transfer;
mod vela;
mod workers;

#[cfg(all(feature = "train", feature = "validate"))]
mod road;

#[cfg(feature = "validate")]
mod validate;

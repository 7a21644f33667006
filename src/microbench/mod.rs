//! Networks small enough to show one thing that a machine does.
//!
//! A sweep is a list of [`Probe`]s: [`board()`] makes the one that tells the numbers of an
//! accelerator's profile, [`operators()`] the one of a processor. [`write`] puts their files, a
//! manifest and the script that runs them on a board into a folder. [`stacks`] rebuilds the networks that
//! others measured and described in words.

mod layers;
mod probe;

mod board;

#[cfg(feature = "validate")]
mod grid;
#[cfg(feature = "validate")]
mod operators;

mod files;

#[cfg(feature = "validate")]
pub mod host;
#[cfg(feature = "validate")]
mod table;

pub mod stacks;

pub use board::board;
pub use files::write;
pub use layers::NetworkError;
#[cfg(feature = "validate")]
pub use operators::operators;
pub use probe::Probe;

#[cfg(feature = "validate")]
pub(crate) use grid::{CONV, DENSE, DEPTHWISE, Grid, POINTWISE};
#[cfg(feature = "validate")]
pub(crate) use operators::ADDITIONS;

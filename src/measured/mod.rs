//! Latencies that were measured on boards, and what the simulator says of the same.
//!
//! [`read`] takes a CSV of measurements, [`import()`] what tools of boards print. A [`Measurement`] names a model file, which [`Models`]
//! finds and reads, and a device, link, host and clock, from which [`Machines`] chooses a profile
//! and its modes. [`cases`] brings the three together, and [`estimates`] prices them on all cores.

mod case;
mod error;
mod import;
mod machine;
mod measurement;
mod models;
mod names;
mod read;
mod words;

pub use case::{Case, Simulated, cases, estimate, estimates};
pub use error::MeasuredError;
pub use import::{Format, Imported, LayerTime, Layered, Span, import, import_text};
pub use machine::{Machine, Machines};
pub use measurement::{Includes, Measurement, Place, Statistic};
pub use models::{Model, Models};
pub use names::{family, network};
pub use read::{read, read_text};

#[cfg(test)]
mod tests;

//! The tables of the EDNAS paper, with networks trained here: what each row is, what the paper
//! prints for it, and which of the paper's claims hold.
//!
//! A [`Table`] has [`Row`]s: those that can be trained become entrants of a
//! [`comparison`](crate::comparison), and the table's [`Claim`]s are judged on what came of them.

mod paper;

mod table;

mod scale;

mod claims;
mod interval;

pub use claims::{Claim, Judged, Quantity, Verdict, judge};
pub use interval::Interval;
pub use paper::Printed;
pub use scale::Scale;
pub use table::{Network, Row, Table, TableError};

#[cfg(test)]
mod tests;

//! Networks trained several times each, and what one gains over another: the protocol behind every
//! table of results.
//!
//! An [`Entrant`] is a network, a recipe, and the entrant that its gains are over. [`Protocol`] says
//! what all have in common, and where what is done lies.

mod protocol;

mod compare;
mod price;

pub use compare::{Compared, Spread, compare};
pub use price::{Costs, costs};
pub use protocol::{ComparisonError, Entrant, Protocol, Run, open, train_all};

#[cfg(test)]
mod tests;

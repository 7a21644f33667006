//! Joint against transfer: networks found for one task each and for all at once, trained alike on all
//! tasks.
//!
//! The protocol of Table 5 of the EDNAS paper. Entrants are the baselines (EfficientNet-B0, a network
//! per task and one for all), the best network of every single-task search, which is transferred to
//! all tasks, and the best of the joint search. All are trained by the same recipe; gains are over
//! the networks per task.

mod protocol;

mod compare;
mod price;

pub use compare::{Compared, Spread, compare};
pub use price::{Costs, costs};
pub use protocol::{Entrant, Protocol, Run, TransferError, open, train_all};

#[cfg(test)]
mod tests;

//! Controllers that propose genomes, the goal that judges them, and the loop that runs a search.
//!
//! A [`Search`] is asked for candidates and told of outcomes. It replays exactly: proposal n depends
//! on the seed, the space and the outcomes of trials up to n - W, where W is the number of workers,
//! whatever order they finish in. [`search`] drives one with a journal and an evaluation; its
//! [`Goal`] says what measurements are worth and which are out of bounds.

mod ask_tell;
mod candidate;
mod controller;
mod error;
mod pareto;
mod seeds;

mod cheaper;
mod chooser;
mod rungs;

mod goal;

pub mod predict;

mod account;
mod plan;
mod run;

pub use account::{Account, INHERITED, Stops};
pub use cheaper::Cheaper;
pub use chooser::TRUSTED_FROM;
pub use rungs::{Bar, Hurdle, Rungs, RungsError};

pub use ask_tell::{Search, Snapshot};
pub use candidate::Candidate;
pub use controller::{Controller, Draws, Evolution, Local, Nsga2, Ppo, Proposal, Random, State};
pub use error::SearchError;
pub use goal::{
    Aim, Capacity, Goal, Killed, Limit, LimitError, Objective, ObjectiveError, Reward, RewardError,
    Score, Setting, Source, Tally, TaskMetrics, Violation, WeightedMetric,
};
pub use plan::{Ending, Evaluation, Event, Finished, Plan};
pub use run::search;

#[cfg(test)]
mod tests;

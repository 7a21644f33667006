//! Controllers that propose genomes, the reward that ranks them, and the loop that runs a search.
//!
//! A [`Controller`] is a pure function of seed and history, so a search replays exactly: proposal n
//! sees only the outcomes of trials up to n - W, where W is the number of workers, whatever order
//! they finish in.

mod controller;
mod evolution;
mod random;
mod seeds;

mod reward;

pub mod predict;

mod plan;
mod run;

pub use controller::{Ask, Controller};
pub use evolution::Evolution;
pub use plan::{Candidate, Ending, Evaluation, Event, Finished, Plan};
pub use random::Random;
pub use reward::{Reward, RewardError, Score, Setting, Source, TaskMetrics, WeightedMetric};
pub use run::search;

#[cfg(test)]
mod tests;

//! What a search is asked to do, and what it tells while and after it runs.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde_json::{Value as Json, json};

use super::ask_tell::Search;
use super::candidate::Candidate;
use super::cheaper::Cheaper;
use super::controller::Controller;
use super::error::SearchError;
use super::goal::{Goal, Tally};
use super::rungs::Rungs;
use crate::space::{Genome, Space};
use crate::study::{Header, History, Outcome, Pace};

/// What to search, how, and for how long.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The space.
    pub space: &'a Space,
    /// Who proposes.
    pub controller: Controller,
    /// Seed of every random choice of the controller.
    pub seed: u64,
    /// Genomes of the first trials, such as the baseline as trial 0.
    pub initial: Vec<Genome>,
    /// W: trials evaluated at a time, and how far behind the outcomes are that a proposal sees.
    pub workers: NonZeroUsize,
    /// How many trials the study shall have in all.
    pub trials: usize,
    /// What measurements are worth, and which are out of bounds.
    pub goal: Goal,
    /// What is done to spend less on evaluations.
    pub cheaper: Cheaper,
    /// When outcomes are pressed to the disk.
    pub pace: Pace,
    /// What else evaluations depend on (profile, data, size, steps, ...), kept in the journal.
    pub settings: BTreeMap<String, Json>,
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq)]
pub enum Evaluation {
    /// The network runs, and this is how well: at the step of [`Candidate::hurdle`] where it has
    /// one, else at the end.
    Measured {
        /// Simulated latency of one inference, in milliseconds.
        latency_ms: f64,
        /// Accuracy metrics by name, and whatever else is worth keeping.
        metrics: BTreeMap<String, f64>,
    },
    /// The machine cannot run the network, or it is beyond a limit.
    Infeasible {
        /// Which limit, how much was asked, how much there is.
        reason: String,
    },
    /// The evaluation went wrong; other candidates may do better.
    Failed {
        /// What went wrong.
        reason: String,
    },
    /// Cut off by the stop flag: nothing is recorded, a resumed search evaluates it again.
    Interrupted,
}

/// What happens while a search runs, for progress displays.
#[derive(Debug)]
pub enum Event<'a> {
    /// The journal is open.
    Opened {
        /// The trials it already holds.
        history: &'a History,
        /// Bytes of a half-written last line that were cut off.
        torn_bytes: usize,
    },
    /// A trial is handed to a worker.
    Started {
        /// The trial.
        candidate: &'a Candidate,
        /// Whether an earlier run was cut off before its outcome.
        again: bool,
    },
    /// A trial has an outcome, already in the journal.
    Done {
        /// The trial's number.
        number: usize,
        /// Its outcome.
        outcome: &'a Outcome,
    },
    /// No trial to come descends from one that was evaluated, or continues it: its weights are not
    /// needed any more.
    Outlived {
        /// The trial's number; of those that continue each other, that of the first.
        number: usize,
    },
    /// Many trials have ended and not one was feasible; the search goes on for a while.
    Hopeless {
        /// Which limits they died of.
        tally: &'a Tally,
    },
}

/// How a search ended.
#[derive(Debug)]
pub struct Finished {
    /// Every trial, earlier runs included.
    pub history: History,
    /// Why there may be fewer trials than asked for.
    pub ending: Ending,
    /// What the limits did to the trials.
    pub tally: Tally,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All trials have an outcome.
    Complete,
    /// Every genome of the space was tried.
    Exhausted,
    /// So many trials without a feasible one that it was given up: [`Finished::tally`] says why.
    Hopeless,
    /// The stop flag was set; the journal can be continued.
    Stopped,
}

impl Plan<'_> {
    /// Whether trials start from the weights of their parents.
    pub(super) fn inherits(&self) -> bool {
        self.cheaper.inherit_steps.is_some()
    }

    /// Whether trials that were stopped may be taken up again.
    pub(super) fn promotes(&self) -> bool {
        self.cheaper.rungs.as_ref().is_some_and(Rungs::promotes)
    }

    /// The settings that a journal keeps and a resumed search must match.
    #[must_use]
    pub fn header(&self) -> Header {
        let initial: Vec<String> = self.initial.iter().map(|g| self.space.text(g)).collect();
        let mut settings = self.settings.clone();
        settings.append(&mut self.goal.to_json());
        settings.append(&mut self.cheaper.to_json());
        settings.insert("controller".into(), self.controller.to_json());
        settings.insert("initial".into(), json!(initial));
        settings.insert("seed".into(), json!(self.seed));
        settings.insert("workers".into(), json!(self.workers));
        Header::new(self.space, self.goal.directions(), settings)
    }

    /// The search before its first trial.
    ///
    /// # Errors
    /// When the controller cannot take the objectives of the goal, or what is to make it cheaper
    /// cannot.
    pub fn search(&self) -> Result<Search, SearchError> {
        let search = Search::new(self.space.clone(), self.controller, self.seed, self.workers);
        let search = search.with_directions(self.goal.directions())?;
        let search = search.with_cheaper(&self.cheaper)?;
        Ok(search.with_initial(self.initial.clone()))
    }
}

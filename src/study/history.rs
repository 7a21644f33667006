//! All trials of a study, and which genomes were proposed.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::metrics::Names;
use super::trial::{Outcome, Rung, Trial};
use crate::space::Genome;

/// All trials of a study, numbered from 0 in the order they were proposed.
#[derive(Debug, Clone, Default)]
pub struct History {
    trials: Vec<Trial>,
    /// Numbers of the first trials of every genome, by its hash: a set of genomes that does not
    /// hold each of them twice.
    first: HashTable<usize>,
    hasher: DefaultHashBuilder,
    names: Names,
}

impl PartialEq for History {
    fn eq(&self, other: &Self) -> bool {
        self.trials == other.trials
    }
}

impl History {
    /// The trials; the index is the trial's number.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Whether `genome` has been proposed, evaluated or not.
    #[must_use]
    pub fn contains(&self, genome: &Genome) -> bool {
        self.first_of(genome).is_some()
    }

    /// The number of the first trial of `genome`.
    #[must_use]
    pub fn first_of(&self, genome: &Genome) -> Option<usize> {
        let is_same = |&number: &usize| self.trials[number].genome == *genome;
        let hash = self.hasher.hash_one(genome);
        self.first.find(hash, is_same).copied()
    }

    /// The trial that the trial `number` takes up again: its parent, where that has the same genome.
    /// What descends in any other way differs.
    #[must_use]
    pub fn continued_by(&self, number: usize) -> Option<usize> {
        let trial = self.trials.get(number)?;
        let parent = trial.parent?;
        (self.trials[parent].genome == trial.genome).then_some(parent)
    }

    /// The trial that the training of the trial `number` began in: itself, where it takes up none.
    #[must_use]
    pub fn origin(&self, number: usize) -> usize {
        let chain = std::iter::successors(Some(number), |&number| self.continued_by(number));
        chain.last().unwrap_or(number)
    }

    /// How many different genomes have been proposed.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.first.len()
    }

    /// Adds a proposed genome, descended from the trial `parent`, and returns its trial's number.
    pub fn propose(&mut self, genome: Genome, parent: Option<usize>) -> usize {
        self.push(Trial {
            genome,
            parent,
            rungs: Vec::new(),
            outcome: None,
        })
    }

    /// Room for `count` trials more: growing by and by hashes every genome again.
    pub(super) fn reserve(&mut self, count: usize) {
        self.trials.reserve(count);
        let (trials, hasher) = (&self.trials, &self.hasher);
        let hash_of = |&first: &usize| hasher.hash_one(&trials[first].genome);
        self.first.reserve(count, hash_of);
    }

    /// Adds a trial as it is, and returns its number.
    pub(super) fn push(&mut self, mut trial: Trial) -> usize {
        let number = self.trials.len();
        if let Some(outcome) = &mut trial.outcome {
            self.share_names(outcome);
        }
        let hash = self.hasher.hash_one(&trial.genome);
        self.trials.push(trial);
        let (trials, hasher) = (&self.trials, &self.hasher);
        let is_same = |&first: &usize| trials[first].genome == trials[number].genome;
        let hash_of = |&first: &usize| hasher.hash_one(&trials[first].genome);
        self.first.entry(hash, is_same, hash_of).or_insert(number);
        number
    }

    /// Records what trial `number` was worth after `rung.step` steps; a step that is known, as when
    /// the trial is evaluated again, stays as it was.
    ///
    /// # Panics
    /// When no such trial was proposed.
    pub fn reach(&mut self, number: usize, rung: Rung) {
        let rungs = &mut self.trials[number].rungs;
        if let Err(place) = rungs.binary_search_by_key(&rung.step, |r| r.step) {
            rungs.insert(place, rung);
        }
    }

    /// Records the outcome of trial `number`; the first outcome of a trial stays.
    ///
    /// # Panics
    /// When no such trial was proposed.
    pub fn finish(&mut self, number: usize, mut outcome: Outcome) {
        self.share_names(&mut outcome);
        self.trials[number].outcome.get_or_insert(outcome);
    }

    /// Numbers of the trials without an outcome, in order.
    pub fn unfinished(&self) -> impl Iterator<Item = usize> {
        self.trials
            .iter()
            .enumerate()
            .filter(|(_, t)| t.outcome.is_none())
            .map(|(n, _)| n)
    }

    fn share_names(&mut self, outcome: &mut Outcome) {
        match outcome {
            Outcome::Complete { metrics, .. } | Outcome::Stopped { metrics, .. } => {
                self.names.share(metrics);
            }
            Outcome::Infeasible { .. } | Outcome::Failed { .. } => {}
        }
    }
}

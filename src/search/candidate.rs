//! A trial on its way to whoever evaluates it.

use super::rungs::Hurdle;
use crate::space::Genome;
use crate::study::Rung;

/// A trial to evaluate.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its number, from 0.
    pub number: usize,
    /// Its genome.
    pub genome: Genome,
    /// The genome's short text.
    pub text: String,
    /// The trial that it descends from, and may inherit weights of.
    pub parent: Option<usize>,
    /// The trial that its training began in: itself, or the first of those that it continues.
    pub origin: usize,
    /// What it has to be worth on the way, in the order of their steps; where it continues a trial,
    /// from where that was stopped.
    pub hurdles: Vec<Hurdle>,
    /// What it was worth so far.
    pub rungs: Vec<Rung>,
}

impl Candidate {
    /// The next hurdle, at whose step this leg of the training ends; nothing where the training goes
    /// on to its end. After a value that does not pass it is the same hurdle still.
    #[must_use]
    pub fn hurdle(&self) -> Option<Hurdle> {
        let mut hurdles = self.hurdles.iter();
        hurdles.find(|h| h.is_ahead_of(&self.rungs)).copied()
    }
}

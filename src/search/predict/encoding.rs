//! Genomes as rows of numbers that regressions take.

use crate::space::{Genome, Space};

/// Decisions of up to this many choices have a column per choice; longer ones, which are ranges of
/// numbers, one for their place in the range and one for its square.
const COLUMNS_MAX: usize = 16;

/// How the genomes of a space become rows.
#[derive(Debug, Clone)]
pub(super) struct Encoding {
    space: Space,
}

impl Encoding {
    /// The encoding of `space`.
    pub(super) fn new(space: &Space) -> Self {
        Self {
            space: space.clone(),
        }
    }

    /// The row of `genome`; what an idle decision would decide is zero.
    pub(super) fn row(&self, genome: &Genome) -> Vec<f64> {
        let mut row = Vec::new();
        let decisions = self.space.decisions().iter().enumerate();
        for ((index, decision), &choice) in decisions.zip(genome.choices()) {
            let is_active = self.space.is_active(index, genome.choices());
            let choices = decision.choices.len();
            if choices <= COLUMNS_MAX {
                row.extend((0..choices).map(|c| f64::from(is_active && c == choice)));
            } else {
                let place = share(choice, choices - 1) * f64::from(is_active);
                row.extend([place, place * place]);
            }
        }
        row
    }
}

/// `part / whole`, for counts far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "counts of choices are small")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

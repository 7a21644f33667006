//! Genomes that were not proposed before.
//!
//! Drawing again until a genome is new takes as many draws as the share of new ones demands: over
//! the whole of a space of N genomes about N ln N, and for the last of them about N. Where that was
//! not enough, the genomes are listed, so that nothing here goes on for ever.

use rand::Rng;
use rand::seq::IteratorRandom;

use super::Ask;
use crate::space::{Count, Genome};

/// Draws from a space of which little is proposed yet.
const DRAWS: usize = 1_000;
/// Further draws for every genome proposed; all miss the last genome of a space once in e^4 times.
const DRAWS_PER_GENOME: usize = 4;
/// Mutations in a row before a genome is drawn from the whole space.
const STEPS: usize = 64;

/// A genome drawn uniformly among those not proposed; nothing where all were.
///
/// A space that could not be counted is taken to be exhausted once all draws were in vain.
pub(super) fn uniform(ask: &Ask, rng: &mut impl Rng) -> Option<Genome> {
    if ask.is_exhausted() {
        return None;
    }
    let draws = DRAWS + DRAWS_PER_GENOME * ask.history.distinct();
    let mut drawn = (0..draws).map(|_| ask.space.sample(rng));
    let new = drawn.find(|genome| ask.is_new(genome));
    new.or_else(|| listed(ask, rng))
}

/// `parent`, mutated until it is new; anything new where its surroundings are proposed.
pub(super) fn mutant(ask: &Ask, parent: &Genome, rng: &mut impl Rng) -> Option<Genome> {
    let mut child = parent.clone();
    for _ in 0..STEPS {
        child = ask.space.mutate(&child, rng)?;
        if ask.is_new(&child) {
            return Some(child);
        }
    }
    uniform(ask, rng)
}

/// As [`uniform`], from a list of what is left.
pub(super) fn listed(ask: &Ask, rng: &mut impl Rng) -> Option<Genome> {
    match ask.space.count() {
        Count::Exact(_) => {
            let left = ask.space.genomes().filter(|genome| ask.is_new(genome));
            left.choose(rng)
        }
        Count::AtMost(..) => None,
    }
}

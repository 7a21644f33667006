//! Moves through a space: sampling, mutation, crossover, neighbors, enumeration.
//!
//! Mutation keeps every decision but one as it is, and so does a neighbor; where the new choice
//! brings decisions that were idle, these are free. Crossover takes every decision from a parent
//! that made it. Each is a part of the space, [`Diagram::within`], drawn from uniformly, so that
//! none ever leaves the space.

use num_bigint::BigUint;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use super::definition::{Count, Space};
use super::diagram::{Diagram, below};
use super::genome::Genome;

/// Draws from a part of a space whose constraints could not be counted, before it is taken to be
/// empty.
const TRIES: usize = 1000;

impl Space {
    /// A genome drawn uniformly from the whole space: every genome is equally likely, whichever
    /// conditions lead to it.
    pub fn sample(&self, rng: &mut impl Rng) -> Genome {
        if self.is_free() {
            let counts = self.decisions().iter().map(|d| d.choices.len());
            return Genome(counts.map(|count| rng.random_range(0..count)).collect());
        }
        loop {
            let genome = Genome(self.diagram().draw(rng));
            // Without a count this is rejection; the probe found that it ends soon.
            if !self.is_bounded_only() || self.keeps(&genome) {
                return genome;
            }
        }
    }

    /// A copy of `parent` with one decision, drawn uniformly among those that can change, set to
    /// another value, and what newly hangs on it drawn too.
    ///
    /// Where constraints let no decision change alone, any other genome of the space. `None` when
    /// the space holds one genome only.
    pub fn mutate(&self, parent: &Genome, rng: &mut impl Rng) -> Option<Genome> {
        let mut open: Vec<usize> = self.open(parent).collect();
        if !self.is_free() {
            open.shuffle(rng);
            let near = open.into_iter().find_map(|index| {
                let part = self.near(parent, index);
                self.draw_from(&part, rng)
            });
            return near.or_else(|| self.other_than(parent, rng));
        }
        if open.is_empty() {
            return None;
        }
        let index = open[rng.random_range(0..open.len())];
        // One value fewer than there are: the parent's own is stepped over.
        let drawn = rng.random_range(0..self.decisions()[index].choices.len() - 1);
        let mut child = parent.clone();
        child.0[index] = drawn + usize::from(drawn >= parent.0[index]);
        Some(child)
    }

    /// A genome drawn uniformly among those that take every decision from `a` or from `b`, which
    /// are among them.
    pub fn cross(&self, a: &Genome, b: &Genome, rng: &mut impl Rng) -> Genome {
        if self.is_free() {
            let pairs = a.0.iter().zip(&b.0);
            return Genome(
                pairs
                    .map(|(&a, &b)| if rng.random() { a } else { b })
                    .collect(),
            );
        }
        let is_of_parent = |index: usize, choice: usize| {
            let takes =
                |parent: &Genome| parent.0[index] == choice && self.is_active(index, &parent.0);
            takes(a) || takes(b)
        };
        let children = self.diagram().within(is_of_parent);
        // A part too entangled to be drawn from still holds the parents.
        self.draw_from(&children, rng).unwrap_or_else(|| a.clone())
    }

    /// The genomes one decision away from `genome`, by decision, then in order.
    pub fn neighbors<'a>(&'a self, genome: &'a Genome) -> impl Iterator<Item = Genome> + 'a {
        let (free, bound) = match self.is_free() {
            true => (Some(self.open(genome)), None),
            false => (None, Some(self.open(genome))),
        };
        let free = free.into_iter().flatten();
        let free = free.flat_map(|index| self.changed(genome, index));
        let bound = bound.into_iter().flatten();
        free.chain(bound.flat_map(|index| self.genomes_of(self.near(genome, index))))
    }

    /// All genomes in lexicographic order of their choices, the last decision changing fastest.
    pub fn genomes(&self) -> impl Iterator<Item = Genome> + '_ {
        self.genomes_of(self.diagram().clone())
    }

    /// Some genome that takes `choice` in decision `index`, if there is one.
    #[must_use]
    pub fn genome_with(&self, index: usize, choice: usize) -> Option<Genome> {
        let takes = |at: usize, taken: usize| at != index || taken == choice;
        let is_made =
            |genome: &Genome| genome.0[index] == choice && self.is_active(index, &genome.0);
        self.genomes_of(self.diagram().within(takes))
            .take(TRIES)
            .find(is_made)
    }

    /// The decisions of `genome` that are made and have another choice.
    fn open<'a>(&'a self, genome: &'a Genome) -> impl Iterator<Item = usize> + 'a {
        let decisions = self.decisions().iter().enumerate();
        let has_other = decisions.filter(|(_, decision)| decision.choices.len() > 1);
        let indices = has_other.map(|(index, _)| index);
        indices.filter(|&index| self.is_active(index, &genome.0))
    }

    /// The genomes that differ from `genome` in decision `index` alone, in a free space.
    fn changed<'a>(
        &'a self,
        genome: &'a Genome,
        index: usize,
    ) -> impl Iterator<Item = Genome> + 'a {
        let own = genome.0[index];
        let others = (0..self.decisions()[index].choices.len()).filter(move |&c| c != own);
        others.map(move |choice| {
            let mut near = genome.clone();
            near.0[index] = choice;
            near
        })
    }

    /// The genomes that differ from `genome` in decision `changed` and in what newly hangs on it.
    fn near(&self, genome: &Genome, changed: usize) -> Diagram {
        self.diagram().within(|index, choice| {
            let is_own = genome.0[index] == choice;
            match index == changed {
                true => !is_own,
                false => is_own || !self.is_active(index, &genome.0),
            }
        })
    }

    /// A genome drawn uniformly from a part of the space; nothing where it is, or seems, empty.
    fn draw_from(&self, part: &Diagram, rng: &mut impl Rng) -> Option<Genome> {
        if part.is_empty() {
            return None;
        }
        let mut draws = (0..TRIES).map(|_| Genome(part.draw(rng)));
        draws.find(|genome| !self.is_bounded_only() || self.keeps(genome))
    }

    /// A genome drawn uniformly among all others.
    fn other_than(&self, genome: &Genome, rng: &mut impl Rng) -> Option<Genome> {
        match self.count() {
            Count::Exact(count) => {
                let others = count - 1_u32;
                if others == BigUint::ZERO {
                    return None;
                }
                let mut rank = below(&others, rng);
                // The genome's own rank is stepped over.
                if rank >= self.diagram().rank(&genome.0) {
                    rank += 1_u32;
                }
                self.diagram().at(&rank).map(Genome)
            }
            Count::AtMost(..) => {
                let mut draws = (0..TRIES).map(|_| self.sample(rng));
                draws.find(|drawn| drawn != genome)
            }
        }
    }

    fn genomes_of(&self, part: Diagram) -> impl Iterator<Item = Genome> + '_ {
        let mut rank = BigUint::ZERO;
        let all = std::iter::from_fn(move || {
            let choices = part.at(&rank)?;
            rank += 1_u32;
            Some(Genome(choices))
        });
        all.filter(|genome| !self.is_bounded_only() || self.keeps(genome))
    }
}

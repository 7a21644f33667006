//! Which images a training step sees, and whether each is mirrored.
//!
//! A run reads the samples of its split in a new random order each epoch, one epoch after the
//! other, `batch_size` per step. What a step sees follows from the seed and the step's number
//! alone, so that a run can be resumed anywhere.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::random::seed_of_stream;

/// One image of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The sample, counted from 0.
    pub index: usize,
    /// Left and right change places.
    pub mirrored: bool,
    /// How often all samples were seen before.
    pub epoch: usize,
}

/// The images of every step of a run.
#[derive(Clone, Debug)]
pub struct Batches {
    samples: usize,
    batch_size: usize,
    seed: u64,
    epoch: usize,
    picks: Vec<Pick>,
}

impl Batches {
    /// Batches of `batch_size` out of `samples` samples; both at least 1.
    #[must_use]
    pub fn new(samples: usize, batch_size: usize, seed: u64) -> Self {
        Self {
            samples,
            batch_size,
            seed,
            epoch: 0,
            picks: epoch(samples, seed, 0),
        }
    }

    /// What the order follows from.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The images of step `step`, counted from 0.
    pub fn of_step(&mut self, step: usize) -> Vec<Pick> {
        let first = step * self.batch_size;
        let positions = first..first + self.batch_size;
        positions.map(|position| self.pick(position)).collect()
    }

    fn pick(&mut self, position: usize) -> Pick {
        let epoch_needed = position / self.samples;
        if epoch_needed != self.epoch {
            self.picks = epoch(self.samples, self.seed, epoch_needed);
            self.epoch = epoch_needed;
        }
        self.picks[position % self.samples]
    }
}

fn epoch(samples: usize, seed: u64, number: usize) -> Vec<Pick> {
    let mut rng = Pcg64::seed_from_u64(seed_of_stream(seed, number as u64));
    let mut order: Vec<usize> = (0..samples).collect();
    order.shuffle(&mut rng);
    order
        .into_iter()
        .map(|index| Pick {
            index,
            mirrored: rng.random(),
            epoch: number,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_epoch_shows_every_sample_once() {
        let mut batches = Batches::new(10, 5, 1);
        let mut seen: Vec<usize> = (0..2)
            .flat_map(|step| batches.of_step(step))
            .map(|pick| pick.index)
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn a_step_is_the_same_whatever_came_before() {
        let mut whole = Batches::new(7, 3, 9);
        let all: Vec<_> = (0..20).map(|step| whole.of_step(step)).collect();
        for step in [19, 4, 11, 0] {
            assert_eq!(Batches::new(7, 3, 9).of_step(step), all[step]);
            assert_eq!(whole.of_step(step), all[step]);
        }
    }

    #[test]
    fn trainings_with_neighboring_seeds_share_no_epoch() {
        let epochs = |seed| {
            let mut batches = Batches::new(100, 100, seed);
            (0..5).map(move |step| batches.of_step(step).into_iter())
        };
        let order = |epoch: std::vec::IntoIter<Pick>| epoch.map(|pick| (pick.index, pick.mirrored));
        let all = (0..5).flat_map(epochs).map(|epoch| order(epoch).collect());
        let distinct: BTreeSet<Vec<_>> = all.collect();
        assert_eq!(distinct.len(), 25);
    }

    #[test]
    fn epochs_and_seeds_differ_and_about_half_is_mirrored() {
        let mut batches = Batches::new(100, 100, 1);
        let (first, second) = (batches.of_step(0), batches.of_step(1));
        assert_ne!(first, second);
        assert_ne!(first, Batches::new(100, 100, 2).of_step(0));
        let mirrored = first.iter().chain(&second).filter(|p| p.mirrored).count();
        assert!((70..130).contains(&mirrored), "{mirrored} of 200");
    }
}

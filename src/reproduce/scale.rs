//! How much of an experiment is run.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::task::Task;

/// How large images are, and how long and how often networks are trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Scale {
    /// What it is called: `demo`, `small` or `full`.
    pub name: &'static str,
    /// Height and width of the images of street scenes.
    streets: [usize; 2],
    /// Height and width of the images of rooms.
    rooms: [usize; 2],
    /// Optimizer steps of every training.
    pub steps: usize,
    /// Images per step.
    pub batch: usize,
    /// The most samples of the training split.
    pub train: usize,
    /// The most samples of the validation split.
    pub validation: usize,
    /// Trainings of every network.
    pub seeds: NonZeroU64,
}

const ONE: NonZeroU64 = NonZeroU64::MIN;
const THREE: NonZeroU64 = NonZeroU64::new(3).expect("3 is not 0");

impl Scale {
    /// That the command works, in minutes: nothing is learned.
    pub const DEMO: Self = Self {
        name: "demo",
        streets: [128, 128],
        rooms: [128, 128],
        steps: 4,
        batch: 4,
        train: 16,
        validation: 4,
        seeds: ONE,
    };

    /// What two cores do in a quarter of an hour to three hours per table.
    pub const SMALL: Self = Self {
        name: "small",
        streets: [128, 128],
        rooms: [128, 128],
        steps: 400,
        batch: 8,
        train: 512,
        validation: 64,
        seeds: THREE,
    };

    /// `AdaShare`'s iterations and batches, all samples, and the paper's three runs; for GPUs.
    pub const FULL: Self = Self {
        name: "full",
        streets: [256, 512],
        rooms: [384, 512],
        steps: 20_000,
        batch: 16,
        train: usize::MAX,
        validation: usize::MAX,
        seeds: THREE,
    };

    /// Height and width of the images where these `tasks` are learned: rooms have normals, streets
    /// do not.
    #[must_use]
    pub fn size(&self, tasks: &[Task]) -> [usize; 2] {
        match tasks.contains(&Task::Normals) {
            true => self.rooms,
            false => self.streets,
        }
    }
}

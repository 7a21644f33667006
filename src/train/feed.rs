//! Batches made ahead of training, so that it never waits for files or scaling.
//!
//! Of `n` threads, thread `t` makes the batches of the steps `first + t`, `first + t + n` and so on,
//! and puts each in a queue of its own that holds two; steps take from the queues in turn. A batch
//! follows from its step alone, so that the number of threads changes no byte.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::batches::{Batches, Pick};
use crate::data::{Augmentation, DataError, Draw, Sample, Shelf, input::network_input};

/// Batches that a thread is ahead.
const AHEAD: usize = 2;

/// Images and truth of a step, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Images, rows, columns.
    pub size: [usize; 3],
    /// `[n, h, w, 3]`, -1 to 1.
    pub images: Vec<f32>,
    /// `[n, h, w]`, class or void.
    pub classes: Vec<i64>,
    /// `[n, h, w]`, 0 where there is none.
    pub depth: Vec<f32>,
    /// `[n, h, w, 3]`, 0 where there is none.
    pub normals: Vec<f32>,
}

impl Batch {
    /// An empty batch for `images` images.
    #[must_use]
    pub fn of(images: usize, height: usize, width: usize) -> Self {
        let pixels = images * height * width;
        Self {
            size: [0, height, width],
            images: Vec::with_capacity(pixels * 3),
            classes: Vec::with_capacity(pixels),
            depth: Vec::with_capacity(pixels),
            normals: Vec::with_capacity(pixels * 3),
        }
    }

    /// Adds a sample of the batch's size. In a mirror left and right change places, and the normals
    /// point to the other side.
    pub fn add(&mut self, sample: &Sample, mirrored: bool) {
        let [images, height, width] = &mut self.size;
        *images += 1;
        for row in 0..*height {
            for column in 0..*width {
                let column = if mirrored {
                    *width - 1 - column
                } else {
                    column
                };
                let pixel = row * *width + column;
                let color = &sample.rgb[pixel * 3..pixel * 3 + 3];
                self.images.extend(color.iter().map(|&v| network_input(v)));
                self.classes.push(i64::from(sample.label[pixel]));
                self.depth.push(sample.depth[pixel]);
                let [x, y, z] = [0, 1, 2].map(|axis| sample.normal[pixel * 3 + axis]);
                self.normals.extend([if mirrored { -x } else { x }, y, z]);
            }
        }
    }
}

/// What batches are made from.
#[derive(Clone, Debug)]
pub struct Ingredients {
    /// The samples.
    pub shelf: Arc<Shelf>,
    /// Which of them each step sees.
    pub batches: Batches,
    /// How they are varied, where they are.
    pub augmentation: Option<Augmentation>,
}

impl Ingredients {
    /// The batch of step `step`.
    ///
    /// # Errors
    /// What is wrong with a sample.
    pub fn batch(&mut self, step: usize) -> Result<Batch, DataError> {
        let picks = self.batches.of_step(step);
        let mut batch = Batch::default();
        for (position, pick) in picks.iter().enumerate() {
            let sample = self.shelf.get(pick.index)?;
            if position == 0 {
                batch = Batch::of(picks.len(), sample.height, sample.width);
            }
            match self.augmentation {
                Some(augmentation) => {
                    let varied = augmentation.apply(&sample, self.draw(*pick));
                    batch.add(&varied, pick.mirrored);
                }
                None => batch.add(&sample, pick.mirrored),
            }
        }
        Ok(batch)
    }

    fn draw(&self, pick: Pick) -> Draw {
        Draw {
            seed: self.batches.seed(),
            epoch: pick.epoch,
            sample: pick.index,
        }
    }
}

/// The batches of steps, in order.
#[derive(Debug)]
pub struct Feed {
    queues: Vec<Receiver<Result<Batch, DataError>>>,
    threads: Vec<JoinHandle<()>>,
    left: Range<usize>,
    first: usize,
}

impl Feed {
    /// Starts to make the batches of `steps` on so many threads, at least one.
    ///
    /// # Errors
    /// When the machine has no thread left.
    pub fn start(
        ingredients: &Ingredients,
        steps: Range<usize>,
        threads: usize,
    ) -> io::Result<Self> {
        let threads = threads.clamp(1, steps.len().max(1));
        let mut feed = Self {
            queues: Vec::with_capacity(threads),
            threads: Vec::with_capacity(threads),
            first: steps.start,
            left: steps.clone(),
        };
        for number in 0..threads {
            let (sender, queue) = sync_channel(AHEAD);
            let (own, steps) = (ingredients.clone(), steps.clone());
            let make = move || fill(own, steps.skip(number).step_by(threads), &sender);
            let name = format!("feed {number}");
            feed.threads
                .push(thread::Builder::new().name(name).spawn(make)?);
            feed.queues.push(queue);
        }
        Ok(feed)
    }
}

/// Makes batches until the queue has no reader.
fn fill(
    mut ingredients: Ingredients,
    steps: impl Iterator<Item = usize>,
    queue: &SyncSender<Result<Batch, DataError>>,
) {
    for step in steps {
        if queue.send(ingredients.batch(step)).is_err() {
            return;
        }
    }
}

impl Iterator for Feed {
    type Item = Result<Batch, DataError>;

    /// The next batch. It ends early where a thread of it has died.
    fn next(&mut self) -> Option<Self::Item> {
        let step = self.left.next()?;
        let queue = &self.queues[(step - self.first) % self.queues.len()];
        queue.recv().ok()
    }
}

impl Drop for Feed {
    /// Ends the threads, so that they do not take time from what follows.
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            // A thread that died has said so on standard error.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, Split};

    fn ingredients(augmentation: Option<Augmentation>) -> Ingredients {
        let data = Dataset::open("scenes", 32, 48, 3).unwrap();
        let shelf = Shelf::new(data, Split::Train, 5).unwrap();
        Ingredients {
            shelf: Arc::new(shelf),
            batches: Batches::new(5, 2, 9),
            augmentation,
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_byte() {
        for augmentation in [None, Some(Augmentation::default())] {
            let mut alone = ingredients(augmentation);
            let expected: Vec<Batch> = (3..14).map(|step| alone.batch(step).unwrap()).collect();
            for threads in [1, 2, 3, 50] {
                let feed = Feed::start(&ingredients(augmentation), 3..14, threads).unwrap();
                let found: Vec<Batch> = feed.map(Result::unwrap).collect();
                assert!(found == expected, "{threads} threads");
            }
        }
    }

    #[test]
    fn the_same_sample_differs_from_epoch_to_epoch() {
        let mut varied = ingredients(Some(Augmentation::default()));
        varied.batches = Batches::new(1, 1, 0);
        assert_ne!(varied.batch(0).unwrap(), varied.batch(1).unwrap());
    }

    #[test]
    fn a_mirror_turns_normals() {
        let sample = Sample {
            height: 1,
            width: 2,
            rgb: vec![0, 0, 0, 255, 255, 255],
            label: vec![3, 4],
            depth: vec![0.1, 0.2],
            normal: vec![0.6, 0.0, -0.8, 0.0, 0.0, -1.0],
        };
        let mut batch = Batch::of(1, 1, 2);
        batch.add(&sample, true);
        assert_eq!(batch.size, [1, 1, 2]);
        assert_eq!(batch.images, [1.0, 1.0, 1.0, -1.0, -1.0, -1.0]);
        assert_eq!(batch.classes, [4, 3]);
        assert_eq!(batch.depth, [0.2, 0.1]);
        assert_eq!(batch.normals, [0.0, 0.0, -1.0, -0.6, 0.0, -0.8]);
    }

    #[test]
    fn a_feed_that_nobody_reads_ends() {
        let feed = Feed::start(&ingredients(None), 0..1000, 2).unwrap();
        drop(feed);
    }

    #[test]
    fn no_steps_are_no_batches() {
        assert!(
            Feed::start(&ingredients(None), 4..4, 2)
                .unwrap()
                .next()
                .is_none()
        );
    }
}

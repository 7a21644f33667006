//! How fast a run goes, and how long it will still take.

use std::time::Instant;

use ednas::train::Event;

/// The speed of a run, from its start or resumption.
pub(crate) struct Pace {
    start: Instant,
    first: usize,
    steps: usize,
    batch_size: usize,
}

impl Pace {
    /// Starts the clock of a run that has done `first` of `steps` steps.
    pub(crate) fn start(first: usize, steps: usize, batch_size: usize) -> Self {
        Self {
            start: Instant::now(),
            first,
            steps,
            batch_size,
        }
    }

    /// Training speed after `step` steps; 0 before the first.
    pub(crate) fn images_per_s(&self, step: usize) -> f64 {
        count((step - self.first) * self.batch_size) / self.start.elapsed().as_secs_f64()
    }

    /// The event after `step` steps, one at least.
    pub(crate) fn event(&self, id: u64, step: usize, loss: f64) -> Event {
        let images_per_s = self.images_per_s(step);
        let eta_s = count((self.steps - step) * self.batch_size) / images_per_s;
        Event::Progress {
            id,
            step,
            steps: self.steps,
            loss,
            images_per_s,
            eta_s,
        }
    }
}

/// A count as a float.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of images are far below 2^52"
)]
pub(crate) fn count(count: usize) -> f64 {
    count as f64
}

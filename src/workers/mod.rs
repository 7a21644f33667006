//! Many workers: training processes of this machine, or of a cluster.
//!
//! A [`Fleet`] has jobs done and gives each exactly one answer, whatever becomes of the processes
//! behind it. It knows nothing of studies: what a job is for, and what an answer is worth, is its
//! caller's business. [`Pool`] starts the processes here, [`RayFleet`] on the nodes of a cluster.

mod pool;
mod ray;

pub use pool::{Pool, PoolSettings};
pub use ray::{RayFleet, RaySettings};

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::train::worker::WorkerError;

/// Workers that have jobs done, several at a time.
pub trait Fleet: Sync {
    /// How many jobs are done at a time; more have to wait.
    fn workers(&self) -> NonZeroUsize;

    /// Has `job` done by a worker that is free, or waits for one; `watch` is called with every
    /// event but the last, and once more from the beginning when a worker died and the job was
    /// given to another.
    ///
    /// # Errors
    ///
    /// [`WorkerError`], once, for this job alone; [`WorkerError::is_setup`] says when no other job
    /// can be done either. [`WorkerError::Stopped`] comes soon after `stop` is set.
    fn train(
        &self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError>;

    /// What has happened so far.
    fn counts(&self) -> Counts;
}

/// What happened to the jobs of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs that were answered, whatever the answer.
    pub answered: usize,
    /// Jobs that were given to another worker because theirs had died, once per time.
    pub retried: usize,
    /// Workers that were started in the place of one that is no more; of a cluster, those that took
    /// a job with them.
    pub replaced: usize,
}

/// The threads of each of `workers` workers on a machine of `cores` cores: all cores, shared
/// evenly, and one where there are more workers than cores.
///
/// ```
/// use std::num::NonZeroUsize;
/// use ednas::workers::threads_each;
///
/// let threads = |cores, workers| -> Option<usize> {
///     let [cores, workers] = [cores, workers].map(NonZeroUsize::new);
///     Some(threads_each(cores?, workers?).get())
/// };
/// assert_eq!(threads(8, 3), Some(2));
/// assert_eq!(threads(2, 5), Some(1));
/// ```
#[must_use]
pub fn threads_each(cores: NonZeroUsize, workers: NonZeroUsize) -> NonZeroUsize {
    NonZeroUsize::new(cores.get() / workers).unwrap_or(NonZeroUsize::MIN)
}

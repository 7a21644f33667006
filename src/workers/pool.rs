//! Training processes of this machine: started when first needed, and again after one died.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::{Counts, Fleet};
use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::train::worker::{Limits, STOP_CHECK, Worker, WorkerError};

/// How many processes there are, and what each may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Processes, and so jobs at a time.
    pub workers: NonZeroUsize,
    /// Threads of each process.
    pub threads: NonZeroUsize,
    /// What one job may take from when it is sent to its answer; a worker that takes longer is
    /// killed, and the job has failed.
    pub time_limit: Option<Duration>,
    /// What one process may hold of memory, in MiB; a worker that holds more is killed, and the
    /// job has failed.
    pub memory_limit_mib: Option<u64>,
    /// How many more times a job is tried whose worker died.
    pub retries: usize,
    /// The worker's binary.
    pub binary: PathBuf,
}

/// A fleet of processes of this machine.
#[derive(Debug)]
pub struct Pool {
    settings: PoolSettings,
    /// The seats that are free; the one that was left last is taken first, since its process has
    /// its data in memory.
    free: Mutex<Vec<Seat>>,
    left: Condvar,
    answered: AtomicUsize,
    retried: AtomicUsize,
    replaced: AtomicUsize,
}

/// The place of one process.
#[derive(Debug, Default)]
struct Seat {
    worker: Option<Worker>,
    /// A process has been here.
    used: bool,
}

/// A seat that is taken; dropping it frees it.
struct Taken<'p> {
    pool: &'p Pool,
    seat: Seat,
}

impl Pool {
    /// Starts one process, so that a machine that cannot train says so before anything else is
    /// done; the others follow when they are needed.
    ///
    /// # Errors
    ///
    /// [`WorkerError`] of the set-up.
    pub fn start(settings: PoolSettings) -> Result<Self, WorkerError> {
        let first = Worker::start(&settings.binary, settings.limits())?;
        let mut free: Vec<Seat> = Vec::new();
        free.resize_with(settings.workers.get(), Seat::default);
        if let Some(seat) = free.last_mut() {
            seat.worker = Some(first);
            seat.used = true;
        }
        Ok(Self {
            settings,
            free: Mutex::new(free),
            left: Condvar::new(),
            answered: AtomicUsize::new(0),
            retried: AtomicUsize::new(0),
            replaced: AtomicUsize::new(0),
        })
    }

    /// A seat that is free, as soon as there is one; nothing when `stop` is set before.
    fn seat(&self, stop: &AtomicBool) -> Option<Taken<'_>> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(seat) = free.pop() {
                return Some(Taken { pool: self, seat });
            }
            let waited = self.left.wait_timeout(free, STOP_CHECK);
            (free, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Fleet for Pool {
    fn workers(&self) -> NonZeroUsize {
        self.settings.workers
    }

    fn train(
        &self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let mut taken = self.seat(stop).ok_or(WorkerError::Stopped)?;
        let mut retries_left = self.settings.retries;
        loop {
            let result = taken.train(job, watch, stop);
            match result {
                Err(WorkerError::Died { .. }) if retries_left > 0 => {
                    retries_left -= 1;
                    self.retried.fetch_add(1, Ordering::Relaxed);
                }
                result => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    return result;
                }
            }
        }
    }

    fn counts(&self) -> Counts {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        Counts {
            answered: count(&self.answered),
            retried: count(&self.retried),
            replaced: count(&self.replaced),
        }
    }
}

impl Taken<'_> {
    /// Has `job` done by the process of this seat, which is started where there is none.
    fn train(
        &mut self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let settings = &self.pool.settings;
        let worker = match &mut self.seat.worker {
            Some(worker) => worker,
            none => {
                let worker = Worker::start(&settings.binary, settings.limits())?;
                if std::mem::replace(&mut self.seat.used, true) {
                    self.pool.replaced.fetch_add(1, Ordering::Relaxed);
                }
                none.insert(worker)
            }
        };
        let result = worker.train(job, watch, stop);
        if result.as_ref().is_err_and(WorkerError::ends_worker) {
            self.seat.worker = None;
        }
        result
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let seat = std::mem::take(&mut self.seat);
        let free = self.pool.free.lock();
        free.unwrap_or_else(PoisonError::into_inner).push(seat);
        self.pool.left.notify_one();
    }
}

impl PoolSettings {
    const fn limits(&self) -> Limits {
        Limits {
            threads: Some(self.threads),
            time: self.time_limit,
            memory_mib: self.memory_limit_mib,
        }
    }
}

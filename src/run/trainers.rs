//! The training workers of a run: one process per index, started when first needed and again
//! after it died.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::train::worker::{Worker, WorkerError, find_worker};

/// Attempts at a job; the second one is for a worker that something killed.
const ATTEMPTS: usize = 2;

/// Training processes, by index.
pub(super) struct Trainers {
    binary: PathBuf,
    workers: Vec<Mutex<Option<Worker>>>,
}

impl Trainers {
    /// Finds the worker's binary and starts one process, so that a machine that cannot train says
    /// so before anything else is done.
    pub(super) fn start(count: usize) -> Result<Self, WorkerError> {
        let binary = find_worker()?;
        let first = Worker::start(&binary)?;
        let mut workers: Vec<_> = (0..count).map(|_| Mutex::new(None)).collect();
        workers[0] = Mutex::new(Some(first));
        Ok(Self { binary, workers })
    }

    /// Has `job` done by worker `index`. A job whose worker died is given to a new one once.
    pub(super) fn train(
        &self,
        index: usize,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let mut slot = self.workers[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut attempt = 1;
        loop {
            let worker = match slot.as_mut() {
                Some(worker) => worker,
                None => slot.insert(Worker::start(&self.binary)?),
            };
            let result = worker.train(job, watch, stop);
            if let Err(WorkerError::Died { .. } | WorkerError::Stopped) = result {
                *slot = None;
            }
            match result {
                Err(WorkerError::Died { .. }) if attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }
}

//! Who trains the networks of a search: the arguments that every searching command takes.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::train::worker::{WorkerError, find_worker};
use crate::workers::{Fleet, Pool, PoolSettings, threads_each};

/// Arguments about workers.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Networks trained at a time [default: as many as the cores have threads for]. A proposal
    /// sees the outcomes of all but the last N - 1.
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,

    /// Threads of each worker [default: the cores, shared evenly by the workers].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// What the training of one network may take, such as `90s`, `15m` or `2h`: then its worker is
    /// killed, and the trial has failed [default: any time].
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    trial_timeout: Option<u64>,

    /// The memory that one worker may hold, in MiB: beyond it is killed, and the trial has failed
    /// [default: any].
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    trial_memory: Option<u64>,

    /// How often a trial is tried again whose worker died.
    #[arg(long, value_name = "N", default_value_t = 1)]
    retries: usize,
}

impl Args {
    /// How many networks at a time were asked for.
    pub(super) fn asked(&self) -> Option<NonZeroUsize> {
        self.workers
    }

    /// How many networks are trained at a time.
    pub(super) fn workers(&self) -> NonZeroUsize {
        let share = |threads| threads_each(cores(), threads);
        self.workers
            .unwrap_or_else(|| self.threads.map_or_else(cores, share))
    }

    /// Threads of each worker.
    pub(super) fn threads(&self) -> NonZeroUsize {
        self.threads
            .unwrap_or_else(|| threads_each(cores(), self.workers()))
    }

    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// [`WorkerError`] of the set-up.
    pub(super) fn start(&self) -> Result<Box<dyn Fleet>, WorkerError> {
        let pool = Pool::start(PoolSettings {
            workers: self.workers(),
            threads: self.threads(),
            time_limit: self.trial_timeout.map(Duration::from_secs),
            memory_limit_mib: self.trial_memory,
            retries: self.retries,
            binary: find_worker()?,
        })?;
        Ok(Box::new(pool))
    }
}

fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Parses a time: `900s`, `15m`, `12h`, or seconds without a unit.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        Some(_) | None => (text, 1),
    };
    let number = digits.parse::<u64>().ok().filter(|&n| n > 0);
    number
        .and_then(|n| n.checked_mul(unit))
        .ok_or_else(|| format!("`{text}` is not a time; expected such as 900s, 15m or 12h"))
}

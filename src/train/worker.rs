//! Starts `ednas-train`, gives it jobs, and follows them.
//!
//! A worker is one process. It is killed when it is dropped, so that an interrupted search leaves
//! none behind; what it had done of its job is in the job's state file. It also ends by itself, in
//! the middle of a step, when nobody is left to read its answers.

mod error;

pub(crate) mod answer;
pub(crate) mod process;

pub use error::WorkerError;

use std::env;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use answer::{Answer, answer};
use process::{Process, memory_peak_kib};

use super::protocol::{Event, Outcome, PROTOCOL, TrainJob};

/// The variable that names the worker's binary.
pub(crate) const BINARY_VARIABLE: &str = "EDNAS_TRAIN";

/// How OpenMP's threads wait for each other. Spinning, their default, makes training ten times
/// slower where another process wants a core (measured: 2.2 against 19.8 images/s).
const WAIT_VARIABLE: &str = "OMP_WAIT_POLICY";

/// Memory that a step gives back is kept for the next one, instead of asking the system for cleared
/// pages again: glibc's thresholds in bytes (measured: 2 to 10 % faster).
const MEMORY_VARIABLES: [&str; 2] = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];
const MEMORY_THRESHOLD: &str = "1073741824";

/// How many threads OpenMP starts.
const THREADS_VARIABLE: &str = "OMP_NUM_THREADS";

/// How long a worker may take to load its libraries, which a slow disk or a full machine makes long.
const READY_LIMIT: Duration = Duration::from_secs(300);

/// How often a wait looks at the stop flag and at the limits.
pub(crate) const STOP_CHECK: Duration = Duration::from_millis(100);

/// What a worker may take; everything where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Threads that its libraries start beside those of a job.
    pub threads: Option<NonZeroUsize>,
    /// The time of one job, from when it is sent to its answer.
    pub time: Option<Duration>,
    /// The memory that the process holds at a time, in MiB: the network, the data and libtorch
    /// itself. Resident memory, as Linux counts it.
    pub memory_mib: Option<u64>,
}

/// A running `ednas-train`.
#[derive(Debug)]
pub struct Worker {
    process: Process,
    /// What it says.
    lines: Receiver<String>,
    limits: Limits,
    /// Jobs that it got.
    jobs: u64,
}

/// Where the worker's binary is: `EDNAS_TRAIN`, or beside this program.
///
/// # Errors
///
/// [`WorkerError::Missing`] when there is no file.
pub fn find_worker() -> Result<PathBuf, WorkerError> {
    let beside = || {
        let name = format!("ednas-train{}", env::consts::EXE_SUFFIX);
        env::current_exe().unwrap_or_default().with_file_name(name)
    };
    let path = env::var_os(BINARY_VARIABLE).map_or_else(beside, PathBuf::from);
    if path.is_file() {
        Ok(path)
    } else {
        Err(WorkerError::Missing { searched: path })
    }
}

impl Worker {
    /// Starts the worker at `binary` and waits until it is ready.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Missing`], [`WorkerError::Broken`], or [`WorkerError::Unfit`] where a limit
    /// cannot be held.
    pub fn start(binary: &Path, limits: Limits) -> Result<Self, WorkerError> {
        if !binary.is_file() {
            return Err(WorkerError::Missing {
                searched: binary.to_owned(),
            });
        }
        if limits.memory_mib.is_some() && memory_peak_kib("self").is_none() {
            return Err(WorkerError::Unfit {
                problem: "this system does not say how much memory a process holds (in /proc)"
                    .to_owned(),
                remedy: "leave the memory limit out".to_owned(),
            });
        }
        let broken = |problem: String| WorkerError::Broken {
            binary: binary.to_owned(),
            problem,
        };
        let mut command = command(binary, limits.threads);
        let (mut process, lines) =
            Process::spawn(&mut command).map_err(|error| broken(error.to_string()))?;
        let line = match lines.recv_timeout(READY_LIMIT) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => {
                let seconds = READY_LIMIT.as_secs();
                return Err(broken(format!("it said nothing for {seconds} s")));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(broken(process.last_words())),
        };
        ready(&line).map_err(broken)?;
        Ok(Self {
            process,
            lines,
            limits,
            jobs: 0,
        })
    }

    /// Has `job` done; `watch` is called with every event but the last.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Failed`] when the job cannot be done. This worker is no more after any other
    /// error: [`WorkerError::Stopped`] soon after `stop` is set, [`WorkerError::TimedOut`] or
    /// [`WorkerError::OutOfMemory`] beyond a limit, [`WorkerError::Nonsense`] or
    /// [`WorkerError::Died`].
    pub fn train(
        &mut self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        self.jobs += 1;
        // Its own number, so that an answer to an earlier job is never taken for one to this.
        let sent = TrainJob {
            id: self.jobs,
            ..job.clone()
        };
        let mut watch = |event: Event| watch(&event.of(job.id));
        let result = self.follow(&sent, &mut watch, stop);
        let result = result.map_err(|error| error.of(job.id));
        if result.as_ref().is_err_and(WorkerError::ends_worker) {
            self.process.kill();
        }
        let mut outcome = result?;
        outcome.id = job.id;
        Ok(outcome)
    }

    fn follow(
        &mut self,
        job: &TrainJob,
        watch: &mut dyn FnMut(Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let id = job.id;
        let begun = Instant::now();
        if self.process.tell(&job.line()).is_err() {
            return Err(self.died(id, stop));
        }
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(WorkerError::Stopped);
            }
            self.check_limits(id, begun)?;
            let line = match self.lines.recv_timeout(STOP_CHECK) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Err(self.died(id, stop)),
            };
            match answer(&line, job) {
                Answer::Goes(event) => watch(event),
                Answer::Done(outcome) => return Ok(outcome),
                Answer::Failed(reason) => return Err(WorkerError::Failed { id, reason }),
                Answer::Late => {}
                Answer::Nonsense(problem) => return Err(WorkerError::Nonsense { id, problem }),
            }
        }
    }

    fn check_limits(&self, id: u64, begun: Instant) -> Result<(), WorkerError> {
        if let Some(limit) = self.limits.time
            && begun.elapsed() > limit
        {
            return Err(WorkerError::TimedOut { id, limit });
        }
        if let Some(limit_mib) = self.limits.memory_mib
            && let Some(used_mib) = self.process.memory_peak_kib().map(|kib| kib.div_ceil(1024))
            && used_mib > limit_mib
        {
            return Err(WorkerError::OutOfMemory {
                id,
                used_mib,
                limit_mib,
            });
        }
        Ok(())
    }

    fn died(&mut self, id: u64, stop: &AtomicBool) -> WorkerError {
        // Ctrl-C reaches the worker too, and may reach it first.
        thread::sleep(STOP_CHECK);
        if stop.load(Ordering::Relaxed) {
            return WorkerError::Stopped;
        }
        let problem = self.process.last_words();
        WorkerError::Died { id, problem }
    }
}

/// The command that starts the worker at `binary`.
fn command(binary: &Path, threads: Option<NonZeroUsize>) -> Command {
    let mut command = Command::new(binary);
    if env::var_os(WAIT_VARIABLE).is_none() {
        command.env(WAIT_VARIABLE, "PASSIVE");
    }
    for variable in MEMORY_VARIABLES {
        if env::var_os(variable).is_none() {
            command.env(variable, MEMORY_THRESHOLD);
        }
    }
    if let Some(threads) = threads {
        command.env(THREADS_VARIABLE, threads.to_string());
    }
    command
}

/// What the first line of a worker says: how many jobs it does at a time.
pub(crate) fn ready(line: &str) -> Result<NonZeroUsize, String> {
    match serde_json::from_str(line) {
        Ok(Event::Ready { protocol, jobs }) if protocol == PROTOCOL => {
            Ok(jobs.unwrap_or(NonZeroUsize::MIN))
        }
        Ok(Event::Ready { protocol, .. }) => {
            Err(format!("it speaks {protocol}, expected {PROTOCOL}"))
        }
        Ok(
            Event::Started { .. } | Event::Progress { .. } | Event::Done(_) | Event::Failed { .. },
        )
        | Err(_) => Err(format!("it said {line:?} at first")),
    }
}

#[cfg(test)]
mod tests;

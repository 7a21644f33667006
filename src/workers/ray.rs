//! Training processes on the nodes of a Ray cluster.
//!
//! The cluster is reached through one child process, `python -m ednas_ray`, which speaks the protocol
//! of a worker but does many jobs at a time. It places workers on nodes, holds them to their limits
//! and gives a job whose worker or node is lost to another; here, events find their jobs by number.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Counts, Fleet};
use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::train::worker::answer::{Answer, answer};
use crate::train::worker::process::Process;
use crate::train::worker::{STOP_CHECK, WorkerError, ready};

/// Which cluster, and what each worker may take of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RaySettings {
    /// `HOST:PORT` of the cluster's head, or `auto` for the one of this machine.
    pub address: String,
    /// Jobs at a time; as many as there is room for where absent.
    pub workers: Option<NonZeroUsize>,
    /// CPUs of each worker, and its threads.
    pub threads: NonZeroUsize,
    /// GPUs of each worker, or the part of one.
    pub gpus: f64,
    /// As [`PoolSettings::time_limit`](super::PoolSettings::time_limit).
    pub time_limit: Option<Duration>,
    /// As [`PoolSettings::memory_limit_mib`](super::PoolSettings::memory_limit_mib).
    pub memory_limit_mib: Option<u64>,
    /// How many more times a job is tried whose worker died or whose node was lost.
    pub retries: usize,
    /// The Python that has the package `ednas-ray`.
    pub python: PathBuf,
}

/// A fleet of processes of a cluster.
#[derive(Debug)]
pub struct RayFleet {
    settings: RaySettings,
    workers: NonZeroUsize,
    bridge: Mutex<Arc<Bridge>>,
    jobs: AtomicU64,
    answered: AtomicUsize,
    retried: AtomicUsize,
}

/// The process that reaches the cluster.
#[derive(Debug)]
struct Bridge {
    process: Mutex<Process>,
    /// Who waits for the events of a job; empty once the process has ended.
    waiting: Arc<Mutex<BTreeMap<u64, Sender<String>>>>,
    ended: Arc<AtomicBool>,
}

impl RayFleet {
    /// Connects to the cluster and starts a first worker there.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Unfit`] when there is no cluster, no package, no room, or no `ednas-train` on
    /// a node.
    pub fn start(settings: RaySettings) -> Result<Self, WorkerError> {
        let (bridge, workers) = Bridge::start(&settings)?;
        Ok(Self {
            settings,
            workers,
            bridge: Mutex::new(Arc::new(bridge)),
            jobs: AtomicU64::new(0),
            answered: AtomicUsize::new(0),
            retried: AtomicUsize::new(0),
        })
    }

    /// The process that reaches the cluster; a new one where it has ended.
    fn bridge(&self) -> Result<Arc<Bridge>, WorkerError> {
        let mut bridge = lock(&self.bridge);
        if bridge.ended.load(Ordering::Acquire) {
            let (started, _) = Bridge::start(&self.settings)?;
            *bridge = Arc::new(started);
        }
        Ok(Arc::clone(&bridge))
    }

    /// Has `job` done once, as far as this side of the bridge is concerned.
    fn attempt(
        &self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let sent = TrainJob {
            id: self.jobs.fetch_add(1, Ordering::Relaxed) + 1,
            ..job.clone()
        };
        let mut watch = |event: Event| {
            if let Event::Started {
                attempt: Some(attempt),
                ..
            } = event
                && attempt.get() > 1
            {
                self.retried.fetch_add(1, Ordering::Relaxed);
            }
            watch(&event.of(job.id));
        };
        let result = self.bridge()?.follow(&sent, &mut watch, stop);
        let mut outcome = result.map_err(|error| error.of(job.id))?;
        outcome.id = job.id;
        Ok(outcome)
    }
}

impl Fleet for RayFleet {
    fn workers(&self) -> NonZeroUsize {
        self.workers
    }

    fn train(
        &self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let mut retries_left = self.settings.retries;
        loop {
            match self.attempt(job, watch, stop) {
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
        let retried = self.retried.load(Ordering::Relaxed);
        Counts {
            answered: self.answered.load(Ordering::Relaxed),
            retried,
            replaced: retried,
        }
    }
}

impl Bridge {
    /// Starts the process and waits until a first worker is there; gives how many there will be.
    fn start(settings: &RaySettings) -> Result<(Self, NonZeroUsize), WorkerError> {
        let python = settings.python.display();
        let unfit = |problem: String| WorkerError::Unfit {
            problem: format!(
                "no workers on the Ray cluster {}: {problem}",
                settings.address
            ),
            remedy: format!(
                "`{python} -m pip install ednas-ray` installs what reaches it, EDNAS_PYTHON names \
                 another Python, `ray status` says what the cluster has"
            ),
        };
        let (mut process, lines) =
            Process::spawn(&mut command(settings)).map_err(|error| unfit(error.to_string()))?;
        let Ok(line) = lines.recv() else {
            return Err(unfit(process.last_words()));
        };
        let workers = ready(&line).map_err(unfit)?;
        let waiting = Arc::default();
        let ended = Arc::default();
        let (to, at_end) = (Arc::clone(&waiting), Arc::clone(&ended));
        thread::spawn(move || hand_out(&lines, &to, &at_end));
        let process = Mutex::new(process);
        let bridge = Self {
            process,
            waiting,
            ended,
        };
        Ok((bridge, workers))
    }

    /// Has `job` done.
    fn follow(
        &self,
        job: &TrainJob,
        watch: &mut dyn FnMut(Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let id = job.id;
        let (sender, lines) = mpsc::channel();
        lock(&self.waiting).insert(id, sender);
        // After the insertion: whoever empties the list has set this before.
        let ended = self.ended.load(Ordering::Acquire);
        if ended || lock(&self.process).tell(&job.line()).is_err() {
            return Err(self.died(id, stop));
        }
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(WorkerError::Stopped);
            }
            let line = match lines.recv_timeout(STOP_CHECK) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Err(self.died(id, stop)),
            };
            let result = match answer(&line, job) {
                Answer::Goes(event) => {
                    watch(event);
                    continue;
                }
                Answer::Late => continue,
                Answer::Done(outcome) => Ok(outcome),
                Answer::Failed(reason) => Err(WorkerError::Failed { id, reason }),
                Answer::Nonsense(problem) => Err(WorkerError::Nonsense { id, problem }),
            };
            lock(&self.waiting).remove(&id);
            return result;
        }
    }

    fn died(&self, id: u64, stop: &AtomicBool) -> WorkerError {
        // Ctrl-C reaches the process too, and may reach it first.
        thread::sleep(STOP_CHECK);
        if stop.load(Ordering::Relaxed) {
            return WorkerError::Stopped;
        }
        let words = lock(&self.process).last_words();
        let problem = format!("what reaches the Ray cluster is gone: {words}");
        WorkerError::Died { id, problem }
    }
}

/// Gives each line to whoever waits for its job, until there are no more.
fn hand_out(
    lines: &Receiver<String>,
    waiting: &Mutex<BTreeMap<u64, Sender<String>>>,
    ended: &AtomicBool,
) {
    for line in lines {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        // A line about a job that nobody waits for any more counts for nothing.
        if let Some(id) = event["id"].as_u64()
            && let Some(job) = lock(waiting).get(&id)
        {
            let _ = job.send(line);
        }
    }
    ended.store(true, Ordering::Release);
    lock(waiting).clear();
}

fn command(settings: &RaySettings) -> Command {
    let mut command = Command::new(&settings.python);
    command.args(["-m", "ednas_ray", "--address", &settings.address]);
    let mut set = |option: &str, value: Option<String>| {
        if let Some(value) = value {
            command.args([option, &value]);
        }
    };
    set("--workers", settings.workers.map(|n| n.to_string()));
    set("--threads", Some(settings.threads.to_string()));
    set("--gpus", Some(settings.gpus.to_string()));
    set("--retries", Some(settings.retries.to_string()));
    let seconds = settings.time_limit.map(|limit| limit.as_secs_f64());
    set("--time-limit", seconds.map(|s| s.to_string()));
    set(
        "--memory-limit",
        settings.memory_limit_mib.map(|m| m.to_string()),
    );
    command
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Starts `ednas-train`, gives it jobs, and follows them.
//!
//! A worker is one process. It is killed when it is dropped, so that an interrupted search leaves
//! none behind; what it had done of its job is in the job's state file.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::protocol::{Event, Outcome, PROTOCOL, TrainJob};

/// The variable that names the worker's binary.
const BINARY_VARIABLE: &str = "EDNAS_TRAIN";

/// How OpenMP's threads wait for each other. Spinning, their default, makes training ten times
/// slower where another process wants a core (measured: 2.2 against 19.8 images/s).
const WAIT_VARIABLE: &str = "OMP_WAIT_POLICY";

/// How often a wait looks at the stop flag.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// Why a job did not get done.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// There is no binary.
    #[error(
        "ednas-train is not there (looked for {}); training needs it: run `make build`, or set \
         {BINARY_VARIABLE} to its path",
        searched.display()
    )]
    Missing {
        /// Where it was looked for.
        searched: PathBuf,
    },
    /// The binary does not start: a library is missing, or it is of another version.
    #[error("{} does not start: {problem}; run `make build`", binary.display())]
    Broken {
        /// The binary.
        binary: PathBuf,
        /// What it said.
        problem: String,
    },
    /// The worker ended in the middle of a job. Another one can be started.
    #[error("ednas-train ended in the middle of job {id} ({problem})")]
    Died {
        /// The job.
        id: u64,
        /// How it ended and what it said.
        problem: String,
    },
    /// The job cannot be done; the worker can do others.
    #[error("job {id}: {reason}")]
    Failed {
        /// The job.
        id: u64,
        /// What the worker says.
        reason: String,
    },
    /// The stop flag was set; the worker has been killed.
    #[error("stopped")]
    Stopped,
}

impl WorkerError {
    /// Whether the set-up of this machine is at fault and no job can be done.
    #[must_use]
    pub const fn is_setup(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Broken { .. } => true,
            Self::Died { .. } | Self::Failed { .. } | Self::Stopped => false,
        }
    }
}

/// A running `ednas-train`.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    jobs: ChildStdin,
    /// What it says, line by line; closed when it ends.
    lines: Receiver<String>,
    /// Collects what it complains about.
    complaints: Option<JoinHandle<String>>,
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
    /// [`WorkerError::Missing`] or [`WorkerError::Broken`].
    pub fn start(binary: &Path) -> Result<Self, WorkerError> {
        let broken = |problem: String| WorkerError::Broken {
            binary: binary.to_owned(),
            problem,
        };
        if !binary.is_file() {
            return Err(WorkerError::Missing {
                searched: binary.to_owned(),
            });
        }
        let mut worker = Self::spawn(binary).map_err(|error| broken(error.to_string()))?;
        let Ok(line) = worker.lines.recv() else {
            return Err(broken(worker.last_words()));
        };
        match serde_json::from_str(&line) {
            Ok(Event::Ready { protocol }) if protocol == PROTOCOL => Ok(worker),
            Ok(Event::Ready { protocol }) => {
                Err(broken(format!("it speaks {protocol}, expected {PROTOCOL}")))
            }
            Ok(
                Event::Started { .. }
                | Event::Progress { .. }
                | Event::Done(_)
                | Event::Failed { .. },
            )
            | Err(_) => Err(broken(format!("it said {line:?} at first"))),
        }
    }

    /// Has `job` done; `watch` is called with every event but the last.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Failed`] when the job cannot be done; [`WorkerError::Died`] or
    /// [`WorkerError::Stopped`], soon after `stop` is set, when this worker is no more.
    pub fn train(
        &mut self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let line = serde_json::to_string(job).expect("a job is plain data");
        if writeln!(self.jobs, "{line}")
            .and_then(|()| self.jobs.flush())
            .is_err()
        {
            return Err(self.died(job.id, stop));
        }
        loop {
            if stop.load(Ordering::Relaxed) {
                self.kill();
                return Err(WorkerError::Stopped);
            }
            let line = match self.lines.recv_timeout(STOP_CHECK) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Err(self.died(job.id, stop)),
            };
            match serde_json::from_str(&line) {
                Ok(Event::Done(outcome)) => return Ok(outcome),
                Ok(Event::Failed { reason, .. }) => {
                    return Err(WorkerError::Failed { id: job.id, reason });
                }
                Ok(event @ (Event::Started { .. } | Event::Progress { .. })) => watch(&event),
                Ok(Event::Ready { .. }) | Err(_) => {
                    self.kill();
                    let problem = format!("it said {line:?}");
                    return Err(WorkerError::Died {
                        id: job.id,
                        problem,
                    });
                }
            }
        }
    }

    fn spawn(binary: &Path) -> std::io::Result<Self> {
        let mut command = Command::new(binary);
        if env::var_os(WAIT_VARIABLE).is_none() {
            command.env(WAIT_VARIABLE, "PASSIVE");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (Some(jobs), Some(said), Some(complained)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            unreachable!("all three streams were asked for")
        };
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let complaints = thread::spawn(move || last_line(BufReader::new(complained)));
        Ok(Self {
            child,
            jobs,
            lines,
            complaints: Some(complaints),
        })
    }

    fn died(&mut self, id: u64, stop: &AtomicBool) -> WorkerError {
        // Ctrl-C reaches the worker too, and may reach it first.
        thread::sleep(STOP_CHECK);
        if stop.load(Ordering::Relaxed) {
            return WorkerError::Stopped;
        }
        let problem = self.last_words();
        WorkerError::Died { id, problem }
    }

    /// How the worker ended, and the last thing it complained about.
    fn last_words(&mut self) -> String {
        let _ = self.child.kill();
        let ended = match self.child.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        let complaint = self.complaints.take().and_then(|thread| thread.join().ok());
        match complaint.filter(|text| !text.is_empty()) {
            Some(complaint) => format!("{ended}: {complaint}"),
            None => ended,
        }
    }

    fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn last_line(stream: impl BufRead) -> String {
    let lines = stream.lines().map_while(Result::ok);
    lines
        .filter(|line| !line.trim().is_empty())
        .last()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;

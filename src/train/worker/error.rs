//! Why a job did not get done.

use std::path::PathBuf;
use std::time::Duration;

use super::BINARY_VARIABLE;

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
    /// This machine or cluster cannot do what was asked of it.
    #[error("{problem}; {remedy}")]
    Unfit {
        /// What was found.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// The worker ended in the middle of a job. Another one can be started.
    #[error("ednas-train ended in the middle of job {id} ({problem})")]
    Died {
        /// The job.
        id: u64,
        /// How it ended and what it said.
        problem: String,
    },
    /// The worker said what the protocol does not know; it has been killed.
    #[error("job {id}: the worker does not keep to the protocol: {problem}")]
    Nonsense {
        /// The job.
        id: u64,
        /// What it said, and what was expected.
        problem: String,
    },
    /// The job took longer than it may; its worker has been killed.
    #[error("job {id}: not done within its {} s", limit.as_secs_f64())]
    TimedOut {
        /// The job.
        id: u64,
        /// What it may take.
        limit: Duration,
    },
    /// The job took more memory than it may; its worker has been killed.
    #[error("job {id}: took {used_mib} MiB of memory, it may take {limit_mib} MiB")]
    OutOfMemory {
        /// The job.
        id: u64,
        /// The most that its worker held.
        used_mib: u64,
        /// What it may take.
        limit_mib: u64,
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
            Self::Missing { .. } | Self::Broken { .. } | Self::Unfit { .. } => true,
            Self::Died { .. }
            | Self::Nonsense { .. }
            | Self::TimedOut { .. }
            | Self::OutOfMemory { .. }
            | Self::Failed { .. }
            | Self::Stopped => false,
        }
    }

    /// Whether the worker that had the job is no more.
    #[must_use]
    pub const fn ends_worker(&self) -> bool {
        match self {
            Self::Missing { .. }
            | Self::Broken { .. }
            | Self::Unfit { .. }
            | Self::Failed { .. } => false,
            Self::Died { .. }
            | Self::Nonsense { .. }
            | Self::TimedOut { .. }
            | Self::OutOfMemory { .. }
            | Self::Stopped => true,
        }
    }

    /// The same error, of the job that whoever asked calls `job`.
    #[must_use]
    pub(crate) fn of(mut self, job: u64) -> Self {
        match &mut self {
            Self::Died { id, .. }
            | Self::Nonsense { id, .. }
            | Self::TimedOut { id, .. }
            | Self::OutOfMemory { id, .. }
            | Self::Failed { id, .. } => *id = job,
            Self::Missing { .. } | Self::Broken { .. } | Self::Unfit { .. } | Self::Stopped => {}
        }
        self
    }
}

//! Training: what a run is, what it leaves behind, and the worker that does it.
//!
//! Everything here is free of libtorch. The arithmetic lives in the second binary, `ednas-train`,
//! which [`worker`] starts and talks to in the lines of [`protocol`].

pub mod recipe;
pub mod training;

pub mod weights;

pub mod checkpoint;
pub mod record;
pub mod restore;

pub mod inherit;

pub mod batches;
pub mod feed;

pub mod protocol;

pub mod worker;

pub use checkpoint::{CheckpointError, read_checkpoint, write_checkpoint};
pub use inherit::Inherit;
pub use protocol::{Event, TrainJob};
pub use recipe::{DepthLoss, Precision, Recipe};
pub use record::CheckpointRecord;
pub use restore::{RestoreError, Restored, restore};
pub use training::{Arithmetic, DataChoice, Judged, Start, Training};
pub use weights::Weights;
pub use worker::{Limits, Worker, WorkerError, find_worker};

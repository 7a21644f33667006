//! What is asked of a machine: loop nests and byte movements over buffers.
//!
//! A [`Task`] is one operator of somebody's program. Its name, operator and mode ride along as
//! plain data, for the support rules of a profile and for reports.

mod facts;
mod list;
mod nest;
mod sequence;

#[cfg(test)]
mod tests;

pub use facts::{Fact, FactName, FactValue};
pub use list::{Activation, ListBuilder, TaskError, TaskList, Weights};
pub use nest::{Class, Depthwise, LoopNest, NestForm};
pub use sequence::{Placed, Sequence};

use std::ops::Deref;
use std::sync::Arc;

/// Index of an activation buffer in [`TaskList::activations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BufferId(pub usize);

/// Index of a parameter buffer in [`TaskList::weights`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeightId(pub usize);

/// Index of a task in [`TaskList::tasks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub usize);

/// What a task does, whichever buffers it does it to.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The caller's name for it, shown in reports.
    pub name: String,
    /// The operator's name, as the support rules of profiles spell it (`conv`, `resize`, ...).
    pub operator: String,
    /// The variant that a support rule may look at (`bilinear` of a `resize`).
    pub mode: Option<String>,
    /// The shapes of its inputs, then of its outputs, for reports.
    pub shapes: Vec<Vec<u64>>,
    /// What support rules may ask of it.
    pub facts: Vec<Fact>,
    /// What it computes.
    pub work: Work,
}

/// One operator: its work and the buffers it touches. An [`Operation`]'s fields are read through it.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// What it does; shared by all lists that hold the task.
    pub operation: Arc<Operation>,
    /// Activations it reads.
    pub reads: Vec<BufferId>,
    /// Parameters it reads.
    pub weights: Option<WeightId>,
    /// Activations it writes, each written by this task alone.
    pub writes: Vec<BufferId>,
}

impl Deref for Task {
    type Target = Operation;

    fn deref(&self) -> &Operation {
        &self.operation
    }
}

/// What a task computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// A convolution or matrix product.
    LoopNest(LoopNest),
    /// A convolution whose every group is one channel.
    Depthwise(Depthwise),
    /// Elementwise arithmetic, pooling, resizing: priced by the bytes it touches.
    Vector {
        /// Bytes read and written, where a window that reads a byte twice counts it twice.
        touched_bytes: u64,
    },
    /// A copy or re-layout of data.
    Move {
        /// Bytes read plus bytes written; zero for a mere change of view.
        touched_bytes: u64,
    },
    /// An operator that only the host can run, unless a profile lists it by name: then its
    /// multiply-accumulates take the time of a convolution's, its bytes that of the vector unit, and the
    /// longer counts.
    Host {
        /// Its multiply-accumulates, where they are known.
        macs: Option<u64>,
        /// Bytes read and written.
        touched_bytes: u64,
    },
}

impl Work {
    /// Multiply-accumulates of the whole task; zero where there are none or they are unknown.
    #[must_use]
    pub fn macs(&self) -> u64 {
        match self {
            Work::LoopNest(nest) => nest.macs(),
            Work::Depthwise(depthwise) => depthwise.nest.macs(),
            Work::Vector { .. } | Work::Move { .. } => 0,
            Work::Host { macs, .. } => macs.unwrap_or(0),
        }
    }

    /// Bytes read and written by work that is priced by them; 0 for the rest.
    #[must_use]
    pub fn touched_bytes(&self) -> u64 {
        match self {
            Work::Vector { touched_bytes }
            | Work::Move { touched_bytes }
            | Work::Host { touched_bytes, .. } => *touched_bytes,
            Work::LoopNest(_) | Work::Depthwise(_) => 0,
        }
    }

    /// The same work for `images` times as many images; saturates.
    fn batched(self, images: u64) -> Work {
        let nest = |nest: LoopNest| LoopNest {
            batch: nest.batch.saturating_mul(images),
            ..nest
        };
        let bytes = |touched_bytes: u64| touched_bytes.saturating_mul(images);
        match self {
            Work::LoopNest(own) => Work::LoopNest(nest(own)),
            Work::Depthwise(own) => Work::Depthwise(Depthwise {
                nest: nest(own.nest),
            }),
            Work::Vector { touched_bytes } => Work::Vector {
                touched_bytes: bytes(touched_bytes),
            },
            Work::Move { touched_bytes } => Work::Move {
                touched_bytes: bytes(touched_bytes),
            },
            Work::Host {
                macs,
                touched_bytes,
            } => Work::Host {
                macs: macs.map(bytes),
                touched_bytes: bytes(touched_bytes),
            },
        }
    }

    /// The loop nest, of the two kinds of work that have one.
    #[must_use]
    pub fn nest(&self) -> Option<&LoopNest> {
        match self {
            Work::LoopNest(nest) => Some(nest),
            Work::Depthwise(depthwise) => Some(&depthwise.nest),
            Work::Vector { .. } | Work::Move { .. } | Work::Host { .. } => None,
        }
    }
}

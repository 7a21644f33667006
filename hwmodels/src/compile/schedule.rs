//! What a machine does, in order: the one description that all speeds time.

use crate::array::Product;
use crate::profile::{Priced, SourceKind, Sourced};
use crate::task::{BufferId, TaskId, TaskList};
use crate::units::Rate;

/// The steps of one inference.
#[derive(Clone, Debug)]
pub struct Schedule<'a> {
    pub(crate) list: &'a TaskList,
    pub(crate) steps: Vec<Step>,
    /// By buffer: whether it lives in host memory for want of room on the chip.
    pub(crate) spilled: Vec<bool>,
    pub(crate) cached_bytes: u64,
    pub(crate) narrow_peak_bytes: u64,
}

impl<'a> Schedule<'a> {
    /// The list that was compiled.
    #[must_use]
    pub fn list(&self) -> &'a TaskList {
        self.list
    }

    /// The steps in the order every resource serves them.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Parameters that stay on the chip between inferences, as stored.
    #[must_use]
    pub fn cached_bytes(&self) -> u64 {
        self.cached_bytes
    }
}

/// One entry of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A whole activation goes to the chip.
    Load {
        /// The activation.
        buffer: BufferId,
    },
    /// A whole activation comes from the chip.
    Store {
        /// The activation.
        buffer: BufferId,
    },
    /// The accelerator runs a task.
    Run(Run),
    /// The host runs a task.
    Host {
        /// The task.
        task: TaskId,
    },
}

/// A task on the accelerator, cut into tiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The task.
    pub task: TaskId,
    /// What its compute time comes from.
    pub price: Price,
    /// The tile loop, outermost first.
    pub blocks: Vec<Block>,
}

/// Tiles that repeat together.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// How often.
    pub repeat: u64,
    /// The tiles, each with how often it repeats within.
    pub tiles: Vec<(u64, Tile)>,
}

/// One tile: what arrives, what is computed, what leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Parameters streamed to the chip before it; 0 if those there serve it.
    pub parameter_bytes: u64,
    /// Spilled activations read back before it; 0 if those there serve it.
    pub input_bytes: u64,
    /// Spilled activations written after it.
    pub output_bytes: u64,
    /// The work.
    pub compute: Compute,
}

/// The work of a tile, in the unit of what prices it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compute {
    /// Matrix products on the array.
    Product(Product),
    /// Multiply-accumulates at the rate of a table.
    Macs(u64),
    /// Bytes through the vector unit.
    Bytes(u64),
}

/// What a task's compute time comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Price {
    /// The array's own arithmetic.
    Array(SourceKind),
    /// A throughput table.
    Table(Priced),
    /// The vector unit's rate, in bytes per cycle.
    Vector(Sourced<Rate>),
}

impl Price {
    /// Where the number comes from.
    #[must_use]
    pub fn source(&self) -> SourceKind {
        match self {
            Price::Array(source) => *source,
            Price::Vector(rate) => rate.source,
            Price::Table(priced) => priced.source,
        }
    }
}

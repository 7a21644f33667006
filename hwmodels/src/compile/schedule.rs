//! What a machine does, in order: the one description that all speeds time.

use std::sync::Arc;

use super::Refusal;
use crate::array::Product;
use crate::profile::{Priced, SourceKind, Sourced};
use crate::task::{BufferId, TaskId, TaskList, WeightId, Work};
use crate::units::Rate;

/// The steps of one inference.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule<'a> {
    pub(crate) list: &'a TaskList,
    pub(crate) steps: Vec<Step>,
    /// By task: why the accelerator does not run it.
    pub(crate) refusals: Vec<Option<Refusal>>,
    /// By buffer: whether it lives outside the chip for want of room.
    pub(crate) spilled: Vec<bool>,
    /// By buffer: its address in the narrow memory, if it lives there.
    pub(crate) addresses: Vec<Option<u64>>,
    /// By parameter buffer: bytes streamed every inference, of those stored.
    pub(crate) parameters: Vec<[u64; 2]>,
    pub(crate) cached_bytes: u64,
    pub(crate) cache_used_bytes: u64,
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

    /// Why the accelerator does not run a task; nothing where it does.
    #[must_use]
    pub fn refusal(&self, task: TaskId) -> Option<Refusal> {
        self.refusals[task.0]
    }

    /// The address of an activation in the narrow memory; nothing where it does not live there.
    #[must_use]
    pub fn address(&self, buffer: BufferId) -> Option<u64> {
        self.addresses[buffer.0]
    }

    /// Whether an activation lives outside the chip for want of room.
    #[must_use]
    pub fn is_spilled(&self, buffer: BufferId) -> bool {
        self.spilled[buffer.0]
    }

    /// Bytes of `weights`, as stored, that are streamed every inference; the rest stays.
    #[must_use]
    pub fn streamed_bytes(&self, weights: WeightId) -> u64 {
        self.parameters[weights.0][0]
    }

    /// Bytes of `weights` as stored on the chip; 0 for those of the host.
    #[must_use]
    pub fn stored_bytes(&self, weights: WeightId) -> u64 {
        self.parameters[weights.0][1]
    }

    /// Parameters that stay on the chip between inferences, as stored.
    #[must_use]
    pub fn cached_bytes(&self) -> u64 {
        self.cached_bytes
    }

    /// What those take of the chip's memory, where blocks of channels are held whole.
    #[must_use]
    pub fn cache_used_bytes(&self) -> u64 {
        self.cache_used_bytes
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
    /// Tasks that work on its results as they leave the array, in order.
    pub fused: Vec<TaskId>,
    /// What its compute time comes from.
    pub price: Price,
    /// In how many strips of rows it is computed, for want of room for its activations.
    pub strips: u64,
    /// The tile loop, outermost first.
    pub blocks: Arc<[Block]>,
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
    /// Sent between the arrays of a grid before it.
    pub noc_bytes: u64,
    /// Read and written by fused tasks while it is computed.
    pub fused_bytes: u64,
    /// Parameters read from the wide memory while it is computed.
    pub wide_bytes: u64,
    /// Activations read from and written to the narrow memory while it is computed.
    pub narrow_bytes: u64,
    /// Partial sums written and read back while it is computed.
    pub sum_bytes: u64,
    /// The work; on a grid, of the array that has most of it.
    pub compute: Compute,
}

impl Tile {
    /// A tile that only computes.
    #[must_use]
    pub fn computing(compute: Compute) -> Tile {
        Tile {
            parameter_bytes: 0,
            input_bytes: 0,
            output_bytes: 0,
            noc_bytes: 0,
            fused_bytes: 0,
            wide_bytes: 0,
            narrow_bytes: 0,
            sum_bytes: 0,
            compute,
        }
    }
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
    /// Both of an operator of which only the counts are known.
    Counts {
        /// Multiply-accumulates.
        macs: u64,
        /// Bytes through the vector unit.
        touched_bytes: u64,
    },
}

impl Compute {
    /// Bytes through the vector unit.
    #[must_use]
    pub fn touched_bytes(&self) -> u64 {
        match self {
            Compute::Bytes(touched_bytes) | Compute::Counts { touched_bytes, .. } => *touched_bytes,
            Compute::Product(_) | Compute::Macs(_) => 0,
        }
    }
}

/// What a task's compute time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Price {
    /// The array's own arithmetic.
    Array(SourceKind),
    /// A throughput table.
    Table(Priced),
    /// The vector unit's rate, in bytes per cycle.
    Vector(Sourced<Rate>),
    /// Two rates for an operator of which only the counts are known: the slower count decides.
    Counts(Counted),
}

/// Rates for an operator that is known by its name, multiply-accumulates and bytes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Counted {
    /// Multiply-accumulates per cycle, of all tiles.
    pub macs: Rate,
    /// Bytes per cycle of the vector unit of one tile.
    pub bytes: Rate,
    /// Where the numbers come from: that these counts tell the time is an assumption.
    pub source: SourceKind,
}

impl Counted {
    /// Cycles of `macs`, and of `touched_bytes` over `tiles`.
    pub(crate) fn cycles(&self, macs: u64, touched_bytes: u64, tiles: u64) -> [u64; 2] {
        let share = touched_bytes.div_ceil(tiles);
        [self.macs.cycles(macs), self.bytes.cycles(share)]
    }

    /// Whether `work` takes at least as long by its multiply-accumulates as by its bytes.
    #[must_use]
    pub fn is_by_macs(&self, work: &Work, tiles: u64) -> bool {
        let [macs, bytes] = self.cycles(work.macs(), work.touched_bytes(), tiles);
        macs >= bytes
    }
}

impl Price {
    /// Where the number comes from.
    #[must_use]
    pub fn source(&self) -> SourceKind {
        match self {
            Price::Array(source) => *source,
            Price::Vector(rate) => rate.source,
            Price::Table(priced) => priced.source,
            Price::Counts(counted) => counted.source,
        }
    }
}

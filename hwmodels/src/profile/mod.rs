//! What a machine is: one TOML file, read strictly and checked once.
//!
//! [`raw`] is the file as it is written, [`Profile`] the same after every number was checked and
//! converted to clock cycles. A key that no duration depends on does not exist, so an unknown key
//! is an error rather than a comment.

mod bounds;
mod check;
mod code;
mod document;
mod editor;
mod energy;
mod error;
mod file;
mod keys;
mod known;
mod path;
mod place;
mod provenance;
pub mod raw;
mod read;
mod schema;
mod source;
mod starter;
mod support;
mod throughput;
mod vary;
mod when;

use std::collections::{BTreeMap, BTreeSet};

pub use code::{Code, Ragged, Sent};
pub use editor::{Editor, FreeNumber};
pub use energy::{Area, Energy};
pub use error::{ProfileError, nearest};
pub use file::{Mode, ProfileFile, split_modes};
pub use keys::{Key, KeyKind, Setting, key, keys};
pub use known::{is_verified, names};
pub use path::{Path, Paths, Port};
pub use place::Place;
pub use schema::schema;
pub use source::{Source, SourceKind};
pub use starter::starter;
pub use support::{Demand, Support, SupportLimit};
pub use throughput::{Priced, Throughput};
pub use when::{Meant, Named, Setup, is_open};

use crate::array::Array;
use crate::task::Class;
use crate::units::{Rate, float};

/// A checked machine.
#[derive(Clone, Debug)]
pub struct Profile {
    raw: raw::RawProfile,
    clock_hz: u64,
    clock_source: SourceKind,
    array: Option<Sourced<Array>>,
    vector: Option<Sourced<Rate>>,
    /// By operator, where it differs.
    vector_operators: BTreeMap<String, Rate>,
    throughput: Throughput,
    grid: Option<Grid>,
    memory: Option<Memory>,
    cache: Option<ParameterCache>,
    storage: Option<Storage>,
    dram_bytes: Option<u64>,
    paths: Option<Paths>,
    fusion: BTreeSet<String>,
    energy: Option<Energy>,
    area: Option<Area>,
    host: Option<Host>,
    overheads: Overheads,
    code: Option<Code>,
    support: Option<Support>,
}

/// A number and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sourced<T> {
    /// The number.
    pub value: T,
    /// What kind of evidence there is for it.
    pub source: SourceKind,
}

/// Copies of the array and the vector unit with a network between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Rows of tiles.
    pub rows: u64,
    /// Columns of tiles.
    pub cols: u64,
    /// Cycles from a tile to the next.
    pub hop_cycles: u64,
    /// Bytes per cycle of the network; a broadcast is sent once.
    pub noc: Rate,
    /// Where the numbers come from.
    pub source: SourceKind,
}

impl Grid {
    /// Tiles.
    #[must_use]
    pub fn tiles(&self) -> u64 {
        self.rows * self.cols
    }

    /// Cycles of `bytes` to the furthest tile; 0 for none.
    #[must_use]
    pub fn noc_cycles(&self, bytes: u64) -> u64 {
        let hops = self.rows + self.cols - 2;
        match bytes {
            0 => 0,
            _ => (hops * self.hop_cycles).saturating_add(self.noc.cycles(bytes)),
        }
    }
}

/// On-chip memory, in two pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Room for parameters.
    pub wide: Pool,
    /// Room for activations.
    pub narrow: Pool,
    /// The worse of the two sources.
    pub source: SourceKind,
}

/// One pool of on-chip memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its size.
    pub bytes: u64,
    /// Bytes per cycle over all banks and ports, where that is a limit.
    pub bytes_per_cycle: Option<u64>,
}

impl Pool {
    /// Cycles that `bytes` take through all banks and ports.
    #[must_use]
    pub fn cycles(&self, bytes: u64) -> u64 {
        self.bytes_per_cycle.map_or(0, |rate| bytes.div_ceil(rate))
    }
}

/// Which parameters stay on the chip from one inference to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterCache {
    /// The most that may stay, on all tiles; at most the wide memory.
    pub bytes: u64,
    /// Whether a layer may stay in part.
    pub rule: CacheRule,
    /// Whether every tile keeps its own channels.
    pub placement: Placement,
    /// Tiles that share the cache equally; 1 where it is pooled.
    pub tiles: u64,
    /// Tiles that a layer of one block and several pixels is spread over; at most `tiles`.
    pub narrow_layer_tiles: u64,
}

/// Where cached parameters lie on a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Anywhere: the memories of all tiles are one.
    Pooled,
    /// Blocks of output channels go round the tiles, every layer from where the last one stopped.
    PerTile,
    /// Layers of one output pixel are dealt from the first tile on; others are spread evenly.
    FirstTiles,
}

/// The granularity of the parameter cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheRule {
    /// A layer stays whole or is streamed whole, every inference.
    WholeLayers,
    /// Bytes stay, in the order of the layers, until the cache is full.
    Bytes,
}

/// How parameters are stored on the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Output channels are stored in multiples of this.
    pub out_channel_multiple: u64,
    /// Input channels are stored in multiples of this.
    pub in_channel_multiple: u64,
    /// Output channels of a block; a multiple of `out_channel_multiple`.
    pub block_channels: u64,
    /// Input channels that a depthwise filter takes the room of.
    pub depthwise_in_channels: u64,
    /// Bias and scale bytes stored for every output channel, padding included.
    pub out_channel_bytes: u64,
    /// What a scale for every channel adds to them.
    pub channel_scale_bytes: u64,
    /// Stored bytes of a million bytes of padded weights.
    pub weight_bytes_per_million: u64,
}

/// The processor that runs what the accelerator does not take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Host {
    /// Cost of every operator, whatever its size.
    pub operator_cycles: u64,
    /// Bytes read and written per cycle.
    pub bytes: Rate,
    /// Multiply-accumulates per cycle, where known.
    pub macs: Option<Rate>,
    /// Where the numbers come from.
    pub source: SourceKind,
}

/// Costs that no byte and no multiplication explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overheads {
    /// Of every operator on the accelerator.
    pub operator_cycles: u64,
    /// Of every inference, before its first transfer.
    pub inference_cycles: u64,
    /// Where the numbers come from.
    pub source: SourceKind,
}

impl Profile {
    /// The profile in `text`, without a mode; `origin` is its file name or other name, for errors.
    ///
    /// # Errors
    /// Unknown keys (with the nearest known key), missing keys, wrong types and impossible values
    /// (with the field, what was found and what was expected), each with file, line and column.
    pub fn parse(text: &str, origin: &str) -> Result<Profile, ProfileError> {
        ProfileFile::parse(text, origin)?.base()
    }

    /// A profile that ships with this crate: `NAME`, or `NAME:MODE+MODE` in some of its modes.
    ///
    /// # Errors
    /// An unknown name or mode, with the known ones.
    pub fn named(name: &str) -> Result<Profile, ProfileError> {
        let (profile, modes) = split_modes(name);
        ProfileFile::named(profile)?.with_modes(&modes)
    }

    /// The file this profile would be read from: complete in itself, modes laid over the rest.
    #[must_use]
    pub fn raw(&self) -> &raw::RawProfile {
        &self.raw
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.raw.name
    }

    /// Clock cycles per second.
    #[must_use]
    pub fn clock_hz(&self) -> u64 {
        self.clock_hz
    }

    /// Where the clock comes from.
    #[must_use]
    pub fn clock_source(&self) -> SourceKind {
        self.clock_source
    }

    /// The array, where there is one.
    #[must_use]
    pub fn array(&self) -> Option<Sourced<Array>> {
        self.array
    }

    /// Bytes per cycle of the vector unit at `operator`.
    #[must_use]
    pub fn vector(&self, operator: &str) -> Option<Sourced<Rate>> {
        let own = self.vector_operators.get(operator);
        self.vector.map(|usual| Sourced {
            value: own.copied().unwrap_or(usual.value),
            ..usual
        })
    }

    /// The measured, fitted or assumed rates that override the array.
    #[must_use]
    pub fn throughput(&self) -> &Throughput {
        &self.throughput
    }

    /// On-chip memory; without it the machine works in host memory, which has no end.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        self.memory
    }

    /// The parameter cache; without it all parameters are streamed.
    #[must_use]
    pub fn cache(&self) -> Option<ParameterCache> {
        self.cache
    }

    /// How parameters are stored; without it, as they come.
    #[must_use]
    pub fn storage(&self) -> Option<Storage> {
        self.storage
    }

    /// The ways onto and off the chip; present exactly where there is on-chip memory.
    #[must_use]
    pub fn paths(&self) -> Option<&Paths> {
        self.paths.as_ref()
    }

    /// Room in the memory outside the accelerator, where that is a limit.
    #[must_use]
    pub fn dram_bytes(&self) -> Option<u64> {
        self.dram_bytes
    }

    /// The grid of arrays, where there is more than one.
    #[must_use]
    pub fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// Arrays and vector units: 1 without a grid.
    #[must_use]
    pub fn tiles(&self) -> u64 {
        self.grid.as_ref().map_or(1, Grid::tiles)
    }

    /// Multiply-accumulates per cycle when every multiplier of every tile works.
    #[must_use]
    pub fn peak_macs_per_cycle(&self) -> Option<u64> {
        let array = self.array?.value.peak_macs_per_cycle();
        Some(array.saturating_mul(self.tiles()))
    }

    /// Multiply-accumulates per cycle, of all tiles, of an operator whose loop nest is not known: the
    /// middle rate of the table of convolutions, or the peak of the arrays where there is no table.
    #[must_use]
    pub fn macs_per_cycle_usual(&self) -> Option<Rate> {
        let peak = || self.peak_macs_per_cycle().map(float).map(Rate::per_cycle);
        self.throughput.middle(Class::Conv).or_else(peak)
    }

    /// Whether `operator` takes an array's results on their way to memory.
    #[must_use]
    pub fn fuses(&self, operator: &str) -> bool {
        self.fusion.contains(operator)
    }

    /// What actions cost in energy, where the profile says.
    #[must_use]
    pub fn energy(&self) -> Option<&Energy> {
        self.energy.as_ref()
    }

    /// The area of the chip, where the profile says.
    #[must_use]
    pub fn area(&self) -> Option<Area> {
        self.area
    }

    /// The host processor.
    #[must_use]
    pub fn host(&self) -> Option<Host> {
        self.host
    }

    /// Fixed costs.
    #[must_use]
    pub fn overheads(&self) -> Overheads {
        self.overheads
    }

    /// The instructions of programs, where they are sent.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.code
    }

    /// What the accelerator takes; without rules, everything it has a price for.
    #[must_use]
    pub fn support(&self) -> Option<&Support> {
        self.support.as_ref()
    }
}

#[cfg(test)]
mod tests;

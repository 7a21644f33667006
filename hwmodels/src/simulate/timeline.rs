//! Who worked when, on what.

use super::{LayerOf, What};
use crate::profile::Port;

/// What serves one thing at a time, in schedule order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The array, or the tables in its place; on a grid, all arrays together.
    Array,
    /// The vector unit; on a grid, all of them together.
    Vector,
    /// The network between the arrays of a grid.
    Noc,
    /// A way onto or off the chip.
    Port(Port),
    /// The host processor.
    Host,
}

impl Resource {
    /// The number of resources.
    pub const COUNT: usize = 4 + Port::COUNT;

    /// All resources, in the order of their index.
    pub const ALL: [Resource; Resource::COUNT] = [
        Resource::Array,
        Resource::Vector,
        Resource::Noc,
        Resource::Host,
        Resource::Port(Port::LinkIn),
        Resource::Port(Port::LinkOut),
        Resource::Port(Port::DramIn),
        Resource::Port(Port::DramOut),
        Resource::Port(Port::FlashIn),
    ];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Resource::Array => "array",
            Resource::Vector => "vector",
            Resource::Noc => "noc",
            Resource::Port(port) => port.name(),
            Resource::Host => "host",
        }
    }

    pub(super) fn index(self) -> usize {
        match self {
            Resource::Array => 0,
            Resource::Vector => 1,
            Resource::Noc => 2,
            Resource::Host => 3,
            Resource::Port(port) => 4 + port as usize,
        }
    }
}

/// One piece of work on one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Who worked.
    pub resource: Resource,
    /// First cycle.
    pub start_cycle: u64,
    /// The cycle after the last.
    pub end_cycle: u64,
    /// For which entry of the schedule.
    pub layer: LayerOf,
    /// Doing what.
    pub what: What,
    /// Moving how much; 0 for compute.
    pub bytes: u64,
}

/// All intervals of one inference, in the order they were scheduled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The intervals.
    pub intervals: Vec<Interval>,
}

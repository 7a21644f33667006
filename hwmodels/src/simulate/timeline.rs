//! Who worked when, on what.

use super::{LayerOf, What};

/// What serves one thing at a time, in schedule order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The array, or the tables in its place.
    Array,
    /// The vector unit.
    Vector,
    /// Host memory to chip.
    LinkIn,
    /// Chip to host memory.
    LinkOut,
    /// The host processor.
    Host,
}

impl Resource {
    /// All resources, in the order of their declaration.
    pub const ALL: [Resource; 5] = [
        Resource::Array,
        Resource::Vector,
        Resource::LinkIn,
        Resource::LinkOut,
        Resource::Host,
    ];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Resource::Array => "array",
            Resource::Vector => "vector",
            Resource::LinkIn => "link_in",
            Resource::LinkOut => "link_out",
            Resource::Host => "host",
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

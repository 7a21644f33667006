//! What a resource works on, and what the array waits for.

use super::timeline::Resource;
use crate::compile::Price;
use crate::profile::{Path, Paths};

/// What a resource did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The fixed cost of an inference.
    Invoke,
    /// The fixed cost of an operator.
    Overhead,
    /// Computing.
    Compute,
    /// On-chip memory feeding a computation that could go faster.
    Feed,
    /// Operands on their way between the arrays of a grid.
    Noc,
    /// Streaming parameters.
    Parameters,
    /// Sending code.
    Code,
    /// Sending an activation to the chip.
    Input,
    /// Fetching an activation from the chip.
    Output,
    /// Reading back an activation that found no room on the chip.
    SpillIn,
    /// Writing out an activation that found no room on the chip.
    SpillOut,
    /// Computing on the host.
    Host,
}

impl What {
    /// The number of kinds of work.
    pub const COUNT: usize = 12;

    /// All kinds of work, in the order of their declaration.
    pub const ALL: [What; What::COUNT] = [
        What::Invoke,
        What::Overhead,
        What::Compute,
        What::Feed,
        What::Noc,
        What::Parameters,
        What::Code,
        What::Input,
        What::Output,
        What::SpillIn,
        What::SpillOut,
        What::Host,
    ];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            What::Invoke => "invoke",
            What::Overhead => "overhead",
            What::Compute => "compute",
            What::Feed => "feed",
            What::Noc => "noc",
            What::Parameters => "parameters",
            What::Code => "code",
            What::Input => "input",
            What::Output => "output",
            What::SpillIn => "spill_in",
            What::SpillOut => "spill_out",
            What::Host => "host",
        }
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// The way that it takes, if it is a transfer onto or off the chip.
    pub(super) fn path(self, paths: &Paths) -> Option<&Path> {
        match self {
            What::Parameters => Some(&paths.parameters),
            What::Code => Some(&paths.code),
            What::Input => Some(&paths.input),
            What::Output => Some(&paths.output),
            What::SpillIn => Some(&paths.spill_in),
            What::SpillOut => Some(&paths.spill_out),
            What::Invoke | What::Overhead | What::Compute | What::Feed | What::Noc | What::Host => {
                None
            }
        }
    }

    /// Who does it, for an entry of that price on a machine with those ways.
    pub(super) fn resource(self, price: Option<Price>, paths: Option<&Paths>) -> Resource {
        let path = paths.and_then(|paths| self.path(paths));
        match (self, path) {
            (_, Some(path)) => Resource::Port(path.port),
            (What::Invoke | What::Host, None) => Resource::Host,
            (What::Noc, None) => Resource::Noc,
            (_, None) => match price {
                Some(Price::Vector(_)) => Resource::Vector,
                Some(Price::Array(_) | Price::Table(_) | Price::Counts(_)) | None => {
                    Resource::Array
                }
            },
        }
    }
}

//! Parts of wholes: of a layer's parameters, of its activations.

use crate::task::LoopNest;

/// A part of a whole, such as of a layer's stored parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Share {
    pub(super) part: u64,
    pub(super) whole: u64,
}

impl Share {
    /// The part of `bytes`, rounded up.
    pub(super) fn of(self, bytes: u64) -> u64 {
        if self.part == self.whole || bytes == 0 {
            bytes
        } else {
            let scaled = u128::from(bytes) * u128::from(self.part);
            u64::try_from(scaled.div_ceil(u128::from(self.whole))).expect("no more than the bytes")
        }
    }
}

/// The part of a nest's parameters that a tile reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    /// Output channels.
    pub(super) out_c: u64,
    /// Input channels of one group.
    pub(super) in_c: u64,
}

impl Slice {
    /// All parameters of `nest`.
    pub(super) fn whole(nest: &LoopNest) -> Slice {
        Slice {
            out_c: nest.out_c,
            in_c: nest.group_in_c(),
        }
    }
}

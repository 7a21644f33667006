//! The matrix products an array is asked for.

use super::accesses::times;
use crate::task::LoopNest;

/// `groups` products of an `m x k` by a `k x n` matrix, one after another, where
/// `k = window * in_c` and SIMD lanes run along `in_c`. Every count is at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// Products.
    pub groups: u64,
    /// Output pixels.
    pub m: u64,
    /// Output channels of one group.
    pub n: u64,
    /// Positions of the window.
    pub window: u64,
    /// Input channels of one group.
    pub in_c: u64,
}

impl Product {
    /// The part of `nest` that makes `pixels` output pixels of `channels` output channels.
    /// With several groups, `channels` are those of whole groups.
    #[must_use]
    pub fn of(nest: &LoopNest, pixels: u64, channels: u64) -> Product {
        let groups = if nest.groups == 1 {
            1
        } else {
            channels / nest.group_out_c()
        };
        Product {
            groups,
            m: pixels,
            n: channels / groups,
            window: times(nest.kernel),
            in_c: nest.group_in_c(),
        }
    }

    /// Multiply-accumulates of all groups; `u64::MAX` where there are more.
    #[must_use]
    pub fn macs(&self) -> u64 {
        times([self.groups, self.m, self.n, self.window, self.in_c])
    }

    /// Words of `simd` operands along `k`: the last word of a window position may be part empty.
    #[must_use]
    pub fn depth(&self, simd: u64) -> u64 {
        times([self.window, self.in_c.div_ceil(simd)])
    }
}

//! Dot-product cells: every cycle, `px` pixels times `cells` channels each take one word of
//! `simd` operands, broadcast to them, so that a product takes
//! `ceil(m/px) * ceil(n/cells) * window * ceil(in_c/simd) + pipeline` cycles.

use super::accesses::times;
use super::{Accesses, Product};

/// The array of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dot {
    /// Pixels computed at once.
    pub px: u64,
    /// Output channels computed at once.
    pub cells: u64,
    /// Operands of one dot product.
    pub simd: u64,
    /// Cycles from the last operand to the result.
    pub pipeline_cycles: u64,
}

impl Dot {
    pub(super) fn cycles(&self, product: &Product) -> u64 {
        let pixel_blocks = product.m.div_ceil(self.px);
        let channel_blocks = product.n.div_ceil(self.cells);
        let depth = product.depth(self.simd);
        times([product.groups, pixel_blocks, channel_blocks, depth])
            .saturating_add(self.pipeline_cycles)
    }

    /// Results are summed up in the cells, so no partial sum crosses the border.
    pub(super) fn accesses(&self, product: &Product) -> Accesses {
        let Product {
            groups,
            m,
            n,
            window,
            in_c,
        } = *product;
        Accesses {
            inputs: times([groups, m, window, in_c, n.div_ceil(self.cells)]),
            weights: times([groups, n, window, in_c, m.div_ceil(self.px)]),
            partials: 0,
            outputs: times([groups, m, n]),
        }
    }
}

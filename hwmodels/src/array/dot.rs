//! Dot-product cells: every cycle, `px` pixels times `cells` channels each take one word of
//! `simd` operands, broadcast to them, so that a product takes
//! `ceil(m/px) * ceil(n/cells) * window * ceil(in_c/simd) + pipeline` cycles.

use super::Product;

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
        let blocks = product.m.div_ceil(self.px) * product.n.div_ceil(self.cells);
        product.groups * blocks * product.depth(self.simd) + self.pipeline_cycles
    }
}

//! Dot-product cells: every cycle, `px` pixels times `cells` channels each take one word of
//! `simd` operands, broadcast to them, so that a product takes
//! `ceil(m/px) * ceil(n/cells) * window * ceil(in_c/simd) + pipeline` cycles.
//!
//! Machines built for depthwise convolution have a channel-parallel mode: every cell takes a
//! channel of its own, with its own inputs, and reduces `taps` window positions a cycle, so that
//! groups run side by side:
//! `ceil(m/px) * ceil(groups*n/cells) * ceil(window/taps) + pipeline` cycles. It is Arm
//! Ethos-U's way: Vela prices depthwise at a quarter of the window's positions, and without a
//! factor for input channels.

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
    /// Window positions that a cell with a channel of its own reduces in a cycle, at most `simd`;
    /// none without a channel-parallel mode.
    pub depthwise_taps: Option<u64>,
}

impl Dot {
    /// The window positions reduced in a cycle, if `product` runs channel-parallel: several groups
    /// of one input channel.
    pub(super) fn taps(&self, product: &Product) -> Option<u64> {
        self.depthwise_taps
            .filter(|_| product.in_c == 1 && product.groups > 1)
    }

    pub(super) fn cycles(&self, product: &Product) -> u64 {
        let Product { groups, m, n, .. } = *product;
        let pixel_blocks = m.div_ceil(self.px);
        let depth = product.depth(self.simd);
        let cycles = match self.taps(product) {
            Some(taps) => times([
                pixel_blocks,
                times([groups, n]).div_ceil(self.cells),
                product.window.div_ceil(taps),
            ]),
            None => times([groups, pixel_blocks, n.div_ceil(self.cells), depth]),
        };
        cycles.saturating_add(self.pipeline_cycles)
    }

    /// Results are summed up in the cells, so no partial sum crosses the border. An input is read
    /// once for all cells, or once for each where every cell has its own.
    pub(super) fn accesses(&self, product: &Product) -> Accesses {
        let Product {
            groups,
            m,
            n,
            window,
            in_c,
        } = *product;
        let readers = match self.taps(product) {
            Some(_) => n,
            None => n.div_ceil(self.cells),
        };
        Accesses {
            inputs: times([groups, m, window, in_c, readers]),
            weights: times([groups, n, window, in_c, m.div_ceil(self.px)]),
            partials: 0,
            outputs: times([groups, m, n]),
        }
    }
}

//! Dot-product cells: every cycle, `px` pixels times `cells` channels each take one word of
//! `simd` operands, broadcast to them, so that a product takes
//! `ceil(m/px) * ceil(n/cells) * window * ceil(in_c/simd) + pipeline` cycles.
//!
//! Machines built for depthwise convolution have a channel-parallel mode: every cell takes a
//! channel of its own, with its own inputs, and reduces `taps` window positions a cycle, so that
//! groups run side by side:
//! `ceil(m/px) * ceil(groups*n/cells) * ceil(window/taps) + pipeline` cycles.
//!
//! Some machines take words in steps that are not left half way: `s` words of neighboring input
//! channels at one window position, or `s` window positions of one word, whichever way needs fewer
//! steps. Then the depth `window * w`, with `w = ceil(in_c/simd)`, becomes
//! `s * min(window * ceil(w/s), ceil(window/s) * w)`, and `ceil(window/taps)` becomes
//! `s * ceil(window/(s*taps))`. It is Arm Ethos-U's way with `s = 4`, as Vela prices it: a step of
//! four cycles takes 32 input channels, or 8 channels of 4 positions, or 4 positions of depthwise.

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
    /// Words of a step, all along the input channels or all along the window.
    pub step_words: u64,
    /// Cycles from the last operand to the result.
    pub pipeline_cycles: u64,
    /// Window positions that a cell with a channel of its own reduces in a cycle, at most `simd`;
    /// none without a channel-parallel mode.
    pub depthwise_taps: Option<u64>,
}

/// What the words of a step have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepOrder {
    /// A window position: they are neighbors along the input channels.
    Channels { steps: u64 },
    /// Input channels: they are neighbors in the window.
    Window { steps: u64 },
}

impl Dot {
    /// The window positions reduced in a cycle, if `product` runs channel-parallel: several groups
    /// of one input channel.
    pub(super) fn taps(&self, product: &Product) -> Option<u64> {
        self.depthwise_taps
            .filter(|_| product.in_c == 1 && product.groups > 1)
    }

    /// The way that a step of several words takes.
    pub(super) fn order(&self, product: &Product) -> StepOrder {
        let words = product.in_c.div_ceil(self.simd);
        let by_channels = times([product.window, words.div_ceil(self.step_words)]);
        let by_window = times([product.window.div_ceil(self.step_words), words]);
        if by_channels <= by_window {
            StepOrder::Channels { steps: by_channels }
        } else {
            StepOrder::Window { steps: by_window }
        }
    }

    /// Cycles that one block of pixels and channels takes.
    pub(super) fn block_cycles(&self, product: &Product) -> u64 {
        let steps = match (self.taps(product), self.order(product)) {
            (Some(taps), _) => product.window.div_ceil(times([taps, self.step_words])),
            (None, StepOrder::Channels { steps } | StepOrder::Window { steps }) => steps,
        };
        times([steps, self.step_words])
    }

    pub(super) fn cycles(&self, product: &Product) -> u64 {
        let Product { groups, m, n, .. } = *product;
        let channel_blocks = match self.taps(product) {
            Some(_) => times([groups, n]).div_ceil(self.cells),
            None => times([groups, n.div_ceil(self.cells)]),
        };
        let pixel_blocks = m.div_ceil(self.px);
        times([pixel_blocks, channel_blocks, self.block_cycles(product)])
            .saturating_add(self.pipeline_cycles)
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

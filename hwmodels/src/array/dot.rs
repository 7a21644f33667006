//! Dot-product cells: every cycle, `px` pixels times `cells` channels each take one word of
//! `simd` operands, broadcast to them, so that a product takes
//! `ceil(m/px) * ceil(n/cells) * window * ceil(in_c/simd) + pipeline` cycles.
//!
//! Machines built for depthwise convolution have a channel-parallel mode: every cell takes a
//! channel of its own, with its own inputs, and reduces `taps` window positions a cycle, so that
//! groups run side by side:
//! `ceil(m/px) * ceil(groups*n/cells) * ceil(window/taps) + pipeline` cycles.
//!
//! Some machines take words in steps that are not left half way: `c` words of neighboring input
//! channels at one window position, or `s` window positions of one word, whichever way takes fewer
//! cycles. Then the depth `window * w`, with `w = ceil(in_c/simd)`, becomes
//! `min(c * window * ceil(w/c), s * ceil(window/s) * w)`, and `ceil(window/taps)` becomes
//! `s * ceil(window/(s*taps))`. It is Arm Ethos-U's way with `s = c = 4`, as Vela prices it: a step
//! of four cycles takes 32 input channels, or 8 channels of 4 positions, or 4 positions of
//! depthwise. Along the channels the U85 takes 64 in eight cycles, `c = 8`.

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
    /// Words of a step along the window.
    pub step_words: u64,
    /// Words of a step along the input channels.
    pub channel_step_words: u64,
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
    Channels,
    /// Input channels: they are neighbors in the window.
    Window,
}

/// The steps of one block of pixels and channels, each of as many cycles as it has words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) order: StepOrder,
    count: u64,
    /// Of one step.
    pub(super) words: u64,
}

impl Steps {
    fn cycles(&self) -> u64 {
        times([self.count, self.words])
    }
}

impl Dot {
    /// The window positions reduced in a cycle, if `product` runs channel-parallel: several groups
    /// of one input channel.
    pub(super) fn taps(&self, product: &Product) -> Option<u64> {
        self.depthwise_taps
            .filter(|_| product.in_c == 1 && product.groups > 1)
    }

    /// The steps that take the fewest cycles.
    pub(super) fn steps(&self, product: &Product) -> Steps {
        let along_window = |count| Steps {
            order: StepOrder::Window,
            count,
            words: self.step_words,
        };
        if let Some(taps) = self.taps(product) {
            return along_window(product.window.div_ceil(times([taps, self.step_words])));
        }
        let words = product.in_c.div_ceil(self.simd);
        let by_window = along_window(times([product.window.div_ceil(self.step_words), words]));
        let by_channels = Steps {
            order: StepOrder::Channels,
            count: times([product.window, words.div_ceil(self.channel_step_words)]),
            words: self.channel_step_words,
        };
        if by_channels.cycles() <= by_window.cycles() {
            by_channels
        } else {
            by_window
        }
    }

    /// Cycles that one block of pixels and channels takes.
    pub(super) fn block_cycles(&self, product: &Product) -> u64 {
        self.steps(product).cycles()
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

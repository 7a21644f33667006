//! Depthwise convolution: all channels of a pixel at once, tap by tap.

use crate::op::DepthwiseConv2d;
use crate::tensor::{Data, Tensor};

use super::linear::{Number, Products, linear};
use super::operand::{Operand, Problem, nhwc};
use super::window::Window;

pub(super) fn depthwise(
    conv: &DepthwiseConv2d,
    operands: &[Operand<'_>],
    output: &Tensor,
) -> Result<Data, Problem> {
    let out = nhwc(&output.shape);
    let products = Depthwise::new(conv, operands[0].nhwc(), operands[1].nhwc(), out);
    linear(&products, 3, conv.fused, operands, output)
}

pub(super) struct Depthwise {
    window: Window,
    multiplier: usize,
    /// `[n, h, w, c]`.
    out: [usize; 4],
}

impl Products for Depthwise {
    fn run<N: Number, O>(&self, x: &[N], w: &[N], finish: impl Fn(usize, N::Sum) -> O) -> Vec<O> {
        if self.multiplier > 1 {
            let repeat = |&element: &N| std::iter::repeat_n(element, self.multiplier);
            let repeated: Vec<N> = x.iter().flat_map(repeat).collect();
            return self.channel_by_channel(&repeated, w, finish);
        }
        self.channel_by_channel(x, w, finish)
    }
}

impl Depthwise {
    /// Of an image, weights and result of these shapes.
    pub(super) fn new(
        conv: &DepthwiseConv2d,
        x: [usize; 4],
        weights: [usize; 4],
        out: [usize; 4],
    ) -> Self {
        let [_, h, w, _] = x;
        let [_, k_h, k_w, _] = weights;
        Self {
            window: Window {
                input: [h, w],
                kernel: [k_h, k_w],
                stride: conv.stride,
                dilation: conv.dilation,
                padding: conv.padding,
            },
            multiplier: conv.multiplier,
            out,
        }
    }

    /// Output channel `c` reads input channel `c`.
    fn channel_by_channel<N: Number, O>(
        &self,
        x: &[N],
        w: &[N],
        finish: impl Fn(usize, N::Sum) -> O,
    ) -> Vec<O> {
        let [n, out_h, out_w, c] = self.out;
        let mut sums = vec![N::Sum::default(); c];
        let mut results = Vec::with_capacity(n * out_h * out_w * c);
        for image in x.chunks_exact(x.len() / n) {
            for at in (0..out_h).flat_map(|y| (0..out_w).map(move |x| [y, x])) {
                sums.fill(N::Sum::default());
                for (tap, pixel) in self.window.taps(at) {
                    N::accumulate(&mut sums, &image[pixel * c..][..c], &w[tap * c..][..c]);
                }
                results.extend(sums.iter().enumerate().map(|(c, &sum)| finish(c, sum)));
            }
        }
        results
    }
}

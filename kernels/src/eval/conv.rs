//! Convolution: the window is gathered into a row, then multiplied with every filter.

use crate::op::Conv2d;
use crate::tensor::{Data, Tensor};

use super::linear::{Number, Products, linear};
use super::operand::{Operand, Problem, nhwc};
use super::window::Window;

pub(super) fn conv2d(
    conv: &Conv2d,
    operands: &[Operand<'_>],
    output: &Tensor,
) -> Result<Data, Problem> {
    let out = nhwc(&output.shape);
    let products = Convolution::new(conv, operands[0].nhwc(), operands[1].nhwc(), out);
    linear(&products, 0, conv.fused, operands, output)
}

pub(super) struct Convolution {
    window: Window,
    in_c: usize,
    groups: usize,
    /// `[n, h, w, c]`.
    out: [usize; 4],
}

impl Convolution {
    /// Of an image, weights and result of these shapes.
    pub(super) fn new(conv: &Conv2d, x: [usize; 4], weights: [usize; 4], out: [usize; 4]) -> Self {
        let [_, h, w, in_c] = x;
        let [_, k_h, k_w, _] = weights;
        Self {
            window: Window {
                input: [h, w],
                kernel: [k_h, k_w],
                stride: conv.stride,
                dilation: conv.dilation,
                padding: conv.padding,
            },
            in_c,
            groups: conv.groups,
            out,
        }
    }

    /// Copies the window at output `[y, x]` of one image and one group of channels to `row`,
    /// `[k_h, k_w, in_c / groups]`; zero where it lies outside the image.
    fn gather<N: Number>(&self, image: &[N], at: [usize; 2], group: usize, row: &mut [N]) {
        let depth = self.in_c / self.groups;
        row.fill(N::default());
        for (tap, pixel) in self.window.taps(at) {
            let from = pixel * self.in_c + group * depth;
            row[tap * depth..][..depth].copy_from_slice(&image[from..][..depth]);
        }
    }
}

impl Products for Convolution {
    fn run<N: Number, O>(&self, x: &[N], w: &[N], finish: impl Fn(usize, N::Sum) -> O) -> Vec<O> {
        let [n, out_h, out_w, out_c] = self.out;
        let [k_h, k_w] = self.window.kernel;
        let filters = out_c / self.groups;
        let mut row = vec![N::default(); k_h * k_w * (self.in_c / self.groups)];
        let mut results = Vec::with_capacity(n * out_h * out_w * out_c);
        for image in x.chunks_exact(x.len() / n) {
            for at in (0..out_h).flat_map(|y| (0..out_w).map(move |x| [y, x])) {
                for group in 0..self.groups {
                    self.gather(image, at, group, &mut row);
                    let first = group * filters;
                    let weights = w[first * row.len()..].chunks_exact(row.len()).take(filters);
                    results.extend(
                        weights
                            .enumerate()
                            .map(|(i, filter)| finish(first + i, N::dot(&row, filter))),
                    );
                }
            }
        }
        results
    }
}

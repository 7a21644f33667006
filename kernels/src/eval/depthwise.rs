//! Depthwise convolution: 32 channels of a pixel at once, whose sums stay in registers from tap to
//! tap.
//!
//! As in [`super::gemm`], integers are multiplied as floats, and exactly: a window has its taps
//! added up to 256 at a time.

use multiversion::multiversion;

use crate::op::DepthwiseConv2d;
use crate::tensor::{Data, Tensor};

use super::gemm::{DEPTH, Sum};
use super::linear::{Products, linear};
use super::operand::{Operand, Problem, nhwc};
use super::window::{Taps, Window};

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
    fn run<S: Sum>(&self, x: &[f32], w: &[f32], take: &mut dyn FnMut(&[S])) {
        if self.multiplier > 1 {
            let repeat = |&element: &f32| std::iter::repeat_n(element, self.multiplier);
            let repeated: Vec<f32> = x.iter().flat_map(repeat).collect();
            self.channel_by_channel(&repeated, w, take);
        } else {
            self.channel_by_channel(x, w, take);
        }
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
    fn channel_by_channel<S: Sum>(&self, x: &[f32], w: &[f32], take: &mut dyn FnMut(&[S])) {
        let [n, out_h, out_w, c] = self.out;
        let (down, across) = (self.window.axis(0, out_h), self.window.axis(1, out_w));
        let runs: Vec<&[Taps]> = across
            .chunk_by(|a, b| (a.first, a.count) == (b.first, b.count))
            .collect();
        let mut line = Vec::new();
        for image in x.chunks_exact(x.len() / n) {
            for &rows in &down {
                line.clear();
                line.resize(out_w * c, S::default());
                let mut rest = line.as_mut_slice();
                for run in &runs {
                    let (sums, after) = rest.split_at_mut(run.len() * c);
                    rest = after;
                    let taps: Vec<[usize; 2]> = self
                        .window
                        .taps(rows, run[0])
                        .map(|(tap, pixel)| [tap * c, pixel * c])
                        .collect();
                    for taps in taps.chunks(DEPTH) {
                        slide(image, w, taps, self.window.stride[1] * c, c, sums);
                    }
                }
                take(&line);
            }
        }
    }
}

/// Adds the products of a window that slides over neighboring pixels with the weights to `sums`,
/// `[pixels, c]`. `taps` say where in `w` and in `x` each tap begins at the first pixel; at every
/// further one it begins `step` further in `x`.
#[multiversion(targets("x86_64+avx2"))]
fn slide<S: Sum>(x: &[f32], w: &[f32], taps: &[[usize; 2]], step: usize, c: usize, sums: &mut [S]) {
    for (pixel, sums) in sums.chunks_exact_mut(c).enumerate() {
        let x = &x[pixel * step..];
        let mut blocks = sums.chunks_exact_mut(32);
        let mut first = 0;
        for sums in &mut blocks {
            block::<S, 32>(x, w, taps, first, sums);
            first += 32;
        }
        let mut blocks = blocks.into_remainder().chunks_exact_mut(8);
        for sums in &mut blocks {
            block::<S, 8>(x, w, taps, first, sums);
            first += 8;
        }
        for sums in blocks.into_remainder().chunks_exact_mut(1) {
            block::<S, 1>(x, w, taps, first, sums);
            first += 1;
        }
    }
}

/// As [`slide`], of one pixel and the `WIDTH` channels from `first` on.
#[inline(always)]
fn block<S: Sum, const WIDTH: usize>(
    x: &[f32],
    w: &[f32],
    taps: &[[usize; 2]],
    first: usize,
    sums: &mut [S],
) {
    let mut products = [0.0; WIDTH];
    for &[weight, element] in taps {
        let weights = &w[weight + first..][..WIDTH];
        let elements = &x[element + first..][..WIDTH];
        for (product, (element, weight)) in products.iter_mut().zip(elements.iter().zip(weights)) {
            *product += element * weight;
        }
    }
    for (sum, product) in sums.iter_mut().zip(products) {
        *sum = sum.plus(product);
    }
}

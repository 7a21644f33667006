//! Convolution: the windows of a block of pixels are gathered into rows, then multiplied with all
//! filters.

use crate::op::Conv2d;
use crate::tensor::{Data, Tensor};

use super::gemm::{Panels, Place, Sum, multiply};
use super::linear::{Products, linear};
use super::operand::{Operand, Problem, nhwc};
use super::window::{Taps, Window};

/// Elements of the rows that are gathered at a time: 128 KiB.
const BLOCK: usize = 1 << 15;

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

    /// Elements of a window of one group.
    fn depth(&self) -> usize {
        let [k_h, k_w] = self.window.kernel;
        k_h * k_w * (self.in_c / self.groups)
    }

    /// Whether the rows to multiply are the pixels as they lie.
    fn is_pointwise(&self) -> bool {
        let [_, out_h, out_w, _] = self.out;
        let Window {
            input,
            kernel,
            stride,
            ..
        } = self.window;
        // As large as the image at stride 1: there is no padding.
        kernel == [1, 1] && stride == [1, 1] && input == [out_h, out_w] && self.groups == 1
    }

    /// Copies a window of one image and one group of channels to `row`, `[k_h, k_w,
    /// in_c / groups]`, which is zero where the window lies outside the image.
    fn gather(&self, image: &[f32], [rows, columns]: [Taps; 2], group: usize, row: &mut [f32]) {
        let depth = self.in_c / self.groups;
        let ([_, width], [_, k_w]) = (self.window.input, self.window.kernel);
        if self.groups > 1 || columns.step > 1 {
            for (tap, pixel) in self.window.taps(rows, columns) {
                let from = pixel * self.in_c + group * depth;
                row[tap * depth..][..depth].copy_from_slice(&image[from..][..depth]);
            }
            return;
        }
        let run = columns.count * depth;
        for (k_y, y) in rows.iter() {
            let to = (k_y * k_w + columns.first) * depth;
            let from = (y * width + columns.position) * depth;
            row[to..][..run].copy_from_slice(&image[from..][..run]);
        }
    }
}

impl Products for Convolution {
    fn run<S: Sum>(&self, x: &[f32], w: &[f32], take: &mut dyn FnMut(&[S])) {
        let [n, out_h, out_w, out_c] = self.out;
        let (depth, filters) = (self.depth(), out_c / self.groups);
        let groups: Vec<Panels> = w
            .chunks_exact(filters * depth)
            .map(|filters| Panels::new(filters, depth))
            .collect();
        let (down, across) = (self.window.axis(0, out_h), self.window.axis(1, out_w));
        let pixels = n * out_h * out_w;
        let most = (BLOCK / depth).clamp(1, pixels);
        let (mut rows, mut sums) = (Vec::new(), Vec::new());
        for start in (0..pixels).step_by(most) {
            let block = start..pixels.min(start + most);
            sums.clear();
            sums.resize(block.len() * out_c, S::default());
            for (group, panels) in groups.iter().enumerate() {
                let place = Place {
                    first: group * filters,
                    stride: out_c,
                };
                if self.is_pointwise() {
                    let rows = &x[block.start * depth..block.end * depth];
                    multiply(rows, panels, place, &mut sums);
                    continue;
                }
                rows.clear();
                rows.resize(block.len() * depth, 0.0);
                for (pixel, row) in block.clone().zip(rows.chunks_exact_mut(depth)) {
                    let (line, column) = (pixel / out_w, pixel % out_w);
                    let (image, line) = (line / out_h, line % out_h);
                    let image = &x[image * (x.len() / n)..];
                    self.gather(image, [down[line], across[column]], group, row);
                }
                multiply(&rows, panels, place, &mut sums);
            }
            take(&sums);
        }
    }
}

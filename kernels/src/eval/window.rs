//! The windows of convolution and pooling: which input element a tap reads.

use crate::op::Padding;

/// A sliding window; every pair is `[height, width]`.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) input: [usize; 2],
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: Padding,
}

impl Window {
    /// The taps of the window at output `[y, x]` that lie inside the image: the position of the
    /// tap in the kernel and of the element in the image, both counted row by row.
    pub(super) fn taps(&self, at: [usize; 2]) -> impl Iterator<Item = (usize, usize)> {
        let [_, width] = self.input;
        let [_, k_w] = self.kernel;
        self.axis(0, at[0]).flat_map(move |(k_y, y)| {
            self.axis(1, at[1])
                .map(move |(k_x, x)| (k_y * k_w + k_x, y * width + x))
        })
    }

    fn axis(&self, d: usize, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let before = [self.padding.top, self.padding.left][d];
        let (first, step, extent) = (at * self.stride[d], self.dilation[d], self.input[d]);
        (0..self.kernel[d]).filter_map(move |k| {
            let position = (first + k * step).checked_sub(before)?;
            (position < extent).then_some((k, position))
        })
    }
}

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

/// The taps of a window along one dimension that lie inside the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taps {
    /// The first of them, counted in the kernel.
    pub(super) first: usize,
    /// How many follow each other.
    pub(super) count: usize,
    /// Which element of the image the first one reads.
    pub(super) position: usize,
    /// From the element that one tap reads to that of the next.
    pub(super) step: usize,
}

impl Taps {
    /// The position of every tap in the kernel, and of the element that it reads in the image.
    pub(super) fn iter(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.count).map(move |i| (self.first + i, self.position + i * self.step))
    }
}

impl Window {
    /// The taps at every one of `extent` output positions along dimension `d`.
    pub(super) fn axis(&self, d: usize, extent: usize) -> Vec<Taps> {
        let before = [self.padding.top, self.padding.left][d];
        let (kernel, step, input) = (self.kernel[d], self.dilation[d], self.input[d]);
        let taps = |at: usize| {
            let start = at * self.stride[d];
            let first = before.saturating_sub(start).div_ceil(step).min(kernel);
            let end = (input + before).saturating_sub(start).div_ceil(step);
            let count = end.min(kernel).saturating_sub(first);
            let position = (start + first * step).checked_sub(before);
            Taps {
                first,
                count,
                // Without taps there is no element: the first one is inside the image.
                position: position.filter(|_| count > 0).unwrap_or(0),
                step,
            }
        };
        (0..extent).map(taps).collect()
    }

    /// The taps at an output position whose taps along height and width are `rows` and `columns`:
    /// the position of each in the kernel and of its element in the image, both counted row by
    /// row.
    pub(super) fn taps(&self, rows: Taps, columns: Taps) -> impl Iterator<Item = (usize, usize)> {
        let ([_, width], [_, k_w]) = (self.input, self.kernel);
        rows.iter().flat_map(move |(k_y, y)| {
            columns
                .iter()
                .map(move |(k_x, x)| (k_y * k_w + k_x, y * width + x))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Padding, Taps, Window};

    proptest! {
        #[test]
        fn taps_are_those_inside(
            input in 1..9_usize,
            kernel in 1..5_usize,
            stride in 1..4_usize,
            dilation in 1..4_usize,
            before in 0..9_usize,
            extent in 1..9_usize,
        ) {
            let window = Window {
                input: [input, 1],
                kernel: [kernel, 1],
                stride: [stride, 1],
                dilation: [dilation, 1],
                padding: Padding { top: before, ..Padding::VALID },
            };
            for (at, taps) in window.axis(0, extent).into_iter().enumerate() {
                let position = |k: usize| (at * stride + k * dilation).checked_sub(before);
                let inside: Vec<(usize, usize)> = (0..kernel)
                    .filter_map(|k| Some((k, position(k)?)))
                    .filter(|(_, position)| *position < input)
                    .collect();
                prop_assert_eq!(Taps::iter(taps).collect::<Vec<_>>(), inside);
            }
        }
    }
}

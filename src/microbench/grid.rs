//! Windows and channels of dense-prediction networks of mobile size.
//!
//! A throughput table has no image side for a key, so that each number of channels is measured at
//! the side that networks have at that depth, on images of 256x256, the usual size.

use hwmodels::task::Class;

use super::probe::Nest;

/// Full convolutions: the stem and fused blocks.
pub(crate) const CONV: [Grid; 4] = [conv(3, 1), conv(3, 2), conv(5, 1), conv(5, 2)];

/// 1x1 convolutions: expansions, projections, pyramids and heads.
pub(crate) const POINTWISE: [Grid; 1] = [Grid {
    class: Class::Pointwise,
    kernel: 1,
    stride: 1,
    in_c: &[16, 40, 96, 240, 672, 1152],
    out_c: &[1, 16, 40, 96, 240, 672, 1152],
}];

/// Depthwise convolutions.
pub(crate) const DEPTHWISE: [Grid; 4] = [
    depthwise(3, 1),
    depthwise(3, 2),
    depthwise(5, 1),
    depthwise(5, 2),
];

/// Matrix products of one row.
pub(crate) const DENSE: [Grid; 1] = [Grid {
    class: Class::Dense,
    kernel: 1,
    stride: 1,
    in_c: &[64, 1024],
    out_c: &[64, 1024],
}];

/// Nests of one kernel and stride over a full grid of channels.
pub(crate) struct Grid {
    class: Class,
    kernel: usize,
    stride: usize,
    in_c: &'static [usize],
    /// Empty where the output has as many channels as the input.
    pub(crate) out_c: &'static [usize],
}

impl Grid {
    /// The nests, by input, then by output channels.
    pub(crate) fn nests(&self) -> Vec<Nest> {
        let nest = |in_c: usize, out_c: usize| Nest {
            class: self.class,
            side: side(in_c.max(out_c)) * self.stride,
            kernel: self.kernel,
            stride: self.stride,
            in_c,
            out_c,
        };
        let row = |&in_c: &usize| -> Vec<Nest> {
            match self.out_c {
                [] => vec![nest(in_c, in_c)],
                out_c => out_c.iter().map(|&out_c| nest(in_c, out_c)).collect(),
            }
        };
        self.in_c.iter().flat_map(row).collect()
    }
}

/// The side of results of `channels`.
const fn side(channels: usize) -> usize {
    match channels {
        0..=80 => 128,
        81..=120 => 32,
        121..=160 => 64,
        161..=320 => 32,
        321..=700 => 16,
        701.. => 8,
    }
}

const fn conv(kernel: usize, stride: usize) -> Grid {
    Grid {
        class: Class::Conv,
        kernel,
        stride,
        in_c: &[3, 24, 80],
        out_c: &[32, 144, 480],
    }
}

const fn depthwise(kernel: usize, stride: usize) -> Grid {
    Grid {
        class: Class::Depthwise,
        kernel,
        stride,
        in_c: &[32, 96, 144, 240, 480, 672, 1152],
        out_c: &[],
    }
}

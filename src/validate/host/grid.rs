//! What is measured: windows, channels and sides of dense-prediction networks of mobile size.
//!
//! A table has no image side for a key, so that each number of channels is measured at the side
//! that networks have at that depth, on images of 128x128.

use anyhow::Result;
use kernels::Verified;

use super::operators::{self, Window};

/// The image on which operators without channels of their own are measured.
pub(super) const IMAGE: [usize; 4] = [1, 32, 32, 96];

/// Full convolutions: the stem and fused blocks.
pub(super) const CONV: [Grid; 4] = [conv(3, 1), conv(3, 2), conv(5, 1), conv(5, 2)];

/// 1x1 convolutions: expansions, projections, pyramids and heads.
pub(super) const POINTWISE: [Grid; 1] = [Grid {
    kernel: 1,
    stride: 1,
    in_c: &[16, 40, 96, 240, 672, 1152],
    out_c: &[1, 16, 40, 96, 240, 672, 1152],
}];

/// Depthwise convolutions.
pub(super) const DEPTHWISE: [Grid; 4] = [
    depthwise(3, 1),
    depthwise(3, 2),
    depthwise(5, 1),
    depthwise(5, 2),
];

/// Matrix products of one row.
pub(super) const DENSE: [Grid; 1] = [Grid {
    kernel: 1,
    stride: 1,
    in_c: &[64, 1024],
    out_c: &[64, 1024],
}];

/// Windows of one kernel and stride over a full grid of channels.
pub(super) struct Grid {
    kernel: usize,
    stride: usize,
    in_c: &'static [usize],
    /// Empty where the output has as many channels as the input.
    pub(super) out_c: &'static [usize],
}

impl Grid {
    /// The windows, by input, then by output channels.
    pub(super) fn windows(&self) -> Vec<Window> {
        let window = |in_c: usize, out_c: usize| Window {
            side: side(in_c.max(out_c)) * self.stride,
            kernel: self.kernel,
            stride: self.stride,
            in_c,
            out_c,
        };
        let row = |&in_c: &usize| -> Vec<Window> {
            match self.out_c {
                [] => vec![window(in_c, in_c)],
                out_c => out_c.iter().map(|&out_c| window(in_c, out_c)).collect(),
            }
        };
        self.in_c.iter().flat_map(row).collect()
    }
}

/// Networks of one operator, in the order that tables are filled: the four classes, an addition,
/// and the other operators without multiply-accumulates.
pub(super) fn operators() -> Result<Vec<Verified>> {
    let mut graphs = Vec::new();
    for (grids, build) in [
        (&CONV[..], operators::conv as fn(Window) -> Result<Verified>),
        (&POINTWISE, operators::conv),
        (&DEPTHWISE, operators::depthwise),
        (&DENSE, operators::dense),
    ] {
        for window in grids.iter().flat_map(Grid::windows) {
            graphs.push(build(window)?);
        }
    }
    graphs.push(operators::additions(IMAGE, 1)?);
    graphs.extend(operators::others(IMAGE)?);
    Ok(graphs)
}

/// The side of results of `channels`.
const fn side(channels: usize) -> usize {
    match channels {
        0..=80 => 64,
        81..=120 => 16,
        121..=160 => 32,
        161..=320 => 16,
        321..=700 => 8,
        701.. => 4,
    }
}

const fn conv(kernel: usize, stride: usize) -> Grid {
    Grid {
        kernel,
        stride,
        in_c: &[3, 24, 80],
        out_c: &[32, 144, 480],
    }
}

const fn depthwise(kernel: usize, stride: usize) -> Grid {
    Grid {
        kernel,
        stride,
        in_c: &[32, 96, 144, 240, 480, 672, 1152],
        out_c: &[],
    }
}

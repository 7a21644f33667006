//! Resampling images.
//!
//! Positions are computed in `f32`, as LiteRT does. Bilinear reads four elements:
//! `top = tl + (tr - tl) f_x`, `bottom = bl + (br - bl) f_x`, `top + (bottom - top) f_y`.
//! In 8 bits the fractions are rounded to multiples of 1/2048 and the result once, half up.

use crate::op::{Coordinates, Resize, ResizeMode};
use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem};
use super::quantized::{round, same_grid, store};

/// Where linear interpolation along one dimension reads: `(1 - fraction) * x[low] + fraction *
/// x[high]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interpolation {
    /// The index at or before the position.
    pub low: usize,
    /// The index after it, or the last one.
    pub high: usize,
    /// 0 to less than 1.
    pub fraction: f32,
}

/// The index that [`ResizeMode::Nearest`] takes for each of `output` positions along a dimension
/// of extent `input`.
#[must_use]
pub fn nearest_sources(coordinates: Coordinates, input: usize, output: usize) -> Vec<usize> {
    let step = step(coordinates, input, output);
    let source = |o: usize| match coordinates {
        Coordinates::Asymmetric => (o as f32 * step).floor(),
        Coordinates::HalfPixel => ((o as f32 + 0.5) * step).floor(),
        Coordinates::AlignCorners => (o as f32 * step).round(),
    };
    (0..output)
        .map(|o| index(source(o)).min(input - 1))
        .collect()
}

/// What [`ResizeMode::Bilinear`] reads for each of `output` positions along a dimension of extent
/// `input`.
#[must_use]
pub fn linear_sources(coordinates: Coordinates, input: usize, output: usize) -> Vec<Interpolation> {
    let step = step(coordinates, input, output);
    let offset = match coordinates {
        Coordinates::HalfPixel => 0.5 * step - 0.5,
        Coordinates::Asymmetric | Coordinates::AlignCorners => 0.0,
    };
    let last = (input - 1) as f32;
    (0..output)
        .map(|o| {
            let position = (o as f32 * step + offset).clamp(0.0, last);
            let low = index(position.floor());
            Interpolation {
                low,
                high: (low + 1).min(input - 1),
                fraction: position - position.floor(),
            }
        })
        .collect()
}

pub(super) fn resize(op: Resize, x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    let [_, h, w, c] = x.nhwc();
    let image = Image { h, w, c };
    let float = output.dtype == DataType::F32;
    if !float {
        same_grid(x, output)?;
    }
    let [out_h, out_w] = op.size;
    match op.mode {
        ResizeMode::Nearest => {
            let rows = nearest_sources(op.coordinates, h, out_h);
            let columns = nearest_sources(op.coordinates, w, out_w);
            Ok(if float {
                Data::F32(image.nearest(x.floats()?, &rows, &columns).into())
            } else {
                let results = image.nearest(&x.bytes()?, &rows, &columns);
                store(output, results.into_iter().map(i32::from))
            })
        }
        ResizeMode::Bilinear => {
            let rows = linear_sources(op.coordinates, h, out_h);
            let columns = linear_sources(op.coordinates, w, out_w);
            Ok(if float {
                Data::F32(
                    image
                        .linear(x.floats()?, &rows, &columns, mix_floats)
                        .into(),
                )
            } else {
                let results = image.linear(&x.bytes()?, &rows, &columns, mix_bytes);
                store(output, results.into_iter().map(i32::from))
            })
        }
    }
}

/// The extents of the input images.
struct Image {
    h: usize,
    w: usize,
    c: usize,
}

impl Image {
    fn nearest<T: Copy>(&self, x: &[T], rows: &[usize], columns: &[usize]) -> Vec<T> {
        let mut results = Vec::new();
        for image in x.chunks_exact(self.h * self.w * self.c) {
            for row in rows {
                for column in columns {
                    results.extend_from_slice(self.pixel(image, *row, *column));
                }
            }
        }
        results
    }

    fn linear<T: Copy>(
        &self,
        x: &[T],
        rows: &[Interpolation],
        columns: &[Interpolation],
        mix: impl Fn([T; 4], f32, f32) -> T,
    ) -> Vec<T> {
        let mut results = Vec::new();
        for image in x.chunks_exact(self.h * self.w * self.c) {
            for row in rows {
                for column in columns {
                    let corner = |row, column| self.pixel(image, row, column);
                    let top = [corner(row.low, column.low), corner(row.low, column.high)];
                    let bottom = [corner(row.high, column.low), corner(row.high, column.high)];
                    results.extend((0..self.c).map(|c| {
                        let corners = [top[0][c], top[1][c], bottom[0][c], bottom[1][c]];
                        mix(corners, row.fraction, column.fraction)
                    }));
                }
            }
        }
        results
    }

    fn pixel<'a, T>(&self, image: &'a [T], row: usize, column: usize) -> &'a [T] {
        &image[(row * self.w + column) * self.c..][..self.c]
    }
}

/// Of `[top left, top right, bottom left, bottom right]`.
fn mix_floats([tl, tr, bl, br]: [f32; 4], down: f32, right: f32) -> f32 {
    let top = tl + (tr - tl) * right;
    let bottom = bl + (br - bl) * right;
    top + (bottom - top) * down
}

/// As [`mix_floats`], between the corners, so of their type.
fn mix_bytes(corners: [i16; 4], down: f32, right: f32) -> i16 {
    let [tl, tr, bl, br] = corners.map(i32::from);
    let (down, right) = (round(down * 2048.0), round(right * 2048.0));
    let top = (tl << 11) + (tr - tl) * right;
    let bottom = (bl << 11) + (br - bl) * right;
    let mixed = ((top << 11) + (bottom - top) * down + (1 << 21)) >> 22;
    i16::try_from(mixed).expect("between its corners")
}

/// Input elements per output element.
fn step(coordinates: Coordinates, input: usize, output: usize) -> f32 {
    match coordinates {
        Coordinates::AlignCorners if output > 1 => (input - 1) as f32 / (output - 1) as f32,
        Coordinates::AlignCorners | Coordinates::Asymmetric | Coordinates::HalfPixel => {
            input as f32 / output as f32
        }
    }
}

/// A position without fraction as an index.
fn index(position: f32) -> usize {
    usize::try_from(round(position)).expect("positions are not negative")
}

//! Resampling images.
//!
//! Positions are computed in `f32`, as LiteRT does. Bilinear reads four elements:
//! `top = tl + (tr - tl) f_x`, `bottom = bl + (br - bl) f_x`, `top + (bottom - top) f_y`.
//! In 8 bits the fractions are rounded to multiples of 1/2048 and the result once, half up.
//! `top` and `bottom` depend on their row alone and are computed once for all that read it.

use crate::op::{Coordinates, Resize, ResizeMode};
use crate::tensor::{Data, Tensor};

use super::layout::of_any_type;
use super::operand::{Operand, Problem};
use super::quantized::{low_byte, round, same_grid};
use super::vectors::zip;

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
    same_grid(x, output)?;
    let [_, h, w, c] = x.nhwc();
    let image = Image { h, w, c };
    let [out_h, out_w] = op.size;
    match op.mode {
        ResizeMode::Nearest => {
            let rows = nearest_sources(op.coordinates, h, out_h);
            let columns = nearest_sources(op.coordinates, w, out_w);
            Ok(of_any_type!(x.data, values => image.nearest(values, &rows, &columns).into()))
        }
        ResizeMode::Bilinear => {
            let rows = linear_sources(op.coordinates, h, out_h);
            let columns = linear_sources(op.coordinates, w, out_w);
            match x.data {
                Data::F32(values) => Ok(Data::F32(image.linear(values, &rows, &columns).into())),
                Data::I8(values) => Ok(Data::I8(image.linear(values, &rows, &columns).into())),
                Data::U8(values) => Ok(Data::U8(image.linear(values, &rows, &columns).into())),
                Data::I32(_) | Data::I64(_) => Err(x.wrong("f32, i8 or u8")),
            }
        }
    }
}

/// An element between which interpolates.
trait Mix: Copy + Default {
    /// What lies between two elements of a row.
    type Between: Copy + Default;

    /// From `left` to `right`.
    fn across(left: Self, right: Self, fraction: f32) -> Self::Between;

    /// From `top` to `bottom`, rounded.
    fn down(top: Self::Between, bottom: Self::Between, fraction: f32) -> Self;
}

impl Mix for f32 {
    type Between = Self;

    #[inline(always)]
    fn across(left: Self, right: Self, fraction: f32) -> Self {
        left + (right - left) * fraction
    }

    #[inline(always)]
    fn down(top: Self, bottom: Self, fraction: f32) -> Self {
        top + (bottom - top) * fraction
    }
}

impl Mix for i8 {
    /// In units of 1/2048.
    type Between = i32;

    #[inline(always)]
    fn across(left: Self, right: Self, fraction: f32) -> i32 {
        fixed_across(left.into(), right.into(), fraction)
    }

    #[inline(always)]
    fn down(top: i32, bottom: i32, fraction: f32) -> Self {
        low_byte(fixed_down(top, bottom, fraction)).cast_signed()
    }
}

impl Mix for u8 {
    /// In units of 1/2048.
    type Between = i32;

    #[inline(always)]
    fn across(left: Self, right: Self, fraction: f32) -> i32 {
        fixed_across(left.into(), right.into(), fraction)
    }

    #[inline(always)]
    fn down(top: i32, bottom: i32, fraction: f32) -> Self {
        low_byte(fixed_down(top, bottom, fraction))
    }
}

/// Fractions have 11 bits, elements 8: nothing here exceeds 2^30.
#[inline(always)]
fn fixed_across(left: i32, right: i32, fraction: f32) -> i32 {
    let step = right
        .wrapping_sub(left)
        .wrapping_mul(round(fraction * 2048.0));
    (left << 11).wrapping_add(step)
}

#[inline(always)]
fn fixed_down(top: i32, bottom: i32, fraction: f32) -> i32 {
    let step = bottom
        .wrapping_sub(top)
        .wrapping_mul(round(fraction * 2048.0));
    (top << 11).wrapping_add(step).wrapping_add(1 << 21) >> 22
}

/// The extents of the input images.
struct Image {
    h: usize,
    w: usize,
    c: usize,
}

impl Image {
    /// Elements of all images of `x` when each has `pixels`.
    const fn resized<T>(&self, x: &[T], pixels: usize) -> usize {
        x.len() / (self.h * self.w) * pixels
    }

    fn nearest<T: Copy>(&self, x: &[T], rows: &[usize], columns: &[usize]) -> Vec<T> {
        let mut results = Vec::with_capacity(self.resized(x, rows.len() * columns.len()));
        for image in x.chunks_exact(self.h * self.w * self.c) {
            for row in rows {
                for column in columns {
                    results.extend_from_slice(self.pixel(image, *row, *column));
                }
            }
        }
        results
    }

    /// First across, once for every row that is read, then down, whole rows at a time.
    fn linear<T: Mix>(&self, x: &[T], rows: &[Interpolation], columns: &[Interpolation]) -> Vec<T> {
        let mut results = Vec::with_capacity(self.resized(x, rows.len() * columns.len()));
        for image in x.chunks_exact(self.h * self.w * self.c) {
            let mut wide: Vec<Option<Vec<T::Between>>> = vec![None; self.h];
            for row in rows {
                // Rows come from top to bottom: what lies above is not read again.
                wide[..row.low].fill(None);
                for source in [row.low, row.high] {
                    wide[source].get_or_insert_with(|| self.widened(image, source, columns));
                }
                let [top, bottom] = [row.low, row.high].map(|source| wide[source].as_deref());
                let (top, bottom) = top.zip(bottom).expect("both rows were just widened");
                results.extend(zip(top, bottom, |top, bottom| {
                    T::down(top, bottom, row.fraction)
                }));
            }
        }
        results
    }

    /// A row of an image, interpolated across.
    fn widened<T: Mix>(
        &self,
        image: &[T],
        row: usize,
        columns: &[Interpolation],
    ) -> Vec<T::Between> {
        let mut wide = Vec::with_capacity(columns.len() * self.c);
        for column in columns {
            let left = self.pixel(image, row, column.low);
            let right = self.pixel(image, row, column.high);
            let pairs = left.iter().zip(right);
            wide.extend(pairs.map(|(&left, &right)| T::across(left, right, column.fraction)));
        }
        wide
    }

    fn pixel<'a, T>(&self, image: &'a [T], row: usize, column: usize) -> &'a [T] {
        &image[(row * self.w + column) * self.c..][..self.c]
    }
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

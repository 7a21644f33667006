//! The mean over height and width.

use crate::op::Fused;
use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem};
use super::pool::SUMMED_MAX;
use super::quantized::{Grid, Rounding, store};
use super::vectors::{fold, map};

pub(super) fn global_average_pool(x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    let [_, h, w, c] = x.nhwc();
    if output.dtype == DataType::F32 {
        let sums = sum_pixels(x.floats()?, h * w, c, |sum: f32, x| sum + x);
        let count = (h * w) as f32;
        return Ok(Data::F32(sums.into_iter().map(|s| s / count).collect()));
    }
    let to = Grid::of(output)?;
    let (from, x) = x.centered(|q| q)?;
    if h * w > SUMMED_MAX {
        let problem = format!("sums of {} pixels do not fit i32", h * w);
        return Err(Problem(problem));
    }
    let sums = sum_pixels(&x, h * w, c, |sum: i32, x| sum.wrapping_add(i32::from(x)));
    let ratio = from.scale / to.scale / (h * w) as f32;
    let rounding = Rounding::new(to, Fused::None);
    let results = map(&sums, |sum| rounding.byte(sum as f32 * ratio));
    Ok(store(output, results))
}

/// The sum over the pixels of every image, `[n, c]`.
fn sum_pixels<T: Copy, S: Copy + Default>(
    x: &[T],
    pixels: usize,
    c: usize,
    add: impl Fn(S, T) -> S,
) -> Vec<S> {
    let mut sums = Vec::with_capacity(x.len() / pixels);
    for image in x.chunks_exact(pixels * c) {
        let start = sums.len();
        sums.resize(start + c, S::default());
        for pixel in image.chunks_exact(c) {
            fold(&mut sums[start..], pixel, &add);
        }
    }
    sums
}

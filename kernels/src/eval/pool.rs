//! Maximum and mean over a window.
//!
//! 8-bit means keep the quantization and round half away from zero, as LiteRT's own kernel does.

use crate::op::{Pool2d, PoolKind};
use crate::tensor::{Data, Tensor};

use super::operand::{Operand, Problem, nhwc};
use super::quantized::same_grid;
use super::vectors::fold;
use super::window::Window;

/// The most bytes whose sum, and half their count beside it, fit an i32 for certain.
pub(super) const SUMMED_MAX: usize = 1 << 23;

pub(super) fn pool2d(pool: &Pool2d, x: &Operand<'_>, output: &Tensor) -> Result<Data, Problem> {
    let [_, h, w, _] = x.nhwc();
    let pooling = Pooling {
        window: Window {
            input: [h, w],
            kernel: pool.kernel,
            stride: pool.stride,
            dilation: [1, 1],
            padding: pool.padding,
        },
        out: nhwc(&output.shape),
    };
    if let Data::F32(values) = x.data {
        let results = match pool.kind {
            PoolKind::Max => pooling.reduce(values, f32::max, |x| x, |max, _| max),
            PoolKind::Average => {
                pooling.reduce(values, |sum, x| sum + x, |x| x, |sum, n| sum / n as f32)
            }
        };
        return Ok(Data::F32(results.into()));
    }
    same_grid(x, output)?;
    let count = pool.kernel[0].min(h) * pool.kernel[1].min(w);
    if pool.kind == PoolKind::Average && count > SUMMED_MAX {
        return Err(Problem(format!("sums of {count} pixels do not fit i32")));
    }
    match x.data {
        Data::I8(values) => Ok(Data::I8(pooling.integers(pool.kind, values).into())),
        Data::U8(values) => Ok(Data::U8(pooling.integers(pool.kind, values).into())),
        Data::F32(_) | Data::I32(_) | Data::I64(_) => Err(x.wrong("f32, i8 or u8")),
    }
}

struct Pooling {
    window: Window,
    /// `[n, h, w, c]`.
    out: [usize; 4],
}

impl Pooling {
    fn integers<T>(&self, kind: PoolKind, x: &[T]) -> Vec<T>
    where
        T: Copy + Default + Ord + Into<i32> + TryFrom<i32>,
    {
        match kind {
            PoolKind::Max => self.reduce(x, T::max, |x| x, |max, _| max),
            PoolKind::Average => self.reduce(
                x,
                |sum: i32, x: T| sum.wrapping_add(x.into()),
                T::into,
                |sum, n| {
                    let mean = T::try_from(rounded_mean(sum, n)).ok();
                    mean.expect("a mean is within the range of its terms")
                },
            ),
        }
    }

    /// Begins with the first element of every window inside the image, joins the others, and
    /// finishes each with their number.
    fn reduce<T: Copy, A: Copy + Default>(
        &self,
        x: &[T],
        join: impl Fn(A, T) -> A,
        begin: impl Fn(T) -> A,
        finish: impl Fn(A, usize) -> T,
    ) -> Vec<T> {
        let [n, out_h, out_w, c] = self.out;
        let (down, across) = (self.window.axis(0, out_h), self.window.axis(1, out_w));
        let mut joined = vec![A::default(); c];
        let mut results = Vec::with_capacity(n * out_h * out_w * c);
        for image in x.chunks_exact(x.len() / n) {
            for (&rows, &columns) in down.iter().flat_map(|y| across.iter().map(move |x| (y, x))) {
                let count = rows.count * columns.count;
                for (i, (_, pixel)) in self.window.taps(rows, columns).enumerate() {
                    let elements = &image[pixel * c..][..c];
                    if i == 0 {
                        fold(&mut joined, elements, |_, x| begin(x));
                    } else {
                        fold(&mut joined, elements, &join);
                    }
                }
                results.extend(joined.iter().map(|&joined| finish(joined, count)));
            }
        }
        results
    }
}

/// The mean of `count` integers that sum to `sum`, half rounded away from zero.
fn rounded_mean(sum: i32, count: usize) -> i32 {
    let count = i32::try_from(count).expect("a window has fewer than 2^31 elements");
    (sum + sum.signum() * (count / 2)) / count
}

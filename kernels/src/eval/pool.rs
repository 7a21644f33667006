//! Maximum and mean over a window.
//!
//! 8-bit means keep the quantization and round half away from zero, as LiteRT's own kernel does.

use crate::op::{Pool2d, PoolKind};
use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem, nhwc};
use super::quantized::{same_grid, store};
use super::window::Window;

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
    if output.dtype == DataType::F32 {
        let x = x.floats()?;
        return Ok(Data::F32(match pool.kind {
            PoolKind::Max => pooling.reduce(x, f32::max, |max, _| max).into(),
            PoolKind::Average => pooling
                .reduce(x, |a, b| a + b, |sum, n| sum / n as f32)
                .into(),
        }));
    }
    same_grid(x, output)?;
    let x: Vec<i32> = x.bytes()?.into_iter().map(i32::from).collect();
    let results = match pool.kind {
        PoolKind::Max => pooling.reduce(&x, i32::max, |max, _| max),
        PoolKind::Average => pooling.reduce(&x, |a, b| a + b, rounded_mean),
    };
    Ok(store(output, results.into_iter()))
}

struct Pooling {
    window: Window,
    /// `[n, h, w, c]`.
    out: [usize; 4],
}

impl Pooling {
    /// Joins the elements of every window inside the image, then finishes each with their number.
    fn reduce<T: Copy>(
        &self,
        x: &[T],
        join: impl Fn(T, T) -> T,
        finish: impl Fn(T, usize) -> T,
    ) -> Vec<T> {
        let [n, out_h, out_w, c] = self.out;
        let mut results = Vec::with_capacity(n * out_h * out_w * c);
        for image in x.chunks_exact(x.len() / n) {
            for at in (0..out_h).flat_map(|y| (0..out_w).map(move |x| [y, x])) {
                let start = results.len();
                let mut count = 0;
                for (_, pixel) in self.window.taps(at) {
                    let elements = &image[pixel * c..][..c];
                    if count == 0 {
                        results.extend_from_slice(elements);
                    } else {
                        for (result, &element) in results[start..].iter_mut().zip(elements) {
                            *result = join(*result, element);
                        }
                    }
                    count += 1;
                }
                for result in &mut results[start..] {
                    *result = finish(*result, count);
                }
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

//! Resizing in libtorch, from the positions that `kernels` defines.
//!
//! Bilinear resizing is linear in each direction, so it is two matrix products, `y = A_h x A_w^T`,
//! with matrices of two numbers per row; libtorch has no kernel for all three coordinate modes,
//! and its products are faster than the kernels it has, in particular backwards.

use kernels::eval::{linear_sources, nearest_sources};
use kernels::op::{Coordinates, Resize, ResizeMode};
use tch::Tensor;

use crate::operators::{extent, extents, to_nchw, to_nhwc};

/// `x [n, h, w, c]` resampled to the size of `resize`.
pub(crate) fn resize(resize: &Resize, x: &Tensor) -> Tensor {
    match resize.mode {
        ResizeMode::Nearest => nearest(resize, x),
        ResizeMode::Bilinear => bilinear(resize, x),
    }
}

fn nearest(resize: &Resize, x: &Tensor) -> Tensor {
    let from = height_and_width(x);
    let sources = [0, 1].map(|d| nearest_sources(resize.coordinates, from[d], resize.size[d]));
    let repeats = |d: usize| is_repetition(&sources[d], from[d]);
    if repeats(0) && repeats(1) {
        let size = extents(&resize.size);
        return to_nhwc(&to_nchw(x).upsample_nearest2d(size, None, None));
    }
    let [rows, columns] = sources.map(|s| Tensor::from_slice(&extents(&s)).to_device(x.device()));
    x.index_select(1, &rows).index_select(2, &columns)
}

/// Whether every element is repeated equally often, a power of two times: libtorch's kernel, whose
/// positions are rounded otherwise, then does the same, and faster.
fn is_repetition(sources: &[usize], from: usize) -> bool {
    let times = sources.len() / from;
    times.is_power_of_two()
        && sources.len() == times * from
        && sources
            .iter()
            .enumerate()
            .all(|(o, &source)| source == o / times)
}

fn bilinear(resize: &Resize, x: &Tensor) -> Tensor {
    let [h, w] = height_and_width(x);
    let (n, c) = (x.size()[0], x.size()[3]);
    let [out_h, out_w] = resize.size.map(extent);
    let matrix = |from: usize, to: usize| {
        let matrix = interpolation(resize.coordinates, from, to);
        let matrix = Tensor::from_slice(&matrix).to_device(x.device());
        matrix.reshape([extent(to), extent(from)])
    };
    let rows = matrix(h, resize.size[0]).matmul(&x.reshape([n, extent(h), extent(w) * c]));
    let rows = rows.reshape([n * out_h, extent(w), c]);
    let all = matrix(w, resize.size[1]).matmul(&rows);
    all.reshape([n, out_h, out_w, c])
}

/// The `[to, from]` matrix of linear interpolation in one direction, row-major.
fn interpolation(coordinates: Coordinates, from: usize, to: usize) -> Vec<f32> {
    let mut matrix = vec![0.0; to * from];
    let sources = linear_sources(coordinates, from, to);
    for (row, source) in matrix.chunks_exact_mut(from).zip(sources) {
        row[source.low] += 1.0 - source.fraction;
        row[source.high] += source.fraction;
    }
    matrix
}

fn height_and_width(x: &Tensor) -> [usize; 2] {
    let size = x.size();
    [size[1], size[2]].map(|extent| usize::try_from(extent).expect("extents are positive"))
}

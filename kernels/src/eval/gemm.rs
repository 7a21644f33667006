//! Products of matrices: `sums[p][c]` grows by the sum over `k` of `rows[p][k] * filters[c][k]`.
//!
//! The products are blocked so that the registers of a vector unit are used fully:
//!
//! - *Panels*: filters are packed 16 side by side, `[k][16]`, so that one step of `k` reads one
//!   line of neighbors.
//! - *Tiles*: the sums of 4 rows with 16 filters stay in registers while `k` runs. An element of a
//!   row, once read, is used 16 times, and one of a panel 4 times.
//! - *Depth*: after at most 256 steps of `k` the tile is added to the sums in memory.
//!
//! Integers are multiplied as floats too. They lie within -255 to 255, so 256 of their products
//! sum to less than 2^24 and `f32` holds every step exactly; `i32` takes over from there. What is
//! exact is the same in any order. Floats of one block of 256 are summed one after another, the
//! blocks likewise, so that the result has the same bits on every processor.

use multiversion::multiversion;

use super::quantized::whole;

/// Filters side by side in a panel.
const LANES: usize = 16;
/// Rows of a tile.
const ROWS: usize = 4;
/// Products that are summed in `f32` before they are added to a sum: `256 * 255^2 < 2^24`.
pub(super) const DEPTH: usize = 256;

/// What products are summed to: `f32`, or `i32` where operands are integers.
pub(super) trait Sum: Copy + Default {
    /// This and the sum of at most [`DEPTH`] products. Integers wrap: the caller bounds them.
    fn plus(self, products: f32) -> Self;
}

impl Sum for f32 {
    #[inline(always)]
    fn plus(self, products: f32) -> Self {
        self + products
    }
}

impl Sum for i32 {
    #[inline(always)]
    fn plus(self, products: f32) -> Self {
        self.wrapping_add(whole(products))
    }
}

/// Filters, packed.
pub(super) struct Panels {
    filters: usize,
    depth: usize,
    /// `[filters / LANES][depth]`; the last panel is filled up with zeros.
    lines: Vec<[f32; LANES]>,
}

impl Panels {
    /// Packs `filters`, `[filters, depth]`.
    pub(super) fn new(filters: &[f32], depth: usize) -> Self {
        let count = filters.len() / depth;
        let mut lines = Vec::with_capacity(count.div_ceil(LANES) * depth);
        for side_by_side in filters.chunks(LANES * depth) {
            let start = lines.len();
            lines.resize(start + depth, [0.0; LANES]);
            for (lane, filter) in side_by_side.chunks_exact(depth).enumerate() {
                for (line, &weight) in lines[start..].iter_mut().zip(filter) {
                    line[lane] = weight;
                }
            }
        }
        Self {
            filters: count,
            depth,
            lines,
        }
    }
}

/// Where the sums of some filters stand among those of all: those of a row lie `stride` after
/// those of the row before, and begin with number `first`.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) first: usize,
    pub(super) stride: usize,
}

/// Adds the products of `rows`, `[rows, depth]`, with the filters of `panels` to `sums`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn multiply<S: Sum>(rows: &[f32], panels: &Panels, place: Place, sums: &mut [S]) {
    let Place { first, stride } = place;
    let depth = panels.depth;
    for (index, panel) in panels.lines.chunks_exact(depth).enumerate() {
        let filters = index * LANES..panels.filters.min((index + 1) * LANES);
        let columns = first + filters.start..first + filters.end;
        let tiles = rows.chunks(ROWS * depth);
        for (rows, sums) in tiles.zip(sums.chunks_mut(ROWS * stride)) {
            let last = rows.len() / depth - 1;
            for start in (0..depth).step_by(DEPTH) {
                let steps = start..depth.min(start + DEPTH);
                // A tile with fewer rows computes its last one again.
                let mut strips = [&rows[..0]; ROWS];
                for (row, strip) in strips.iter_mut().enumerate() {
                    *strip = &rows[row.min(last) * depth..][..depth][steps.clone()];
                }
                let products = tile(strips, &panel[steps]);
                for (sums, products) in sums.chunks_exact_mut(stride).zip(&products) {
                    for (sum, &products) in sums[columns.clone()].iter_mut().zip(products) {
                        *sum = sum.plus(products);
                    }
                }
            }
        }
    }
}

/// The products of at most [`DEPTH`] elements of every row with as many lines of a panel.
#[inline(always)]
fn tile([a, b, c, d]: [&[f32]; ROWS], panel: &[[f32; LANES]]) -> [[f32; LANES]; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    for ((((line, a), b), c), d) in panel.iter().zip(a).zip(b).zip(c).zip(d) {
        for (sums, element) in sums.iter_mut().zip([a, b, c, d]) {
            for (sum, weight) in sums.iter_mut().zip(line) {
                *sum += element * weight;
            }
        }
    }
    sums
}

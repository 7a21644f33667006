//! The registers of a grid of elements, and what one cycle does to all of them.
//!
//! Registers lie flat, `[row][col]`, int8 operands in one plane per SIMD lane, so that a cycle is
//! a few passes over arrays which the compiler turns into vector instructions. It does so once
//! for every set of them that is listed here, and the processor's best one is chosen when the
//! program runs.

use multiversion::multiversion;

/// Adds the product of the operands in every element to its sum, which wraps like the hardware's.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw",
    "x86_64+avx2",
    "x86_64+sse4.1",
    "aarch64+neon"
))]
pub(super) fn multiply_add(sums: &mut [i32], a: &[i8], b: &[i8]) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        *sum = sum.wrapping_add(product(*a, *b));
    }
}

/// Gives every element the sum of the element above, plus the product of its own operands.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw",
    "x86_64+avx2",
    "x86_64+sse4.1",
    "aarch64+neon"
))]
pub(super) fn cascade(sums: &mut [i32], cols: usize, a: &[i8], b: &[i8]) {
    let rows = a.chunks_exact(cols).zip(b.chunks_exact(cols)).enumerate();
    for (row, (a, b)) in rows.rev() {
        let (above, here) = sums.split_at_mut(row * cols);
        let operands = a.iter().zip(b);
        match above.rchunks_exact(cols).next() {
            Some(above) => {
                for ((sum, above), (a, b)) in here.iter_mut().zip(above).zip(operands) {
                    *sum = above.wrapping_add(product(*a, *b));
                }
            }
            None => {
                for (sum, (a, b)) in here.iter_mut().zip(operands) {
                    *sum = product(*a, *b);
                }
            }
        }
    }
}

/// In 16 bits, which hold every product of 8-bit operands: twice as many fit a vector register.
#[inline(always)]
fn product(a: i8, b: i8) -> i32 {
    i32::from(i16::from(a).wrapping_mul(i16::from(b)))
}

/// The operand registers of all elements.
pub(super) struct Operand {
    cols: usize,
    /// `[lane][row][col]`
    lanes: Vec<Vec<i8>>,
}

impl Operand {
    pub(super) fn new(rows: usize, cols: usize, simd: usize) -> Operand {
        Operand {
            cols,
            lanes: vec![vec![0; rows * cols]; simd],
        }
    }

    pub(super) fn lanes(&self) -> impl Iterator<Item = &[i8]> {
        self.lanes.iter().map(Vec::as_slice)
    }

    /// Moves every operand one element right; `entering` gives `[lane, row]` of the first column.
    pub(super) fn move_right(&mut self, entering: impl Fn(usize, usize) -> i8) {
        for (lane, plane) in self.lanes.iter_mut().enumerate() {
            // What crosses from row to row is overwritten below.
            let last = plane.len() - 1;
            plane.copy_within(..last, 1);
            for (row, line) in plane.chunks_exact_mut(self.cols).enumerate() {
                line[0] = entering(lane, row);
            }
        }
    }

    /// Moves every operand one element down; `entering` gives `[lane, col]` of the first row.
    pub(super) fn move_down(&mut self, entering: impl Fn(usize, usize) -> i8) {
        for (lane, plane) in self.lanes.iter_mut().enumerate() {
            let bottom = plane.len() - self.cols;
            plane.copy_within(..bottom, self.cols);
            for (col, operand) in plane[..self.cols].iter_mut().enumerate() {
                *operand = entering(lane, col);
            }
        }
    }

    /// Moves every operand one element up; `entering` gives `[lane, col]` of the last row.
    pub(super) fn move_up(&mut self, entering: impl Fn(usize, usize) -> i8) {
        for (lane, plane) in self.lanes.iter_mut().enumerate() {
            let bottom = plane.len() - self.cols;
            plane.copy_within(self.cols.., 0);
            for (col, operand) in plane[bottom..].iter_mut().enumerate() {
                *operand = entering(lane, col);
            }
        }
    }

    /// Takes the operands of `other` in the given elements.
    pub(super) fn latch(&mut self, other: &Operand, elements: impl Iterator<Item = usize> + Clone) {
        for (plane, from) in self.lanes.iter_mut().zip(&other.lanes) {
            for element in elements.clone() {
                plane[element] = from[element];
            }
        }
    }
}

/// The elements on a diagonal, as `(row, col)` with `row + col = place`, from the top right.
pub(super) fn diagonal(
    place: usize,
    rows: usize,
    cols: usize,
) -> impl Iterator<Item = (usize, usize)> + Clone {
    let first = (place + 1).saturating_sub(cols);
    (first..rows.min(place + 1)).map(move |row| (row, place - row))
}

//! The obvious twin of the stepper, element by element: an output-stationary array; inputs move right, weights move down, results stay.
//!
//! Control moves with the operands: the element at row `i`, column `j` sees at every cycle the
//! token that entered `i + j` cycles before.

use crate::array::operands::{dot_product, index, word};
use crate::array::systolic::{Drain, Fill, Fold, Systolic};
use crate::array::{Accesses, Operands, Product, Stepped};

#[derive(Clone, Copy)]
struct Token {
    fold: Fold,
    depth: u64,
}

struct Machine<'a, O> {
    array: &'a Systolic,
    product: &'a Product,
    operands: &'a O,
    tokens: Vec<Option<Token>>,
    inputs: Vec<i8>,
    weights: Vec<i8>,
    sums: Vec<i32>,
    results: Vec<i32>,
    accesses: Accesses,
    cycle: u64,
    end: u64,
}

pub(super) fn step(array: &Systolic, product: &Product, operands: &impl Operands) -> Stepped {
    let elements = index(array.rows * array.cols);
    let mut machine = Machine {
        array,
        product,
        operands,
        tokens: vec![None; index(array.rows + array.cols - 1)],
        inputs: vec![0; elements * index(array.simd)],
        weights: vec![0; elements * index(array.simd)],
        sums: vec![0; elements],
        results: vec![0; index(product.groups * product.m * product.n)],
        accesses: Accesses::default(),
        cycle: 0,
        end: 0,
    };
    for fold in array.folds(product) {
        machine.enter(fold);
        if let Fill::PerFold {
            drain,
            control_cycles,
        } = array.fill
        {
            machine.settle();
            if drain == Drain::Columns {
                machine.drain(fold);
            }
            machine.end += control_cycles;
            machine.cycle = machine.end;
        }
    }
    machine.settle();
    Stepped {
        cycles: machine.end,
        accesses: machine.accesses,
        accumulators: machine.results,
    }
}

impl<O: Operands> Machine<'_, O> {
    /// Streams the operands of a fold in, one word of every row and column a cycle.
    fn enter(&mut self, fold: Fold) {
        let (_, _, depth) = self.array.sides(self.product);
        for depth in 0..depth.max(self.array.min_rows) {
            self.advance(Some(Token { fold, depth }));
        }
    }

    /// Runs until no operand is left in the array.
    fn settle(&mut self) {
        while self.tokens.iter().any(Option::is_some) {
            self.advance(None);
        }
    }

    fn advance(&mut self, entering: Option<Token>) {
        self.tokens.rotate_right(1);
        self.tokens[0] = entering;
        self.shift();
        let (rows, cols) = (index(self.array.rows), index(self.array.cols));
        for row in 0..rows {
            for col in 0..cols {
                if let Some(token) = self.tokens[row + col] {
                    self.multiply(token, row, col);
                }
            }
        }
        self.cycle += 1;
        let (_, _, depth) = self.array.sides(self.product);
        let last = depth.max(self.array.min_rows) - 1;
        for (place, token) in self.tokens.iter().enumerate() {
            let Some(token) = token.filter(|token| token.depth == last) else {
                continue;
            };
            let (r, c) = self.array.crossed(token.fold.rows, token.fold.cols);
            if place == index(r + c - 2) {
                self.end = self.cycle;
            }
        }
    }

    /// Moves every operand one element on, and new ones in at the left and the top.
    fn shift(&mut self) {
        let (rows, cols, simd) = (
            index(self.array.rows),
            index(self.array.cols),
            index(self.array.simd),
        );
        let width = cols * simd;
        self.weights.copy_within(..(rows - 1) * width, width);
        for row in 0..rows {
            let line = &mut self.inputs[row * width..][..width];
            line.copy_within(..width - simd, simd);
            let lanes = &mut line[..simd];
            lanes.fill(0);
            if let Some(Token { fold, depth }) = self.tokens[row] {
                let m = fold.row + row as u64;
                if m < fold.row + fold.rows && depth < self.product.depth(self.array.simd) {
                    self.accesses.inputs += word(self.product, depth, lanes, |w, c| {
                        self.operands.input(fold.group, m, w, c)
                    });
                }
            }
        }
        for col in 0..cols {
            let lanes = &mut self.weights[col * simd..][..simd];
            lanes.fill(0);
            if let Some(Token { fold, depth }) = self.tokens[col] {
                let n = fold.col + col as u64;
                if n < fold.col + fold.cols && depth < self.product.depth(self.array.simd) {
                    self.accesses.weights += word(self.product, depth, lanes, |w, c| {
                        self.operands.weight(fold.group, n, w, c)
                    });
                }
            }
        }
    }

    /// One element's work; without a drain its result is read where it is, when it is complete.
    fn multiply(&mut self, token: Token, row: usize, col: usize) {
        let simd = index(self.array.simd);
        let element = row * index(self.array.cols) + col;
        if token.depth == 0 {
            self.sums[element] = 0;
        }
        let (a, b) = (
            &self.inputs[element * simd..][..simd],
            &self.weights[element * simd..][..simd],
        );
        self.sums[element] = self.sums[element].wrapping_add(dot_product(a, b));
        let complete = token.depth + 1 == self.product.depth(self.array.simd);
        let drained = matches!(
            self.array.fill,
            Fill::PerFold {
                drain: Drain::Columns,
                ..
            }
        );
        if complete && !drained {
            self.store(token.fold, row as u64, col as u64, self.sums[element]);
        }
    }

    /// Shifts results down the columns and takes them at the bottom, one row a cycle.
    fn drain(&mut self, fold: Fold) {
        let (r, _) = self.array.crossed(fold.rows, fold.cols);
        let cols = index(self.array.cols);
        let bottom = index(r - 1) * cols;
        for row in (0..r).rev() {
            for col in 0..cols {
                self.store(fold, row, col as u64, self.sums[bottom + col]);
            }
            self.sums.copy_within(..bottom, cols);
            self.end += 1;
        }
    }

    fn store(&mut self, fold: Fold, row: u64, col: u64, sum: i32) {
        if row < fold.rows && col < fold.cols {
            let (m, n) = (fold.row + row, fold.col + col);
            self.results[index((fold.group * self.product.m + m) * self.product.n + n)] = sum;
            self.accesses.outputs += 1;
        }
    }
}

//! Steps an output-stationary array: inputs move right, weights move down, results stay.
//!
//! Control moves with the operands: the element at row `i`, column `j` sees at every cycle the
//! token that entered `i + j` cycles before. Operands that are not there are zero, so that every
//! element multiplies in every cycle.

use std::collections::VecDeque;

use super::edge::{Edge, Strip, Word, words};
use super::operands::index;
use super::registers::{Operand, diagonal, multiply_add};
use super::systolic::{Drain, Fill, Fold, Systolic};
use super::{Accesses, Operands, Product, Stepped};

/// One word along `k`, as the elements on a diagonal see it.
#[derive(Clone, Copy)]
struct Token {
    part: Part,
    depth: usize,
}

/// The part of the results that a fold computes.
#[derive(Clone, Copy)]
struct Part {
    /// Index of its first result.
    at: usize,
    rows: usize,
    cols: usize,
    /// The last diagonal that the fold crosses.
    last_place: usize,
}

struct Machine<'a> {
    rows: usize,
    cols: usize,
    /// Words along `k`.
    depth: usize,
    /// Words streamed in a fold.
    streamed: usize,
    drained: bool,
    product: &'a Product,
    tokens: VecDeque<Option<Token>>,
    left: Edge,
    top: Edge,
    inputs: Operand,
    weights: Operand,
    sums: Vec<i32>,
    results: Vec<i32>,
    accesses: Accesses,
    cycle: u64,
    end: u64,
}

pub(super) fn step(array: &Systolic, product: &Product, operands: &impl Operands) -> Stepped {
    let mut machine = Machine::new(array, product);
    let words = words(product, array.simd);
    let (mut inputs, mut weights) = (None, Vec::new());
    for fold in array.folds(product) {
        if fold.col == 0 {
            inputs = Some(machine.inputs_of(&fold, &words, operands));
        }
        if fold.row == 0 {
            weights.truncate(index(fold.col / array.cols));
            weights.push(machine.weights_of(&fold, &words, operands));
        }
        let strips = inputs
            .as_ref()
            .zip(weights.get(index(fold.col / array.cols)));
        let strips = strips.expect("a row of folds starts with the first column");
        let part = machine.part(array, &fold);
        machine.enter(part, strips);
        if let Fill::PerFold { control_cycles, .. } = array.fill {
            machine.settle();
            if machine.drained {
                machine.drain(part, array.crossed(fold.rows, fold.cols).0);
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

impl<'a> Machine<'a> {
    fn new(array: &Systolic, product: &'a Product) -> Machine<'a> {
        let [rows, cols, simd] = [array.rows, array.cols, array.simd].map(index);
        let depth = product.depth(array.simd);
        Machine {
            rows,
            cols,
            depth: index(depth),
            streamed: index(depth.max(array.min_rows)),
            drained: match array.fill {
                Fill::PerFold { drain, .. } => drain == Drain::Columns,
                Fill::Pipelined { .. } => false,
            },
            product,
            tokens: vec![None; rows + cols - 1].into(),
            left: Edge::new(rows, simd),
            top: Edge::new(cols, simd),
            inputs: Operand::new(rows, cols, simd),
            weights: Operand::new(rows, cols, simd),
            sums: vec![0; rows * cols],
            results: vec![0; index(product.groups * product.m * product.n)],
            accesses: Accesses::default(),
            cycle: 0,
            end: 0,
        }
    }

    fn part(&self, array: &Systolic, fold: &Fold) -> Part {
        let (r, c) = array.crossed(fold.rows, fold.cols);
        let Product { m, n, .. } = *self.product;
        Part {
            at: index((fold.group * m + fold.row) * n + fold.col),
            rows: index(fold.rows),
            cols: index(fold.cols),
            last_place: index(r + c - 2),
        }
    }

    fn inputs_of(&self, fold: &Fold, words: &[Word], operands: &impl Operands) -> Strip {
        Strip::pack(
            &self.left,
            words.len() as u64,
            0,
            fold.rows,
            |step, _| words[index(step)],
            |_, place, window, c| operands.input(fold.group, fold.row + place, window, c),
        )
    }

    fn weights_of(&self, fold: &Fold, words: &[Word], operands: &impl Operands) -> Strip {
        Strip::pack(
            &self.top,
            words.len() as u64,
            0,
            fold.cols,
            |step, _| words[index(step)],
            |_, place, window, c| operands.weight(fold.group, fold.col + place, window, c),
        )
    }

    /// Streams the operands of a fold in, one word of every row and column a cycle.
    fn enter(&mut self, part: Part, (inputs, weights): (&Strip, &Strip)) {
        for depth in 0..self.streamed {
            self.left.advance();
            self.top.advance();
            if depth < self.depth {
                let (words, held) = inputs.step(depth);
                self.left.enter(0, words);
                self.accesses.inputs += held;
                let (words, held) = weights.step(depth);
                self.top.enter(0, words);
                self.accesses.weights += held;
            }
            self.advance(Some(Token { part, depth }));
        }
    }

    /// Runs until no operand is left in the array.
    fn settle(&mut self) {
        while self.tokens.iter().any(Option::is_some) {
            self.left.advance();
            self.top.advance();
            self.advance(None);
        }
    }

    fn advance(&mut self, entering: Option<Token>) {
        self.tokens.rotate_right(1);
        self.tokens[0] = entering;
        let (left, top) = (&self.left, &self.top);
        self.inputs.move_right(|lane, row| left.operand(lane, row));
        self.weights.move_down(|lane, col| top.operand(lane, col));
        self.clear();
        for (inputs, weights) in self.inputs.lanes().zip(self.weights.lanes()) {
            multiply_add(&mut self.sums, inputs, weights);
        }
        self.cycle += 1;
        self.complete();
    }

    /// Zeroes the sums that the first word of a fold has reached.
    fn clear(&mut self) {
        let tokens = self.tokens.iter().enumerate();
        for (place, _) in tokens.filter(|(_, token)| token.is_some_and(|t| t.depth == 0)) {
            for (row, col) in diagonal(place, self.rows, self.cols) {
                self.sums[row * self.cols + col] = 0;
            }
        }
    }

    /// Without a drain, results are read where they are as soon as they are complete.
    fn complete(&mut self) {
        for place in 0..self.tokens.len() {
            let Some(Token { part, depth }) = self.tokens[place] else {
                continue;
            };
            if depth + 1 == self.depth && !self.drained {
                for (row, col) in diagonal(place, self.rows, self.cols) {
                    self.store(part, row, col, self.sums[row * self.cols + col]);
                }
            }
            if depth + 1 == self.streamed && place == part.last_place {
                self.end = self.cycle;
            }
        }
    }

    /// Shifts results down the columns and takes them at the bottom, one row a cycle.
    fn drain(&mut self, part: Part, crossed_rows: u64) {
        let rows = index(crossed_rows);
        let bottom = (rows - 1) * self.cols;
        for row in (0..rows).rev() {
            for col in 0..self.cols {
                self.store(part, row, col, self.sums[bottom + col]);
            }
            self.sums.copy_within(..bottom, self.cols);
            self.end += 1;
        }
    }

    fn store(&mut self, part: Part, row: usize, col: usize, sum: i32) {
        if row < part.rows && col < part.cols {
            self.results[part.at + row * index(self.product.n) + col] = sum;
            self.accesses.outputs += 1;
        }
    }
}

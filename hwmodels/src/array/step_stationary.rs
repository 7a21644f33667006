//! Steps an array whose weights or inputs stay: when each fold is loaded and streamed.
//!
//! The next stationary operand is loaded while this one works, as soon as no shadow can be
//! overwritten before it was used.

use super::edge::{Strip, Word, words};
use super::operands::index;
use super::stationary_grid::{Grid, Part, Token};
use super::systolic::{Dataflow, Fill, Fold, Systolic};
use super::{Operands, Product, Stepped};

struct Machine<'a, O> {
    array: &'a Systolic,
    product: &'a Product,
    operands: &'a O,
    words: Vec<Word>,
    grid: Grid,
}

pub(super) fn step(array: &Systolic, product: &Product, operands: &impl Operands) -> Stepped {
    let mut machine = Machine {
        array,
        product,
        operands,
        words: words(product, array.simd),
        grid: Grid::new(array, product),
    };
    match array.fill {
        Fill::PerFold { control_cycles, .. } => machine.one_by_one(control_cycles),
        Fill::Pipelined {
            first_preload_cycles,
        } => machine.overlapped(first_preload_cycles),
    }
    machine.grid.finish()
}

impl<O: Operands> Machine<'_, O> {
    fn one_by_one(&mut self, control_cycles: u64) {
        for fold in self.array.folds(self.product) {
            self.start_load(fold);
            self.grid.idle(self.crossed_rows(fold));
            self.set_stream(fold);
            self.stream(fold);
            self.grid.settle();
            self.grid.wait(control_cycles);
        }
    }

    fn overlapped(&mut self, first_preload_cycles: u64) {
        let mut folds = self.array.folds(self.product).peekable();
        if let Some(first) = folds.peek() {
            let rows = self.crossed_rows(*first);
            self.grid.idle(first_preload_cycles - rows);
            self.start_load(*first);
            self.grid.idle(rows);
        }
        while let Some(fold) = folds.next() {
            self.set_stream(fold);
            match folds.peek() {
                Some(next) => self.stream_and_load(fold, *next),
                None => self.stream(fold),
            }
        }
        self.grid.settle();
    }

    fn stream(&mut self, fold: Fold) {
        for row in 0..self.grid.streamed_rows() {
            self.grid.advance(Some(self.token(fold, row)));
        }
    }

    /// Streams `fold` through the array, and goes on until `next` is loaded and its first row
    /// would meet no row of this fold.
    fn stream_and_load(&mut self, fold: Fold, next: Fold) {
        let (rows, next_rows) = (self.crossed_rows(fold), self.crossed_rows(next));
        let streamed_rows = self.grid.streamed_rows();
        let entry = self.entry(next);
        let (mut row, mut started) = (0, false);
        while row < streamed_rows || !started || self.grid.is_loading() || self.grid.is_busy(entry)
        {
            // Rows of this fold that have yet to take their shadow into use.
            if !started && rows.saturating_sub(row as u64) <= next_rows {
                self.start_load(next);
                started = true;
            }
            let token = (row < streamed_rows).then(|| self.token(fold, row));
            self.grid.advance(token);
            row += 1;
        }
    }

    fn crossed_rows(&self, fold: Fold) -> u64 {
        self.array.crossed(fold.rows, fold.cols).0
    }

    /// The first array row that `fold` crosses.
    fn entry(&self, fold: Fold) -> usize {
        index(self.array.rows - self.crossed_rows(fold))
    }

    fn token(&self, fold: Fold, row: usize) -> Token {
        let (_, c) = self.array.crossed(fold.rows, fold.cols);
        let Product { m, n, .. } = *self.product;
        let part = Part {
            entry: self.entry(fold),
            last_place: index(self.array.rows + c - 2),
            cols: index(fold.cols),
            at: index(fold.group * m * n) + index(fold.col) * self.grid.result_step(),
            adds: fold.row > 0,
        };
        Token { part, row }
    }

    /// Readies the streamed operand of `fold`, which all folds of a row share.
    fn set_stream(&mut self, fold: Fold) {
        if fold.col > 0 {
            return;
        }
        let (_, _, streamed) = self.array.sides(self.product);
        let (operands, group) = (self.operands, fold.group);
        let strip = Strip::pack(
            self.grid.left(),
            streamed,
            self.entry(fold),
            fold.rows,
            |_, place| self.words[index(fold.row + place)],
            |row, _, window, c| match self.array.dataflow {
                Dataflow::Input => operands.weight(group, row, window, c),
                Dataflow::Weight | Dataflow::Output => operands.input(group, row, window, c),
            },
        );
        self.grid.set_stream(strip);
    }

    /// Lets the stationary operand of `fold` enter from now on.
    fn start_load(&mut self, fold: Fold) {
        let (operands, group) = (self.operands, fold.group);
        let mut strip = Strip::pack(
            self.grid.bottom(),
            fold.rows,
            0,
            fold.cols,
            |row, _| self.words[index(fold.row + row)],
            |_, place, window, c| match self.array.dataflow {
                Dataflow::Input => operands.input(group, fold.col + place, window, c),
                Dataflow::Weight | Dataflow::Output => {
                    operands.weight(group, fold.col + place, window, c)
                }
            },
        );
        strip.extend(index(self.crossed_rows(fold)));
        self.grid.start_load(strip);
    }
}

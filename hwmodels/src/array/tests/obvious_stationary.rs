//! The obvious twin of the stepper, element by element: an array whose weights or inputs stay; the other operand moves right, sums move down.
//!
//! The part in use sits at the bottom, where results leave. The stationary operand enters there
//! too and moves up, into a shadow register of the element it is for; the first streamed row of
//! its fold brings it into use. So the next one is loaded while this one works, as soon as no
//! shadow can be overwritten before it was used.

use crate::array::operands::{dot_product, index, word};
use crate::array::systolic::{Dataflow, Fill, Fold, Systolic};
use crate::array::{Accesses, Operands, Product, Stepped};

/// One streamed row, as the elements on a diagonal see it.
#[derive(Clone, Copy)]
struct Token {
    fold: Fold,
    row: u64,
    /// First array row and number of columns that the fold crosses.
    entry: usize,
    cols: usize,
}

/// A stationary operand on its way up: the element it is for.
type Riser = Option<usize>;

#[derive(Clone, Copy)]
struct Load {
    fold: Fold,
    start: u64,
}

struct Machine<'a, O> {
    array: &'a Systolic,
    product: &'a Product,
    operands: &'a O,
    /// By row plus column: the token at the elements of that diagonal.
    tokens: Vec<Option<Token>>,
    streamed: Vec<i8>,
    rising: Vec<Riser>,
    riser_words: Vec<i8>,
    shadow: Vec<i8>,
    active: Vec<i8>,
    sums: Vec<i32>,
    results: Vec<i32>,
    accesses: Accesses,
    /// Loads that have operands yet to enter; the last one is the latest.
    loads: Vec<Load>,
    cycle: u64,
    end: u64,
}

pub(super) fn step(array: &Systolic, product: &Product, operands: &impl Operands) -> Stepped {
    let elements = index(array.rows * array.cols);
    let words = elements * index(array.simd);
    let mut machine = Machine {
        array,
        product,
        operands,
        tokens: vec![None; index(array.rows + array.cols - 1)],
        streamed: vec![0; words],
        rising: vec![None; elements],
        riser_words: vec![0; words],
        shadow: vec![0; words],
        active: vec![0; words],
        sums: vec![0; elements],
        results: vec![0; index(product.groups * product.m * product.n)],
        accesses: Accesses::default(),
        loads: Vec::new(),
        cycle: 0,
        end: 0,
    };
    match array.fill {
        Fill::PerFold { control_cycles, .. } => machine.one_by_one(control_cycles),
        Fill::Pipelined {
            first_preload_cycles,
        } => machine.overlapped(first_preload_cycles),
    }
    Stepped {
        cycles: machine.end,
        accesses: machine.accesses,
        accumulators: machine.results,
    }
}

impl<O: Operands> Machine<'_, O> {
    fn one_by_one(&mut self, control_cycles: u64) {
        for fold in self.array.folds(self.product) {
            let start = self.cycle;
            self.loads.push(Load { fold, start });
            while self.cycle < start + self.crossed_rows(fold) {
                self.advance(None);
            }
            self.stream(fold);
            self.settle();
            self.end += control_cycles;
            self.cycle = self.end;
        }
    }

    fn overlapped(&mut self, first_preload_cycles: u64) {
        let mut folds = self.array.folds(self.product).peekable();
        if let Some(first) = folds.peek() {
            let start = first_preload_cycles - self.crossed_rows(*first);
            self.loads.push(Load {
                fold: *first,
                start,
            });
        }
        while self.cycle < first_preload_cycles {
            self.advance(None);
        }
        while let Some(fold) = folds.next() {
            match folds.peek() {
                Some(next) => self.stream_and_load(fold, *next),
                None => self.stream(fold),
            }
        }
        self.settle();
    }

    /// Streams `fold` through the array, and goes on until `next` can follow.
    fn stream_and_load(&mut self, fold: Fold, next: Fold) {
        let (rows, next_rows) = (self.crossed_rows(fold), self.crossed_rows(next));
        let (mut row, mut loaded) = (0, u64::MAX);
        while row < self.rows_streamed() || self.cycle < loaded || !self.clear_for(next) {
            // Rows of this fold that have yet to take their shadow into use.
            if loaded == u64::MAX && rows.saturating_sub(row) <= next_rows {
                self.loads.push(Load {
                    fold: next,
                    start: self.cycle,
                });
                loaded = self.cycle + next_rows;
            }
            self.advance((row < self.rows_streamed()).then(|| self.token(fold, row)));
            row += 1;
        }
    }

    fn stream(&mut self, fold: Fold) {
        for row in 0..self.rows_streamed() {
            self.advance(Some(self.token(fold, row)));
        }
    }

    fn settle(&mut self) {
        while self.tokens.iter().any(Option::is_some) {
            self.advance(None);
        }
    }

    /// Whether the first row of `fold` would meet no row of the fold before it.
    fn clear_for(&self, fold: Fold) -> bool {
        self.tokens[..self.entry(fold)].iter().all(Option::is_none)
    }

    fn rows_streamed(&self) -> u64 {
        self.array.sides(self.product).2.max(self.array.min_rows)
    }

    fn crossed_rows(&self, fold: Fold) -> u64 {
        self.array.crossed(fold.rows, fold.cols).0
    }

    /// The first array row that `fold` uses.
    fn entry(&self, fold: Fold) -> usize {
        index(self.array.rows - self.crossed_rows(fold))
    }

    fn token(&self, fold: Fold, row: u64) -> Token {
        let (_, cols) = self.array.crossed(fold.rows, fold.cols);
        Token {
            fold,
            row,
            entry: self.entry(fold),
            cols: index(cols),
        }
    }

    fn advance(&mut self, entering: Option<Token>) {
        self.tokens.rotate_right(1);
        self.tokens[0] = None;
        if let Some(token) = entering {
            assert!(
                self.tokens[token.entry].is_none(),
                "no fold overtakes the one before it"
            );
            self.tokens[token.entry] = Some(token);
        }
        self.shift();
        let (rows, cols) = (index(self.array.rows), index(self.array.cols));
        for row in (0..rows).rev() {
            for col in 0..cols {
                if let Some(token) = self.tokens[row + col] {
                    self.multiply(token, row, col);
                }
            }
        }
        self.rise();
        self.cycle += 1;
        let last = self.rows_streamed() - 1;
        for (place, token) in self.tokens.iter().enumerate() {
            let Some(token) = token.filter(|token| token.row == last) else {
                continue;
            };
            if place == rows - 1 + token.cols - 1 {
                self.end = self.end.max(self.cycle);
            }
        }
    }

    /// Moves the streamed operand one element right, and new words in at the left.
    fn shift(&mut self) {
        let simd = index(self.array.simd);
        let width = index(self.array.cols) * simd;
        for row in 0..index(self.array.rows) {
            let line = &mut self.streamed[row * width..][..width];
            line.copy_within(..width - simd, simd);
            let lanes = &mut line[..simd];
            lanes.fill(0);
            let Some(Token {
                fold,
                row: at,
                entry,
                ..
            }) = self.tokens[row]
            else {
                continue;
            };
            let used = row
                .checked_sub(entry)
                .map(|row| row as u64)
                .filter(|row| *row < fold.rows);
            if let Some(used) = used.filter(|_| at < self.array.sides(self.product).2) {
                let (dataflow, operands) = (self.array.dataflow, self.operands);
                let read = word(
                    self.product,
                    fold.row + used,
                    lanes,
                    |window, c| match dataflow {
                        Dataflow::Input => operands.weight(fold.group, at, window, c),
                        Dataflow::Weight | Dataflow::Output => {
                            operands.input(fold.group, at, window, c)
                        }
                    },
                );
                match dataflow {
                    Dataflow::Input => self.accesses.weights += read,
                    Dataflow::Weight | Dataflow::Output => self.accesses.inputs += read,
                }
            }
        }
    }

    /// One element's work: what comes from above plus its own product.
    fn multiply(&mut self, token: Token, row: usize, col: usize) {
        let (simd, cols) = (index(self.array.simd), index(self.array.cols));
        if row < token.entry || col >= token.cols {
            return;
        }
        let element = row * cols + col;
        let words = element * simd..(element + 1) * simd;
        if token.row == 0 {
            self.active[words.clone()].copy_from_slice(&self.shadow[words.clone()]);
        }
        let above = if row == token.entry {
            0
        } else {
            self.sums[element - cols]
        };
        let product = dot_product(&self.streamed[words.clone()], &self.active[words]);
        self.sums[element] = above.wrapping_add(product);
        if row + 1 == index(self.array.rows) {
            self.store(token, col as u64, self.sums[element]);
        }
    }

    /// Moves stationary operands one element up, and new ones in at the bottom.
    fn rise(&mut self) {
        let crossing = self.array.rows + self.array.cols;
        self.loads.retain(|load| self.cycle < load.start + crossing);
        if self.loads.is_empty() {
            return;
        }
        let (rows, cols, simd) = (
            index(self.array.rows),
            index(self.array.cols),
            index(self.array.simd),
        );
        self.rising.copy_within(cols.., 0);
        self.riser_words.copy_within(cols * simd.., 0);
        let bottom = (rows - 1) * cols;
        self.rising[bottom..].fill(None);
        self.inject(bottom);
        for element in 0..rows * cols {
            if self.rising[element] == Some(element) {
                let words = element * simd..(element + 1) * simd;
                self.shadow[words.clone()].copy_from_slice(&self.riser_words[words]);
            }
        }
    }

    /// Lets every load put one operand into every column, each column one cycle after the last.
    fn inject(&mut self, bottom: usize) {
        let cycle = self.cycle;
        for load in 0..self.loads.len() {
            let Load { fold, start } = self.loads[load];
            let (r, c) = self.array.crossed(fold.rows, fold.cols);
            for col in 0..c {
                let used = cycle.checked_sub(start + col).filter(|used| *used < r);
                if let Some(used) = used {
                    self.raise(fold, used, col, bottom + index(col));
                }
            }
        }
    }

    /// Puts the operand for row `used` and column `col` of `fold` into `element` of the bottom row.
    fn raise(&mut self, fold: Fold, used: u64, col: u64, element: usize) {
        let simd = index(self.array.simd);
        let row = self.entry(fold) + index(used);
        self.rising[element] = Some(row * index(self.array.cols) + index(col));
        let lanes = &mut self.riser_words[element * simd..][..simd];
        lanes.fill(0);
        if used < fold.rows && col < fold.cols {
            let (dataflow, operands, at) = (self.array.dataflow, self.operands, fold.col + col);
            let read = word(
                self.product,
                fold.row + used,
                lanes,
                |window, c| match dataflow {
                    Dataflow::Input => operands.input(fold.group, at, window, c),
                    Dataflow::Weight | Dataflow::Output => {
                        operands.weight(fold.group, at, window, c)
                    }
                },
            );
            match dataflow {
                Dataflow::Input => self.accesses.inputs += read,
                Dataflow::Weight | Dataflow::Output => self.accesses.weights += read,
            }
        }
    }

    /// Adds a sum that leaves the array to the accumulator outside it.
    fn store(&mut self, token: Token, col: u64, sum: i32) {
        let streamed = self.array.sides(self.product).2;
        if col < token.fold.cols && token.row < streamed {
            let across = token.fold.col + col;
            let (m, n) = match self.array.dataflow {
                Dataflow::Input => (across, token.row),
                Dataflow::Weight | Dataflow::Output => (token.row, across),
            };
            let at = index((token.fold.group * self.product.m + m) * self.product.n + n);
            self.accesses.partials += u64::from(token.fold.row > 0);
            self.results[at] = self.results[at].wrapping_add(sum);
            self.accesses.outputs += 1;
        }
    }
}

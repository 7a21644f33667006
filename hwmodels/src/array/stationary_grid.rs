//! The registers of an array whose weights or inputs stay, and what one cycle does to them.
//!
//! The streamed operand moves right, sums move down. The part in use sits at the bottom, where
//! results leave. The stationary operand enters there too and moves up. When a column of it is in
//! place, all of its elements take it into their shadow registers; the first streamed row of its
//! fold brings it into use.
//!
//! Operands that are not there are zero, so that every element multiplies in every cycle.

use std::collections::VecDeque;

use super::edge::{Edge, Strip};
use super::operands::index;
use super::registers::{Operand, cascade, diagonal, multiply_add};
use super::systolic::{Dataflow, Systolic};
use super::{Accesses, Product, Stepped};

/// One streamed row, as the elements on a diagonal see it.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) part: Part,
    pub(super) row: usize,
}

/// What a fold uses and computes.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// First array row that the fold crosses.
    pub(super) entry: usize,
    /// The diagonal at which its results leave last.
    pub(super) last_place: usize,
    /// Columns in use.
    pub(super) cols: usize,
    /// Index of its first result.
    pub(super) at: usize,
    /// Whether earlier folds left partial sums.
    pub(super) adds: bool,
}

/// A stationary operand that is entering.
struct Load {
    strip: Strip,
    /// Rows that have entered.
    entered: usize,
}

pub(super) struct Grid {
    rows: usize,
    cols: usize,
    input_stays: bool,
    /// Rows of operands that a fold streams, and of those with bubbles.
    operand_rows: usize,
    streamed_rows: usize,
    /// From a result to the one of the next streamed row, and of the next column.
    result_steps: [usize; 2],
    /// By row plus column: the token at the elements of that diagonal.
    tokens: VecDeque<Option<Token>>,
    left: Edge,
    bottom: Edge,
    /// By column: whether the last row of a load enters there.
    last_rows: VecDeque<bool>,
    streamed: Operand,
    rising: Operand,
    shadow: Operand,
    active: Operand,
    sums: Vec<i32>,
    /// What streams in with the tokens.
    strip: Option<Strip>,
    load: Option<Load>,
    results: Vec<i32>,
    accesses: Accesses,
    cycle: u64,
    end: u64,
}

impl Grid {
    pub(super) fn new(array: &Systolic, product: &Product) -> Grid {
        let [rows, cols, simd] = [array.rows, array.cols, array.simd].map(index);
        let (_, _, operand_rows) = array.sides(product);
        let registers = || Operand::new(rows, cols, simd);
        let input_stays = array.dataflow == Dataflow::Input;
        Grid {
            rows,
            cols,
            input_stays,
            operand_rows: index(operand_rows),
            streamed_rows: index(operand_rows.max(array.min_rows)),
            result_steps: if input_stays {
                [1, index(product.n)]
            } else {
                [index(product.n), 1]
            },
            tokens: vec![None; rows + cols - 1].into(),
            left: Edge::new(rows, simd),
            bottom: Edge::new(cols, simd),
            last_rows: vec![false; cols].into(),
            streamed: registers(),
            rising: registers(),
            shadow: registers(),
            active: registers(),
            sums: vec![0; rows * cols],
            strip: None,
            load: None,
            results: vec![0; index(product.groups * product.m * product.n)],
            accesses: Accesses::default(),
            cycle: 0,
            end: 0,
        }
    }

    /// Rows that a fold streams, bubbles included.
    pub(super) fn streamed_rows(&self) -> usize {
        self.streamed_rows
    }

    /// From a result to the one of the next column.
    pub(super) fn result_step(&self) -> usize {
        self.result_steps[1]
    }

    /// The edge where the streamed operand enters.
    pub(super) fn left(&self) -> &Edge {
        &self.left
    }

    /// The edge where the stationary operand enters.
    pub(super) fn bottom(&self) -> &Edge {
        &self.bottom
    }

    /// Readies what the next tokens stream in, a step for every row.
    pub(super) fn set_stream(&mut self, strip: Strip) {
        self.strip = Some(strip);
    }

    /// Lets a stationary operand enter, a row a cycle from now on.
    pub(super) fn start_load(&mut self, strip: Strip) {
        self.load = Some(Load { strip, entered: 0 });
    }

    pub(super) fn is_loading(&self) -> bool {
        self.load.is_some()
    }

    /// Whether a token is on one of the first `places` diagonals.
    pub(super) fn is_busy(&self, places: usize) -> bool {
        self.tokens.range(..places).any(Option::is_some)
    }

    pub(super) fn idle(&mut self, cycles: u64) {
        for _ in 0..cycles {
            self.advance(None);
        }
    }

    /// Runs until no operand is left in the array.
    pub(super) fn settle(&mut self) {
        while self.is_busy(self.tokens.len()) {
            self.advance(None);
        }
    }

    /// Waits after the last result.
    pub(super) fn wait(&mut self, cycles: u64) {
        self.end += cycles;
        self.cycle = self.end;
    }

    pub(super) fn finish(self) -> Stepped {
        Stepped {
            cycles: self.end,
            accesses: self.accesses,
            accumulators: self.results,
        }
    }

    /// One cycle.
    pub(super) fn advance(&mut self, entering: Option<Token>) {
        self.tokens.rotate_right(1);
        self.tokens[0] = None;
        self.left.advance();
        if let Some(token) = entering {
            self.enter(token);
        }
        let left = &self.left;
        self.streamed
            .move_right(|lane, row| left.operand(lane, row));
        self.take_into_use();
        let mut lanes = self.streamed.lanes().zip(self.active.lanes());
        if let Some((streamed, active)) = lanes.next() {
            cascade(&mut self.sums, self.cols, streamed, active);
        }
        for (streamed, active) in lanes {
            multiply_add(&mut self.sums, streamed, active);
        }
        self.cycle += 1;
        self.leave();
        self.rise();
    }

    fn enter(&mut self, token: Token) {
        let entry = token.part.entry;
        assert!(
            self.tokens[entry].is_none(),
            "no fold overtakes the one before it"
        );
        self.tokens[entry] = Some(token);
        let strip = self
            .strip
            .as_ref()
            .filter(|_| token.row < self.operand_rows);
        if let Some((words, held)) = strip.map(|strip| strip.step(token.row)) {
            self.left.enter(entry, words);
            if self.input_stays {
                self.accesses.weights += held;
            } else {
                self.accesses.inputs += held;
            }
        }
    }

    /// The first row of a fold brings the shadows that it meets into use.
    fn take_into_use(&mut self) {
        for (place, token) in self.tokens.iter().enumerate() {
            if token.is_some_and(|token| token.row == 0) {
                let elements = diagonal(place, self.rows, self.cols);
                let elements = elements.map(|(row, col)| row * self.cols + col);
                self.active.latch(&self.shadow, elements);
            }
        }
    }

    /// Adds the sums that leave the bottom row to the accumulators outside the array.
    fn leave(&mut self) {
        let bottom = (self.rows - 1) * self.cols;
        for col in 0..self.cols {
            let place = self.rows - 1 + col;
            let Some(Token { part, row }) = self.tokens[place] else {
                continue;
            };
            if col < part.cols && row < self.operand_rows {
                let [row_step, col_step] = self.result_steps;
                let result = &mut self.results[part.at + row * row_step + col * col_step];
                *result = result.wrapping_add(self.sums[bottom + col]);
                self.accesses.outputs += 1;
                self.accesses.partials += u64::from(part.adds);
            }
            if row + 1 == self.streamed_rows && place == part.last_place {
                self.end = self.cycle;
            }
        }
    }

    /// Moves stationary operands one element up, and new ones in at the bottom; a column that is
    /// in place goes to its shadows.
    fn rise(&mut self) {
        self.bottom.advance();
        self.last_rows.rotate_right(1);
        self.last_rows[0] = false;
        if let Some(load) = &mut self.load {
            let (words, held) = load.strip.step(load.entered);
            self.bottom.enter(0, words);
            load.entered += 1;
            self.last_rows[0] = load.entered == load.strip.steps();
            if self.input_stays {
                self.accesses.inputs += held;
            } else {
                self.accesses.weights += held;
            }
        }
        let bottom = &self.bottom;
        self.rising.move_up(|lane, col| bottom.operand(lane, col));
        for col in 0..self.cols {
            if self.last_rows[col] {
                let elements = (col..self.rows * self.cols).step_by(self.cols);
                self.shadow.latch(&self.rising, elements);
            }
        }
        if self.last_rows[0] {
            self.load = None;
        }
    }
}

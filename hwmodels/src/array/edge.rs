//! What enters an array at one of its edges: operands packed in the order they enter, and the
//! skew that lets each row or column have them one cycle later than the one before.

use std::collections::VecDeque;

use super::Product;
use super::operands::index;

/// The word at one position along `k`: which channels of which window position it holds.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) window: u64,
    pub(super) first_channel: u64,
    /// Lanes that hold an operand; the others are zero.
    pub(super) held: u64,
}

/// All words along `k`.
pub(super) fn words(product: &Product, simd: u64) -> Vec<Word> {
    let channels = (0..product.in_c).step_by(index(simd));
    (0..product.window)
        .flat_map(|window| {
            channels.clone().map(move |first_channel| Word {
                window,
                first_channel,
                held: simd.min(product.in_c - first_channel),
            })
        })
        .collect()
}

/// The operands that enter at an edge for one fold, a word of every place in each step.
pub(super) struct Strip {
    width: usize,
    /// `[step][lane][place]`
    operands: Vec<i8>,
    /// By step: operands among its words.
    held: Vec<u64>,
}

impl Strip {
    /// The words of places `first..first + used` of an edge; the other places are zero.
    /// `operand` gives window and channel, with the step and the place from `first` on.
    pub(super) fn pack(
        edge: &Edge,
        steps: u64,
        first: usize,
        used: u64,
        word: impl Fn(u64, u64) -> Word,
        operand: impl Fn(u64, u64, u64, u64) -> i8,
    ) -> Strip {
        let width = edge.places * edge.simd;
        let mut operands = vec![0; index(steps) * width];
        let mut held = Vec::with_capacity(index(steps));
        for (step, vector) in (0..steps).zip(operands.chunks_exact_mut(width)) {
            let mut count = 0;
            for place in 0..used {
                let Word {
                    window,
                    first_channel,
                    held,
                } = word(step, place);
                let lanes = vector[first + index(place)..]
                    .iter_mut()
                    .step_by(edge.places);
                for (lane, channel) in lanes.zip(first_channel..first_channel + held) {
                    *lane = operand(step, place, window, channel);
                }
                count += held;
            }
            held.push(count);
        }
        Strip {
            width,
            operands,
            held,
        }
    }

    /// Lengthens it to `steps`, with nothing in the new ones.
    pub(super) fn extend(&mut self, steps: usize) {
        self.operands.resize(steps * self.width, 0);
        self.held.resize(steps, 0);
    }

    pub(super) fn steps(&self) -> usize {
        self.held.len()
    }

    /// The words that enter in `step`, `[lane][place]`, and how many operands they hold.
    pub(super) fn step(&self, step: usize) -> (&[i8], u64) {
        (
            &self.operands[step * self.width..][..self.width],
            self.held[step],
        )
    }
}

/// An edge of the array: what enters now reaches place `i` of it in `i` cycles.
pub(super) struct Edge {
    places: usize,
    simd: usize,
    /// By cycles since it entered: `[lane][place]`.
    entered: VecDeque<Vec<i8>>,
}

impl Edge {
    pub(super) fn new(places: usize, simd: usize) -> Edge {
        Edge {
            places,
            simd,
            entered: vec![vec![0; places * simd]; places].into(),
        }
    }

    /// One cycle, in which nothing enters unless [`Edge::enter`] follows.
    pub(super) fn advance(&mut self) {
        self.entered.rotate_right(1);
        self.entered[0].fill(0);
    }

    /// Lets operands in at `place` first, as if they had entered `place` cycles ago.
    pub(super) fn enter(&mut self, place: usize, operands: &[i8]) {
        self.entered[place].copy_from_slice(operands);
    }

    /// The operand that `place` receives in this cycle.
    pub(super) fn operand(&self, lane: usize, place: usize) -> i8 {
        self.entered[place][lane * self.places + place]
    }
}

//! Steps an array of dot-product cells: one word of every pixel and channel a cycle, through the
//! reduction pipeline.

use std::collections::VecDeque;
use std::ops::Range;

use super::dot::{StepOrder, Steps};
use super::operands::{dot_product, index, word};
use super::{Accesses, Dot, Operands, Product, Stepped};

/// The sums of one cycle on their way through the pipeline.
struct Sums {
    block: Block,
    /// Of every pixel and cell.
    sums: Vec<i32>,
    /// Whether they complete the results of the block.
    complete: bool,
}

/// What the cells compute at once: the pixels from `pixel` on, and output channels, counted over
/// all groups.
#[derive(Clone, Copy)]
struct Block {
    pixel: u64,
    channel: u64,
    channels: u64,
}

struct Machine<'a, O> {
    dot: &'a Dot,
    product: &'a Product,
    operands: &'a O,
    pipeline: VecDeque<Option<Sums>>,
    results: Vec<i32>,
    accesses: Accesses,
    cycles: u64,
}

pub(super) fn step(dot: &Dot, product: &Product, operands: &impl Operands) -> Stepped {
    let mut machine = Machine {
        dot,
        product,
        operands,
        pipeline: (0..dot.pipeline_cycles).map(|_| None).collect(),
        results: vec![0; index(product.groups * product.m * product.n)],
        accesses: Accesses::default(),
        cycles: 0,
    };
    machine.run();
    Stepped {
        cycles: machine.cycles,
        accesses: machine.accesses,
        accumulators: machine.results,
    }
}

impl<O: Operands> Machine<'_, O> {
    fn run(&mut self) {
        let Product { groups, m, n, .. } = *self.product;
        // Without a mode for it, the channels of one group at a time.
        let shared = match self.dot.taps(self.product) {
            Some(_) => groups * n,
            None => n,
        };
        for first in (0..groups * n).step_by(index(shared)) {
            for pixel in (0..m).step_by(index(self.dot.px)) {
                for channel in (first..first + shared).step_by(index(self.dot.cells)) {
                    self.compute(Block {
                        pixel,
                        channel,
                        channels: self.dot.cells.min(first + shared - channel),
                    });
                }
            }
        }
        for _ in 0..self.dot.pipeline_cycles {
            self.advance(None);
        }
    }

    /// Step after step, each of as many cycles as it has words; a word that is not there is zero.
    fn compute(&mut self, block: Block) {
        let mut taken = 0;
        let mut step = 0;
        let steps = self.dot.steps(self.product);
        let (all, words) = match self.dot.taps(self.product) {
            Some(taps) => (self.product.window.div_ceil(taps), 1),
            None => (
                self.product.depth(self.dot.simd),
                self.product.in_c.div_ceil(self.dot.simd),
            ),
        };
        while taken < all {
            for lane in 0..steps.words {
                let depth = self.place(steps, step, lane, words);
                taken += u64::from(depth.is_some());
                let sums = match (depth, self.dot.taps(self.product)) {
                    (Some(depth), Some(taps)) => self.side_by_side(block, depth * taps, taps),
                    (Some(depth), None) => self.broadcast(block, depth),
                    (None, _) => self.idle(block),
                };
                let complete = taken == all && lane + 1 == steps.words;
                self.advance(Some(Sums {
                    block,
                    sums,
                    complete,
                }));
            }
            step += 1;
        }
    }

    /// Where along `k` the word `lane` of a step lies, if there is one; `words` lie at each
    /// position of the window.
    fn place(&self, steps: Steps, step: u64, lane: u64, words: u64) -> Option<u64> {
        let (size, product) = (steps.words, self.product);
        if let Some(taps) = self.dot.taps(product) {
            let place = step * size + lane;
            return (place < product.window.div_ceil(taps)).then_some(place);
        }
        let (window, word) = match steps.order {
            StepOrder::Channels => {
                let steps = words.div_ceil(size);
                (step / steps, step % steps * size + lane)
            }
            StepOrder::Window => (step / words * size + lane, step % words),
        };
        (window < product.window && word < words).then_some(window * words + word)
    }

    /// The sums of a cycle without operands.
    fn idle(&self, block: Block) -> Vec<i32> {
        let pixels = self.pixels(block);
        vec![0; index((pixels.end - pixels.start) * block.channels)]
    }

    /// One cycle of the pipeline.
    fn advance(&mut self, entering: Option<Sums>) {
        self.pipeline.push_back(entering);
        if let Some(leaving) = self.pipeline.pop_front().flatten() {
            self.collect(&leaving);
        }
        self.cycles += 1;
    }

    /// The pixels of `block`.
    fn pixels(&self, block: Block) -> Range<u64> {
        block.pixel..self.product.m.min(block.pixel + self.dot.px)
    }

    /// The group of every channel of `block`, and its place there.
    fn channels(&self, block: Block) -> impl Iterator<Item = (u64, u64)> + use<O> {
        let n = self.product.n;
        (block.channel..block.channel + block.channels).map(move |at| (at / n, at % n))
    }

    /// All cells take the same word of each pixel, and one word each of their channel.
    fn broadcast(&mut self, block: Block, depth: u64) -> Vec<i32> {
        let (product, operands) = (self.product, self.operands);
        let group = block.channel / product.n;
        let mut input = vec![0; index(self.dot.simd)];
        let mut weights = vec![vec![0; index(self.dot.simd)]; index(block.channels)];
        for ((group, n), lanes) in self.channels(block).zip(&mut weights) {
            self.accesses.weights += word(product, depth, lanes, |window, c| {
                operands.weight(group, n, window, c)
            });
        }
        let mut sums = Vec::new();
        for m in self.pixels(block) {
            self.accesses.inputs += word(product, depth, &mut input, |window, c| {
                operands.input(group, m, window, c)
            });
            sums.extend(weights.iter().map(|weight| dot_product(&input, weight)));
        }
        sums
    }

    /// Every cell takes up to `taps` positions of the window of its own channel, from `first` on.
    fn side_by_side(&mut self, block: Block, first: u64, taps: u64) -> Vec<i32> {
        let (product, operands) = (self.product, self.operands);
        let window = first..product.window.min(first + taps);
        let reduced = window.end - window.start;
        self.accesses.weights += block.channels * reduced;
        let mut sums = Vec::new();
        for m in self.pixels(block) {
            self.accesses.inputs += block.channels * reduced;
            for (group, n) in self.channels(block) {
                let products = window.clone().map(|at| {
                    i32::from(operands.input(group, m, at, 0))
                        * i32::from(operands.weight(group, n, at, 0))
                });
                sums.push(products.fold(0, i32::wrapping_add));
            }
        }
        sums
    }

    /// Adds the sums that leave the pipeline to the accumulators of their cells, and writes those
    /// that are complete.
    fn collect(&mut self, leaving: &Sums) {
        let mut sums = leaving.sums.iter();
        for m in self.pixels(leaving.block) {
            for ((group, n), sum) in self.channels(leaving.block).zip(&mut sums) {
                let at = index((group * self.product.m + m) * self.product.n + n);
                self.results[at] = self.results[at].wrapping_add(*sum);
                self.accesses.outputs += u64::from(leaving.complete);
            }
        }
    }
}

//! Steps an array of dot-product cells: one broadcast a cycle, through the reduction pipeline.

use std::collections::VecDeque;

use super::operands::{dot_product, index, word};
use super::{Accesses, Dot, Operands, Product, Stepped};

/// The sums of one broadcast on their way through the pipeline.
struct Sums {
    block: Block,
    /// Of every pixel and cell.
    sums: Vec<i32>,
    /// Whether they complete the results of the block.
    complete: bool,
}

/// What the cells compute at once: pixels from `pixel` on, channels of `group` from `channel` on.
#[derive(Clone, Copy)]
struct Block {
    group: u64,
    pixel: u64,
    channel: u64,
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
        for group in 0..self.product.groups {
            for pixel in (0..self.product.m).step_by(index(self.dot.px)) {
                for channel in (0..self.product.n).step_by(index(self.dot.cells)) {
                    let block = Block {
                        group,
                        pixel,
                        channel,
                    };
                    let depth = self.product.depth(self.dot.simd);
                    for at in 0..depth {
                        let sums = self.broadcast(block, at);
                        self.advance(Some(Sums {
                            block,
                            sums,
                            complete: at + 1 == depth,
                        }));
                    }
                }
            }
        }
        for _ in 0..self.dot.pipeline_cycles {
            self.advance(None);
        }
    }

    /// One cycle of the pipeline.
    fn advance(&mut self, entering: Option<Sums>) {
        self.pipeline.push_back(entering);
        if let Some(leaving) = self.pipeline.pop_front().flatten() {
            self.collect(&leaving);
        }
        self.cycles += 1;
    }

    /// The dot products of all cells with one word each of their pixel and channel.
    fn broadcast(&mut self, block: Block, depth: u64) -> Vec<i32> {
        let (dot, product, operands) = (self.dot, self.product, self.operands);
        let simd = index(dot.simd);
        let mut inputs = vec![0; index(dot.px) * simd];
        let mut weights = vec![0; index(dot.cells) * simd];
        for (m, lanes) in (block.pixel..product.m).zip(inputs.chunks_exact_mut(simd)) {
            self.accesses.inputs += word(product, depth, lanes, |window, c| {
                operands.input(block.group, m, window, c)
            });
        }
        for (n, lanes) in (block.channel..product.n).zip(weights.chunks_exact_mut(simd)) {
            self.accesses.weights += word(product, depth, lanes, |window, c| {
                operands.weight(block.group, n, window, c)
            });
        }
        let pixels = inputs.chunks_exact(simd);
        pixels
            .flat_map(|input| {
                let cells = weights.chunks_exact(simd);
                cells.map(move |weight| dot_product(input, weight))
            })
            .collect()
    }

    /// Adds the sums that leave the pipeline to the accumulators of their cells, and writes those
    /// that are complete.
    fn collect(&mut self, leaving: &Sums) {
        let Block {
            group,
            pixel,
            channel,
        } = leaving.block;
        let rows = leaving.sums.chunks_exact(index(self.dot.cells));
        for (m, row) in (pixel..self.product.m).zip(rows) {
            for (n, sum) in (channel..self.product.n).zip(row) {
                let at = index((group * self.product.m + m) * self.product.n + n);
                self.results[at] = self.results[at].wrapping_add(*sum);
                self.accesses.outputs += u64::from(leaving.complete);
            }
        }
    }
}

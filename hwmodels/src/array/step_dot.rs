//! Steps an array of dot-product cells: one broadcast a cycle, through the reduction pipeline.

use std::collections::VecDeque;

use super::operands::{index, word};
use super::{Dot, Operands, Product, Stepped};

/// The sums of one broadcast on their way through the pipeline.
struct Broadcast {
    group: u64,
    pixel: u64,
    channel: u64,
    sums: Vec<i32>,
}

pub(super) fn step(dot: &Dot, product: &Product, operands: &impl Operands) -> Stepped {
    let mut results = vec![0; index(product.groups * product.m * product.n)];
    let mut pipeline: VecDeque<Option<Broadcast>> =
        (0..dot.pipeline_cycles).map(|_| None).collect();
    let mut cycles = 0;
    for group in 0..product.groups {
        for pixel in (0..product.m).step_by(index(dot.px)) {
            for channel in (0..product.n).step_by(index(dot.cells)) {
                for depth in 0..product.depth(dot.simd) {
                    let sums = broadcast(dot, product, operands, [group, pixel, channel, depth]);
                    pipeline.push_back(Some(Broadcast {
                        group,
                        pixel,
                        channel,
                        sums,
                    }));
                    collect(dot, product, pipeline.pop_front().flatten(), &mut results);
                    cycles += 1;
                }
            }
        }
    }
    while let Some(stage) = pipeline.pop_front() {
        collect(dot, product, stage, &mut results);
        cycles += 1;
    }
    Stepped {
        cycles,
        accumulators: results,
    }
}

/// The dot products of all cells with one word each of their pixel and channel.
fn broadcast(
    dot: &Dot,
    product: &Product,
    operands: &impl Operands,
    [group, pixel, channel, depth]: [u64; 4],
) -> Vec<i32> {
    let mut inputs = vec![0; index(dot.px * dot.simd)];
    let mut weights = vec![0; index(dot.cells * dot.simd)];
    for (m, lanes) in (pixel..product.m).zip(inputs.chunks_exact_mut(index(dot.simd))) {
        word(product, depth, lanes, |window, c| {
            operands.input(group, m, window, c)
        });
    }
    for (n, lanes) in (channel..product.n).zip(weights.chunks_exact_mut(index(dot.simd))) {
        word(product, depth, lanes, |window, c| {
            operands.weight(group, n, window, c)
        });
    }
    let mut sums = Vec::with_capacity(index(dot.px * dot.cells));
    for input in inputs.chunks_exact(index(dot.simd)) {
        for weight in weights.chunks_exact(index(dot.simd)) {
            sums.push(input.iter().zip(weight).map(|(a, b)| a * b).sum());
        }
    }
    sums
}

/// Adds the sums that leave the pipeline to the accumulators of their cells.
fn collect(dot: &Dot, product: &Product, stage: Option<Broadcast>, results: &mut [i32]) {
    let Some(Broadcast {
        group,
        pixel,
        channel,
        sums,
    }) = stage
    else {
        return;
    };
    for (m, row) in (pixel..product.m).zip(sums.chunks_exact(index(dot.cells))) {
        for (n, sum) in (channel..product.n).zip(row) {
            results[index((group * product.m + m) * product.n + n)] += sum;
        }
    }
}

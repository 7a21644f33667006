//! Arrays and products to test with.

use proptest::prelude::*;

use super::*;

mod absurd;
mod depthwise;
mod obvious_output;
mod obvious_stationary;
mod published;
mod random;

const PER_FOLD: Fill = Fill::PerFold {
    drain: Drain::Free,
    control_cycles: 0,
};

fn systolic(rows: u64, cols: u64, dataflow: Dataflow, fill: Fill) -> Systolic {
    Systolic {
        rows,
        cols,
        simd: 1,
        dataflow,
        edges: Edges::Full,
        fill,
        min_rows: 1,
    }
}

fn gemm(m: u64, n: u64, k: u64) -> Product {
    Product {
        groups: 1,
        m,
        n,
        window: 1,
        in_c: k,
    }
}

fn naive(product: &Product, operands: &impl Operands) -> Vec<i32> {
    let mut results = Vec::new();
    for group in 0..product.groups {
        for m in 0..product.m {
            for n in 0..product.n {
                let taps = (0..product.window).flat_map(|w| (0..product.in_c).map(move |c| (w, c)));
                results.push(
                    taps.map(|(w, c)| {
                        i32::from(operands.input(group, m, w, c))
                            * i32::from(operands.weight(group, n, w, c))
                    })
                    .sum(),
                );
            }
        }
    }
    results
}

/// The array stepped by the obvious twin.
fn step_obviously(systolic: &Systolic, product: &Product, operands: &impl Operands) -> Stepped {
    match systolic.dataflow {
        Dataflow::Output => obvious_output::step(systolic, product, operands),
        Dataflow::Weight | Dataflow::Input => obvious_stationary::step(systolic, product, operands),
    }
}

fn any_array() -> impl Strategy<Value = Array> {
    let dataflow = prop_oneof![
        Just(Dataflow::Output),
        Just(Dataflow::Weight),
        Just(Dataflow::Input)
    ];
    let edges = prop_oneof![Just(Edges::Full), Just(Edges::Occupied)];
    let systolic = (
        1..7u64,
        1..7u64,
        1..4u64,
        dataflow,
        edges,
        0..3u64,
        1..6u64,
        0..2u64,
    )
        .prop_map(
            |(rows, cols, simd, dataflow, edges, fill, min_rows, extra)| {
                let still = dataflow == Dataflow::Output;
                let fill = match fill {
                    0 => Fill::Pipelined {
                        first_preload_cycles: if still { 0 } else { rows + extra },
                    },
                    1 if still => Fill::PerFold {
                        drain: Drain::Columns,
                        control_cycles: extra,
                    },
                    _ => Fill::PerFold {
                        drain: Drain::Free,
                        control_cycles: 5 * extra,
                    },
                };
                Array::Systolic(Systolic {
                    rows,
                    cols,
                    simd,
                    dataflow,
                    edges,
                    fill,
                    min_rows,
                })
            },
        );
    let steps = (1..5u64, 1..5u64);
    let dot = (1..5u64, 1..7u64, 1..6u64, steps, 0..4u64, 0..6u64).prop_map(
        |(px, cells, simd, (step_words, channel_step_words), pipeline_cycles, taps)| {
            Array::Dot(Dot {
                px,
                cells,
                simd,
                step_words,
                channel_step_words,
                pipeline_cycles,
                depthwise_taps: (taps > 0).then(|| taps.min(simd)),
            })
        },
    );
    prop_oneof![2 => systolic, 1 => dot]
}

/// Small products, a third of them depthwise.
fn any_product() -> impl Strategy<Value = Product> {
    let in_c = prop_oneof![1 => Just(1), 2 => 1..8u64];
    (1..6u64, 1..14u64, 1..14u64, 1..10u64, in_c).prop_map(|(groups, m, n, window, in_c)| Product {
        groups,
        m,
        n,
        window,
        in_c,
    })
}

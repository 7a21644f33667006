//! The closed form against the stepped twin, the naive product, and published figures.

use proptest::prelude::*;

use super::*;
use crate::task::LoopNest;

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
                        operands.input(group, m, w, c) * operands.weight(group, n, w, c)
                    })
                    .sum(),
                );
            }
        }
    }
    results
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
    let dot =
        (1..5u64, 1..7u64, 1..5u64, 0..4u64).prop_map(|(px, cells, simd, pipeline_cycles)| {
            Array::Dot(Dot {
                px,
                cells,
                simd,
                pipeline_cycles,
            })
        });
    prop_oneof![3 => systolic, 1 => dot]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn closed_form_equals_stepped(
        array in any_array(),
        product in (1..4u64, 1..14u64, 1..14u64, 1..4u64, 1..8u64)
            .prop_map(|(groups, m, n, window, in_c)| Product { groups, m, n, window, in_c }),
    ) {
        let stepped = array.step(&product, &WordOperands);
        prop_assert_eq!(array.cycles(&product), stepped.cycles);
        prop_assert_eq!(naive(&product, &WordOperands), stepped.accumulators);
    }

    #[test]
    fn tensors_convolve(
        array in any_array(),
        (batch, h, w) in (1..3u64, 1..7u64, 1..7u64),
        (groups, in_c, out_c) in (1..3u64, 1..4u64, 1..4u64),
        kernel in (1..4u64, 1..4u64),
        stride in (1..3u64, 1..3u64),
        pad in any::<i8>(),
    ) {
        let nest = LoopNest {
            groups,
            ..LoopNest::conv(
                [batch, h, w, in_c * groups], out_c * groups, [kernel.0, kernel.1], [stride.0, stride.1],
            )
        };
        let bytes = |count: u64, step: u64| -> Vec<i8> {
            (0..count).map(|i| i8::try_from((i * step) % 251).unwrap_or(i8::MIN)).collect()
        };
        let input = bytes(batch * h * w * nest.in_c, 37);
        let weights = bytes(nest.out_c * kernel.0 * kernel.1 * in_c, 91);
        let operands = TensorOperands { nest: &nest, input: &input, weights: &weights, pad };
        let product = Product::of(&nest, nest.pixels(), nest.out_c);
        let stepped = array.step(&product, &operands);
        prop_assert_eq!(array.cycles(&product), stepped.cycles);
        prop_assert_eq!(convolve(&nest, &input, &weights, pad), stepped.accumulators);
    }
}

/// The convolution as its textbook says, `[groups, pixels, out_c / groups]`.
fn convolve(nest: &LoopNest, input: &[i8], weights: &[i8], pad: i8) -> Vec<i32> {
    let mut results = Vec::new();
    for group in 0..nest.groups {
        for (b, y, x) in pixels(nest) {
            for n in 0..nest.group_out_c() {
                let mut sum = 0;
                for (ky, kx, c) in taps(nest) {
                    let iy = (y * nest.stride[0] + ky) as i64 - nest.padding[0] as i64;
                    let ix = (x * nest.stride[1] + kx) as i64 - nest.padding[1] as i64;
                    let inside =
                        (0..nest.in_h as i64).contains(&iy) && (0..nest.in_w as i64).contains(&ix);
                    let channel = (group * nest.group_in_c() + c) as i64;
                    let at = ((b as i64 * nest.in_h as i64 + iy) * nest.in_w as i64 + ix)
                        * nest.in_c as i64;
                    let value = if inside {
                        input[usize::try_from(at + channel).unwrap()]
                    } else {
                        pad
                    };
                    let out = group * nest.group_out_c() + n;
                    let tap =
                        ((out * nest.kernel[0] + ky) * nest.kernel[1] + kx) * nest.group_in_c() + c;
                    sum += i32::from(value) * i32::from(weights[operands::index(tap)]);
                }
                results.push(sum);
            }
        }
    }
    results
}

fn pixels(nest: &LoopNest) -> Vec<(u64, u64, u64)> {
    let rows = (0..nest.batch).flat_map(|b| (0..nest.out_h).map(move |y| (b, y)));
    rows.flat_map(|(b, y)| (0..nest.out_w).map(move |x| (b, y, x)))
        .collect()
}

fn taps(nest: &LoopNest) -> Vec<(u64, u64, u64)> {
    let window = (0..nest.kernel[0]).flat_map(|y| (0..nest.kernel[1]).map(move |x| (y, x)));
    window
        .flat_map(|(y, x)| (0..nest.group_in_c()).map(move |c| (y, x, c)))
        .collect()
}

/// Rows of reports of SCALE-Sim v3 (main 1d62b68, MIT), AlexNet and a list of edge cases:
/// M, N, K, array rows and columns, and the "Total Cycles" column, which counts from 0.
#[test]
fn agrees_with_scale_sim() {
    use Dataflow::{Input, Output, Weight};
    let rows = [
        (3025, 96, 363, 128, 128, Input, 34415),
        (529, 256, 2400, 128, 128, Input, 60609),
        (121, 384, 2304, 128, 128, Input, 13787),
        (3025, 96, 363, 128, 128, Output, 14807),
        (3025, 96, 363, 32, 32, Output, 121_124),
        (529, 256, 2400, 32, 32, Output, 334_831),
        (3025, 96, 363, 32, 32, Weight, 112_283),
        (529, 256, 2400, 32, 32, Weight, 373_799),
        (196, 8, 27, 128, 128, Weight, 577),
        (196, 16, 147, 128, 128, Weight, 1155),
        (49, 1, 9, 128, 128, Output, 262),
    ];
    for (m, n, k, rows, cols, dataflow, total) in rows {
        let array = Array::Systolic(systolic(rows, cols, dataflow, PER_FOLD));
        assert_eq!(
            array.cycles(&gemm(m, n, k)),
            total + 1,
            "{m}x{n}x{k} on {rows}x{cols} {dataflow:?}"
        );
    }
}

/// By hand, a 3 x 3 x 3 product on 2 x 2 elements: four folds, the last of each row one wide.
#[test]
fn hand_worked_folds() {
    let product = gemm(3, 3, 3);
    let cycles = |array: Systolic| Array::Systolic(array).cycles(&product);
    // Output: 4 folds of 2 + 2 - 2 + 3.
    assert_eq!(cycles(systolic(2, 2, Dataflow::Output, PER_FOLD)), 20);
    // Weight and input: two cycles more a fold for the load.
    assert_eq!(cycles(systolic(2, 2, Dataflow::Weight, PER_FOLD)), 28);
    assert_eq!(cycles(systolic(2, 2, Dataflow::Input, PER_FOLD)), 28);
    // Only the part in use: loads 2 2 1 1, crossings (2,2) (2,1) (1,2) (1,1), each 3 streamed.
    let occupied = Systolic {
        edges: Edges::Occupied,
        ..systolic(2, 2, Dataflow::Weight, PER_FOLD)
    };
    assert_eq!(
        cycles(occupied),
        (2 + 2 + 3) + (2 + 1 + 3) + (1 + 1 + 3) + (1 + 3)
    );
    // Through the columns: two cycles more a fold.
    let columns = Fill::PerFold {
        drain: Drain::Columns,
        control_cycles: 0,
    };
    assert_eq!(cycles(systolic(2, 2, Dataflow::Output, columns)), 28);
    // Overlapped: loaded at 2; starts 2, 5, 8, 11; the last result 2 + 2 - 2 + 3 later.
    let pipelined = Fill::Pipelined {
        first_preload_cycles: 2,
    };
    assert_eq!(cycles(systolic(2, 2, Dataflow::Weight, pipelined)), 16);
    assert_eq!(cycles(systolic(2, 2, Dataflow::Input, pipelined)), 16);
    // Overlapped results that stay: starts 0, 3, 6, 9.
    let stays = Fill::Pipelined {
        first_preload_cycles: 0,
    };
    assert_eq!(cycles(systolic(2, 2, Dataflow::Output, stays)), 14);
    // The part in use, overlapped: the first one-row fold waits one cycle more, starts 2, 5, 9, 12.
    let occupied = Systolic {
        edges: Edges::Occupied,
        ..systolic(2, 2, Dataflow::Weight, pipelined)
    };
    assert_eq!(cycles(occupied), 12 + 3);
}

/// ONNXim's weight-stationary core: first preload `2R - 1`, at least four rows streamed, then
/// `R + C - 2 + max(rows, 4)` for the last tile.
#[test]
fn agrees_with_onnxim() {
    let pipelined = Fill::Pipelined {
        first_preload_cycles: 15,
    };
    let array = Systolic {
        min_rows: 4,
        ..systolic(8, 8, Dataflow::Weight, pipelined)
    };
    assert_eq!(
        Array::Systolic(array).cycles(&gemm(1, 16, 16)),
        15 + 3 * 8 + 14 + 4
    );
    assert_eq!(
        Array::Systolic(array).cycles(&gemm(20, 16, 16)),
        15 + 3 * 20 + 14 + 20
    );
}

/// One pixel block at a time: `ceil(5/4) * ceil(3/2) * 9 * ceil(5/4) + 3`.
#[test]
fn hand_worked_cells() {
    let dot = Dot {
        px: 4,
        cells: 2,
        simd: 4,
        pipeline_cycles: 3,
    };
    let product = Product {
        groups: 1,
        m: 5,
        n: 3,
        window: 9,
        in_c: 5,
    };
    assert_eq!(Array::Dot(dot).cycles(&product), 2 * 2 * 9 * 2 + 3);
}

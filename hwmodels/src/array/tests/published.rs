//! Figures of other simulators, and folds worked by hand.

use super::*;

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

/// "SRAM IFMAP Reads", "SRAM Filter Reads" and "SRAM OFMAP Writes" of the same reports; its
/// output-stationary writes count `R + C` more in every fold, which are taken off here.
#[test]
fn agrees_with_scale_sim_on_accesses() {
    use Dataflow::{Input, Output, Weight};
    let rows = [
        ((3025, 96, 363), 128, Input, [1_098_075, 836_352, 871_200]),
        (
            (529, 256, 2400),
            128,
            Input,
            [1_269_600, 3_072_000, 2_573_056],
        ),
        ((3025, 96, 363), 128, Weight, [1_098_075, 34_848, 871_200]),
        (
            (529, 256, 2400),
            32,
            Weight,
            [10_156_800, 614_400, 10_156_800],
        ),
        (
            (3025, 96, 363),
            128,
            Output,
            [1_098_075, 836_352, 296_544 - 24 * 256],
        ),
        (
            (529, 256, 2400),
            32,
            Output,
            [10_156_800, 10_444_800, 144_128 - 136 * 64],
        ),
    ];
    for ((m, n, k), side, dataflow, expected) in rows {
        let array = Array::Systolic(systolic(side, side, dataflow, PER_FOLD));
        let found = array.accesses(&gemm(m, n, k));
        assert_eq!([found.inputs, found.weights, found.outputs], expected);
        assert_eq!(found.partials, found.outputs - m * n);
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
        step_words: 1,
        channel_step_words: 1,
        pipeline_cycles: 3,
        depthwise_taps: None,
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

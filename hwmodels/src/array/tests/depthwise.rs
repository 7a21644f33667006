//! What the dataflows make of a depthwise layer.

use expect_test::expect;

use super::*;
use crate::task::{Depthwise, LoopNest, Work};

/// A 3x3 depthwise layer over 28 x 28 x 96 on machines of 1024 multipliers.
///
/// A group is a product of 784 x 9 by 9 x 1: a systolic array has one column of weights (or one
/// row of results) for it, a dot-product cell one operand for its `simd` multipliers.
#[test]
fn what_depthwise_achieves() {
    let layer = LoopNest::conv([1, 28, 28, 96], 96, [3, 3], [1, 1]);
    let work = Work::Depthwise(Depthwise::new(layer, 1));
    let nest = work.nest().unwrap();
    let product = Product::of(nest, nest.pixels(), nest.out_c);
    let grid = |dataflow, fill| Array::Systolic(systolic(32, 32, dataflow, fill));
    let overlapped = |first_preload_cycles| Fill::Pipelined {
        first_preload_cycles,
    };
    let cells = |depthwise_taps| {
        Array::Dot(Dot {
            px: 4,
            cells: 32,
            simd: 8,
            step_words: 1,
            channel_step_words: 1,
            pipeline_cycles: 4,
            depthwise_taps,
        })
    };
    let machines = [
        ("os 32x32, per-fold", grid(Dataflow::Output, PER_FOLD)),
        ("ws 32x32, per-fold", grid(Dataflow::Weight, PER_FOLD)),
        ("is 32x32, per-fold", grid(Dataflow::Input, PER_FOLD)),
        ("os 32x32, pipelined", grid(Dataflow::Output, overlapped(0))),
        (
            "ws 32x32, pipelined",
            grid(Dataflow::Weight, overlapped(32)),
        ),
        ("is 32x32, pipelined", grid(Dataflow::Input, overlapped(32))),
        ("dot 4x32x8", cells(None)),
        ("dot 4x32x8, 4 taps", cells(Some(4))),
    ];
    let mut table = format!("{:<20} {:>8} {:>10}\n", "machine", "cycles", "MACs/cycle");
    for (name, array) in machines {
        let cycles = array.cycles(&product);
        assert_eq!(array.peak_macs_per_cycle(), 1024);
        let rate = product.macs() as f64 / cycles as f64;
        table += &format!("{name:<20} {cycles:>8} {rate:>10.2}\n");
    }
    expect![[r#"
        machine                cycles MACs/cycle
        os 32x32, per-fold     170400       3.98
        ws 32x32, per-fold      84288       8.04
        is 32x32, per-fold     228000       2.97
        os 32x32, pipelined     21662      31.27
        ws 32x32, pipelined     75358       8.99
        is 32x32, pipelined     76863       8.81
        dot 4x32x8             169348       4.00
        dot 4x32x8, 4 taps       1768     383.13
    "#]]
    .assert_eq(&table);
}

/// Five channels on four cells, nine positions by four: `ceil(3/2) * ceil(5/4) * ceil(9/4) + 1`.
#[test]
fn hand_worked_channel_parallel() {
    let dot = Array::Dot(Dot {
        px: 2,
        cells: 4,
        simd: 8,
        step_words: 1,
        channel_step_words: 1,
        pipeline_cycles: 1,
        depthwise_taps: Some(4),
    });
    let depthwise = Product {
        groups: 5,
        m: 3,
        n: 1,
        window: 9,
        in_c: 1,
    };
    assert_eq!(dot.cycles(&depthwise), 2 * 2 * 3 + 1);
    let accesses = Accesses {
        inputs: 5 * 3 * 9,
        weights: 5 * 9 * 2,
        partials: 0,
        outputs: 5 * 3,
    };
    assert_eq!(dot.accesses(&depthwise), accesses);
    // Two channels a group, or one group alone, are products like any other.
    let grouped = Product {
        in_c: 2,
        ..depthwise
    };
    assert_eq!(dot.cycles(&grouped), 5 * 2 * 9 + 1);
    let alone = Product {
        groups: 1,
        ..depthwise
    };
    assert_eq!(dot.cycles(&alone), 2 * 9 + 1);
}

/// Vela 5.2 on an Ethos-U55-128 (2 pixels x 8 channels x 8 operands, steps of 4 cycles), without
/// what its blocks add: depthwise 3x3 over 112 x 112 x 32, its first layer, 16 to 96 channels.
#[test]
fn hand_worked_steps() {
    let dot = Array::Dot(Dot {
        px: 2,
        cells: 8,
        simd: 8,
        step_words: 4,
        channel_step_words: 4,
        pipeline_cycles: 0,
        depthwise_taps: Some(1),
    });
    let cycles = |groups, n, window, in_c| {
        dot.cycles(&Product {
            groups,
            m: 112 * 112,
            n,
            window,
            in_c,
        })
    };
    let pixels = 112 * 112 / 2;
    // Nine positions take three steps; 16 channels, half a step, take a whole one.
    assert_eq!(cycles(32, 1, 9, 1), pixels * 4 * 12);
    assert_eq!(cycles(1, 32, 9, 3), pixels * 4 * 12);
    assert_eq!(cycles(1, 96, 1, 16), pixels * 12 * 4);
    // 96 channels are three steps of 32; at nine positions either way comes out even.
    assert_eq!(cycles(1, 24, 1, 96), pixels * 3 * 12);
    assert_eq!(cycles(1, 8, 9, 24), pixels * 9 * 4);
}

/// Vela 5.2 on an Ethos-U85-256 (4 pixels x 8 channels x 8 operands), without what its blocks add:
/// its steps of 8 cycles take 64 channels, those of 4 cycles 4 positions.
#[test]
fn hand_worked_steps_of_two_lengths() {
    let dot = Array::Dot(Dot {
        px: 4,
        cells: 8,
        simd: 8,
        step_words: 4,
        channel_step_words: 8,
        pipeline_cycles: 0,
        depthwise_taps: Some(1),
    });
    let cycles = |groups, n, window, in_c| {
        dot.cycles(&Product {
            groups,
            m: 14 * 14,
            n,
            window,
            in_c,
        })
    };
    let pixels = 14 * 14 / 4;
    // 96 channels are two steps of 64, 384 are six.
    assert_eq!(cycles(1, 576, 1, 96), pixels * 72 * 16);
    assert_eq!(cycles(1, 64, 1, 384), pixels * 8 * 48);
    // Nine positions of 16 channels are two times three steps of 4, or nine steps of 8.
    assert_eq!(cycles(1, 8, 9, 16), pixels * 24);
    assert_eq!(cycles(1, 8, 9, 64), pixels * 72);
    assert_eq!(cycles(384, 1, 9, 1), pixels * 48 * 12);
}

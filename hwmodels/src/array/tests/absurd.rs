//! Products and arrays of any size: counts saturate, and never fall below what must be done.

use proptest::prelude::*;

use super::*;

#[test]
fn absurd_products_take_all_the_time_there_is() {
    let side = 1 << 40;
    let product = gemm(side, side, side);
    let dot = Array::Dot(Dot {
        px: 4,
        cells: 64,
        simd: 16,
        step_words: 1,
        channel_step_words: 1,
        pipeline_cycles: 4,
        depthwise_taps: None,
    });
    let pipelined = Fill::Pipelined {
        first_preload_cycles: 128,
    };
    for dataflow in [Dataflow::Output, Dataflow::Weight, Dataflow::Input] {
        for fill in [PER_FOLD, pipelined] {
            let array = Array::Systolic(systolic(128, 128, dataflow, fill));
            assert_eq!(array.cycles(&product), u64::MAX);
            assert_eq!(array.accesses(&product).inputs, u64::MAX);
        }
    }
    assert_eq!(dot.cycles(&product), u64::MAX);
    assert_eq!(dot.accesses(&product).outputs, u64::MAX);
}

/// Counts of every magnitude.
fn any_count() -> impl Strategy<Value = u64> {
    (0..64u32, any::<u64>()).prop_map(|(bits, count)| (count >> bits).max(1))
}

fn any_huge_array() -> impl Strategy<Value = Array> {
    let sides = [
        any_count(),
        any_count(),
        any_count(),
        any_count(),
        any_count(),
    ];
    (any_array(), sides).prop_map(|(array, [rows, cols, simd, min_rows, extra])| match array {
        Array::Systolic(systolic) => Array::Systolic(Systolic {
            rows,
            cols,
            simd,
            min_rows,
            fill: match systolic.fill {
                Fill::PerFold { drain, .. } => Fill::PerFold {
                    drain,
                    control_cycles: extra,
                },
                Fill::Pipelined { .. } => Fill::Pipelined {
                    first_preload_cycles: extra,
                },
            },
            ..systolic
        }),
        Array::Dot(dot) => Array::Dot(Dot {
            px: rows,
            cells: cols,
            simd,
            step_words: min_rows,
            channel_step_words: min_rows,
            pipeline_cycles: extra,
            depthwise_taps: dot.depthwise_taps.map(|taps| taps.min(simd)),
        }),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn counts_saturate(
        array in any_huge_array(),
        counts in [any_count(), any_count(), any_count(), any_count(), any_count()],
    ) {
        let [groups, m, n, window, in_c] = counts;
        let product = Product { groups, m, n, window, in_c };
        let cycles = u128::from(array.cycles(&product));
        let peak = u128::from(array.peak_macs_per_cycle());
        prop_assert!(cycles.saturating_mul(peak) >= u128::from(product.macs()));
        let least = |counts: [u64; 4]| counts.into_iter().fold(1, u64::saturating_mul);
        let accesses = array.accesses(&product);
        prop_assert!(accesses.inputs >= least([groups, m, window, in_c]));
        prop_assert!(accesses.weights >= least([groups, n, window, in_c]));
        prop_assert!(accesses.outputs >= least([groups, m, n, 1]));
        prop_assert!(accesses.partials <= accesses.outputs);
    }
}

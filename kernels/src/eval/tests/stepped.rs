//! The 32-bit sums of a stepped array against those of the evaluator.

use hwmodels::array::{
    Array, Dataflow, Dot, Drain, Edges, Fill, Product, Systolic, TensorOperands,
};
use hwmodels::task::LoopNest;
use proptest::prelude::*;

use super::linear::{Case, cases};
use super::{Noise, bytes, single};
use crate::eval::conv::Convolution;
use crate::eval::depthwise::Depthwise;
use crate::eval::linear::Products;
use crate::op::{Fused, Op};
use crate::tensor::Quantization;
use crate::work::{Precision, tasks};

fn systolic() -> impl Strategy<Value = Array> {
    let sides = (1..6_u64, 1..6_u64, 1..5_u64, 1..6_u64);
    let dataflow = prop_oneof![
        Just(Dataflow::Output),
        Just(Dataflow::Weight),
        Just(Dataflow::Input)
    ];
    let edges = prop_oneof![Just(Edges::Full), Just(Edges::Occupied)];
    let timing = (any::<bool>(), any::<bool>(), 0..3_u64);
    (sides, dataflow, edges, timing).prop_map(|(sides, dataflow, edges, timing)| {
        let (rows, cols, simd, min_rows) = sides;
        let (pipelined, through_columns, extra) = timing;
        let still = dataflow == Dataflow::Output;
        let fill = match pipelined {
            true => Fill::Pipelined {
                first_preload_cycles: if still { 0 } else { rows + extra },
            },
            false => Fill::PerFold {
                drain: match still && through_columns {
                    true => Drain::Columns,
                    false => Drain::Free,
                },
                control_cycles: extra,
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
    })
}

fn dot() -> impl Strategy<Value = Array> {
    let sides = (1..5_u64, 1..7_u64, 1..7_u64);
    let taps = prop::option::of(1..7_u64);
    let steps = (1..5_u64, 1..5_u64);
    (sides, steps, 0..4_u64, taps).prop_map(|(sides, steps, pipeline_cycles, taps)| {
        let (px, cells, simd) = sides;
        let (step_words, channel_step_words) = steps;
        Array::Dot(Dot {
            px,
            cells,
            simd,
            step_words,
            channel_step_words,
            pipeline_cycles,
            depthwise_taps: taps.map(|taps| taps.min(simd)),
        })
    })
}

/// The evaluator's sums of inputs less their zero point, `[n, h, w, out_c]`.
fn evaluated(
    case: &Case,
    op: &Op,
    shape: &[usize],
    out: [usize; 4],
    x: &[f32],
    w: &[f32],
) -> Vec<i32> {
    let weights = [shape[0], shape[1], shape[2], shape[3]];
    let mut found = Vec::new();
    let mut take = |sums: &[i32]| found.extend_from_slice(sums);
    if let Op::Conv2d(conv) = op {
        Convolution::new(conv, case.x_shape(), weights, out).run(x, w, &mut take);
    } else {
        let Op::DepthwiseConv2d(conv) = op else {
            panic!("{} is no convolution", op.name())
        };
        Depthwise::new(conv, case.x_shape(), weights, out).run(x, w, &mut take);
    }
    found
}

/// `[pixels, out_c]` from `[groups, pixels, out_c / groups]`, less what the zero point adds.
fn centered(nest: &LoopNest, sums: &[i32], w: &[i8], zero_point: i8) -> Vec<i32> {
    let size = |count: u64| usize::try_from(count).unwrap();
    let (pixels, filters) = (size(nest.pixels()), size(nest.group_out_c()));
    let taps = w.len() / size(nest.out_c);
    let offsets: Vec<i32> = w
        .chunks_exact(taps)
        .map(|filter| filter.iter().map(|w| i32::from(*w)).sum::<i32>() * i32::from(zero_point))
        .collect();
    let places = (0..pixels).flat_map(|pixel| (0..offsets.len()).map(move |o| (pixel, o)));
    places
        .map(|(pixel, o)| {
            let (group, n) = (o / filters, o % filters);
            sums[(group * pixels + pixel) * filters + n] - offsets[o]
        })
        .collect()
}

fn check(case: &Case, array: &Array, zero_point: i8) -> Result<(), TestCaseError> {
    let mut noise = Noise(case.seed);
    let x = noise.bytes(case.x_len());
    let w = noise.bytes(case.out_c() * case.taps());
    let (op, shape, order) = case.op(Fused::None);
    let ordered: Vec<i8> = order.iter().map(|&i| w[i]).collect();
    let operands = [
        bytes("x", &case.x_shape(), &x, 1.0, i32::from(zero_point)),
        bytes("w", &shape, &ordered, 1.0, 0),
    ];
    let graph = single(
        op.clone(),
        &operands,
        Some(Quantization::per_tensor(1.0, 0)),
    );
    let list = tasks(&graph, Precision::AsIs).unwrap();
    let nest = list.tasks()[0].work.nest().unwrap();

    let out = graph[graph.outputs[0]].shape.nhwc().unwrap();
    let less: Vec<f32> = x
        .iter()
        .map(|x| f32::from(*x) - f32::from(zero_point))
        .collect();
    let weights: Vec<f32> = ordered.iter().map(|w| f32::from(*w)).collect();
    let expected = evaluated(case, &op, &shape, out, &less, &weights);

    let product = Product::of(nest, nest.pixels(), nest.out_c);
    let operands = TensorOperands {
        nest,
        input: &x,
        weights: &w,
        pad: zero_point,
    };
    let stepped = array.step(&product, &operands);
    prop_assert_eq!(
        centered(nest, &stepped.accumulators, &w, zero_point),
        expected
    );
    prop_assert_eq!(stepped.cycles, array.cycles(&product));
    prop_assert_eq!(stepped.accesses, array.accesses(&product));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn systolic_sums_equal_the_evaluators(case in cases(), array in systolic(), zero_point in any::<i8>()) {
        check(&case, &array, zero_point)?;
    }

    #[test]
    fn dot_product_sums_equal_the_evaluators(case in cases(), array in dot(), zero_point in any::<i8>()) {
        check(&case, &array, zero_point)?;
    }
}

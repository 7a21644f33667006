//! Tasks of small graphs, and the arithmetic of a stepped array against the evaluator's.

mod facts;

use expect_test::{Expect, expect};
use hwmodels::array::{
    Array, Dataflow, Dot, Drain, Edges, Fill, Product, Systolic, TensorOperands,
};
use proptest::prelude::*;

use super::*;
use crate::builder::GraphBuilder;
use crate::cost::graph_cost;
use crate::eval::evaluate;
use crate::op::{Binary, BinaryKind, Fused, PoolKind, Unary};
use crate::tensor::{Content, Data, Quantization, Shape};
use crate::verify::verify;

fn check(graph: &Verified, precision: Precision, expected: &Expect) {
    let list = tasks(graph, precision).unwrap();
    let mut text = String::new();
    for task in list.tasks() {
        let sizes = |ids: &[BufferId]| -> Vec<u64> {
            ids.iter()
                .map(|id| list.activations()[id.0].bytes)
                .collect()
        };
        let weights = task.weights.map_or(0, |id| list.weights()[id.0].bytes);
        let work = match task.work {
            Work::Vector { touched_bytes } => format!("vector {touched_bytes}"),
            Work::Move { touched_bytes } => format!("move {touched_bytes}"),
            Work::LoopNest(_) | Work::Depthwise(_) | Work::Host { .. } => {
                format!("{} macs", task.work.macs())
            }
        };
        let mode = task
            .mode
            .as_ref()
            .map_or(String::new(), |mode| format!(" {mode}"));
        text += &format!(
            "{} {}{mode}: {work}, {:?} + {weights} -> {:?}\n",
            task.name,
            task.operator,
            sizes(&task.reads),
            sizes(&task.writes)
        );
    }
    expected.assert_eq(&text);
    assert_eq!(list.macs(), graph_cost(graph).macs);
}

fn push(b: &mut GraphBuilder, name: &str, op: Op, inputs: &[TensorId]) -> TensorId {
    b.push(name, op, inputs).unwrap()
}

/// One of many kinds of operators, in floats.
fn network() -> Verified {
    let mut b = GraphBuilder::new("small");
    let x = b.input("image", [1, 8, 8, 3], DataType::F32);
    let weights = b.parameter("w1", [16, 3, 3, 3]);
    let bias = b.parameter("b1", [16]);
    let conv = Conv2d {
        stride: [2, 2],
        dilation: [1, 1],
        padding: Padding::same([8, 8], [3, 3], [2, 2], [1, 1]),
        groups: 1,
        fused: Fused::Relu6,
    };
    let x = push(&mut b, "conv", Op::Conv2d(conv), &[x, weights, bias]);
    let weights = b.parameter("w2", [1, 3, 3, 16]);
    let depthwise = DepthwiseConv2d {
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::same([4, 4], [3, 3], [1, 1], [1, 1]),
        multiplier: 1,
        fused: Fused::None,
    };
    let y = push(
        &mut b,
        "depthwise",
        Op::DepthwiseConv2d(depthwise),
        &[x, weights],
    );
    let y = push(&mut b, "sigmoid", Op::Unary(Unary::Sigmoid), &[y]);
    let add = Binary {
        kind: BinaryKind::Add,
        fused: Fused::None,
    };
    let x = push(&mut b, "add", Op::Binary(add), &[x, y]);
    let twice = push(
        &mut b,
        "square",
        Op::Binary(Binary {
            kind: BinaryKind::Mul,
            ..add
        }),
        &[x, x],
    );
    let pool = Pool2d {
        kind: PoolKind::Max,
        kernel: [2, 2],
        stride: [2, 2],
        padding: Padding::VALID,
    };
    let x = push(&mut b, "pool", Op::Pool2d(pool), &[twice]);
    let resize = Resize {
        mode: ResizeMode::Bilinear,
        coordinates: Coordinates::HalfPixel,
        size: [4, 4],
    };
    let x = push(&mut b, "resize", Op::Resize(resize), &[x]);
    let x = push(
        &mut b,
        "mean",
        Op::GlobalAveragePool { keep_dims: true },
        &[x],
    );
    let x = push(&mut b, "flat", Op::Reshape { shape: vec![1, 16] }, &[x]);
    let weights = b.parameter("w3", [10, 16]);
    let x = push(
        &mut b,
        "dense",
        Op::Dense { fused: Fused::None },
        &[x, weights],
    );
    let x = push(&mut b, "softmax", Op::Softmax, &[x]);
    b.output(x);
    verify(b.finish()).unwrap()
}

#[test]
fn every_operator_asks_for_work() {
    check(
        &network(),
        Precision::Int8,
        &expect![[r#"
        conv conv2d: 6912 macs, [192] + 496 -> [256]
        depthwise depthwise_conv2d: 2304 macs, [256] + 144 -> [256]
        sigmoid sigmoid: vector 512, [256] + 0 -> [256]
        add add: vector 768, [256, 256] + 0 -> [256]
        square mul: vector 768, [256] + 0 -> [256]
        pool max_pool: vector 320, [256] + 0 -> [64]
        resize resize_bilinear half_pixel: vector 1280, [64] + 0 -> [256]
        mean global_average_pool: vector 272, [256] + 0 -> [16]
        flat reshape: move 0, [16] + 0 -> [16]
        dense dense: 160 macs, [16] + 160 -> [10]
        softmax softmax: vector 40, [10] + 0 -> [10]
    "#]],
    );
    check(
        &network(),
        Precision::AsIs,
        &expect![[r#"
        conv conv2d: 6912 macs, [768] + 1792 -> [1024]
        depthwise depthwise_conv2d: 2304 macs, [1024] + 576 -> [1024]
        sigmoid sigmoid: vector 2048, [1024] + 0 -> [1024]
        add add: vector 3072, [1024, 1024] + 0 -> [1024]
        square mul: vector 3072, [1024] + 0 -> [1024]
        pool max_pool: vector 1280, [1024] + 0 -> [256]
        resize resize_bilinear half_pixel: vector 5120, [256] + 0 -> [1024]
        mean global_average_pool: vector 1088, [1024] + 0 -> [64]
        flat reshape: move 0, [64] + 0 -> [64]
        dense dense: 160 macs, [64] + 640 -> [40]
        softmax softmax: vector 160, [40] + 0 -> [40]
    "#]],
    );
}

#[test]
fn shared_parameters_are_stored_once() {
    let mut b = GraphBuilder::new("shared");
    let x = b.input("x", [2, 4], DataType::F32);
    let weights = b.parameter("w", [4, 4]);
    let x = push(
        &mut b,
        "first",
        Op::Dense { fused: Fused::None },
        &[x, weights],
    );
    let x = push(
        &mut b,
        "second",
        Op::Dense { fused: Fused::None },
        &[x, weights],
    );
    b.output(x);
    let list = tasks(&verify(b.finish()).unwrap(), Precision::Int8).unwrap();
    assert_eq!(list.weights().len(), 1);
    assert_eq!(list.tasks()[0].weights, list.tasks()[1].weights);
}

fn arrays() -> Vec<Array> {
    let systolic = |dataflow, fill| {
        Array::Systolic(Systolic {
            rows: 3,
            cols: 4,
            simd: 2,
            dataflow,
            edges: Edges::Full,
            fill,
            min_rows: 2,
        })
    };
    let pipelined = Fill::Pipelined {
        first_preload_cycles: 5,
    };
    vec![
        systolic(
            Dataflow::Output,
            Fill::PerFold {
                drain: Drain::Columns,
                control_cycles: 1,
            },
        ),
        systolic(Dataflow::Weight, pipelined),
        systolic(Dataflow::Input, pipelined),
        Array::Dot(Dot {
            px: 3,
            cells: 4,
            simd: 2,
            step_words: 3,
            channel_step_words: 3,
            pipeline_cycles: 2,
            depthwise_taps: Some(2),
        }),
    ]
}

proptest! {
    /// With a result scale of one sum per step and no sum beyond 8 bits, the evaluator's result is
    /// the accumulator itself.
    #[test]
    fn stepped_accumulators_equal_the_int8_evaluator(
        (h, w, in_c, out_c) in (1..6usize, 1..6usize, 1..4usize, 1..4usize),
        (kernel, stride, depthwise) in (1..4usize, 1..3usize, any::<bool>()),
        zero_point in -10..10i8,
        seed in prop::collection::vec(-1..=1i8, 256),
    ) {
        let out_c = if depthwise { in_c * out_c } else { out_c };
        let depth = if depthwise { 1 } else { in_c };
        let from_seed = |count: usize, step: usize| (0..count).map(move |i| i * step % 251);
        let x: Vec<i8> = from_seed(h * w * in_c, 7).map(|i| zero_point + seed[i]).collect();
        let weights: Vec<i8> = from_seed(out_c * kernel * kernel * depth, 3).map(|i| seed[i]).collect();
        let bias: Vec<i32> = from_seed(out_c, 11).map(|i| i32::from(seed[i])).collect();
        let graph = convolution([1, h, w, in_c], out_c, [kernel, stride], depthwise, zero_point, (&weights, &bias));
        let expected = evaluate(&graph, &[Data::I8(x.clone().into())]).unwrap().remove(0);
        let Data::I8(expected) = expected else { panic!("expected i8") };

        let list = tasks(&graph, Precision::AsIs).unwrap();
        let nest = list.tasks()[0].work.nest().unwrap();
        let operands = TensorOperands { nest, input: &x, weights: &weights, pad: zero_point };
        for array in arrays() {
            let product = Product::of(nest, nest.pixels(), nest.out_c);
            let stepped = array.step(&product, &operands);
            prop_assert_eq!(stepped.cycles, array.cycles(&product));
            let found = with_bias(nest, &stepped.accumulators, &weights, &bias, zero_point);
            prop_assert_eq!(&found, &expected.iter().map(|q| i32::from(*q)).collect::<Vec<_>>());
        }
    }
}

/// `[pixels, out_c]` from `[groups, pixels, out_c / groups]`, with the bias that holds the zero point.
fn with_bias(
    nest: &LoopNest,
    sums: &[i32],
    weights: &[i8],
    bias: &[i32],
    zero_point: i8,
) -> Vec<i32> {
    let [pixels, out_c, per_group] =
        [nest.pixels(), nest.out_c, nest.group_out_c()].map(|n| usize::try_from(n).unwrap());
    let taps = weights.len() / out_c;
    let mut results = Vec::new();
    for pixel in 0..pixels {
        for (o, bias) in bias.iter().enumerate() {
            let total: i32 = weights[o * taps..][..taps]
                .iter()
                .map(|w| i32::from(*w))
                .sum();
            let sum = sums[(o / per_group * pixels + pixel) * per_group + o % per_group];
            results.push(sum + bias - i32::from(zero_point) * total);
        }
    }
    results
}

/// A quantized convolution whose result has the scale of its sums; `weights` are `[out_c, k, k, depth]`.
fn convolution(
    input: [usize; 4],
    out_c: usize,
    [kernel, stride]: [usize; 2],
    depthwise: bool,
    zero_point: i8,
    (weights, bias): (&[i8], &[i32]),
) -> Verified {
    let mut b = GraphBuilder::new("conv");
    let known = |name: &str, shape: &[usize], grid: Quantization, data: Data| Tensor {
        name: name.to_owned(),
        shape: Shape::from(shape.to_vec()),
        dtype: data.dtype(),
        quantization: Some(grid),
        content: Content::Constant(data),
    };
    let x = b.tensor(Tensor {
        content: Content::Computed,
        ..known(
            "x",
            &input,
            Quantization::per_tensor(0.5, i32::from(zero_point)),
            Data::I8(vec![].into()),
        )
    });
    let [taps, step, one] = [[kernel, kernel], [stride, stride], [1, 1]];
    let padding = Padding::same([input[1], input[2]], taps, step, one);
    let (op, shape, weights) = if depthwise {
        let area = kernel * kernel;
        let order = (0..area)
            .flat_map(|tap| (0..out_c).map(move |o| weights[o * area + tap]))
            .collect();
        let conv = DepthwiseConv2d {
            stride: step,
            dilation: one,
            padding,
            multiplier: out_c / input[3],
            fused: Fused::None,
        };
        (Op::DepthwiseConv2d(conv), [1, kernel, kernel, out_c], order)
    } else {
        let conv = Conv2d {
            stride: step,
            dilation: one,
            padding,
            groups: 1,
            fused: Fused::None,
        };
        (
            Op::Conv2d(conv),
            [out_c, kernel, kernel, input[3]],
            weights.to_vec(),
        )
    };
    let weights = known(
        "w",
        &shape,
        Quantization::per_tensor(0.5, 0),
        Data::I8(weights.into()),
    );
    let weights = b.tensor(weights);
    let bias = b.tensor(known(
        "b",
        &[out_c],
        Quantization::per_tensor(0.25, 0),
        Data::I32(bias.into()),
    ));
    let y = push(&mut b, "conv", op, &[x, weights, bias]);
    let result = b.tensor_mut(y);
    result.quantization = Some(Quantization::per_tensor(0.25, 0));
    b.output(y);
    let mut graph = b.finish();
    graph.inputs = vec![x];
    verify(graph).unwrap()
}

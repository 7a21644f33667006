//! The writer's files read back to the graph that was written.

use kernels::eval::evaluate;
use kernels::live::live;
use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Slice, Unary,
};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, TensorId, Verified, verify};

use super::made::dump;
use crate::onnx::{ReadOptions, read, write};
use crate::{Metadata, samples};

fn read_back(graph: &Verified) -> Verified {
    let bytes = write(graph, &Metadata::default()).unwrap();
    read(&bytes, &ReadOptions::default()).unwrap()
}

#[test]
fn the_samples_come_back_as_they_were() {
    for graph in [samples::small_float(), samples::small_int8()] {
        assert_eq!(read_back(&graph), live(&graph));
    }
}

/// A graph of one node behind an input of `[1, 4, 4, 2]`, quantized when `int8`.
fn of_one(op: Op, int8: bool) -> Verified {
    let mut b = GraphBuilder::new("one");
    let dtype = match (&op, int8) {
        (Op::Quantize, _) | (_, false) => DataType::F32,
        (_, true) => DataType::I8,
    };
    let x = b.input("x", [1, 4, 4, 2], dtype);
    let mut inputs = vec![x];
    inputs.extend(parameters(&mut b, &op, int8));
    let of_probabilities = matches!(op, Op::Unary(Unary::Sigmoid) | Op::Softmax);
    let scale = if of_probabilities {
        (1.0 / 256.0, -128)
    } else {
        (0.5, 1)
    };
    let y = b.push("y", op, &inputs).unwrap();
    b.output(y);
    for (id, (scale, zero_point)) in [(x, (0.5, 1)), (y, scale)] {
        if b.tensor_mut(id).dtype == DataType::I8 {
            b.tensor_mut(id).quantization = Some(Quantization::per_tensor(scale, zero_point));
        }
    }
    verify(b.finish()).unwrap()
}

fn parameters(b: &mut GraphBuilder, op: &Op, int8: bool) -> Vec<TensorId> {
    if matches!(op, Op::BatchNorm { .. }) {
        return ["gamma", "beta", "mean", "variance"]
            .map(|name| b.constant(name, [2], Data::F32(vec![1.0, 2.0].into()), None))
            .to_vec();
    }
    let shape = if matches!(op, Op::Conv2d(_)) {
        vec![4, 2, 2, 2]
    } else if matches!(op, Op::DepthwiseConv2d(_)) {
        vec![1, 2, 2, 4]
    } else if matches!(op, Op::Dense { .. }) {
        vec![4, 2]
    } else if matches!(op, Op::Binary(_) | Op::Concat { .. }) {
        vec![1, 4, 4, 2]
    } else {
        return Vec::new();
    };
    let count: usize = shape.iter().product();
    let bias = matches!(
        op,
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. }
    );
    let steps = || (0_i8..7).cycle().take(count);
    let (data, bias_data) = if int8 {
        (
            Data::I8(steps().collect()),
            Data::I32(vec![7, -1, 0, 3].into()),
        )
    } else {
        (
            Data::F32(steps().map(|v| f32::from(v) * 0.25).collect()),
            Data::F32(vec![1.5, 0.0, -2.0, 4.0].into()),
        )
    };
    let zero_point = i32::from(matches!(op, Op::Concat { .. }));
    let scale = |s| int8.then(|| Quantization::per_tensor(s, zero_point));
    let mut ids = vec![b.constant("w", shape, data, scale(0.5))];
    if bias {
        ids.push(b.constant("b", [4], bias_data, scale(0.25)));
    }
    ids
}

fn operators() -> Vec<Op> {
    let same = Padding::same([4, 4], [2, 2], [1, 1], [1, 1]);
    let mut ops = vec![
        Op::Dense { fused: Fused::None },
        Op::Dense {
            fused: Fused::Relu6,
        },
        Op::Softmax,
        Op::Concat { axis: 3 },
        Op::Concat { axis: 1 },
        Op::GlobalAveragePool { keep_dims: true },
        Op::GlobalAveragePool { keep_dims: false },
        Op::Reshape { shape: vec![2, 16] },
        Op::Reshape {
            shape: vec![4, 2, 2, 2],
        },
        Op::ArgMax { axis: 3 },
        Op::ArgMax { axis: 1 },
        Op::Pad {
            amounts: vec![[0, 0], [1, 2], [3, 0], [0, 0]],
        },
        Op::Transpose {
            permutation: vec![0, 2, 1, 3],
        },
        Op::Transpose {
            permutation: vec![0, 2, 3, 1],
        },
        Op::Slice(Slice {
            begin: vec![0, 1, 0, 0],
            end: vec![1, 4, 4, 1],
            stride: vec![1, 2, 1, 1],
        }),
    ];
    for unary in [Unary::Relu, Unary::Relu6, Unary::Sigmoid, Unary::HardSwish] {
        ops.push(Op::Unary(unary));
    }
    for (kind, fused) in [
        (BinaryKind::Add, Fused::None),
        (BinaryKind::Sub, Fused::Relu),
        (BinaryKind::Mul, Fused::Relu6),
    ] {
        ops.push(Op::Binary(Binary { kind, fused }));
    }
    for padding in [same, Padding::VALID] {
        for kind in [PoolKind::Max, PoolKind::Average] {
            ops.push(Op::Pool2d(Pool2d {
                kind,
                kernel: [2, 2],
                stride: [1, 1],
                padding,
            }));
        }
        ops.push(Op::Conv2d(Conv2d {
            stride: [1, 1],
            dilation: [1, 1],
            padding,
            groups: 1,
            fused: Fused::Relu,
        }));
        ops.push(Op::DepthwiseConv2d(DepthwiseConv2d {
            stride: [1, 1],
            dilation: [1, 1],
            padding,
            multiplier: 2,
            fused: Fused::Relu6,
        }));
    }
    for mode in [ResizeMode::Nearest, ResizeMode::Bilinear] {
        for coordinates in [
            Coordinates::Asymmetric,
            Coordinates::HalfPixel,
            Coordinates::AlignCorners,
        ] {
            ops.push(Op::Resize(Resize {
                mode,
                coordinates,
                size: [8, 6],
            }));
        }
    }
    ops
}

/// What moves integers is written without their scales, which nothing in the file then states.
fn as_far_as_the_file_says(graph: &Verified) -> Verified {
    let mut graph = Verified::into_graph(graph.clone());
    if matches!(
        graph.nodes[0].op,
        Op::Reshape { .. } | Op::Transpose { .. } | Op::Slice(_)
    ) {
        for tensor in &mut graph.tensors {
            tensor.quantization = None;
        }
    }
    verify(graph).unwrap()
}

#[test]
fn every_operator_comes_back() {
    for op in operators() {
        for int8 in [false, true] {
            let graph = of_one(op.clone(), int8);
            let expected = as_far_as_the_file_says(&graph);
            assert_eq!(read_back(&graph), expected, "{op:?}");
        }
    }
    for (op, int8) in [
        (Op::Quantize, false),
        (Op::Dequantize, true),
        (Op::BatchNorm { epsilon: 1e-3 }, false),
    ] {
        let graph = of_one(op, int8);
        assert_eq!(read_back(&graph), graph);
    }
}

/// An index of 64 bits, and integers that move to another grid.
#[test]
fn element_types_come_back() {
    let mut graph = of_one(Op::ArgMax { axis: 3 }, false).into_graph();
    let y = graph.outputs[0].index();
    graph.tensors[y].dtype = DataType::I64;
    let graph = verify(graph).unwrap();
    assert_eq!(read_back(&graph), graph);

    let mut b = GraphBuilder::new("moved");
    let x = b.input("x", [1, 4, 4, 2], DataType::I8);
    b.tensor_mut(x).quantization = Some(Quantization::per_tensor(0.5, 1));
    let y = b.push("y", Op::Quantize, &[x]).unwrap();
    b.tensor_mut(y).quantization = Some(Quantization::per_tensor(0.25, -3));
    b.output(y);
    let graph = verify(b.finish()).unwrap();
    assert_eq!(read_back(&graph), graph);
}

/// A residual block in int8 whose parts share weights, with a scale per channel, evaluates to the
/// same integers.
#[test]
fn what_comes_back_evaluates_to_the_same_integers() {
    let mut b = GraphBuilder::new("block");
    let x = b.input("x", [1, 6, 5, 3], DataType::I8);
    let steps = |count: usize| (0..count).map(|i| i8::try_from(i * 29 % 255).unwrap_or(-77));
    let scales = Quantization::per_channel(vec![0.01, 0.02, 0.03], 0);
    let w = b.constant(
        "w",
        [3, 3, 3, 3],
        Data::I8(steps(81).collect()),
        Some(scales),
    );
    let scales = Quantization::per_channel(vec![0.005, 0.01, 0.015], 0);
    let bias = b.constant("b", [3], Data::I32(vec![-100, 0, 7].into()), Some(scales));
    let conv = |fused| {
        Op::Conv2d(Conv2d {
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding::same([6, 5], [3, 3], [1, 1], [1, 1]),
            groups: 1,
            fused,
        })
    };
    let first = b.push("first", conv(Fused::Relu6), &[x, w, bias]).unwrap();
    let second = b
        .push("second", conv(Fused::None), &[first, w, bias])
        .unwrap();
    let add = Op::Binary(Binary {
        kind: BinaryKind::Add,
        fused: Fused::Relu,
    });
    let sum = b.push("sum", add, &[second, x]).unwrap();
    let shape = vec![1, 90];
    let flat = b.push("flat", Op::Reshape { shape }, &[sum]).unwrap();
    let scales = Quantization::per_channel(vec![0.01, 0.02], 0);
    let matrix = Data::I8(steps(180).collect());
    let matrix = b.constant("matrix", [2, 90], matrix, Some(scales));
    let dense = Op::Dense { fused: Fused::None };
    let scores = b.push("scores", dense, &[flat, matrix]).unwrap();
    b.output(scores);
    for (id, scale, zero_point) in [
        (x, 0.5, 3),
        (first, 0.5, -128),
        (second, 0.25, 4),
        (sum, 0.5, -100),
        (flat, 0.5, -100),
        (scores, 2.0, 0),
    ] {
        b.tensor_mut(id).quantization = Some(Quantization::per_tensor(scale, zero_point));
    }
    let graph = verify(b.finish()).unwrap();
    let back = read_back(&graph);
    let image = Data::I8(steps(90).collect());
    let run = |graph: &Verified| evaluate(graph, std::slice::from_ref(&image)).unwrap();
    assert_eq!(run(&back), run(&graph));
    assert_eq!(dump(&back), dump(&graph));
    assert_eq!(back, graph);
}

//! The writer's files read back to the graph that was written.

use kernels::live::live;
use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Slice, Unary,
};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, TensorId, Verified, verify};

use crate::tflite::{read, write};
use crate::{Metadata, samples};

fn written(graph: &Verified) -> Vec<u8> {
    write(graph, &Metadata::default()).unwrap()
}

#[test]
fn the_samples_come_back_as_they_were() {
    for graph in [samples::small_float(), samples::small_int8()] {
        assert_eq!(read(&written(&graph)).unwrap(), live(&graph));
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
    let count = shape.iter().product();
    let bias = matches!(
        op,
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. }
    );
    let (data, bias_data) = if int8 {
        (
            Data::I8(vec![3; count].into()),
            Data::I32(vec![7; 4].into()),
        )
    } else {
        (
            Data::F32(vec![0.25; count].into()),
            Data::F32(vec![1.5; 4].into()),
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
        Op::Softmax,
        Op::Concat { axis: 3 },
        Op::GlobalAveragePool { keep_dims: true },
        Op::GlobalAveragePool { keep_dims: false },
        Op::Reshape { shape: vec![2, 16] },
        Op::ArgMax { axis: 3 },
        Op::Pad {
            amounts: vec![[0, 0], [1, 2], [3, 0], [0, 0]],
        },
        Op::Transpose {
            permutation: vec![0, 2, 1, 3],
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

#[test]
fn every_operator_comes_back() {
    for op in operators() {
        for int8 in [false, true] {
            let graph = of_one(op.clone(), int8);
            assert_eq!(read(&written(&graph)).unwrap(), graph, "{op:?}");
        }
    }
    for (op, int8) in [(Op::Quantize, false), (Op::Dequantize, true)] {
        let graph = of_one(op, int8);
        assert_eq!(read(&written(&graph)).unwrap(), graph);
    }
}

#[test]
fn an_index_of_64_bits_comes_back() {
    let mut graph = of_one(Op::ArgMax { axis: 3 }, false).into_graph();
    let y = graph.outputs[0].index();
    graph.tensors[y].dtype = DataType::I64;
    let graph = verify(graph).unwrap();
    assert_eq!(read(&written(&graph)).unwrap(), graph);
}

/// What the writer had to add stays: a bias of zeros, a `PAD`, a batch norm in two.
#[test]
fn what_the_writer_adds_is_read_as_written() {
    let mut b = GraphBuilder::new("added");
    let x = b.input("x", [1, 4, 4, 2], DataType::F32);
    let w = b.constant("w", [2, 3, 3, 2], Data::F32(vec![0.5; 36].into()), None);
    let conv = Conv2d {
        stride: [2, 2],
        dilation: [1, 1],
        padding: Padding {
            top: 1,
            bottom: 1,
            left: 1,
            right: 1,
        },
        groups: 1,
        fused: Fused::None,
    };
    let conv = b.push("conv", Op::Conv2d(conv), &[x, w]).unwrap();
    let [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"]
        .map(|name| b.constant(name, [2], Data::F32(vec![1.0, 2.0].into()), None));
    let norm = Op::BatchNorm { epsilon: 1e-3 };
    let operands = [conv, gamma, beta, mean, variance];
    let norm = b.push("norm", norm, &operands).unwrap();
    b.output(norm);
    let bytes = written(&verify(b.finish()).unwrap());
    let graph = read(&bytes).unwrap();
    let names: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
    assert_eq!(names, ["pad", "conv2d", "mul", "add"]);
    assert_eq!(read(&written(&graph)).unwrap(), graph);
}

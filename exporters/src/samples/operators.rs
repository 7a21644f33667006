//! Every operator that both formats have words for, alone in a graph.

use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Slice, Unary,
};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, TensorId, Verified, verify};

/// A graph of one node behind an input of `[1, 4, 4, 2]`, quantized when `int8`.
pub(crate) fn of_one(op: Op, int8: bool) -> Verified {
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

pub(crate) fn operators() -> Vec<Op> {
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

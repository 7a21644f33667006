//! Small graphs that the tests of both writers write.

mod operators;

pub(crate) use operators::{of_one, operators};

use kernels::op::{Binary, BinaryKind, Conv2d, Coordinates, Fused, Padding, Resize, ResizeMode};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, Verified, verify};

/// A convolution with stride 2, ReLU6 and asymmetric padding, resized by 2 and added to another
/// input; float.
pub(crate) fn small_float() -> Verified {
    let mut b = GraphBuilder::new("small");
    let x = b.input("image", [1, 4, 4, 2], DataType::F32);
    let skip = b.input("skip", [1, 4, 4, 3], DataType::F32);
    let w = b.constant("w", [3, 3, 3, 2], Data::F32(ramp(54, 0.1)), None);
    let bias = b.constant("b", [3], Data::F32(ramp(3, 1.0)), None);
    let conv = b.push("conv", convolution(), &[x, w, bias]).unwrap();
    let up = b.push("up", upsampling(), &[conv]).unwrap();
    let sum = b.push("sum", addition(), &[up, skip]).unwrap();
    b.output(sum);
    verify(b.finish()).unwrap()
}

/// The same in int8, with a scale per output channel.
pub(crate) fn small_int8() -> Verified {
    let mut b = GraphBuilder::new("small");
    let x = b.input("image", [1, 4, 4, 2], DataType::I8);
    let skip = b.input("skip", [1, 4, 4, 3], DataType::I8);
    let weights = Data::I8((0..54_i8).map(|i| i * 2 - 53).collect());
    let scales = Quantization::per_channel(vec![0.01, 0.02, 0.03], 0);
    let w = b.constant("w", [3, 3, 3, 2], weights, Some(scales));
    let scales = Quantization::per_channel(vec![0.005, 0.01, 0.015], 0);
    let bias = b.constant("b", [3], Data::I32(vec![-100, 0, 7].into()), Some(scales));
    let conv = b.push("conv", convolution(), &[x, w, bias]).unwrap();
    let up = b.push("up", upsampling(), &[conv]).unwrap();
    let sum = b.push("sum", addition(), &[up, skip]).unwrap();
    b.output(sum);
    for (id, scale, zero_point) in [
        (x, 0.5, 3),
        (skip, 0.25, 0),
        (conv, 0.025, -128),
        (up, 0.025, -128),
        (sum, 0.3, -5),
    ] {
        b.tensor_mut(id).quantization = Some(Quantization::per_tensor(scale, zero_point));
    }
    verify(b.finish()).unwrap()
}

fn ramp(count: u8, step: f32) -> std::sync::Arc<[f32]> {
    (0..count).map(|i| f32::from(i) * step).collect()
}

fn convolution() -> Op {
    Op::Conv2d(Conv2d {
        stride: [2, 2],
        dilation: [1, 1],
        padding: Padding::same([4, 4], [3, 3], [2, 2], [1, 1]),
        groups: 1,
        fused: Fused::Relu6,
    })
}

fn upsampling() -> Op {
    Op::Resize(Resize {
        mode: ResizeMode::Nearest,
        coordinates: Coordinates::Asymmetric,
        size: [4, 4],
    })
}

fn addition() -> Op {
    Op::Binary(Binary {
        kind: BinaryKind::Add,
        fused: Fused::None,
    })
}

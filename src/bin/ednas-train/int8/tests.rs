//! Every operator against the integer evaluator of `kernels`, and the gradient of rounding.

use ednas::quantize::{calibrate, quantize};
use ednas::validate::agreement::Agreement;
use kernels::eval::{evaluate, to_integers};
use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Padding, Pool2d, PoolKind, Resize,
    ResizeMode, Slice, Unary,
};
use kernels::{GraphBuilder, Shape, verify};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::parameters::to_vec;

/// How far the two agree on `op` of images `[2, ..]` beside constants.
fn agreement(op: Op, operands: &[&[usize]], constants: &[&[usize]]) -> Agreement {
    let rng = &mut Pcg64::seed_from_u64(1);
    let mut noise = |shape: &Shape| -> Vec<f32> {
        let values = (0..shape.elements()).map(|_| rng.random_range(-4.0_f32..8.0));
        values.collect()
    };
    let mut b = GraphBuilder::new("single");
    let (mut ids, mut images) = (Vec::new(), Vec::new());
    for (i, shape) in operands.iter().enumerate() {
        let shape = Shape::from(shape.to_vec());
        images.push((shape.clone(), noise(&shape)));
        ids.push(b.input(format!("x{i}"), shape, DataType::F32));
    }
    for (i, shape) in constants.iter().enumerate() {
        let shape = Shape::from(shape.to_vec());
        let values = Data::F32(noise(&shape).into());
        ids.push(b.constant(format!("w{i}"), shape, values, None));
    }
    let output = b.push("node", op, &ids).unwrap();
    b.output(output);
    let graph = verify(b.finish()).unwrap();

    let floats = |_| images.iter().map(|(_, v)| Data::F32(v.as_slice().into()));
    let ranges = calibrate(&graph, 1, |i| floats(i).collect()).unwrap();
    let int8 = quantize(&graph, &ranges).unwrap();
    let integers = int8.inputs.iter().zip(&images);
    let integers: Vec<Data> = integers
        .map(|(&id, (_, values))| to_integers(&int8[id], values).unwrap())
        .collect();
    let expected = evaluate(&int8, &integers).unwrap();

    let tensors: Vec<Tensor> = images
        .iter()
        .map(|(shape, v)| Tensor::from_slice(v).reshape(extents(shape)))
        .collect();
    let tensors: Vec<&Tensor> = tensors.iter().collect();
    let program = Int8Program::new(&int8, Device::Cpu).unwrap();
    let found = program.run(&tensors).unwrap();
    between(&int8, &found[0], &expected[0])
}

/// Compares reals on the grid of the first output with its integers.
pub(crate) fn between(int8: &Verified, reals: &Tensor, expected: &Data) -> Agreement {
    let output = int8.outputs[0];
    match expected {
        Data::I8(expected) => {
            let steps = to_vec(&(reals / f64::from(scale(int8, output)))).into_iter();
            let zero_point = zero_point(int8, output);
            let found = steps.map(|n| byte(whole(n) + zero_point));
            Agreement::between(&found.collect::<Vec<i8>>(), expected)
        }
        Data::I32(expected) => {
            let found: Vec<i8> = to_vec(reals).iter().map(|&v| byte(whole(v))).collect();
            let expected: Vec<i8> = expected.iter().map(|&v| byte(v)).collect();
            Agreement::between(&found, &expected)
        }
        Data::F32(_) | Data::U8(_) | Data::I64(_) => panic!("unexpected {}", expected.dtype()),
    }
}

fn byte(v: i32) -> i8 {
    i8::try_from(v).unwrap()
}

/// The nearest integer: rescaling may have moved a whole number a little.
#[expect(clippy::cast_possible_truncation, reason = "a few hundred at most")]
fn whole(v: f32) -> i32 {
    v.round() as i32
}

/// Operators that are rounded once, from a value that single precision holds.
fn equal(op: Op, operands: &[&[usize]], constants: &[&[usize]]) {
    let name = format!("{op:?}");
    let agreement = agreement(op, operands, constants);
    assert_eq!(agreement.share_equal(), Some(1.0), "{name}: {agreement}");
}

/// Operators that LiteRT computes in fixed point: within a step, and `share` equal.
fn near(share: f64, op: Op, operands: &[&[usize]]) {
    let name = format!("{op:?}");
    let agreement = agreement(op, operands, &[]);
    let equal = agreement.share_equal().unwrap();
    assert!(
        agreement.steps_max() <= 1 && equal >= share,
        "{name}: {agreement}"
    );
}

const UNEVEN: Padding = Padding {
    top: 0,
    bottom: 1,
    left: 1,
    right: 2,
};

#[test]
fn linear_operators() {
    for fused in [Fused::None, Fused::Relu, Fused::Relu6] {
        for (stride, padding) in [(1, Padding::VALID), (2, UNEVEN)] {
            let conv = Conv2d {
                stride: [stride; 2],
                dilation: [1, 1],
                padding,
                groups: 1,
                fused,
            };
            let weights = [12, 3, 3, 12];
            equal(Op::Conv2d(conv.clone()), &[&[2, 9, 8, 12]], &[&weights]);
            equal(Op::Conv2d(conv), &[&[2, 9, 8, 12]], &[&weights, &[12]]);
            let conv = DepthwiseConv2d {
                stride: [stride; 2],
                dilation: [1, 1],
                padding,
                multiplier: 1,
                fused,
            };
            let constants: [&[usize]; 2] = [&[1, 3, 3, 12], &[12]];
            equal(Op::DepthwiseConv2d(conv), &[&[2, 9, 8, 12]], &constants);
        }
        equal(Op::Dense { fused }, &[&[2, 7]], &[&[4, 7], &[4]]);
    }
}

#[test]
fn resizes_and_pools() {
    let x: &[usize] = &[2, 4, 6, 3];
    for mode in [ResizeMode::Nearest, ResizeMode::Bilinear] {
        for coordinates in [Coordinates::Asymmetric, Coordinates::HalfPixel] {
            for size in [[8, 12], [32, 48]] {
                let resize = Resize {
                    mode,
                    coordinates,
                    size,
                };
                equal(Op::Resize(resize), &[x], &[]);
            }
        }
    }
    let uneven = Resize {
        mode: ResizeMode::Bilinear,
        coordinates: Coordinates::AlignCorners,
        size: [9, 7],
    };
    // LiteRT rounds fractions to multiples of 1/2048; those of doublings are such already.
    near(0.97, Op::Resize(uneven), &[x]);
    for kind in [PoolKind::Max, PoolKind::Average] {
        let pool = Pool2d {
            kind,
            kernel: [2, 3],
            stride: [2, 2],
            padding: UNEVEN,
        };
        equal(Op::Pool2d(pool), &[&[2, 9, 8, 5]], &[]);
    }
    equal(Op::GlobalAveragePool { keep_dims: true }, &[x], &[]);
}

#[test]
fn elementwise() {
    let x: &[usize] = &[2, 16, 16, 8];
    for fused in [Fused::None, Fused::Relu6] {
        for kind in [BinaryKind::Add, BinaryKind::Sub] {
            near(0.995, Op::Binary(Binary { kind, fused }), &[x, x]);
        }
        let kind = BinaryKind::Mul;
        equal(Op::Binary(Binary { kind, fused }), &[x, x], &[]);
        equal(Op::Binary(Binary { kind, fused }), &[x], &[&[8]]);
    }
    equal(Op::Unary(Unary::Sigmoid), &[x], &[]);
    near(0.999, Op::Softmax, &[x]);
    for unary in [Unary::Relu, Unary::Relu6, Unary::HardSwish] {
        near(0.5, Op::Unary(unary), &[x]);
    }
}

#[test]
fn what_moves_elements() {
    let x: &[usize] = &[2, 5, 4, 3];
    equal(Op::Concat { axis: 3 }, &[x, &[2, 5, 4, 1]], &[]);
    let amounts = vec![[0, 0], [1, 2], [0, 3], [2, 0]];
    equal(Op::Pad { amounts }, &[x], &[]);
    let shape = vec![2, 10, 6];
    equal(Op::Reshape { shape }, &[x], &[]);
    let permutation = vec![0, 3, 1, 2];
    equal(Op::Transpose { permutation }, &[x], &[]);
    let slice = Slice {
        begin: vec![0, 1, 0, 2],
        end: vec![2, 5, 4, 3],
        stride: vec![1, 2, 3, 1],
    };
    equal(Op::Slice(slice), &[x], &[]);
    equal(Op::ArgMax { axis: 3 }, &[&[2, 5, 4, 3]], &[]);
}

/// A sigmoid has a grid of its own, from which a concatenation moves it.
#[test]
fn a_change_of_grids() {
    let mut b = GraphBuilder::new("two grids");
    let x = b.input("x", [1, 8, 8, 4], DataType::F32);
    let y = b.push("y", Op::Unary(Unary::Sigmoid), &[x]).unwrap();
    let z = b.push("z", Op::Concat { axis: 3 }, &[x, y]).unwrap();
    b.output(z);
    let graph = verify(b.finish()).unwrap();
    let values: Vec<f32> = (0..256).map(|i| i as f32 / 40.0 - 3.0).collect();
    let image = Data::F32(values.as_slice().into());
    let ranges = calibrate(&graph, 1, |_| vec![image.clone()]).unwrap();
    let int8 = quantize(&graph, &ranges).unwrap();
    assert!(int8.nodes.iter().any(|node| node.op == Op::Quantize));
    let integers = to_integers(&int8[int8.inputs[0]], &values).unwrap();
    let expected = evaluate(&int8, &[integers]).unwrap();
    let program = Int8Program::new(&int8, Device::Cpu).unwrap();
    let image = Tensor::from_slice(&values).reshape([1, 8, 8, 4]);
    let found = program.run(&[&image]).unwrap();
    let agreement = between(&int8, &found[0], &expected[0]);
    assert_eq!(agreement.share_equal(), Some(1.0), "{agreement}");
}

#[test]
fn the_gradient_passes_inside_the_range_and_nowhere_else() {
    let steps = Tensor::from_slice(&[-9.4_f32, -8.0, -2.5, 0.5, 1.5, 7.0, 7.1]);
    let steps = steps.set_requires_grad(true);
    let rounded = straight_through(&steps, &(-8..=7));
    assert_eq!(to_vec(&rounded), [-8.0, -8.0, -2.0, 0.0, 2.0, 7.0, 7.0]);
    (&rounded * 3.0).sum(Kind::Float).backward();
    assert_eq!(to_vec(&steps.grad()), [0.0, 3.0, 3.0, 3.0, 3.0, 3.0, 0.0]);
}

//! Every operator against the evaluator of `kernels`, which has naive loops and no libtorch.

use ednas::train::Precision;
use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Slice, Unary,
};
use kernels::{GraphBuilder, Shape, eval::evaluate, verify};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;

use crate::parameters::to_vec;

/// How far results may lie apart, relative to the largest element of the expected one.
const TOLERANCE: f32 = 1e-5;

fn noise(shape: &Shape, rng: &mut Pcg64, positive: bool) -> Vec<f32> {
    let low = if positive { 0.5 } else { -4.0 };
    (0..shape.elements())
        .map(|_| rng.random_range(low..8.0))
        .collect()
}

/// `op` of images `[2, ..]` beside constants, in both worlds.
fn check(op: Op, operands: &[&[usize]], constants: &[&[usize]]) {
    let rng = &mut Pcg64::seed_from_u64(1);
    let positive = matches!(op, Op::BatchNorm { .. });
    let mut b = GraphBuilder::new("single");
    let mut ids = Vec::new();
    let mut inputs = Vec::new();
    for (i, shape) in operands.iter().enumerate() {
        let shape = Shape::from(shape.to_vec());
        inputs.push((shape.clone(), noise(&shape, rng, false)));
        ids.push(b.input(format!("x{i}"), shape, DataType::F32));
    }
    for (i, shape) in constants.iter().enumerate() {
        let shape = Shape::from(shape.to_vec());
        let values = Data::F32(noise(&shape, rng, positive).into());
        ids.push(b.constant(format!("w{i}"), shape, values, None));
    }
    let name = op.name().to_owned();
    let output = b.push("node", op, &ids).unwrap();
    b.output(output);
    let graph = verify(b.finish()).unwrap();

    let values: Vec<Data> = inputs
        .iter()
        .map(|(_, v)| Data::F32(v.as_slice().into()))
        .collect();
    let expected = floats(&evaluate(&graph, &values).unwrap()[0]);
    let tensors: Vec<Tensor> = inputs
        .iter()
        .map(|(shape, v)| Tensor::from_slice(v).reshape(extents(shape)))
        .collect();
    let tensors: Vec<&Tensor> = tensors.iter().collect();
    let program = Program::new(&graph, Device::Cpu).unwrap();
    let found = program
        .run(&BTreeMap::new(), &tensors, Mode::Evaluate)
        .unwrap();
    assert_eq!(found[0].size(), extents(&graph[output].shape), "{name}");
    let found = to_vec(&found[0]);

    let largest = expected.iter().fold(1.0_f32, |m, v| m.max(v.abs()));
    for (index, (f, e)) in found.iter().zip(&expected).enumerate() {
        let apart = (f - e).abs() / largest;
        assert!(apart <= TOLERANCE, "{name}: {f} at {index}, expected {e}");
    }
}

fn floats(data: &Data) -> Vec<f32> {
    match data {
        Data::F32(values) => values.to_vec(),
        Data::I32(values) => values.iter().map(|&v| v as f32).collect(),
        Data::I8(_) | Data::U8(_) | Data::I64(_) => panic!("unexpected {}", data.dtype()),
    }
}

const PADDINGS: [Padding; 3] = [
    Padding::VALID,
    Padding {
        top: 1,
        bottom: 1,
        left: 1,
        right: 1,
    },
    Padding {
        top: 0,
        bottom: 1,
        left: 1,
        right: 2,
    },
];

#[test]
fn convolutions() {
    for padding in PADDINGS {
        for (stride, dilation, groups) in [(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2), (3, 1, 3)] {
            for fused in [Fused::None, Fused::Relu, Fused::Relu6] {
                let conv = Conv2d {
                    stride: [stride; 2],
                    dilation: [dilation; 2],
                    padding,
                    groups,
                    fused,
                };
                let weights = [12, 3, 3, 12 / groups];
                check(Op::Conv2d(conv.clone()), &[&[2, 9, 8, 12]], &[&weights]);
                check(Op::Conv2d(conv), &[&[2, 9, 8, 12]], &[&weights, &[12]]);
            }
        }
    }
}

#[test]
fn pointwise_convolutions() {
    for (stride, padding) in [(1, Padding::VALID), (2, Padding::VALID), (1, PADDINGS[1])] {
        let conv = Conv2d {
            stride: [stride; 2],
            dilation: [1; 2],
            padding,
            groups: 1,
            fused: Fused::Relu6,
        };
        let weights = [5, 1, 1, 12];
        check(Op::Conv2d(conv.clone()), &[&[2, 9, 8, 12]], &[&weights]);
        check(Op::Conv2d(conv), &[&[2, 9, 8, 12]], &[&weights, &[5]]);
    }
}

#[test]
fn windows_that_are_larger_than_the_image() {
    let padding = Padding {
        top: 2,
        bottom: 2,
        left: 2,
        right: 2,
    };
    let conv = DepthwiseConv2d {
        stride: [1; 2],
        dilation: [1; 2],
        padding,
        multiplier: 1,
        fused: Fused::None,
    };
    check(
        Op::DepthwiseConv2d(conv),
        &[&[2, 4, 6, 5]],
        &[&[1, 5, 5, 5]],
    );
}

/// Convolutions have the seven or eight digits of bfloat16, and all else follows.
#[test]
fn mixed_precision_is_near_single_precision() {
    let rng = &mut Pcg64::seed_from_u64(1);
    let mut b = GraphBuilder::new("mixed");
    let mut constant = |b: &mut GraphBuilder, name: &str, shape: &[usize], positive| {
        let shape = Shape::from(shape.to_vec());
        let values = Data::F32(noise(&shape, rng, positive).into());
        b.constant(name, shape, values, None)
    };
    let x = b.input("x", [2, 8, 8, 4], DataType::F32);
    let conv = Conv2d {
        stride: [1; 2],
        dilation: [1; 2],
        padding: PADDINGS[1],
        groups: 1,
        fused: Fused::None,
    };
    let weights = constant(&mut b, "w", &[6, 3, 3, 4], false);
    let y = b.push("conv", Op::Conv2d(conv), &[x, weights]).unwrap();
    let mut operands = vec![y];
    for part in ["gamma", "beta", "mean", "variance"] {
        operands.push(constant(&mut b, part, &[6], true));
    }
    let y = b
        .push("norm", Op::BatchNorm { epsilon: 1e-3 }, &operands)
        .unwrap();
    let resize = Resize {
        mode: ResizeMode::Bilinear,
        coordinates: Coordinates::HalfPixel,
        size: [16; 2],
    };
    let y = b.push("resize", Op::Resize(resize), &[y]).unwrap();
    b.output(y);
    let graph = verify(b.finish()).unwrap();
    let program = Program::new(&graph, Device::Cpu).unwrap();
    let shape = Shape::from(vec![2, 8, 8, 4]);
    let image = Tensor::from_slice(&noise(&shape, rng, false)).reshape(extents(&shape));
    let run = |precision| {
        let mode = Mode::Train {
            decay: 0.9,
            precision,
        };
        let outputs = program.run(&BTreeMap::new(), &[&image], mode).unwrap();
        assert_eq!(outputs[0].kind(), Kind::Float);
        to_vec(&outputs[0])
    };
    let (single, mixed) = (run(Precision::Single), run(Precision::Mixed));
    assert_ne!(single, mixed);
    let largest = single.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    for (m, s) in mixed.iter().zip(&single) {
        assert!((m - s).abs() <= 0.02 * largest, "{m}, expected {s}");
    }
}

#[test]
fn depthwise_convolutions() {
    for padding in PADDINGS {
        for (stride, dilation, multiplier) in [(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 3)] {
            let conv = DepthwiseConv2d {
                stride: [stride; 2],
                dilation: [dilation; 2],
                padding,
                multiplier,
                fused: Fused::Relu6,
            };
            let (weights, bias) = ([1, 3, 3, 5 * multiplier], [5 * multiplier]);
            check(
                Op::DepthwiseConv2d(conv),
                &[&[2, 9, 8, 5]],
                &[&weights, &bias],
            );
        }
    }
}

#[test]
fn resizes() {
    for mode in [ResizeMode::Nearest, ResizeMode::Bilinear] {
        for coordinates in [
            Coordinates::Asymmetric,
            Coordinates::HalfPixel,
            Coordinates::AlignCorners,
        ] {
            for (from, size) in [
                ([4, 4], [8, 8]),
                ([4, 4], [32, 32]),
                ([1, 1], [2, 2]),
                ([5, 3], [7, 10]),
                ([9, 7], [4, 3]),
                ([3, 6], [9, 1]),
                ([6, 5], [6, 5]),
            ] {
                let resize = Resize {
                    mode,
                    coordinates,
                    size,
                };
                check(Op::Resize(resize), &[&[2, from[0], from[1], 3]], &[]);
            }
        }
    }
}

#[test]
fn pools() {
    for kind in [PoolKind::Max, PoolKind::Average] {
        for padding in PADDINGS {
            let pool = Pool2d {
                kind,
                kernel: [3, 3],
                stride: [2, 2],
                padding,
            };
            check(Op::Pool2d(pool), &[&[2, 9, 8, 5]], &[]);
        }
    }
    for keep_dims in [true, false] {
        check(Op::GlobalAveragePool { keep_dims }, &[&[2, 5, 4, 3]], &[]);
    }
}

#[test]
fn elementwise() {
    let x: &[usize] = &[2, 5, 4, 3];
    for unary in [Unary::Relu, Unary::Relu6, Unary::Sigmoid, Unary::HardSwish] {
        check(Op::Unary(unary), &[x], &[]);
    }
    for kind in [BinaryKind::Add, BinaryKind::Sub, BinaryKind::Mul] {
        let fused = Fused::Relu6;
        check(Op::Binary(Binary { kind, fused }), &[x, x], &[]);
        check(Op::Binary(Binary { kind, fused }), &[x], &[&[1, 4, 1]]);
    }
    check(Op::Softmax, &[x], &[]);
    check(Op::Bias, &[x], &[&[3]]);
    check(
        Op::BatchNorm { epsilon: 1e-3 },
        &[x],
        &[&[3_usize] as &[usize]; 4],
    );
    check(
        Op::BatchNorm { epsilon: 1e-3 },
        &[&[2, 3]],
        &[&[3_usize] as &[usize]; 4],
    );
    check(Op::ArgMax { axis: 3 }, &[x], &[]);
}

#[test]
fn shapes_and_products() {
    let x: &[usize] = &[2, 5, 4, 3];
    check(Op::Concat { axis: 3 }, &[x, &[2, 5, 4, 1]], &[]);
    check(Op::Concat { axis: 1 }, &[x, x], &[]);
    let amounts = vec![[0, 0], [1, 2], [0, 3], [2, 0]];
    check(Op::Pad { amounts }, &[x], &[]);
    check(
        Op::Reshape {
            shape: vec![2, 10, 6],
        },
        &[x],
        &[],
    );
    let permutation = vec![0, 3, 1, 2];
    check(Op::Transpose { permutation }, &[x], &[]);
    let slice = Slice {
        begin: vec![0, 1, 0, 2],
        end: vec![2, 5, 4, 3],
        stride: vec![1, 2, 3, 1],
    };
    check(Op::Slice(slice), &[x], &[]);
    for fused in [Fused::None, Fused::Relu] {
        check(Op::Dense { fused }, &[&[2, 7]], &[&[4, 7], &[4]]);
        check(Op::Dense { fused }, &[x], &[&[4, 3]]);
    }
}

#[test]
fn more_images_than_the_graph_says_give_the_same_for_each() {
    let mut b = GraphBuilder::new("two");
    let x = b.input("x", [1, 4, 4, 3], DataType::F32);
    let permutation = vec![0, 2, 1, 3];
    let y = b
        .push("transpose", Op::Transpose { permutation }, &[x])
        .unwrap();
    let shape = vec![1, 16, 3];
    let y = b.push("reshape", Op::Reshape { shape }, &[y]).unwrap();
    b.output(y);
    let graph = verify(b.finish()).unwrap();
    let program = Program::new(&graph, Device::Cpu).unwrap();
    let images = Tensor::arange(3 * 48, (tch::Kind::Float, Device::Cpu)).reshape([3, 4, 4, 3]);
    let run = |x: &Tensor| {
        let outputs = program.run(&BTreeMap::new(), &[x], Mode::Evaluate).unwrap();
        outputs[0].shallow_clone()
    };
    let all = run(&images);
    assert_eq!(all.size(), [3, 16, 3]);
    for image in 0..3 {
        let alone = run(&images.narrow(0, image, 1));
        assert_eq!(to_vec(&all.narrow(0, image, 1)), to_vec(&alone));
    }
}

#[test]
fn a_graph_that_mixes_images_is_refused() {
    let mut b = GraphBuilder::new("mixed");
    let x = b.input("x", [1, 4, 4, 3], DataType::F32);
    let shape = vec![4, 4, 3];
    let y = b.push("flat", Op::Reshape { shape }, &[x]).unwrap();
    b.output(y);
    let graph = verify(b.finish()).unwrap();
    let error = Program::new(&graph, Device::Cpu).err().unwrap();
    assert_eq!(
        error.to_string(),
        "node `flat` mixes the images of a batch; the first dimension must stay the batch"
    );
}

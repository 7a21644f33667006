//! Int8 graphs against the float graphs they came from.

mod whole;

use std::time::Instant;

use expect_test::{Expect, expect};
use kernels::eval::{evaluate, to_integers, to_reals};
use kernels::op::{Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding};
use kernels::op::{Pool2d, PoolKind, Resize, ResizeMode, Unary};
use kernels::tensor::Content;
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, TensorId, Verified, fold, verify};

use super::grids::asymmetric;
use super::weights::{Channels, linear};
use super::{QuantizeError, Range, Ranges, calibrate, quantize};
use crate::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use crate::space::model::Model;
use crate::task::Task;

/// Numbers that look random and are the same every time, from -1 to 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let byte = i8::from_le_bytes([self.0.to_le_bytes()[6]]);
        f32::from(byte) / 128.0
    }

    fn data(&mut self, len: usize) -> Data {
        Data::F32((0..len).map(|_| self.next()).collect())
    }
}

/// `graph` with values: weights that keep the variance of their input, batch norms near 1.
fn initialized(graph: &Verified, seed: u64) -> Verified {
    let mut noise = Noise(seed);
    let mut graph = Verified::into_graph(graph.clone());
    for tensor in &mut graph.tensors {
        if tensor.content != Content::Parameter {
            continue;
        }
        let len = tensor.shape.elements();
        let values: Vec<f32> = match tensor.shape.nhwc() {
            Some([out, h, w, c]) => {
                let fan_in = if out == 1 { h * w } else { h * w * c };
                let spread = (6.0 / fan_in as f32).sqrt();
                (0..len).map(|_| noise.next() * spread).collect()
            }
            None if tensor.name.ends_with("gamma") || tensor.name.ends_with("variance") => {
                (0..len).map(|_| 1.0 + 0.3 * noise.next()).collect()
            }
            None => (0..len).map(|_| 0.3 * noise.next()).collect(),
        };
        tensor.content = Content::Constant(Data::F32(values.into()));
    }
    verify(graph).unwrap()
}

/// The signal-to-noise ratio of every output over images that calibration did not see, in dB.
fn signal_to_noise_db(float: &Verified, int8: &Verified, images: &[Data]) -> Vec<f64> {
    let mut power = vec![[0.0_f64; 2]; float.outputs.len()];
    for image in images {
        let Data::F32(values) = image else {
            panic!("images are floats")
        };
        let expected = evaluate(float, std::slice::from_ref(image)).unwrap();
        let input = to_integers(&int8[int8.inputs[0]], values).unwrap();
        let found = evaluate(int8, &[input]).unwrap();
        for (i, (expected, found)) in expected.iter().zip(&found).enumerate() {
            let expected = to_reals(&float[float.outputs[i]], expected).unwrap();
            let found = to_reals(&int8[int8.outputs[i]], found).unwrap();
            for (e, f) in expected.iter().zip(&found) {
                power[i][0] += f64::from(*e).powi(2);
                power[i][1] += f64::from(e - f).powi(2);
            }
        }
    }
    power
        .iter()
        .map(|[signal, noise]| 10.0 * (signal / noise).log10())
        .collect()
}

fn conv(stride: usize, k: usize) -> Op {
    let [input, kernel, stride] = [[16; 2], [k; 2], [stride; 2]];
    Op::Conv2d(Conv2d {
        stride,
        dilation: [1, 1],
        padding: Padding::same(input, kernel, stride, [1, 1]),
        groups: 1,
        fused: Fused::None,
    })
}

fn norm_relu6(b: &mut GraphBuilder, name: &str, x: TensorId, c: usize) -> TensorId {
    let roles = ["gamma", "beta", "mean", "variance"];
    let mut inputs = vec![x];
    inputs.extend(roles.map(|role| b.parameter(format!("{name}.{role}"), [c])));
    let op = Op::BatchNorm { epsilon: 1e-3 };
    let y = b.push(format!("{name}.norm"), op, &inputs).unwrap();
    b.push(format!("{name}.relu6"), Op::Unary(Unary::Relu6), &[y])
        .unwrap()
}

/// A stem, an inverted bottleneck with a residual, pooling, resizing, a concatenation with a
/// sigmoid, and a classifier.
fn small() -> Verified {
    let mut b = GraphBuilder::new("small");
    let x = b.input("image", [1, 16, 16, 3], DataType::F32);
    let w = b.parameter("stem.w", [8, 3, 3, 3]);
    let y = b.push("stem", conv(2, 3), &[x, w]).unwrap();
    let stem = norm_relu6(&mut b, "stem", y, 8);
    let w = b.parameter("expand.w", [24, 1, 1, 8]);
    let y = b.push("expand", conv(1, 1), &[stem, w]).unwrap();
    let y = norm_relu6(&mut b, "expand", y, 24);
    let w = b.parameter("depthwise.w", [1, 3, 3, 24]);
    let depthwise = Op::DepthwiseConv2d(DepthwiseConv2d {
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::same([8, 8], [3, 3], [1, 1], [1, 1]),
        multiplier: 1,
        fused: Fused::None,
    });
    let y = b.push("depthwise", depthwise, &[y, w]).unwrap();
    let y = norm_relu6(&mut b, "depthwise", y, 24);
    let (w, bias) = (
        b.parameter("project.w", [8, 1, 1, 24]),
        b.parameter("project.b", [8]),
    );
    let y = b.push("project", conv(1, 1), &[y, w, bias]).unwrap();
    let add = Op::Binary(Binary {
        kind: BinaryKind::Add,
        fused: Fused::None,
    });
    let block = b.push("add", add, &[y, stem]).unwrap();
    let pool = Op::Pool2d(Pool2d {
        kind: PoolKind::Max,
        kernel: [2, 2],
        stride: [2, 2],
        padding: Padding::VALID,
    });
    let down = b.push("pool", pool, &[block]).unwrap();
    let resize = Op::Resize(Resize {
        mode: ResizeMode::Bilinear,
        coordinates: Coordinates::HalfPixel,
        size: [8, 8],
    });
    let up = b.push("up", resize, &[down]).unwrap();
    let gate = b.push("gate", Op::Unary(Unary::Sigmoid), &[up]).unwrap();
    let joined = b
        .push("joined", Op::Concat { axis: 3 }, &[block, gate])
        .unwrap();
    b.output(joined);
    let op = Op::GlobalAveragePool { keep_dims: false };
    let mean = b.push("mean", op, &[block]).unwrap();
    let (w, bias) = (b.parameter("class.w", [5, 8]), b.parameter("class.b", [5]));
    let class = b
        .push("class", Op::Dense { fused: Fused::None }, &[mean, w, bias])
        .unwrap();
    b.output(class);
    verify(b.finish()).unwrap()
}

fn images(count: usize, len: usize, seed: u64) -> Vec<Data> {
    let mut noise = Noise(seed);
    (0..count).map(|_| noise.data(len)).collect()
}

fn ranges_over(graph: &Verified, images: &[Data]) -> Ranges {
    calibrate(graph, images.len(), |i| vec![images[i].clone()]).unwrap()
}

#[test]
fn small_graphs_track_their_floats() {
    for seed in 1..6 {
        let float = fold(&initialized(&small(), seed));
        let images = images(16, 16 * 16 * 3, seed + 100);
        let int8 = quantize(&float, &ranges_over(&float, &images[..8])).unwrap();
        let found = signal_to_noise_db(&float, &int8, &images[8..]);
        println!("seed {seed}: {found:.1?} dB");
        assert!(found.iter().all(|&db| db > 25.0), "{found:?}");
        let i8s = int8.inputs.iter().chain(&int8.outputs);
        assert!(i8s.into_iter().all(|&id| int8[id].dtype == DataType::I8));
    }
}

/// Random weights amplify the rounding of every layer on its way through eighty of them: noise at
/// the outputs, yet well below the signal.
#[test]
fn mt_edge_tracks_its_floats() {
    let options = NetworkOptions {
        size: [128, 128],
        tasks: vec![Task::Segmentation, Task::Depth],
        classes: crate::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
    };
    let model = Model::parse("mt-edge", FusedDefinition::LateSeparable { first_block: 9 }).unwrap();
    let graph = &model.networks(&options).unwrap()[0];
    let float = fold(&initialized(graph, 7));
    let images = images(3, 128 * 128 * 3, 8);
    let int8 = quantize(&float, &ranges_over(&float, &images[..2])).unwrap();
    let started = Instant::now();
    let found = signal_to_noise_db(&float, &int8, &images[2..]);
    println!(
        "{found:.1?} dB, a float and an int8 image in {:?}",
        started.elapsed()
    );
    assert!(found.iter().all(|&db| db > 5.0), "{found:?}");
}

#[test]
fn grids_hold_zero() {
    let grid = |min, max| {
        let Quantization {
            scales,
            zero_points,
            ..
        } = asymmetric(Range { min, max });
        (scales[0], zero_points[0])
    };
    assert_eq!(grid(0.0, 6.0), (6.0 / 255.0, -128));
    assert_eq!(grid(-1.0, 1.0).1, -1);
    assert_eq!(grid(2.0, 4.0), (4.0 / 255.0, -128), "widened to 0");
    assert_eq!(grid(-4.0, -2.0), (4.0 / 255.0, 127), "widened to 0");
    assert_eq!(grid(0.0, 0.0), (1.0, 0));
    assert!(grid(-3e38, 3e38).0.is_finite());
    assert!(grid(0.0, 1e-40).0.is_normal());
}

#[test]
fn grids_are_shared_where_elements_only_move() {
    let float = fold(&initialized(&small(), 1));
    let images = images(2, 16 * 16 * 3, 1);
    let int8 = quantize(&float, &ranges_over(&float, &images)).unwrap();
    let grid = |name: &str| {
        int8[int8.tensor_named(name).unwrap()]
            .quantization
            .clone()
            .unwrap()
    };
    assert_eq!(grid("add"), grid("pool"));
    assert_eq!(grid("add"), grid("up"));
    assert_eq!(grid("add"), grid("joined"));
    assert_eq!(grid("gate"), Quantization::per_tensor(1.0 / 256.0, -128));
    assert_eq!(grid("joined.operand1"), grid("joined"));
    assert_eq!(grid("depthwise.w").axis, Some(3));
    assert_eq!(grid("class.w").axis, None);
}

const ROWS: Channels = Channels {
    count: 2,
    innermost: false,
    one_scale: false,
};

#[test]
fn weights_fill_their_range() {
    let found = linear(&[1.0, -0.5, 0.0, 0.25], Some(&[2.0, -1.0]), ROWS, 0.5, 0.1).unwrap();
    assert_eq!(found.scales, [1.0 / 127.0, 0.25 / 127.0]);
    assert_eq!(found.weights, [127, -64, 0, 127], "ties go to even");
    assert_eq!(found.bias, [508, -1016]);
}

#[test]
fn channels_of_zeros_keep_their_bias() {
    let found = linear(&[0.0, 0.0, 1.0, 1.0], Some(&[3.0, 3.0]), ROWS, 0.5, 0.1).unwrap();
    assert_eq!(found.weights[..2], [0, 0]);
    let bias = f64::from(found.bias[0]) * 0.5 * f64::from(found.scales[0]);
    assert!((bias - 3.0).abs() < 1e-5, "{bias}");
}

#[test]
fn large_biases_widen_the_scale() {
    let found = linear(&[1e-6, 1e-6, 1.0, 1.0], Some(&[1e5, 1.0]), ROWS, 0.5, 1e3).unwrap();
    let largest = i64::from(i32::MAX) - 2 * 255 * 127;
    assert!(
        i64::from(found.bias[0]) <= largest && found.bias[0] > 1 << 30,
        "{}",
        found.bias[0]
    );
    let bias = f64::from(found.bias[0]) * 0.5 * f64::from(found.scales[0]);
    assert!((bias - 1e5).abs() < 1e-2, "{bias}");
}

fn refuses(found: Result<impl std::fmt::Debug, QuantizeError>, expected: Expect) {
    expected.assert_eq(&found.unwrap_err().to_string());
}

#[test]
fn what_is_refused() {
    let trained = initialized(&small(), 1);
    let float = fold(&trained);
    let ranges = ranges_over(&float, &images(1, 16 * 16 * 3, 1));
    refuses(
        calibrate(&float, 0, |_| Vec::new()),
        expect!["calibration needs at least one image, found none"],
    );
    refuses(
        calibrate(&float, 1, |_| Vec::new()),
        expect!["calibration image 0: graph `small` takes 1 inputs, found 0"],
    );
    refuses(
        calibrate(&float, 1, |_| vec![Data::F32([f32::NAN; 768].into())]),
        expect![
            "`image` ranges from NaN to NaN, expected finite numbers: the network has diverged, or an image is broken"
        ],
    );
    refuses(
        calibrate(&fold(&small()), 1, |_| images(1, 768, 1)),
        expect![
            "calibration image 0: `stem.w` has no values: load weights before running the network"
        ],
    );
    refuses(
        quantize(&trained, &ranges),
        expect![
            "node `stem.norm`: batch_norm has no int8 form, expected it folded into a convolution: fold the graph first"
        ],
    );
    refuses(
        quantize(&fold(&small()), &ranges),
        expect![
            "`stem.w` has no values, or some that are NaN or infinite: load finite weights before quantizing"
        ],
    );
    let int8 = quantize(&float, &ranges).unwrap();
    refuses(
        quantize(&int8, &ranges),
        expect!["node `stem`: conv2d has operands that are not floats"],
    );
    let mut b = GraphBuilder::new("other");
    for i in 0..90 {
        b.input(format!("x{i}"), [1], DataType::F32);
    }
    refuses(
        quantize(&verify(b.finish()).unwrap(), &ranges),
        expect!["there is no range for `x1`: calibrate the same folded graph that is quantized"],
    );
}

#[test]
fn threads_do_not_change_ranges() {
    let float = fold(&initialized(&small(), 1));
    let images = images(12, 16 * 16 * 3, 1);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| ranges_over(&float, &images))
    };
    assert_eq!(on(1), on(3));
}

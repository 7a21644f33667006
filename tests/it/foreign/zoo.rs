//! Every operator of the vocabulary, in float and in int8.

use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Slice, Unary,
};
use kernels::{Op, TensorId, verify};

use super::Tolerance;
use super::maker::Maker;
use super::runtime::Case;

/// All cases.
pub(super) fn cases() -> Vec<Case> {
    let mut zoo = Zoo::default();
    convolutions(&mut zoo);
    depthwise(&mut zoo);
    dense(&mut zoo);
    elementwise(&mut zoo);
    pools(&mut zoo);
    resizes(&mut zoo);
    moves(&mut zoo);
    float_only(&mut zoo);
    conversions(&mut zoo);
    zoo.0
}

#[derive(Default)]
struct Zoo(Vec<Case>);

impl Zoo {
    /// A case in float and one in int8, which may differ by one step.
    fn both(&mut self, name: &str, build: impl Fn(&mut Maker) -> TensorId) {
        self.float(name, &build);
        self.add(&format!("{name}-int8"), true, Tolerance::OneStep, &build);
    }

    /// A case in float and one in int8, which must not differ.
    fn both_exact(&mut self, name: &str, build: impl Fn(&mut Maker) -> TensorId) {
        self.float(name, &build);
        self.add(&format!("{name}-int8"), true, Tolerance::Exact, &build);
    }

    fn float(&mut self, name: &str, build: impl Fn(&mut Maker) -> TensorId) {
        self.add(name, false, Tolerance::Float, build);
    }

    fn add(
        &mut self,
        name: &str,
        int8: bool,
        tolerance: Tolerance,
        build: impl Fn(&mut Maker) -> TensorId,
    ) {
        let mut maker = Maker::new(name, int8);
        let output = build(&mut maker);
        maker.builder.output(output);
        self.0.push(Case {
            name: name.to_owned(),
            graph: verify(maker.builder.finish()).unwrap(),
            inputs: maker.inputs,
            tolerance,
        });
    }
}

fn convolutions(zoo: &mut Zoo) {
    let same = |stride, dilation| Padding::same([9, 8], [3, 3], stride, dilation);
    let uneven = Padding {
        top: 2,
        bottom: 0,
        left: 1,
        right: 1,
    };
    for (name, stride, dilation, padding, fused) in [
        (
            "conv-same",
            [1, 1],
            [1, 1],
            same([1, 1], [1, 1]),
            Fused::None,
        ),
        (
            "conv-stride",
            [2, 2],
            [1, 1],
            same([2, 2], [1, 1]),
            Fused::Relu6,
        ),
        ("conv-valid", [1, 2], [1, 1], Padding::VALID, Fused::Relu),
        (
            "conv-dilated",
            [1, 1],
            [2, 2],
            same([1, 1], [2, 2]),
            Fused::None,
        ),
        ("conv-uneven", [1, 1], [1, 1], uneven, Fused::Relu6),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", [1, 9, 8, 6]);
            let w = m.weights("w", [5, 3, 3, 6], 0);
            let b = m.bias("b", x, w);
            let op = conv2d(stride, dilation, padding, 1, fused);
            m.node_as("y", op, &[x, w, b], (0.03, -20))
        });
    }
    zoo.both("conv-pointwise-without-bias", |m| {
        let x = m.input("x", [1, 4, 3, 8]);
        let w = m.weights("w", [16, 1, 1, 8], 0);
        let op = conv2d([1, 1], [1, 1], Padding::VALID, 1, Fused::None);
        m.node("y", op, &[x, w])
    });
    zoo.both("conv-groups", |m| {
        let x = m.input("x", [1, 6, 6, 8]);
        let w = m.weights("w", [6, 3, 3, 4], 0);
        let b = m.bias("b", x, w);
        let op = conv2d([1, 1], [1, 1], Padding::VALID, 2, Fused::None);
        m.node("y", op, &[x, w, b])
    });
}

fn depthwise(zoo: &mut Zoo) {
    for (name, kernel, stride, multiplier) in [
        ("depthwise-3x3", 3, 1, 1),
        ("depthwise-5x5-stride", 5, 2, 1),
        ("depthwise-multiplier", 3, 1, 2),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", [1, 8, 10, 4]);
            let w = m.weights("w", [1, kernel, kernel, 4 * multiplier], 3);
            let b = m.bias("b", x, w);
            let op = Op::DepthwiseConv2d(DepthwiseConv2d {
                stride: [stride; 2],
                dilation: [1, 1],
                padding: Padding::same([8, 10], [kernel; 2], [stride; 2], [1, 1]),
                multiplier,
                fused: Fused::Relu6,
            });
            m.node("y", op, &[x, w, b])
        });
    }
}

fn dense(zoo: &mut Zoo) {
    for (name, shape) in [
        ("dense-rows", vec![3, 12]),
        ("dense-rank-3", vec![2, 3, 12]),
        ("dense-image", vec![1, 2, 3, 12]),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", shape.clone());
            let w = m.weights("w", [7, 12], 0);
            let b = m.bias("b", x, w);
            m.node("y", Op::Dense { fused: Fused::Relu }, &[x, w, b])
        });
    }
}

fn elementwise(zoo: &mut Zoo) {
    for (name, kind, fused) in [
        ("add", BinaryKind::Add, Fused::None),
        ("add-relu6", BinaryKind::Add, Fused::Relu6),
        ("sub", BinaryKind::Sub, Fused::None),
        ("mul", BinaryKind::Mul, Fused::None),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", [1, 4, 5, 6]);
            let y = m.input_as("y", [1, 4, 5, 6], (0.013, -9));
            m.node_as("z", binary(kind, fused), &[x, y], (0.041, 3))
        });
    }
    for (name, shape) in [
        ("add-channels", vec![6]),
        ("add-column", vec![4, 1, 6]),
        ("add-pixel", vec![1, 1, 1, 6]),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", [1, 4, 5, 6]);
            let y = m.input("y", shape.clone());
            m.node_as(
                "z",
                binary(BinaryKind::Add, Fused::None),
                &[x, y],
                (0.041, 3),
            )
        });
    }
    for (name, unary, quantization) in [
        ("relu", Unary::Relu, (0.01, -128)),
        ("relu6", Unary::Relu6, (0.02, -128)),
        ("sigmoid", Unary::Sigmoid, (1.0 / 256.0, -128)),
        ("hard-swish", Unary::HardSwish, (0.015, -90)),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", [1, 4, 5, 6]);
            m.node_as("y", Op::Unary(unary), &[x], quantization)
        });
    }
    for (name, shape) in [
        ("softmax-image", vec![1, 2, 3, 19]),
        ("softmax-rows", vec![2, 19]),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", shape.clone());
            m.node_as("y", Op::Softmax, &[x], (1.0 / 256.0, -128))
        });
    }
}

fn pools(zoo: &mut Zoo) {
    for (name, kind, kernel, stride) in [
        ("max-pool", PoolKind::Max, [2, 2], [2, 2]),
        ("max-pool-same", PoolKind::Max, [3, 3], [2, 2]),
        ("average-pool-same", PoolKind::Average, [3, 2], [1, 2]),
    ] {
        zoo.both(name, |m| {
            let x = m.input("x", [1, 7, 8, 3]);
            let op = Op::Pool2d(Pool2d {
                kind,
                kernel,
                stride,
                padding: Padding::same([7, 8], kernel, stride, [1, 1]),
            });
            m.node("y", op, &[x])
        });
    }
    for keep_dims in [true, false] {
        zoo.both(&format!("global-average-pool-{keep_dims}"), |m| {
            let x = m.input("x", [1, 7, 8, 3]);
            m.node_as("y", Op::GlobalAveragePool { keep_dims }, &[x], (0.011, 2))
        });
    }
}

fn resizes(zoo: &mut Zoo) {
    for mode in [ResizeMode::Nearest, ResizeMode::Bilinear] {
        for coordinates in [
            Coordinates::Asymmetric,
            Coordinates::HalfPixel,
            Coordinates::AlignCorners,
        ] {
            for size in [[8, 10], [3, 4], [7, 5]] {
                let [h, w] = size;
                let name = format!("resize-{mode:?}-{coordinates:?}-{h}x{w}").to_lowercase();
                let build = |m: &mut Maker| {
                    let x = m.input("x", [1, 4, 5, 3]);
                    let resize = Resize {
                        mode,
                        coordinates,
                        size,
                    };
                    m.node("y", Op::Resize(resize), &[x])
                };
                match mode {
                    ResizeMode::Nearest => zoo.both_exact(&name, build),
                    ResizeMode::Bilinear => zoo.both(&name, build),
                }
            }
        }
    }
}

fn moves(zoo: &mut Zoo) {
    zoo.both_exact("pad", |m| {
        let x = m.input("x", [1, 4, 5, 3]);
        let amounts = vec![[0, 0], [1, 2], [3, 0], [0, 1]];
        m.node("y", Op::Pad { amounts }, &[x])
    });
    zoo.both("concat-channels", |m| {
        let x = m.input("x", [1, 4, 5, 3]);
        let y = m.input_as("y", [1, 4, 5, 2], (0.017, -30));
        m.node("z", Op::Concat { axis: 3 }, &[x, y])
    });
    zoo.both_exact("concat-rows", |m| {
        let x = m.input("x", [1, 4, 5, 3]);
        let y = m.input("y", [1, 2, 5, 3]);
        m.node("z", Op::Concat { axis: 1 }, &[x, y])
    });
    for (name, from, to) in [
        ("reshape-flatten", vec![1, 4, 5, 3], vec![1, 60]),
        ("reshape-image", vec![2, 30], vec![1, 5, 4, 3]),
        ("reshape-pixel", vec![1, 1, 1, 12], vec![3, 4]),
        ("reshape-images", vec![1, 4, 6, 2], vec![1, 8, 2, 3]),
    ] {
        zoo.both_exact(name, |m| {
            let x = m.input("x", from.clone());
            m.node("y", Op::Reshape { shape: to.clone() }, &[x])
        });
    }
    for (name, shape, permutation) in [
        ("transpose-image", vec![1, 4, 5, 3], vec![0, 2, 3, 1]),
        ("transpose-rows", vec![4, 5], vec![1, 0]),
        ("transpose-rank-3", vec![4, 5, 6], vec![2, 0, 1]),
    ] {
        zoo.both_exact(name, |m| {
            let x = m.input("x", shape.clone());
            let permutation = permutation.clone();
            m.node("y", Op::Transpose { permutation }, &[x])
        });
    }
    zoo.both_exact("slice", |m| {
        let x = m.input("x", [1, 6, 7, 5]);
        let slice = Slice {
            begin: vec![0, 1, 0, 2],
            end: vec![1, 6, 7, 4],
            stride: vec![1, 2, 3, 1],
        };
        m.node("y", Op::Slice(slice), &[x])
    });
    for axis in 0..4 {
        zoo.both_exact(&format!("argmax-{axis}"), |m| {
            let x = m.input("x", [2, 4, 5, 19]);
            m.node("y", Op::ArgMax { axis }, &[x])
        });
    }
}

fn float_only(zoo: &mut Zoo) {
    for (name, shape) in [
        ("batch-norm-image", vec![1, 4, 5, 6]),
        ("batch-norm-rows", vec![3, 6]),
    ] {
        zoo.float(name, |m| {
            let x = m.input("x", shape.clone());
            let parameters = ["gamma", "beta", "mean", "variance"].map(|name| m.floats(name, 6));
            let [gamma, beta, mean, variance] = parameters;
            let op = Op::BatchNorm { epsilon: 1e-3 };
            m.node("y", op, &[x, gamma, beta, mean, variance])
        });
    }
    zoo.float("bias", |m| {
        let x = m.input("x", [1, 4, 5, 6]);
        let bias = m.floats("bias", 6);
        m.node("y", Op::Bias, &[x, bias])
    });
}

fn conversions(zoo: &mut Zoo) {
    zoo.add("quantize-int8", false, Tolerance::OneStep, |m| {
        let x = m.input("x", [1, 4, 5, 6]);
        m.node_as("y", Op::Quantize, &[x], (0.013, -7))
    });
    zoo.add("requantize-int8", true, Tolerance::OneStep, |m| {
        let x = m.input("x", [1, 4, 5, 6]);
        m.node_as("y", Op::Quantize, &[x], (0.013, -7))
    });
    zoo.add("dequantize-int8", true, Tolerance::Float, |m| {
        let x = m.input("x", [1, 4, 5, 6]);
        m.node("y", Op::Dequantize, &[x])
    });
}

fn conv2d(
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
    groups: usize,
    fused: Fused,
) -> Op {
    Op::Conv2d(Conv2d {
        stride,
        dilation,
        padding,
        groups,
        fused,
    })
}

fn binary(kind: BinaryKind, fused: Fused) -> Op {
    Op::Binary(Binary { kind, fused })
}

//! MACs per second of the evaluator on one thread, beside seven plain loops in the same run.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kernels::eval::evaluate;
use kernels::op::{Conv2d, DepthwiseConv2d, Fused, Padding};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, Verified, verify};

/// Height and width of every image.
const SIZE: usize = 32;
/// Input and output channels.
const CHANNELS: usize = 64;

/// A convolution of `[1, 32, 32, 64]` to as many elements.
struct Layer {
    name: &'static str,
    kernel: usize,
    depthwise: bool,
}

const LAYERS: [Layer; 3] = [
    Layer {
        name: "conv_3x3",
        kernel: 3,
        depthwise: false,
    },
    Layer {
        name: "pointwise",
        kernel: 1,
        depthwise: false,
    },
    Layer {
        name: "depthwise_5x5",
        kernel: 5,
        depthwise: true,
    },
];

impl Layer {
    fn depth(&self) -> usize {
        if self.depthwise { 1 } else { CHANNELS }
    }

    fn macs(&self) -> usize {
        SIZE * SIZE * CHANNELS * self.kernel * self.kernel * self.depth()
    }

    fn op(&self) -> Op {
        let (stride, dilation) = ([1, 1], [1, 1]);
        let padding = Padding::same([SIZE; 2], [self.kernel; 2], stride, dilation);
        let fused = Fused::Relu6;
        if self.depthwise {
            return Op::DepthwiseConv2d(DepthwiseConv2d {
                stride,
                dilation,
                padding,
                multiplier: 1,
                fused,
            });
        }
        Op::Conv2d(Conv2d {
            stride,
            dilation,
            padding,
            groups: 1,
            fused,
        })
    }

    /// The graph of this layer alone, and its input.
    fn graph(&self, int8: bool) -> (Verified, Data) {
        let k = self.kernel;
        let (shape, axis) = if self.depthwise {
            ([1, k, k, CHANNELS], 3)
        } else {
            ([CHANNELS, k, k, CHANNELS], 0)
        };
        let mut b = GraphBuilder::new(self.name);
        let dtype = if int8 { DataType::I8 } else { DataType::F32 };
        let x = b.input("x", [1, SIZE, SIZE, CHANNELS], dtype);
        let scales = int8.then(|| Quantization::per_channel(vec![0.01; CHANNELS], axis));
        let elements = shape.iter().product();
        let w = b.constant("w", shape, elements_of(elements, int8), scales);
        let y = b
            .push("y", self.op(), &[x, w])
            .expect("the operands fit the operator");
        for id in [x, y] {
            b.tensor_mut(id).quantization = int8.then(|| Quantization::per_tensor(0.02, 3));
        }
        b.output(y);
        let graph = verify(b.finish()).expect("the graph is well formed");
        (graph, elements_of(SIZE * SIZE * CHANNELS, int8))
    }

    /// The sums of this layer by seven loops over integers less their zero points.
    fn loops(&self, x: &[i32], w: &[i32]) -> Vec<i32> {
        let (k, depth, before) = (self.kernel, self.depth(), (self.kernel - 1) / 2);
        let mut sums = vec![0_i32; SIZE * SIZE * CHANNELS];
        for row in 0..SIZE {
            for column in 0..SIZE {
                for out in 0..CHANNELS {
                    let sum = &mut sums[(row * SIZE + column) * CHANNELS + out];
                    for ky in 0..k {
                        for kx in 0..k {
                            let (y, z) = (row + ky, column + kx);
                            if y < before || z < before || y - before >= SIZE || z - before >= SIZE
                            {
                                continue;
                            }
                            let pixel = ((y - before) * SIZE + z - before) * CHANNELS;
                            for i in 0..depth {
                                let channel = if self.depthwise { out } else { i };
                                let weight = ((out * k + ky) * k + kx) * depth + i;
                                *sum += x[pixel + channel] * w[weight];
                            }
                        }
                    }
                }
            }
        }
        sums
    }
}

/// Elements from -63 to 63 in an order without pattern.
fn elements_of(len: usize, int8: bool) -> Data {
    let element = |i: usize| i8::try_from(i * 7919 % 127).expect("below 127") - 63;
    if int8 {
        Data::I8((0..len).map(element).collect())
    } else {
        Data::F32((0..len).map(|i| f32::from(element(i)) / 64.0).collect())
    }
}

fn eval(c: &mut Criterion) {
    for layer in &LAYERS {
        let mut group = c.benchmark_group(layer.name);
        group.throughput(Throughput::Elements(layer.macs() as u64));
        for (name, int8) in [("int8", true), ("float", false)] {
            let (graph, input) = layer.graph(int8);
            let inputs = [input];
            group.bench_function(name, |b| {
                b.iter(|| evaluate(black_box(&graph), &inputs).expect("the graph runs"));
            });
        }
        let integers = |len: usize| -> Vec<i32> {
            (0..len)
                .map(|i| i32::try_from(i % 127).expect("below 127") - 63)
                .collect()
        };
        let x = integers(SIZE * SIZE * CHANNELS);
        let w = integers(CHANNELS * layer.kernel * layer.kernel * layer.depth());
        group.bench_function("loops", |b| {
            b.iter(|| layer.loops(black_box(&x), black_box(&w)))
        });
        group.finish();
    }
}

criterion_group!(benches, eval);
criterion_main!(benches);

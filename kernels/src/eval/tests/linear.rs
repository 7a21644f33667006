//! Convolution, depthwise convolution and dense layers against seven plain loops.

use proptest::prelude::*;

use super::{Noise, Value, bytes, floats, run_bytes, run_floats, tensor};
use crate::op::{Conv2d, DepthwiseConv2d, Fused, Op, Padding};
use crate::tensor::{Data, DataType, Quantization};

/// A convolution of any kind, as the loops see it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) seed: u64,
    n: usize,
    input: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
    groups: usize,
    /// Input and output channels of one group.
    depth: usize,
    filters: usize,
}

impl Case {
    pub(super) fn in_c(&self) -> usize {
        self.groups * self.depth
    }

    pub(super) fn out_c(&self) -> usize {
        self.groups * self.filters
    }

    pub(super) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.depth
    }

    /// Height or width of the result, if the window fits.
    fn extent(&self, d: usize) -> Option<usize> {
        let p = self.padding;
        let around = [p.top + p.bottom, p.left + p.right][d];
        let reach = self.dilation[d] * (self.kernel[d] - 1) + 1;
        Some((self.input[d] + around).checked_sub(reach)? / self.stride[d] + 1)
    }

    pub(super) fn x_shape(&self) -> [usize; 4] {
        [self.n, self.input[0], self.input[1], self.in_c()]
    }

    pub(super) fn x_len(&self) -> usize {
        self.x_shape().iter().product()
    }

    /// The sums, `[n, h, w, out_c]`; weights are `[out_c, k_h, k_w, depth]`.
    fn sums(&self, x: &[f64], w: &[f64], bias: &[f64]) -> Vec<f64> {
        let [n, h, width, in_c] = self.x_shape();
        let [out_h, out_w] = [0, 1].map(|d| self.extent(d).unwrap());
        let [k_h, k_w] = self.kernel;
        let mut sums = Vec::new();
        for image in 0..n {
            for row in 0..out_h {
                for column in 0..out_w {
                    for (o, &bias) in bias.iter().enumerate() {
                        let mut sum = bias;
                        for ky in 0..k_h {
                            for kx in 0..k_w {
                                for i in 0..self.depth {
                                    let y = row * self.stride[0] + ky * self.dilation[0];
                                    let z = column * self.stride[1] + kx * self.dilation[1];
                                    let (top, left) = (self.padding.top, self.padding.left);
                                    if y < top || z < left || y - top >= h || z - left >= width {
                                        continue;
                                    }
                                    let pixel = (image * h + y - top) * width + z - left;
                                    let channel = o / self.filters * self.depth + i;
                                    let weight = ((o * k_h + ky) * k_w + kx) * self.depth + i;
                                    sum += x[pixel * in_c + channel] * w[weight];
                                }
                            }
                        }
                        sums.push(sum);
                    }
                }
            }
        }
        sums
    }

    /// The operator and the shape of its weights, and the order of the weights of the loops in it.
    pub(super) fn op(&self, fused: Fused) -> (Op, Vec<usize>, Vec<usize>) {
        let [k_h, k_w] = self.kernel;
        let (stride, dilation, padding) = (self.stride, self.dilation, self.padding);
        if self.groups > 1 && self.depth == 1 {
            let op = DepthwiseConv2d {
                stride,
                dilation,
                padding,
                multiplier: self.filters,
                fused,
            };
            let taps = k_h * k_w;
            let order = (0..taps).flat_map(|tap| (0..self.out_c()).map(move |o| o * taps + tap));
            let shape = vec![1, k_h, k_w, self.out_c()];
            return (Op::DepthwiseConv2d(op), shape, order.collect());
        }
        let op = Conv2d {
            stride,
            dilation,
            padding,
            groups: self.groups,
            fused,
        };
        let order = (0..self.out_c() * self.taps()).collect();
        let shape = vec![self.out_c(), k_h, k_w, self.depth];
        (Op::Conv2d(op), shape, order)
    }
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let pair = |most: usize| [1..=most, 1..=most];
    let padding = [0..3_usize, 0..3_usize, 0..3_usize, 0..3_usize];
    let channels = (1..4_usize, 1..20_usize, 1..4_usize, any::<bool>());
    (
        any::<u64>(),
        1..3_usize,
        pair(8),
        pair(3),
        pair(3),
        pair(2),
        padding,
        channels,
    )
        .prop_map(
            |(seed, n, input, kernel, stride, dilation, around, channels)| {
                let [top, bottom, left, right] = around;
                let (groups, depth, filters, depthwise) = channels;
                Case {
                    seed,
                    n,
                    input,
                    kernel,
                    stride,
                    dilation,
                    padding: Padding {
                        top,
                        bottom,
                        left,
                        right,
                    },
                    groups: if depthwise { 5 } else { groups },
                    depth: if depthwise { 1 } else { depth + 1 },
                    filters,
                }
            },
        )
        .prop_filter("the window fits", |c| {
            c.extent(0).is_some() && c.extent(1).is_some()
        })
}

fn fused() -> impl Strategy<Value = Fused> {
    prop_oneof![Just(Fused::None), Just(Fused::Relu), Just(Fused::Relu6)]
}

fn reals<T: Copy + Into<f64>>(values: &[T]) -> Vec<f64> {
    values.iter().map(|&v| v.into()).collect()
}

fn centered(values: &[i8], zero_point: i32) -> Vec<f64> {
    let distance = |&v: &i8| f64::from(i32::from(v) - zero_point);
    values.iter().map(distance).collect()
}

proptest! {
    #[test]
    fn float_convolutions_equal_the_loops(case in cases(), fused in fused()) {
        let mut noise = Noise(case.seed);
        let x = noise.floats(case.x_len());
        let w = noise.floats(case.out_c() * case.taps());
        let b = noise.floats(case.out_c());
        let (op, shape, order) = case.op(fused);
        let ordered: Vec<f32> = order.iter().map(|&i| w[i]).collect();
        let found = run_floats(op, &[
            floats("x", &case.x_shape(), &x),
            floats("w", &shape, &ordered),
            floats("b", &[case.out_c()], &b),
        ]);
        let sums = case.sums(&reals(&x), &reals(&w), &reals(&b));
        for (found, sum) in found.iter().zip(sums) {
            let expected = match fused {
                Fused::None => sum,
                Fused::Relu => sum.max(0.0),
                Fused::Relu6 => sum.clamp(0.0, 6.0),
            };
            prop_assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
        }
    }

    #[test]
    fn int8_convolutions_equal_the_loops(case in cases(), fused in fused(), zero_point in -128..=127) {
        let mut noise = Noise(case.seed);
        let x = noise.bytes(case.x_len());
        let w = noise.bytes(case.out_c() * case.taps());
        let b: Vec<i32> = noise.bytes(case.out_c()).iter().map(|&b| i32::from(b) * 100).collect();
        let scales: Vec<f32> = noise.floats(case.out_c()).iter().map(|s| 0.01 + s.abs()).collect();
        let (op, shape, order) = case.op(fused);
        let ordered: Vec<i8> = order.iter().map(|&i| w[i]).collect();
        let axis = if shape[0] == 1 && shape[3] == case.out_c() { 3 } else { 0 };
        let grid = Quantization::per_channel(scales.clone(), axis);
        let weights = (tensor("w", &shape, DataType::I8, Some(grid)), Data::I8(ordered.into()));
        let bias: Value = (tensor("b", &[case.out_c()], DataType::I32, None), Data::I32(b.clone().into()));
        let (x_scale, scale, to) = (0.02, 0.11, -20);
        let x_value = bytes("x", &case.x_shape(), &x, x_scale, zero_point);
        let found = run_bytes(op, &[x_value, weights, bias], scale, to);

        let sums = case.sums(&centered(&x, zero_point), &reals(&w), &reals(&b));
        for (i, (found, sum)) in found.iter().zip(sums).enumerate() {
            let real = sum * f64::from(x_scale) * f64::from(scales[i % case.out_c()]);
            let real = match fused {
                Fused::None => real,
                Fused::Relu => real.max(0.0),
                Fused::Relu6 => real.clamp(0.0, 6.0),
            };
            let exact = (real / f64::from(scale) + f64::from(to)).clamp(-128.0, 127.0);
            // Half a step of rounding, and what f32 loses of large sums.
            prop_assert!((f64::from(*found) - exact).abs() < 0.501, "{found} {exact}");
        }
    }

    #[test]
    fn dense_equals_the_loops(seed in any::<u64>(), rows in 1..5_usize, in_c in 1..70_usize, out_c in 1..9_usize) {
        let mut noise = Noise(seed);
        let (x, w) = (noise.floats(rows * in_c), noise.floats(out_c * in_c));
        let found = run_floats(Op::Dense { fused: Fused::None }, &[
            floats("x", &[rows, in_c], &x),
            floats("w", &[out_c, in_c], &w),
        ]);
        for row in 0..rows {
            for o in 0..out_c {
                let expected: f32 = (0..in_c).map(|i| x[row * in_c + i] * w[o * in_c + i]).sum();
                prop_assert!((found[row * out_c + o] - expected).abs() < 1e-4);
            }
        }
    }
}

/// `0.5 * (7 - 1) * 0.25 * 4 = 3`, plus a bias of `8 * 0.5 * 0.25 = 1`, at a step of 0.1.
#[test]
fn a_product_by_hand() {
    let dense = |fused| {
        let w = bytes("w", &[1, 1], &[4], 0.25, 0);
        let b = (
            tensor("b", &[1], DataType::I32, None),
            Data::I32([8].into()),
        );
        let x = bytes("x", &[1, 1], &[7], 0.5, 1);
        run_bytes(Op::Dense { fused }, &[x, w, b], 0.1, -10)
    };
    assert_eq!(dense(Fused::None), [30]);
    let clamped = |q: i8, fused| {
        let w = bytes("w", &[1, 1], &[q], 0.25, 0);
        let x = bytes("x", &[1, 1], &[101], 0.5, 1);
        run_bytes(Op::Dense { fused }, &[x, w], 0.1, -10)
    };
    assert_eq!(clamped(-1, Fused::Relu), [-10], "0 is the zero point");
    assert_eq!(clamped(1, Fused::Relu6), [50], "6 is 60 steps above it");
}

/// Ties go to the even integer before the zero point is added: 0.5 to 0, 1.5 to 2, -0.5 to 0.
#[test]
fn ties_go_to_even() {
    let one = bytes("w", &[1, 1], &[1], 1.0, 0);
    let x = bytes("x", &[4, 1], &[1, 3, -1, -3], 0.5, 0);
    let found = run_bytes(Op::Dense { fused: Fused::None }, &[x, one], 1.0, 1);
    assert_eq!(found, [1, 3, 1, -1]);
}

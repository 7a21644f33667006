//! What convolutions and dense layers share: products, sums, biases and rounding.
//!
//! Integers enter as `q - zero_point`, so that padding is zero for integers as for floats.

use crate::op::Fused;
use crate::tensor::{Data, DataType, Tensor};

use super::operand::{Operand, Problem};
use super::quantized::{Grid, Requantizer, store};

/// An element that is multiplied and summed.
pub(super) trait Number: Copy + Default {
    /// The type of a sum.
    type Sum: Copy + Default;

    /// The sum of products of two slices of the same length.
    fn dot(a: &[Self], b: &[Self]) -> Self::Sum;

    /// Adds `a[i] * b[i]` to `sums[i]`.
    fn accumulate(sums: &mut [Self::Sum], a: &[Self], b: &[Self]);
}

const LANES: usize = 16;

impl Number for f32 {
    type Sum = Self;

    fn dot(a: &[Self], b: &[Self]) -> Self {
        let mut lanes = [0.0; LANES];
        let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
        let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
        for (lane, (a, b)) in lanes.iter_mut().zip(rest) {
            *lane = a * b;
        }
        for (a, b) in a_chunks.zip(b_chunks) {
            for lane in 0..LANES {
                lanes[lane] += a[lane] * b[lane];
            }
        }
        lanes.iter().sum()
    }

    fn accumulate(sums: &mut [Self], a: &[Self], b: &[Self]) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
}

/// Wrapping, since [`Weights::quantized`] bounds every sum.
impl Number for i16 {
    type Sum = i32;

    fn dot(a: &[Self], b: &[Self]) -> i32 {
        a.iter().zip(b).fold(0, |sum: i32, (&a, &b)| {
            sum.wrapping_add(i32::from(a).wrapping_mul(i32::from(b)))
        })
    }

    fn accumulate(sums: &mut [i32], a: &[Self], b: &[Self]) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum = sum.wrapping_add(i32::from(a).wrapping_mul(i32::from(b)));
        }
    }
}

/// Computes sums of products and hands each, with its output channel, to a rounding function.
pub(super) trait Products {
    /// All results in row-major order.
    fn run<N: Number, O>(&self, x: &[N], w: &[N], finish: impl Fn(usize, N::Sum) -> O) -> Vec<O>;
}

/// Evaluates a linear operator over `x`, weights and optional bias; `out_axis` of the weights
/// counts output channels.
pub(super) fn linear(
    products: &impl Products,
    out_axis: usize,
    fused: Fused,
    operands: &[Operand<'_>],
    output: &Tensor,
) -> Result<Data, Problem> {
    let (x, weights, bias) = (&operands[0], &operands[1], operands.get(2));
    match output.dtype {
        DataType::F32 => {
            let bias = bias.map(Operand::floats).transpose()?;
            let finish = |c: usize, sum: f32| activate(fused, sum + bias.map_or(0.0, |b| b[c]));
            let results = products.run(x.floats()?, weights.floats()?, finish);
            Ok(Data::F32(results.into()))
        }
        DataType::I8 | DataType::U8 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => {
            let grid = Grid::of(output)?;
            let (x_grid, x) = x.centered()?;
            let weights = Weights::quantized(weights, out_axis, bias)?;
            let ratios = weights.scales.iter().map(|w| x_grid.scale * w / grid.scale);
            let requantizer = Requantizer::new(ratios.collect(), grid, fused);
            let finish = |c: usize, sum: i32| {
                requantizer.apply(c, sum.wrapping_add(weights.bias.map_or(0, |b| b[c])))
            };
            let results = products.run(&x, &weights.values, finish);
            Ok(store(output, results.into_iter()))
        }
    }
}

/// 8-bit weights less their zero points, proven not to overflow a sum.
struct Weights<'a> {
    values: Vec<i16>,
    scales: &'a [f32],
    bias: Option<&'a [i32]>,
}

impl<'a> Weights<'a> {
    fn quantized(
        weights: &Operand<'a>,
        out_axis: usize,
        bias: Option<&Operand<'a>>,
    ) -> Result<Self, Problem> {
        let Tensor { name, shape, .. } = weights.tensor;
        let quantization = weights
            .tensor
            .quantization
            .as_ref()
            .ok_or_else(|| Problem(format!("`{name}` has no quantization")))?;
        if quantization.axis.is_some_and(|axis| axis != out_axis) {
            return Err(Problem(format!(
                "`{name}` has scales along another dimension than its output channels, {out_axis}"
            )));
        }
        let channels = shape[out_axis];
        let inner: usize = shape[out_axis + 1..].iter().product();
        let mut values = weights.bytes()?;
        for (i, value) in values.iter_mut().enumerate() {
            let channel = if quantization.axis.is_some() {
                i / inner % channels
            } else {
                0
            };
            let zero_point = i16::try_from(quantization.zero_points[channel]);
            *value -= zero_point.expect("an 8-bit zero point");
        }
        let bias = bias.map(Operand::ints).transpose()?;
        let taps = values.len() / channels;
        sums_fit(name, &values, taps, bias)?;
        Ok(Self {
            values,
            scales: &quantization.scales,
            bias,
        })
    }
}

/// Proves that no sum of `taps` products with elements of up to 255, plus a bias, exceeds `i32`.
fn sums_fit(name: &str, values: &[i16], taps: usize, bias: Option<&[i32]>) -> Result<(), Problem> {
    let weight = values.iter().map(|w| w.unsigned_abs()).max().unwrap_or(0);
    let bias = bias.into_iter().flatten().map(|b| b.unsigned_abs()).max();
    let product = 255 * u128::from(weight);
    let largest = taps as u128 * product + u128::from(bias.unwrap_or(0));
    if largest <= i32::MAX.unsigned_abs().into() {
        return Ok(());
    }
    Err(Problem(format!(
        "sums over `{name}` and the bias may reach {largest}, more than i32 holds"
    )))
}

/// `x` under a fused activation.
pub(super) const fn activate(fused: Fused, x: f32) -> f32 {
    match fused {
        Fused::None => x,
        Fused::Relu => x.max(0.0),
        Fused::Relu6 => x.max(0.0).min(6.0),
    }
}

/// `x` plus a bias per channel.
pub(super) fn bias(operands: &[Operand<'_>]) -> Result<Data, Problem> {
    let (x, bias) = (operands[0].floats()?, operands[1].floats()?);
    let pixels = x.chunks_exact(bias.len());
    Ok(Data::F32(
        pixels
            .flat_map(|pixel| pixel.iter().zip(bias).map(|(x, b)| x + b))
            .collect(),
    ))
}

/// Batch norm with the running statistics.
pub(super) fn batch_norm(epsilon: f32, operands: &[Operand<'_>]) -> Result<Data, Problem> {
    let x = operands[0].floats()?;
    let [gamma, beta, mean, variance] = [1, 2, 3, 4].map(|i| operands[i].floats());
    let (gamma, beta, mean, variance) = (gamma?, beta?, mean?, variance?);
    let pixels = x.chunks_exact(gamma.len());
    Ok(Data::F32(
        pixels
            .flat_map(|pixel| {
                pixel.iter().enumerate().map(|(c, x)| {
                    gamma[c] * (x - mean[c]) / (variance[c] + epsilon).sqrt() + beta[c]
                })
            })
            .collect(),
    ))
}

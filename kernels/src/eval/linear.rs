//! What convolutions and dense layers share: products, sums, biases and rounding.
//!
//! Integers enter as `q - zero_point`, so that padding is zero for integers as for floats, and in
//! `f32`, which holds them and their products exactly.

use crate::op::Fused;
use crate::tensor::{Data, DataType, Tensor};

use super::gemm::Sum;
use super::operand::{Operand, Problem};
use super::quantized::{Grid, Rounding, store, whole};
use super::vectors::extend_rows;

/// Computes sums of products of `x` and weights.
pub(super) trait Products {
    /// Hands the sums of whole pixels, `[pixels, out_c]`, to `take`, in row-major order.
    fn run<S: Sum>(&self, x: &[f32], w: &[f32], take: &mut dyn FnMut(&[S]));
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
    let channels = weights.shape()[out_axis];
    if output.dtype == DataType::F32 {
        let bias = match bias {
            Some(bias) => bias.floats()?,
            None => &vec![0.0; channels],
        };
        let mut results = Vec::with_capacity(output.shape.elements());
        products.run(x.floats()?, weights.floats()?, &mut |sums: &[f32]| {
            let finish = |sum, bias| activate(fused, sum + bias);
            extend_rows(&mut results, sums, bias, finish);
        });
        return Ok(Data::F32(results.into()));
    }
    let grid = Grid::of(output)?;
    let (x_grid, x) = x.centered(f32::from)?;
    let weights = Weights::quantized(weights, out_axis, bias)?;
    let finishes: Vec<(i32, f32)> = (0..channels)
        .map(|c| {
            let ratio = x_grid.scale * weights.scale(c) / grid.scale;
            (weights.bias.map_or(0, |bias| bias[c]), ratio)
        })
        .collect();
    let rounding = Rounding::new(grid, fused);
    let mut results = Vec::with_capacity(output.shape.elements());
    products.run(&x, &weights.values, &mut |sums: &[i32]| {
        extend_rows(&mut results, sums, &finishes, |sum, (bias, ratio)| {
            rounding.byte(sum.wrapping_add(bias) as f32 * ratio)
        });
    });
    Ok(store(output, results))
}

/// 8-bit weights less their zero points, proven not to overflow a sum.
struct Weights<'a> {
    values: Vec<f32>,
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
        let mut values = weights.stored()?;
        if quantization.zero_points.iter().any(|&zero| zero != 0) {
            let channels = shape[out_axis];
            let inner: usize = shape[out_axis + 1..].iter().product();
            let per_channel = quantization.axis.is_some();
            for (i, value) in values.iter_mut().enumerate() {
                let channel = if per_channel { i / inner % channels } else { 0 };
                *value -= quantization.zero_points[channel] as f32;
            }
        }
        let bias = bias.map(Operand::ints).transpose()?;
        sums_fit(name, &values, values.len() / shape[out_axis], bias)?;
        Ok(Self {
            values,
            scales: &quantization.scales,
            bias,
        })
    }

    /// The scale of an output channel.
    const fn scale(&self, channel: usize) -> f32 {
        match self.scales {
            &[scale] => scale,
            scales => scales[channel],
        }
    }
}

/// Proves that no sum of `taps` products with elements of up to 255, plus a bias, exceeds `i32`.
fn sums_fit(name: &str, values: &[f32], taps: usize, bias: Option<&[i32]>) -> Result<(), Problem> {
    let weight = values.iter().map(|w| whole(w.abs())).max().unwrap_or(0);
    let bias = bias.into_iter().flatten().map(|b| b.unsigned_abs()).max();
    let product = 255 * u128::from(weight.unsigned_abs());
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
    let mut results = Vec::with_capacity(x.len());
    extend_rows(&mut results, x, bias, |x, bias| x + bias);
    Ok(Data::F32(results.into()))
}

/// Batch norm with the running statistics.
pub(super) fn batch_norm(epsilon: f32, operands: &[Operand<'_>]) -> Result<Data, Problem> {
    let x = operands[0].floats()?;
    let [gamma, beta, mean, variance] = [1, 2, 3, 4].map(|i| operands[i].floats());
    let (gamma, beta, mean, variance) = (gamma?, beta?, mean?, variance?);
    let channels: Vec<[f32; 4]> = (0..gamma.len())
        .map(|c| [gamma[c], mean[c], (variance[c] + epsilon).sqrt(), beta[c]])
        .collect();
    let mut results = Vec::with_capacity(x.len());
    let normalized =
        |x: f32, [gamma, mean, deviation, beta]: [f32; 4]| gamma * (x - mean) / deviation + beta;
    extend_rows(&mut results, x, &channels, normalized);
    Ok(Data::F32(results.into()))
}

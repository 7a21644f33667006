//! A scale and a shift per channel, and how weights and biases take them in.
//!
//! Batch norm is `y = scale * x + shift` with `scale = gamma / sqrt(variance + epsilon)` and
//! `shift = beta - scale * mean`.

use crate::op::{Fused, Op};
use crate::tensor::Shape;

/// `y = scale * x + shift`, per channel.
pub(super) struct Affine {
    /// `[c]`.
    pub(super) scale: Vec<f32>,
    /// `[c]`.
    pub(super) shift: Vec<f32>,
}

/// Where output channels lie in weights.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// Dimension 0: convolution and dense.
    First,
    /// Dimension 3: depthwise convolution.
    Last,
}

impl Layout {
    /// The layout of the weights of `op`, if its result is linear in them: no activation fused.
    pub(super) const fn of(op: &Op) -> Option<Self> {
        match op {
            Op::Conv2d(conv) if matches!(conv.fused, Fused::None) => Some(Self::First),
            Op::Dense { fused: Fused::None } => Some(Self::First),
            Op::DepthwiseConv2d(conv) if matches!(conv.fused, Fused::None) => Some(Self::Last),
            Op::Conv2d(_)
            | Op::DepthwiseConv2d(_)
            | Op::Dense { .. }
            | Op::BatchNorm { .. }
            | Op::Bias
            | Op::Unary(_)
            | Op::Softmax
            | Op::Binary(_)
            | Op::Concat { .. }
            | Op::Pool2d(_)
            | Op::GlobalAveragePool { .. }
            | Op::Resize(_)
            | Op::Pad { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Slice(_)
            | Op::ArgMax { .. }
            | Op::Quantize
            | Op::Dequantize
            | Op::Foreign { .. } => None,
        }
    }

    /// The dimension of the weights that counts output channels.
    pub(super) const fn out_axis(self) -> usize {
        match self {
            Self::First => 0,
            Self::Last => 3,
        }
    }
}

impl Affine {
    pub(super) fn batch_norm(
        gamma: &[f32],
        beta: &[f32],
        mean: &[f32],
        variance: &[f32],
        epsilon: f32,
    ) -> Self {
        let scale: Vec<f32> = gamma
            .iter()
            .zip(variance)
            .map(|(gamma, variance)| gamma / (variance + epsilon).sqrt())
            .collect();
        let shift = beta
            .iter()
            .zip(mean)
            .zip(&scale)
            .map(|((beta, mean), scale)| beta - scale * mean)
            .collect();
        Self { scale, shift }
    }

    /// The weights times the scale of their output channel.
    pub(super) fn weights(&self, weights: &[f32], shape: &Shape, layout: Layout) -> Vec<f32> {
        let channels = shape[layout.out_axis()];
        let per_channel = weights.len() / channels;
        let channel_of = |index: usize| match layout {
            Layout::First => index / per_channel,
            Layout::Last => index % channels,
        };
        weights
            .iter()
            .enumerate()
            .map(|(i, w)| w * self.scale[channel_of(i)])
            .collect()
    }

    /// The bias, zero where there is none, under the scale and the shift.
    pub(super) fn bias(&self, bias: Option<&[f32]>) -> Vec<f32> {
        let channels = self.shift.iter().zip(&self.scale).enumerate();
        channels
            .map(|(c, (shift, scale))| scale * bias.map_or(0.0, |b| b[c]) + shift)
            .collect()
    }

    pub(super) fn is_finite(&self) -> bool {
        self.scale.iter().chain(&self.shift).all(|v| v.is_finite())
    }
}

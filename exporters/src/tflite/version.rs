//! The version of each operator: the lowest that means what was written, as TensorFlow's
//! converter chooses it. Compilers refuse versions they do not know, so that
//! a resize without half-pixel centers must say 2, never 3.

use super::schema::Builtin;

/// What the version of an operator depends on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traits {
    /// Whether activations are 8-bit integers.
    pub(super) quantized: bool,
    /// Whether weights have a scale per channel.
    pub(super) per_channel: bool,
    /// Whether a window skips elements.
    pub(super) dilated: bool,
    /// Whether input channels are divided into groups.
    pub(super) grouped: bool,
    /// Whether a matrix product keeps the outer dimensions.
    pub(super) keep_dims: bool,
    /// Whether a nearest resize uses half-pixel centers or aligned corners, or a bilinear one
    /// half-pixel centers.
    pub(super) centered: bool,
}

/// The version to write.
pub(super) const fn version(code: Builtin, traits: Traits) -> i32 {
    let quantized_is_2 = if traits.quantized { 2 } else { 1 };
    match code {
        Builtin::Conv2d if traits.grouped => 6,
        Builtin::Conv2d | Builtin::DepthwiseConv2d if traits.quantized => 3,
        Builtin::DepthwiseConv2d if traits.dilated => 2,
        Builtin::Conv2d | Builtin::DepthwiseConv2d => 1,
        Builtin::FullyConnected if traits.per_channel => 12,
        Builtin::FullyConnected if traits.keep_dims => 5,
        Builtin::FullyConnected if traits.quantized => 4,
        Builtin::FullyConnected => 1,
        Builtin::ResizeBilinear | Builtin::ResizeNearestNeighbor if traits.centered => 3,
        Builtin::Add
        | Builtin::AveragePool2d
        | Builtin::Concatenation
        | Builtin::Logistic
        | Builtin::MaxPool2d
        | Builtin::Mul
        | Builtin::Relu
        | Builtin::Relu6
        | Builtin::ResizeBilinear
        | Builtin::ResizeNearestNeighbor
        | Builtin::Softmax
        | Builtin::Pad
        | Builtin::Transpose
        | Builtin::Mean
        | Builtin::Sub
        | Builtin::StridedSlice
        | Builtin::ArgMax
        | Builtin::Dequantize => quantized_is_2,
        Builtin::Reshape | Builtin::Quantize | Builtin::HardSwish => 1,
    }
}

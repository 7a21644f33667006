//! The closed vocabulary of operators.
//!
//! Every table over [`Op`] is an exhaustive `match`: a new operator is a list of compile errors.
//! Windows (convolution, pooling) follow
//! `out = floor((in + before + after - dilation * (kernel - 1) - 1) / stride) + 1`.

/// What a node computes. Operands are listed in the order of [`crate::Node::inputs`].
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Convolution: `x [n, h, w, in_c]`, weights `[out_c, k_h, k_w, in_c / groups]`,
    /// optional bias `[out_c]`.
    Conv2d(Conv2d),
    /// Depthwise convolution: `x [n, h, w, in_c]`, weights `[1, k_h, k_w, in_c * multiplier]`,
    /// optional bias `[in_c * multiplier]`. Output channel `o` reads input channel
    /// `o / multiplier`.
    DepthwiseConv2d(DepthwiseConv2d),
    /// Matrix product over the last dimension: `x [.., in_c]`, weights `[out_c, in_c]`,
    /// optional bias `[out_c]`.
    Dense {
        /// Applied to the sum.
        fused: Fused,
    },
    /// `gamma * (x - mean) / sqrt(variance + epsilon) + beta` over the last dimension:
    /// `x`, gamma, beta, mean, variance, each `[c]`. Floats only.
    BatchNorm {
        /// Added to the variance; positive.
        epsilon: f32,
    },
    /// `x + bias` over the last dimension: `x`, bias `[c]`. Floats only.
    Bias,
    /// An elementwise function of `x`.
    Unary(Unary),
    /// `exp(x) / sum(exp(x))` over the last dimension of `x`.
    Softmax,
    /// An elementwise function of `x` and `y`, broadcast as NumPy does.
    Binary(Binary),
    /// The inputs, one or more, laid end to end along `axis`.
    Concat {
        /// The dimension that grows.
        axis: usize,
    },
    /// Maximum or mean over a window of `x [n, h, w, c]`.
    Pool2d(Pool2d),
    /// The mean over height and width of `x [n, h, w, c]`.
    GlobalAveragePool {
        /// `[n, 1, 1, c]` when set, `[n, c]` otherwise.
        keep_dims: bool,
    },
    /// `x [n, h, w, c]` resampled to another height and width.
    Resize(Resize),
    /// `x` with zeros (the zero point, when quantized) around it.
    Pad {
        /// Elements added before and after, per dimension.
        amounts: Vec<[usize; 2]>,
    },
    /// `x` under another shape of as many elements.
    Reshape {
        /// The new extents.
        shape: Vec<usize>,
    },
    /// `x` with its dimensions reordered: output dimension `i` is input dimension
    /// `permutation[i]`.
    Transpose {
        /// Each input dimension once.
        permutation: Vec<usize>,
    },
    /// Every `stride`-th element of `x` from `begin` up to, not including, `end`.
    Slice(Slice),
    /// The index of the largest element along `axis`, the lowest at a tie, as `i32` or `i64`;
    /// the dimension is removed.
    ArgMax {
        /// The dimension that is searched.
        axis: usize,
    },
    /// `x` under the quantization of the output: floats to integers, or integers to integers.
    Quantize,
    /// Quantized integers to floats.
    Dequantize,
    /// An operator that the vocabulary lacks, kept from a file so that it is priced and listed.
    /// It has any number of operands and results and cannot be evaluated.
    Foreign {
        /// Its name in the file it came from.
        kind: String,
        /// Its multiply-accumulates, where the reader of the file knows how to count them.
        macs: Option<u64>,
    },
}

/// An activation applied to the result of another operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fused {
    /// The result as it is.
    None,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
}

/// Zeros (the zero point, when quantized) assumed around the input of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the left.
    pub left: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Padding {
    /// No padding.
    pub const VALID: Self = Self {
        top: 0,
        bottom: 0,
        left: 0,
        right: 0,
    };

    /// The padding that TensorFlow calls `SAME`: `out = ceil(in / stride)`, the odd row and
    /// column at the bottom and the right.
    ///
    /// `input`, `kernel`, `stride` and `dilation` are `[height, width]`.
    #[must_use]
    pub fn same(
        input: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
    ) -> Self {
        let [(top, bottom), (left, right)] = [0, 1].map(|d| {
            let out = input[d].div_ceil(stride[d]);
            let reach = out.saturating_sub(1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1;
            let total = reach.saturating_sub(input[d]);
            (total / 2, total - total / 2)
        });
        Self {
            top,
            bottom,
            left,
            right,
        }
    }
}

/// The attributes of [`Op::Conv2d`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conv2d {
    /// Rows and columns from one window to the next; at least 1.
    pub stride: [usize; 2],
    /// Rows and columns between the taps of a window; at least 1.
    pub dilation: [usize; 2],
    /// Around the input.
    pub padding: Padding,
    /// Divides the input and the output channels; 1 for an ordinary convolution. One group per
    /// input channel is [`Op::DepthwiseConv2d`] instead.
    pub groups: usize,
    /// Applied to the sum.
    pub fused: Fused,
}

/// The attributes of [`Op::DepthwiseConv2d`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DepthwiseConv2d {
    /// Rows and columns from one window to the next; at least 1.
    pub stride: [usize; 2],
    /// Rows and columns between the taps of a window; at least 1.
    pub dilation: [usize; 2],
    /// Around the input.
    pub padding: Padding,
    /// Output channels per input channel; at least 1.
    pub multiplier: usize,
    /// Applied to the sum.
    pub fused: Fused,
}

/// The functions of [`Op::Unary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `x * min(max(x + 3, 0), 6) / 6`.
    HardSwish,
}

/// The attributes of [`Op::Binary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binary {
    /// The function.
    pub kind: BinaryKind,
    /// Applied to the result.
    pub fused: Fused,
}

/// The functions of [`Op::Binary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryKind {
    /// `x + y`.
    Add,
    /// `x - y`.
    Sub,
    /// `x * y`.
    Mul,
}

/// The attributes of [`Op::Pool2d`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pool2d {
    /// What is taken of a window.
    pub kind: PoolKind,
    /// Height and width of the window; at least 1.
    pub kernel: [usize; 2],
    /// Rows and columns from one window to the next; at least 1.
    pub stride: [usize; 2],
    /// Around the input; padding never takes part in the maximum or the mean.
    pub padding: Padding,
}

/// What [`Op::Pool2d`] takes of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolKind {
    /// The largest element.
    Max,
    /// The mean of the elements inside the image.
    Average,
}

/// The attributes of [`Op::Resize`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resize {
    /// How elements between the grid points are found.
    pub mode: ResizeMode,
    /// How output positions map to input positions.
    pub coordinates: Coordinates,
    /// The new height and width; at least 1.
    pub size: [usize; 2],
}

/// How [`Op::Resize`] reads between grid points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResizeMode {
    /// The grid point that TFLite takes: the floor of the position (`Asymmetric`), the floor of
    /// the position plus a half (`HalfPixel`), or the position rounded half away from zero
    /// (`AlignCorners`).
    Nearest,
    /// Linear in both directions; positions outside the image take its edge.
    Bilinear,
}

/// How [`Op::Resize`] maps output index `o` to an input position, per dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coordinates {
    /// `o * in / out`.
    Asymmetric,
    /// `(o + 1/2) * in / out - 1/2`.
    HalfPixel,
    /// `o * (in - 1) / (out - 1)`; 0 when `out` is 1.
    AlignCorners,
}

/// The attributes of [`Op::Slice`], one element per dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slice {
    /// The first index taken.
    pub begin: Vec<usize>,
    /// The first index not taken; at most the extent.
    pub end: Vec<usize>,
    /// From one index taken to the next; at least 1.
    pub stride: Vec<usize>,
}

impl Op {
    /// The name in tables, errors and profiles, such as `conv2d`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Conv2d(_) => "conv2d",
            Self::DepthwiseConv2d(_) => "depthwise_conv2d",
            Self::Dense { .. } => "dense",
            Self::BatchNorm { .. } => "batch_norm",
            Self::Bias => "bias",
            Self::Unary(Unary::Relu) => "relu",
            Self::Unary(Unary::Relu6) => "relu6",
            Self::Unary(Unary::Sigmoid) => "sigmoid",
            Self::Unary(Unary::HardSwish) => "hard_swish",
            Self::Softmax => "softmax",
            Self::Binary(binary) => match binary.kind {
                BinaryKind::Add => "add",
                BinaryKind::Sub => "sub",
                BinaryKind::Mul => "mul",
            },
            Self::Concat { .. } => "concat",
            Self::Pool2d(pool) => match pool.kind {
                PoolKind::Max => "max_pool",
                PoolKind::Average => "average_pool",
            },
            Self::GlobalAveragePool { .. } => "global_average_pool",
            Self::Resize(resize) => match resize.mode {
                ResizeMode::Nearest => "resize_nearest",
                ResizeMode::Bilinear => "resize_bilinear",
            },
            Self::Pad { .. } => "pad",
            Self::Reshape { .. } => "reshape",
            Self::Transpose { .. } => "transpose",
            Self::Slice(_) => "slice",
            Self::ArgMax { .. } => "argmax",
            Self::Quantize => "quantize",
            Self::Dequantize => "dequantize",
            Self::Foreign { kind, .. } => kind,
        }
    }

    /// The fewest and the most operands; `None` where there is no most.
    #[must_use]
    pub const fn arity(&self) -> (usize, Option<usize>) {
        match self {
            Self::Conv2d(_) | Self::DepthwiseConv2d(_) | Self::Dense { .. } => (2, Some(3)),
            Self::BatchNorm { .. } => (5, Some(5)),
            Self::Bias | Self::Binary(_) => (2, Some(2)),
            Self::Concat { .. } => (1, None),
            Self::Unary(_)
            | Self::Softmax
            | Self::Pool2d(_)
            | Self::GlobalAveragePool { .. }
            | Self::Resize(_)
            | Self::Pad { .. }
            | Self::Reshape { .. }
            | Self::Transpose { .. }
            | Self::Slice(_)
            | Self::ArgMax { .. }
            | Self::Quantize
            | Self::Dequantize => (1, Some(1)),
            Self::Foreign { .. } => (0, None),
        }
    }
}

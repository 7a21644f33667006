//! What every operator is in libtorch.
//!
//! Values keep the graph's layout: `[n, h, w, c]`, contiguous. libtorch's convolutions, pools and
//! batch norms read `[n, c, h, w]`; a permuted view of such a tensor is exactly what libtorch
//! calls channels last, its fastest layout for these networks, so nothing is copied.
//!
//! The first extent of the graph is the batch; these functions run any number of images.

use ednas::train::Precision;
use kernels::Op;
use kernels::op::{
    Binary, BinaryKind, Conv2d, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind, Slice, Unary,
};
use tch::{Kind, Tensor};

use crate::resize::resize;

/// Whether batch norms use the statistics of the batch or the running ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    /// The statistics of the batch; the running ones move `1 - decay` of the way to them.
    Train {
        /// What the running statistics keep of themselves, 0 to 1.
        decay: f64,
        /// What convolutions compute in.
        precision: Precision,
    },
    /// The running statistics.
    Evaluate,
}

/// An operator that cannot be executed here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operator {0} cannot be executed on this data in training")]
pub(crate) struct Unsupported(String);

impl Unsupported {
    /// The refusal of `op`.
    pub(crate) fn of(op: &Op) -> Self {
        Self(op.name().to_owned())
    }
}

/// The result of `op` for `inputs`, in the order the operator documents.
pub(crate) fn apply(op: &Op, inputs: &[&Tensor], mode: Mode) -> Result<Tensor, Unsupported> {
    match (mode, operand_kind(op)) {
        (
            Mode::Train {
                precision: Precision::Mixed,
                ..
            },
            Some(kind),
        ) => {
            let inputs: Vec<Tensor> = inputs.iter().map(|x| x.to_kind(kind)).collect();
            compute(op, &inputs.iter().collect::<Vec<_>>(), mode)
        }
        _ => compute(op, inputs, mode),
    }
}

/// What the operands of `op` are brought to in mixed precision; the others take what comes.
const fn operand_kind(op: &Op) -> Option<Kind> {
    match op {
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. } => Some(Kind::BFloat16),
        Op::Softmax | Op::Resize(_) => Some(Kind::Float),
        Op::BatchNorm { .. }
        | Op::Bias
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
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

fn compute(op: &Op, inputs: &[&Tensor], mode: Mode) -> Result<Tensor, Unsupported> {
    let x = inputs[0];
    let bias = inputs.get(2).copied();
    Ok(match op {
        Op::Conv2d(conv) => conv2d(conv, x, inputs[1], bias),
        Op::DepthwiseConv2d(conv) => depthwise(conv, x, inputs[1], bias),
        Op::Dense { fused } => activate(*fused, x.linear(inputs[1], bias)),
        Op::BatchNorm { epsilon } => batch_norm(inputs, *epsilon, mode),
        Op::Bias => x + inputs[1],
        Op::Unary(unary) => self::unary(*unary, x),
        Op::Softmax => x.softmax(-1, Kind::Float),
        Op::Binary(binary) => self::binary(*binary, x, inputs[1]),
        Op::Concat { axis } => Tensor::cat(inputs, extent(*axis)),
        Op::Pool2d(pool) => pool2d(pool, x),
        Op::GlobalAveragePool { keep_dims } => {
            x.mean_dim([1_i64, 2].as_slice(), *keep_dims, Kind::Float)
        }
        Op::Resize(sampling) => resize(sampling, x),
        Op::Pad { amounts } => pad(x, amounts, 0.0),
        Op::Reshape { shape } => reshape(x, shape),
        Op::Transpose { permutation } => x.permute(extents(permutation)).contiguous(),
        Op::Slice(slice) => self::slice(slice, x),
        Op::ArgMax { axis } => x.argmax(extent(*axis), false).to_kind(Kind::Int),
        Op::Quantize | Op::Dequantize | Op::Foreign { .. } => {
            return Err(Unsupported::of(op));
        }
    })
}

/// `[n, h, w, c]` as `[n, c, h, w]`, the same memory.
pub(crate) fn to_nchw(x: &Tensor) -> Tensor {
    x.permute([0, 3, 1, 2])
}

/// `[n, c, h, w]` as `[n, h, w, c]`; the same memory when it was channels last.
pub(crate) fn to_nhwc(x: &Tensor) -> Tensor {
    x.permute([0, 2, 3, 1]).contiguous()
}

/// A count as libtorch takes it.
pub(crate) fn extent(count: usize) -> i64 {
    i64::try_from(count).expect("a verified graph's extents are countable")
}

/// Counts as libtorch takes them.
pub(crate) fn extents(counts: &[usize]) -> Vec<i64> {
    counts.iter().map(|&count| extent(count)).collect()
}

fn conv2d(conv: &Conv2d, x: &Tensor, weights: &Tensor, bias: Option<&Tensor>) -> Tensor {
    if let Some(matrix) = matrix(conv, weights) {
        return activate(conv.fused, x.linear(&matrix, bias));
    }
    let (x, padding) = padded(x, conv.padding, weights);
    let y = to_nchw(&x).conv2d(
        &weights.permute([0, 3, 1, 2]),
        bias,
        extents(&conv.stride),
        padding,
        extents(&conv.dilation),
        extent(conv.groups),
    );
    activate(conv.fused, to_nhwc(&y))
}

/// The weights of a pointwise convolution as the matrix that it multiplies pixels with, `[out, in]`.
/// One product is faster than libtorch's convolution, which makes one per image on a single thread.
fn matrix(conv: &Conv2d, weights: &Tensor) -> Option<Tensor> {
    let [out_c, 1, 1, in_c] = weights.size()[..] else {
        return None;
    };
    let is_pointwise = conv.stride == [1; 2] && conv.groups == 1 && conv.padding == Padding::VALID;
    is_pointwise.then(|| weights.reshape([out_c, in_c]))
}

fn depthwise(
    conv: &DepthwiseConv2d,
    x: &Tensor,
    weights: &Tensor,
    bias: Option<&Tensor>,
) -> Tensor {
    let (x, padding) = padded(x, conv.padding, weights);
    let y = to_nchw(&x).conv2d(
        &weights.permute([3, 0, 1, 2]),
        bias,
        extents(&conv.stride),
        padding,
        extents(&conv.dilation),
        x.size()[3],
    );
    activate(conv.fused, to_nhwc(&y))
}

/// Padding that is alike on both sides is left to the operator, otherwise zeros are added first; and
/// where windows are larger than the image, whose gradient libtorch is slow to find.
fn padded(x: &Tensor, padding: Padding, weights: &Tensor) -> (Tensor, [i64; 2]) {
    let is_even = padding.top == padding.bottom && padding.left == padding.right;
    let holds_a_window = (1..3).all(|axis| x.size()[axis] >= weights.size()[axis]);
    if is_even && holds_a_window {
        return (
            x.shallow_clone(),
            [extent(padding.top), extent(padding.left)],
        );
    }
    (pad(x, &around(padding), 0.0), [0, 0])
}

fn around(padding: Padding) -> [[usize; 2]; 4] {
    [
        [0, 0],
        [padding.top, padding.bottom],
        [padding.left, padding.right],
        [0, 0],
    ]
}

fn batch_norm(inputs: &[&Tensor], epsilon: f32, mode: Mode) -> Tensor {
    let (training, decay) = match mode {
        Mode::Train { decay, .. } => (true, decay),
        Mode::Evaluate => (false, 1.0),
    };
    // Channels are the second dimension for libtorch and the last one here.
    let x = inputs[0].movedim_int(-1, 1);
    let y = x.batch_norm(
        Some(inputs[1]),
        Some(inputs[2]),
        Some(inputs[3]),
        Some(inputs[4]),
        training,
        1.0 - decay,
        f64::from(epsilon),
        false,
    );
    y.movedim_int(1, -1).contiguous()
}

fn unary(unary: Unary, x: &Tensor) -> Tensor {
    match unary {
        Unary::Relu => x.relu(),
        Unary::Relu6 => x.relu6(),
        Unary::Sigmoid => x.sigmoid(),
        Unary::HardSwish => x.hardswish(),
    }
}

fn binary(binary: Binary, x: &Tensor, y: &Tensor) -> Tensor {
    let z = match binary.kind {
        BinaryKind::Add => x + y,
        BinaryKind::Sub => x - y,
        BinaryKind::Mul => x * y,
    };
    activate(binary.fused, z)
}

fn activate(fused: Fused, x: Tensor) -> Tensor {
    match fused {
        Fused::None => x,
        Fused::Relu => x.relu(),
        Fused::Relu6 => x.relu6(),
    }
}

fn pool2d(pool: &Pool2d, x: &Tensor) -> Tensor {
    let (kernel, stride) = (extents(&pool.kernel), extents(&pool.stride));
    match pool.kind {
        PoolKind::Max => {
            let x = pad(x, &around(pool.padding), f64::NEG_INFINITY);
            let unit = [1_i64, 1];
            to_nhwc(&to_nchw(&x).max_pool2d(kernel, stride, [0_i64, 0], unit, false))
        }
        PoolKind::Average => {
            let sums = |x: &Tensor| {
                let x = to_nchw(&pad(x, &around(pool.padding), 0.0));
                x.avg_pool2d(&kernel, &stride, [0_i64, 0], false, true, 1)
            };
            let [_, h, w, _] = x.size()[..] else {
                unreachable!("a verified pool has four dimensions")
            };
            let inside = Tensor::ones([1, h, w, 1], (Kind::Float, x.device()));
            to_nhwc(&(sums(x) / sums(&inside)))
        }
    }
}

fn pad(x: &Tensor, amounts: &[[usize; 2]], value: f64) -> Tensor {
    if amounts.iter().all(|amounts| *amounts == [0, 0]) {
        return x.shallow_clone();
    }
    // libtorch lists the last dimension first.
    let amounts: Vec<i64> = amounts.iter().rev().flatten().map(|&n| extent(n)).collect();
    x.pad(amounts, "constant", value)
}

/// The first extent is found from the number of elements, since the batch may differ.
fn reshape(x: &Tensor, shape: &[usize]) -> Tensor {
    let mut shape = extents(shape);
    if let Some(batch) = shape.first_mut() {
        *batch = -1;
    }
    x.reshape(shape)
}

fn slice(slice: &Slice, x: &Tensor) -> Tensor {
    let mut y = x.shallow_clone();
    for (d, &begin) in slice.begin.iter().enumerate().skip(1) {
        let (end, stride) = (extent(slice.end[d]), extent(slice.stride[d]));
        y = y.slice(extent(d), extent(begin), end, stride);
    }
    y.contiguous()
}

//! The table of operators: which file computes each.

use crate::op::Op;
use crate::tensor::{Data, Tensor};

use super::operand::{Operand, Problem};
use super::{
    binary, conv, conversion, dense, depthwise, global_pool, layout, linear, pool, resize, search,
    softmax, unary,
};

/// The result of `op`.
pub(super) fn apply(op: &Op, operands: &[Operand<'_>], output: &Tensor) -> Result<Data, Problem> {
    let x = operands
        .first()
        .ok_or_else(|| Problem("has no operands".to_owned()))?;
    match op {
        Op::Conv2d(attributes) => conv::conv2d(attributes, operands, output),
        Op::DepthwiseConv2d(attributes) => depthwise::depthwise(attributes, operands, output),
        Op::Dense { fused } => dense::dense(*fused, operands, output),
        Op::BatchNorm { epsilon } => linear::batch_norm(*epsilon, operands),
        Op::Bias => linear::bias(operands),
        Op::Unary(function) => unary::unary(*function, x, output),
        Op::Softmax => softmax::softmax(x, output),
        Op::Binary(attributes) => binary::binary(*attributes, x, &operands[1], output),
        Op::Concat { axis } => layout::concat(*axis, operands, output),
        Op::Pool2d(attributes) => pool::pool2d(attributes, x, output),
        Op::GlobalAveragePool { .. } => global_pool::global_average_pool(x, output),
        Op::Resize(attributes) => resize::resize(*attributes, x, output),
        Op::Pad { amounts } => layout::pad(amounts, x, output),
        Op::Reshape { .. } => layout::reshape(x, output),
        Op::Transpose { permutation } => layout::transpose(permutation, x, output),
        Op::Slice(attributes) => layout::slice(attributes, x, output),
        Op::ArgMax { axis } => search::arg_max(*axis, x, output),
        Op::Quantize => conversion::quantize(x, output),
        Op::Dequantize => conversion::dequantize(x),
        Op::Foreign { kind, .. } => Err(Problem(format!("{kind} is not in the vocabulary"))),
    }
}

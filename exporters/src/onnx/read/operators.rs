//! The table of operators: what each is in the vocabulary.

use kernels::op::{BinaryKind, PoolKind, Unary};

use super::operator::{Domain, Operator};
use super::raise::Raising;
use super::{
    elementwise, foreign, joins, moves, products, quantized, reduce, resize, views, windows,
};
use crate::ReadError;

/// Adds what a node computes to the graph.
pub(super) fn raise<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<(), ReadError> {
    let is_known = match operator.domain() {
        Domain::Onnx => seen(raising, operator)? || computed(raising, operator)?,
        Domain::Microsoft => of_onnxruntime(raising, operator)?,
        Domain::Other => false,
    };
    if is_known {
        return Ok(());
    }
    foreign::foreign(raising, operator)
}

/// Operators that add nothing to the graph by themselves; `false` where it is none.
pub(super) fn seen<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    match &*operator.node.op_type {
        "Identity" | "Dropout" => views::identity(raising, operator),
        "Cast" => views::cast(raising, operator),
        "Reshape" => views::reshape(raising, operator),
        "Flatten" => views::flatten(raising, operator),
        "Squeeze" => views::squeeze(raising, operator),
        "Unsqueeze" => views::unsqueeze(raising, operator),
        "Transpose" => views::transpose(raising, operator),
        "DequantizeLinear" => quantized::dequantize(raising, operator),
        "QuantizeLinear" => quantized::quantize(raising, operator),
        _ => Ok(false),
    }
}

fn computed<'f>(raising: &mut Raising<'f, '_>, operator: &Operator<'f>) -> Result<bool, ReadError> {
    match &*operator.node.op_type {
        "Conv" => windows::conv(raising, operator),
        "QLinearConv" => windows::quantized_conv(raising, operator),
        "MaxPool" => windows::pool(raising, operator, PoolKind::Max),
        "AveragePool" => windows::pool(raising, operator, PoolKind::Average),
        "GlobalAveragePool" => windows::global_pool(raising, operator, PoolKind::Average),
        "GlobalMaxPool" => windows::global_pool(raising, operator, PoolKind::Max),
        "MatMul" => products::mat_mul(raising, operator),
        "Gemm" => products::gemm(raising, operator),
        "QLinearMatMul" => products::quantized_product(raising, operator),
        "Add" => elementwise::binary(raising, operator, BinaryKind::Add),
        "Sub" => elementwise::binary(raising, operator, BinaryKind::Sub),
        "Mul" => elementwise::binary(raising, operator, BinaryKind::Mul),
        "Sum" => elementwise::sum(raising, operator),
        "Relu" => elementwise::unary(raising, operator, Unary::Relu),
        "Clip" => elementwise::clip(raising, operator),
        "Sigmoid" => elementwise::unary(raising, operator, Unary::Sigmoid),
        "HardSwish" => elementwise::unary(raising, operator, Unary::HardSwish),
        "HardSigmoid" => elementwise::hard_sigmoid(raising, operator),
        "Softmax" => elementwise::softmax(raising, operator),
        "BatchNormalization" => elementwise::batch_norm(raising, operator),
        "Concat" => joins::concat(raising, operator),
        "Slice" => moves::slice(raising, operator),
        "Split" => moves::split(raising, operator),
        "Gather" => moves::gather(raising, operator),
        "Pad" => joins::pad(raising, operator),
        "Resize" | "Upsample" => resize::resize(raising, operator),
        "ArgMax" => reduce::arg_max(raising, operator),
        "ReduceMean" => reduce::reduce_mean(raising, operator),
        "DepthToSpace" => views::depth_and_space(raising, operator, true),
        "SpaceToDepth" => views::depth_and_space(raising, operator, false),
        _ => Ok(false),
    }
}

/// What onnxruntime's quantizer writes beside ONNX's own operators.
fn of_onnxruntime<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    match &*operator.node.op_type {
        "DequantizeLinear" => quantized::dequantize(raising, operator),
        "QuantizeLinear" => quantized::quantize(raising, operator),
        "QLinearAdd" => elementwise::quantized_binary(raising, operator, BinaryKind::Add),
        "QLinearMul" => elementwise::quantized_binary(raising, operator, BinaryKind::Mul),
        "QLinearSigmoid" => elementwise::quantized_unary(raising, operator, Unary::Sigmoid),
        "QLinearConcat" => joins::quantized_concat(raising, operator),
        "QGemm" => products::quantized_product(raising, operator),
        _ => Ok(false),
    }
}

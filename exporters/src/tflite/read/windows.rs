//! Sliding windows: convolutions and pools.

use kernels::op::{Conv2d, DepthwiseConv2d, Padding, Pool2d, PoolKind};
use kernels::{Op, TensorId};

use super::model::Operator;
use super::operators::{Attributes, Plan, Step, first, operand};
use super::raise::Raising;
use crate::ReadError;
use crate::tflite::schema::{Builtin, field, padding};

/// Weights and bias of a convolution or matrix product, as further operands.
pub(super) fn parameters(
    raising: &mut Raising<'_, '_>,
    operator: &Operator<'_, '_>,
    x: TensorId,
    weights: TensorId,
) -> Result<Vec<TensorId>, ReadError> {
    let mut others = vec![raising.real_weights(x, weights)];
    if let Some(&bias) = operator.inputs.get(2).filter(|&&bias| bias != -1) {
        others.push(raising.tensor(bias)?);
    }
    Ok(others)
}

/// A convolution; one with a group per channel has the weights of no operator of the vocabulary
/// and is foreign.
pub(super) fn conv2d(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    use field::conv_2d as f;
    let attributes = Attributes::of(operator, Builtin::Conv2d)?;
    let stride = pair(&attributes, [f::STRIDE_H, f::STRIDE_W], 0, "stride")?;
    let dilation = pair(&attributes, [f::DILATION_H, f::DILATION_W], 1, "dilation")?;
    let activation = attributes.activation(f::FUSED)?;
    let x = first(raising, operator)?;
    let weights = raising.tensor(operand(operator, 1)?)?;
    let [_, in_h, in_w, in_c] = nhwc(raising, x)?;
    let [_, kernel_h, kernel_w, group_in_c] = nhwc(raising, weights)?;
    let groups = in_c / group_in_c;
    if groups > 1 && groups == in_c {
        return Ok(None);
    }
    let conv = Conv2d {
        stride,
        dilation,
        padding: around(
            attributes.i8(f::PADDING)?,
            [in_h, in_w],
            [kernel_h, kernel_w],
            stride,
            dilation,
        )?,
        groups,
        fused: activation.fused(),
    };
    let others = parameters(raising, operator, x, weights)?;
    let mut steps = vec![Step::of(Op::Conv2d(conv), others)];
    steps.extend(activation.rest());
    Ok(Some((x, steps)))
}

pub(super) fn depthwise(raising: &mut Raising<'_, '_>, operator: &Operator<'_, '_>) -> Plan {
    use field::depthwise as f;
    let attributes = Attributes::of(operator, Builtin::DepthwiseConv2d)?;
    let stride = pair(&attributes, [f::STRIDE_H, f::STRIDE_W], 0, "stride")?;
    let dilation = pair(&attributes, [f::DILATION_H, f::DILATION_W], 1, "dilation")?;
    let activation = attributes.activation(f::FUSED)?;
    let x = first(raising, operator)?;
    let weights = raising.tensor(operand(operator, 1)?)?;
    let [_, in_h, in_w, in_c] = nhwc(raising, x)?;
    let [_, kernel_h, kernel_w, out_c] = nhwc(raising, weights)?;
    let conv = DepthwiseConv2d {
        stride,
        dilation,
        padding: around(
            attributes.i8(f::PADDING)?,
            [in_h, in_w],
            [kernel_h, kernel_w],
            stride,
            dilation,
        )?,
        // As runtimes do; the attribute of that name is 0 in some files.
        multiplier: out_c / in_c,
        fused: activation.fused(),
    };
    let others = parameters(raising, operator, x, weights)?;
    let mut steps = vec![Step::of(Op::DepthwiseConv2d(conv), others)];
    steps.extend(activation.rest());
    Ok(Some((x, steps)))
}

pub(super) fn pool2d(
    raising: &mut Raising<'_, '_>,
    operator: &Operator<'_, '_>,
    kind: PoolKind,
) -> Plan {
    use field::pool_2d as f;
    let code = match kind {
        PoolKind::Max => Builtin::MaxPool2d,
        PoolKind::Average => Builtin::AveragePool2d,
    };
    let attributes = Attributes::of(operator, code)?;
    let stride = pair(&attributes, [f::STRIDE_H, f::STRIDE_W], 0, "stride")?;
    let kernel = pair(&attributes, [f::KERNEL_H, f::KERNEL_W], 0, "kernel")?;
    let activation = attributes.activation(f::FUSED)?;
    let x = first(raising, operator)?;
    let [_, in_h, in_w, _] = nhwc(raising, x)?;
    let pool = Pool2d {
        kind,
        kernel,
        stride,
        padding: around(
            attributes.i8(f::PADDING)?,
            [in_h, in_w],
            kernel,
            stride,
            [1, 1],
        )?,
    };
    let mut steps = vec![Step::of(Op::Pool2d(pool), Vec::new())];
    steps.extend(activation.apart());
    Ok(Some((x, steps)))
}

/// Height and width of an attribute.
fn pair(
    attributes: &Attributes<'_>,
    [height, width]: [usize; 2],
    default: i32,
    what: &str,
) -> Result<[usize; 2], ReadError> {
    Ok([
        attributes.positive(height, default, what)?,
        attributes.positive(width, default, what)?,
    ])
}

fn around(
    code: i8,
    input: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
) -> Result<Padding, ReadError> {
    match code {
        padding::SAME => Ok(Padding::same(input, kernel, stride, dilation)),
        padding::VALID => Ok(Padding::VALID),
        code => Err(ReadError::malformed(
            "a padding, 0 (SAME) or 1 (VALID)",
            code,
        )),
    }
}

fn nhwc(raising: &Raising<'_, '_>, id: TensorId) -> Result<[usize; 4], ReadError> {
    let tensor = &raising.graph[id];
    tensor.shape.nhwc().ok_or_else(|| {
        let expected = format!("four dimensions of `{}`", tensor.name);
        ReadError::malformed(expected, &tensor.shape)
    })
}

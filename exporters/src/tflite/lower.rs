//! The operators of the vocabulary as operators of TFLite.

use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Pool2d, PoolKind, Resize,
    ResizeMode, Slice, Unary,
};
use kernels::{DataType, Node, Op};

use super::assembly::{Assembly, Operator, Place, int, type_code};
use super::flatbuffer::{Table, Value};
use super::parts::{
    Window, activation_code, bias, explicit_padding, fused_binary, is_never_negative, output_scale,
    requantized, same_quantization, scale_and_shift, symmetric_weights, unsupported,
};
use super::schema::{Builtin, field};
use super::version::Traits;
use crate::ExportError;

/// Adds the operators that compute `node`.
pub(super) fn lower(file: &mut Assembly, node: &Node) -> Result<(), ExportError> {
    match &node.op {
        Op::Conv2d(conv) => conv2d(file, node, conv),
        Op::DepthwiseConv2d(conv) => depthwise(file, node, conv),
        Op::Dense { fused } => dense(file, node, *fused),
        Op::BatchNorm { epsilon } => scale_and_shift(file, node, *epsilon),
        Op::Bias => {
            let inputs = operands(file, node)?;
            push(file, node, Builtin::Add, inputs, fused_binary(Fused::None))
        }
        Op::Unary(unary) => self::unary(file, node, *unary),
        Op::Softmax => {
            output_scale(file, node, 256.0)?;
            let inputs = operands(file, node)?;
            let options = Table::default().with(field::softmax::BETA, Value::F32(1.0));
            push(file, node, Builtin::Softmax, inputs, options)
        }
        Op::Binary(binary) => self::binary(file, node, *binary),
        Op::Concat { axis } => concat(file, node, *axis),
        Op::Pool2d(pool) => pool2d(file, node, pool),
        Op::GlobalAveragePool { keep_dims } => {
            let options = Table::default().with(field::reducer::KEEP_DIMS, Value::Bool(*keep_dims));
            let axes = (&[2][..], &[1, 2][..]);
            with_integers(file, node, Builtin::Mean, "axes", axes, options)
        }
        Op::Resize(resize) => self::resize(file, node, *resize),
        Op::Pad { amounts } => {
            same_quantization(file, node)?;
            let amounts = (&[amounts.len(), 2][..], amounts.as_flattened());
            with_integers(
                file,
                node,
                Builtin::Pad,
                "amounts",
                amounts,
                Table::default(),
            )
        }
        Op::Reshape { shape } => {
            same_quantization(file, node)?;
            let extents = shape.iter().map(|&d| int(&node.name, d));
            let options = Table::default().with(
                field::reshape::SHAPE,
                Value::I32s(extents.collect::<Result<_, _>>()?),
            );
            let shape = (&[shape.len()][..], &shape[..]);
            with_integers(file, node, Builtin::Reshape, "shape", shape, options)
        }
        Op::Transpose { permutation } => {
            same_quantization(file, node)?;
            let order = (&[permutation.len()][..], &permutation[..]);
            with_integers(
                file,
                node,
                Builtin::Transpose,
                "order",
                order,
                Table::default(),
            )
        }
        Op::Slice(slice) => self::slice(file, node, slice),
        Op::ArgMax { axis } => {
            let output_type = type_code(file.graph[node.outputs[0]].dtype);
            let options =
                Table::default().with(field::arg_max::OUTPUT_TYPE, Value::I8(output_type));
            let axis = (&[1][..], &[*axis][..]);
            with_integers(file, node, Builtin::ArgMax, "axis", axis, options)
        }
        Op::Quantize => {
            let inputs = operands(file, node)?;
            push(file, node, Builtin::Quantize, inputs, Table::default())
        }
        Op::Dequantize => {
            let inputs = operands(file, node)?;
            push(file, node, Builtin::Dequantize, inputs, Table::default())
        }
        Op::Foreign { .. } => Err(unsupported(
            node,
            "it was kept from another file and cannot be written",
        )),
    }
}

fn conv2d(file: &mut Assembly, node: &Node, conv: &Conv2d) -> Result<(), ExportError> {
    use field::conv_2d as f;
    symmetric_weights(file, node)?;
    let weights = &file.graph[node.inputs[1]].shape;
    let (x, padding) = explicit_padding(
        file,
        node,
        &Window {
            kernel: [weights[1], weights[2]],
            stride: conv.stride,
            dilation: conv.dilation,
            padding: conv.padding,
        },
    )?;
    let options = Table::default()
        .with(f::PADDING, Value::I8(padding))
        .with(f::STRIDE_W, Value::I32(int(&node.name, conv.stride[1])?))
        .with(f::STRIDE_H, Value::I32(int(&node.name, conv.stride[0])?))
        .with(f::FUSED, Value::I8(activation_code(conv.fused)))
        .with(
            f::DILATION_W,
            Value::I32(int(&node.name, conv.dilation[1])?),
        )
        .with(
            f::DILATION_H,
            Value::I32(int(&node.name, conv.dilation[0])?),
        );
    let traits = Traits {
        grouped: conv.groups > 1,
        ..traits(file, node)
    };
    let inputs = vec![x, file.tensor(node.inputs[1])?, bias(file, node)?];
    push_as(file, node, Builtin::Conv2d, traits, inputs, options)
}

fn depthwise(file: &mut Assembly, node: &Node, conv: &DepthwiseConv2d) -> Result<(), ExportError> {
    use field::depthwise as f;
    symmetric_weights(file, node)?;
    let weights = &file.graph[node.inputs[1]].shape;
    let (x, padding) = explicit_padding(
        file,
        node,
        &Window {
            kernel: [weights[1], weights[2]],
            stride: conv.stride,
            dilation: conv.dilation,
            padding: conv.padding,
        },
    )?;
    let options = Table::default()
        .with(f::PADDING, Value::I8(padding))
        .with(f::STRIDE_W, Value::I32(int(&node.name, conv.stride[1])?))
        .with(f::STRIDE_H, Value::I32(int(&node.name, conv.stride[0])?))
        .with(f::MULTIPLIER, Value::I32(int(&node.name, conv.multiplier)?))
        .with(f::FUSED, Value::I8(activation_code(conv.fused)))
        .with(
            f::DILATION_W,
            Value::I32(int(&node.name, conv.dilation[1])?),
        )
        .with(
            f::DILATION_H,
            Value::I32(int(&node.name, conv.dilation[0])?),
        );
    let traits = Traits {
        dilated: conv.dilation != [1, 1],
        ..traits(file, node)
    };
    let inputs = vec![x, file.tensor(node.inputs[1])?, bias(file, node)?];
    push_as(
        file,
        node,
        Builtin::DepthwiseConv2d,
        traits,
        inputs,
        options,
    )
}

fn dense(file: &mut Assembly, node: &Node, fused: Fused) -> Result<(), ExportError> {
    use field::fully_connected as f;
    symmetric_weights(file, node)?;
    let keep_dims = file.graph[node.inputs[0]].shape.len() != 2;
    let weights = &file.graph[node.inputs[1]];
    let per_channel = weights
        .quantization
        .as_ref()
        .is_some_and(|q| q.axis.is_some());
    let options = Table::default()
        .with(f::FUSED, Value::I8(activation_code(fused)))
        .with(f::KEEP_DIMS, Value::Bool(keep_dims));
    let traits = Traits {
        keep_dims,
        per_channel,
        ..traits(file, node)
    };
    let x = file.tensor(node.inputs[0])?;
    let inputs = vec![x, file.tensor(node.inputs[1])?, bias(file, node)?];
    push_as(file, node, Builtin::FullyConnected, traits, inputs, options)
}

fn unary(file: &mut Assembly, node: &Node, unary: Unary) -> Result<(), ExportError> {
    let code = match unary {
        Unary::Relu => Builtin::Relu,
        Unary::Relu6 => Builtin::Relu6,
        Unary::Sigmoid => {
            output_scale(file, node, 256.0)?;
            Builtin::Logistic
        }
        Unary::HardSwish => Builtin::HardSwish,
    };
    let inputs = operands(file, node)?;
    push(file, node, code, inputs, Table::default())
}

fn binary(file: &mut Assembly, node: &Node, binary: Binary) -> Result<(), ExportError> {
    let code = match binary.kind {
        BinaryKind::Add => Builtin::Add,
        BinaryKind::Sub => Builtin::Sub,
        BinaryKind::Mul => Builtin::Mul,
    };
    let inputs = operands(file, node)?;
    push(file, node, code, inputs, fused_binary(binary.fused))
}

fn concat(file: &mut Assembly, node: &Node, axis: usize) -> Result<(), ExportError> {
    let inputs: Vec<Place> = node
        .inputs
        .iter()
        .map(|&id| requantized(file, node, id))
        .collect::<Result<_, _>>()?;
    let axis = Value::I32(int(&node.name, axis)?);
    let options = Table::default().with(field::concatenation::AXIS, axis);
    push(file, node, Builtin::Concatenation, inputs, options)
}

fn pool2d(file: &mut Assembly, node: &Node, pool: &Pool2d) -> Result<(), ExportError> {
    use field::pool_2d as f;
    same_quantization(file, node)?;
    let window = Window {
        kernel: pool.kernel,
        stride: pool.stride,
        dilation: [1, 1],
        padding: pool.padding,
    };
    let code = match pool.kind {
        PoolKind::Max => Builtin::MaxPool2d,
        PoolKind::Average => Builtin::AveragePool2d,
    };
    let unmoved_by_zeros =
        pool.kind == PoolKind::Max && is_never_negative(file.graph, node.inputs[0]);
    if window.padding_code(file, node).is_none() && !unmoved_by_zeros {
        let remedy = match pool.kind {
            PoolKind::Max => "pad as SAME does, or put a ReLU before it",
            PoolKind::Average => "pad as SAME does",
        };
        let reason = format!(
            "its padding is neither SAME nor VALID, and zeros around the input would take part in \
             the window; {remedy}"
        );
        return Err(unsupported(node, &reason));
    }
    let (x, padding) = explicit_padding(file, node, &window)?;
    let options = Table::default()
        .with(f::PADDING, Value::I8(padding))
        .with(f::STRIDE_W, Value::I32(int(&node.name, pool.stride[1])?))
        .with(f::STRIDE_H, Value::I32(int(&node.name, pool.stride[0])?))
        .with(f::KERNEL_W, Value::I32(int(&node.name, pool.kernel[1])?))
        .with(f::KERNEL_H, Value::I32(int(&node.name, pool.kernel[0])?));
    push(file, node, code, vec![x], options)
}

fn resize(file: &mut Assembly, node: &Node, resize: Resize) -> Result<(), ExportError> {
    same_quantization(file, node)?;
    let align_corners = resize.coordinates == Coordinates::AlignCorners;
    let half_pixel = resize.coordinates == Coordinates::HalfPixel;
    let (code, options, centered) = match resize.mode {
        ResizeMode::Nearest => (
            Builtin::ResizeNearestNeighbor,
            Table::default()
                .with(
                    field::resize_nearest::ALIGN_CORNERS,
                    Value::Bool(align_corners),
                )
                .with(field::resize_nearest::HALF_PIXEL, Value::Bool(half_pixel)),
            half_pixel || align_corners,
        ),
        ResizeMode::Bilinear => (
            Builtin::ResizeBilinear,
            Table::default()
                .with(
                    field::resize_bilinear::ALIGN_CORNERS,
                    Value::Bool(align_corners),
                )
                .with(field::resize_bilinear::HALF_PIXEL, Value::Bool(half_pixel)),
            half_pixel,
        ),
    };
    let traits = Traits {
        centered,
        ..traits(file, node)
    };
    let x = file.tensor(node.inputs[0])?;
    let size = file.integers(&format!("{}/size", node.name), &[2], &resize.size)?;
    push_as(file, node, code, traits, vec![x, size], options)
}

fn slice(file: &mut Assembly, node: &Node, slice: &Slice) -> Result<(), ExportError> {
    same_quantization(file, node)?;
    let mut inputs = operands(file, node)?;
    for (what, values) in [
        ("begin", &slice.begin),
        ("end", &slice.end),
        ("stride", &slice.stride),
    ] {
        let name = format!("{}/{what}", node.name);
        inputs.push(file.integers(&name, &[values.len()], values)?);
    }
    push(file, node, Builtin::StridedSlice, inputs, Table::default())
}

/// An operator of one operand and a constant of whole numbers, given as shape and elements.
fn with_integers(
    file: &mut Assembly,
    node: &Node,
    code: Builtin,
    what: &str,
    (shape, values): (&[usize], &[usize]),
    options: Table,
) -> Result<(), ExportError> {
    let mut inputs = operands(file, node)?;
    inputs.push(file.integers(&format!("{}/{what}", node.name), shape, values)?);
    push(file, node, code, inputs, options)
}

fn push(
    file: &mut Assembly,
    node: &Node,
    code: Builtin,
    inputs: Vec<Place>,
    options: Table,
) -> Result<(), ExportError> {
    let traits = traits(file, node);
    push_as(file, node, code, traits, inputs, options)
}

/// Adds the operator that computes the node's result.
fn push_as(
    file: &mut Assembly,
    node: &Node,
    code: Builtin,
    traits: Traits,
    inputs: Vec<Place>,
    options: Table,
) -> Result<(), ExportError> {
    let output = file.tensor(node.outputs[0])?;
    file.push(Operator {
        code,
        traits,
        inputs,
        output,
        options,
    });
    Ok(())
}

fn operands(file: &mut Assembly, node: &Node) -> Result<Vec<Place>, ExportError> {
    node.inputs.iter().map(|&id| file.tensor(id)).collect()
}

fn traits(file: &Assembly, node: &Node) -> Traits {
    let x = &file.graph[node.inputs[0]];
    Traits {
        quantized: matches!(x.dtype, DataType::I8 | DataType::U8),
        ..Traits::default()
    }
}

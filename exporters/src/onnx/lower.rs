//! The operators of the vocabulary as operators of ONNX.

use kernels::op::{
    Binary, BinaryKind, Conv2d, Coordinates, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind,
    Resize, ResizeMode, Unary,
};
use kernels::{DataType, Node, Op};

use super::assembly::{Assembly, Value};
use super::layout::{Layout, file_axis, in_file_order};
use super::message::Attribute;
use super::moves::{self, channels_first, channels_last, reshape};
use crate::constants::bias_quantization;
use crate::{ExportError, Format};

/// Adds the nodes that compute `node`.
pub(super) fn lower(file: &mut Assembly, node: &Node) -> Result<(), ExportError> {
    plain_integers(file, node)?;
    let reals = match &node.op {
        Op::Conv2d(conv) => conv2d(file, node, conv)?,
        Op::DepthwiseConv2d(conv) => depthwise(file, node, conv)?,
        Op::Dense { fused } => dense(file, node, *fused)?,
        Op::BatchNorm { epsilon } => batch_norm(file, node, *epsilon)?,
        Op::Bias => elementwise(file, node, "Add")?,
        Op::Unary(unary) => self::unary(file, node, *unary)?,
        Op::Softmax => {
            let rank = rank(file, node);
            let axis = Attribute::int("axis", file_axis(rank, rank - 1));
            of_one(file, node, "Softmax", [axis])?
        }
        Op::Binary(binary) => self::binary(file, node, *binary)?,
        Op::Concat { axis } => concat(file, node, *axis)?,
        Op::Pool2d(pool) => pool2d(file, node, pool)?,
        Op::GlobalAveragePool { keep_dims: true } => of_one(file, node, "GlobalAveragePool", [])?,
        Op::GlobalAveragePool { keep_dims: false } => {
            let attributes = [
                Attribute::ints("axes", &[2, 3]),
                Attribute::int("keepdims", 0),
            ];
            of_one(file, node, "ReduceMean", attributes)?
        }
        Op::Resize(resize) => self::resize(file, node, *resize)?,
        Op::Pad { amounts } => pad(file, node, amounts)?,
        Op::Reshape { .. } => return moves::reshaped(file, node),
        Op::Transpose { permutation } => return moves::transposed(file, node, permutation),
        Op::Slice(slice) => return moves::sliced(file, node, slice),
        Op::ArgMax { axis } => return moves::arg_max(file, node, *axis),
        Op::Quantize => file.real(node.inputs[0])?,
        Op::Dequantize => file.dequantized(node)?,
        Op::Foreign { .. } => {
            let reason = "it was kept from another file and cannot be written";
            return Err(unsupported(node, reason));
        }
    };
    file.conclude_real(node, reals);
    Ok(())
}

fn conv2d(file: &mut Assembly, node: &Node, conv: &Conv2d) -> Result<Value, ExportError> {
    let shape = &file.graph[node.inputs[1]].shape;
    let attributes = [
        Attribute::ints("kernel_shape", &[shape[1], shape[2]]),
        Attribute::ints("strides", &conv.stride),
        Attribute::ints("dilations", &conv.dilation),
        Attribute::ints("pads", &pads(conv.padding)),
        Attribute::int("group", conv.groups),
    ];
    let layout = Layout::reordered(shape, &[0, 3, 1, 2]);
    convolution(file, node, &layout, attributes, conv.fused)
}

fn depthwise(
    file: &mut Assembly,
    node: &Node,
    conv: &DepthwiseConv2d,
) -> Result<Value, ExportError> {
    let shape = &file.graph[node.inputs[1]].shape;
    let attributes = [
        Attribute::ints("kernel_shape", &[shape[1], shape[2]]),
        Attribute::ints("strides", &conv.stride),
        Attribute::ints("dilations", &conv.dilation),
        Attribute::ints("pads", &pads(conv.padding)),
        Attribute::int("group", shape[3] / conv.multiplier),
    ];
    let layout = Layout::reordered(shape, &[3, 0, 1, 2]);
    convolution(file, node, &layout, attributes, conv.fused)
}

fn convolution(
    file: &mut Assembly,
    node: &Node,
    weights: &Layout,
    attributes: impl IntoIterator<Item = Attribute>,
    fused: Fused,
) -> Result<Value, ExportError> {
    let x = file.real(node.inputs[0])?;
    let mut inputs = vec![x, constant_as(file, node, 1, weights)?];
    inputs.extend(bias(file, node)?);
    let sum = file.emit(&node.name, "Conv", inputs, attributes);
    Ok(activation(file, node, sum, fused))
}

fn dense(file: &mut Assembly, node: &Node, fused: Fused) -> Result<Value, ExportError> {
    let graph = file.graph;
    let [x, y] = [node.inputs[0], node.outputs[0]].map(|id| graph[id].shape.to_vec());
    let weights = Layout::reordered(&graph[node.inputs[1]].shape, &[1, 0]);
    let value = file.real(node.inputs[0])?;
    let value = channels_last(file, node, value, &x);
    let inputs = vec![value, constant_as(file, node, 1, &weights)?];
    let mut value = file.emit(&node.name, "MatMul", inputs, []);
    if let Some(bias) = bias(file, node)? {
        value = file.emit(&node.name, "Add", vec![value, bias], []);
    }
    let value = activation(file, node, value, fused);
    Ok(channels_first(file, node, value, &y))
}

/// The real bias of a convolution or dense node.
fn bias(file: &mut Assembly, node: &Node) -> Result<Option<Value>, ExportError> {
    let graph = file.graph;
    let scales = bias_quantization(&graph[node.inputs[0]], &graph[node.inputs[1]]);
    node.inputs
        .get(2)
        .map(|&id| file.bias(node, id, scales))
        .transpose()
}

fn batch_norm(file: &mut Assembly, node: &Node, epsilon: f32) -> Result<Value, ExportError> {
    let rank = rank(file, node);
    if file_axis(rank, rank - 1) != 1 {
        let reason = format!("its operand must have 2 or 4 dimensions, found {rank}");
        return Err(unsupported(node, &reason));
    }
    let inputs = node.inputs.iter().map(|&id| file.real(id));
    let inputs = inputs.collect::<Result<_, _>>()?;
    let epsilon = Attribute::float("epsilon", epsilon);
    Ok(file.emit(&node.name, "BatchNormalization", inputs, [epsilon]))
}

fn unary(file: &mut Assembly, node: &Node, unary: Unary) -> Result<Value, ExportError> {
    match unary {
        Unary::Relu | Unary::Relu6 => {
            let x = file.real(node.inputs[0])?;
            let fused = if unary == Unary::Relu {
                Fused::Relu
            } else {
                Fused::Relu6
            };
            Ok(activation(file, node, x, fused))
        }
        Unary::Sigmoid => of_one(file, node, "Sigmoid", []),
        Unary::HardSwish => of_one(file, node, "HardSwish", []),
    }
}

fn binary(file: &mut Assembly, node: &Node, binary: Binary) -> Result<Value, ExportError> {
    let op_type = match binary.kind {
        BinaryKind::Add => "Add",
        BinaryKind::Sub => "Sub",
        BinaryKind::Mul => "Mul",
    };
    let value = elementwise(file, node, op_type)?;
    Ok(activation(file, node, value, binary.fused))
}

/// A function of two operands that broadcast.
fn elementwise(file: &mut Assembly, node: &Node, op_type: &str) -> Result<Value, ExportError> {
    let rank = file.graph[node.outputs[0]].shape.len();
    let mut inputs = Vec::with_capacity(2);
    for &id in &node.inputs {
        let tensor = &file.graph[id];
        let layout = Layout::operand(&tensor.shape, rank);
        let mut value = file.real_as(id, &layout)?;
        if !tensor.is_constant() && tensor.shape.len() < layout.shape.len() {
            value = channels_last(file, node, value, &tensor.shape);
            value = reshape(file, node, value, &layout.shape);
            value = channels_first(file, node, value, &layout.shape);
        }
        inputs.push(value);
    }
    Ok(file.emit(&node.name, op_type, inputs, []))
}

fn concat(file: &mut Assembly, node: &Node, axis: usize) -> Result<Value, ExportError> {
    let inputs = node.inputs.iter().map(|&id| file.real(id));
    let inputs = inputs.collect::<Result<_, _>>()?;
    let axis = Attribute::int("axis", file_axis(rank(file, node), axis));
    Ok(file.emit(&node.name, "Concat", inputs, [axis]))
}

fn pool2d(file: &mut Assembly, node: &Node, pool: &Pool2d) -> Result<Value, ExportError> {
    let op_type = match pool.kind {
        PoolKind::Max => "MaxPool",
        PoolKind::Average => "AveragePool",
    };
    let attributes = [
        Attribute::ints("kernel_shape", &pool.kernel),
        Attribute::ints("strides", &pool.stride),
        Attribute::ints("pads", &pads(pool.padding)),
    ];
    of_one(file, node, op_type, attributes)
}

fn resize(file: &mut Assembly, node: &Node, resize: Resize) -> Result<Value, ExportError> {
    let shape = in_file_order(&file.graph[node.outputs[0]].shape);
    let (mode, nearest) = match (resize.mode, resize.coordinates) {
        (ResizeMode::Bilinear, _) => ("linear", None),
        (ResizeMode::Nearest, Coordinates::Asymmetric) => ("nearest", Some("floor")),
        (ResizeMode::Nearest, Coordinates::HalfPixel | Coordinates::AlignCorners) => {
            ("nearest", Some("round_prefer_ceil"))
        }
    };
    let coordinates = match resize.coordinates {
        Coordinates::Asymmetric => "asymmetric",
        Coordinates::HalfPixel => "half_pixel",
        Coordinates::AlignCorners => "align_corners",
    };
    let mut attributes = vec![
        Attribute::text("mode", mode),
        Attribute::text("coordinate_transformation_mode", coordinates),
    ];
    attributes.extend(nearest.map(|mode| Attribute::text("nearest_mode", mode)));
    let x = file.real(node.inputs[0])?;
    let sizes = file.integers(&format!("{}/sizes", node.name), &shape);
    let absent = String::new;
    let inputs = vec![x, absent(), absent(), sizes];
    Ok(file.emit(&node.name, "Resize", inputs, attributes))
}

fn pad(file: &mut Assembly, node: &Node, amounts: &[[usize; 2]]) -> Result<Value, ExportError> {
    let amounts = in_file_order(amounts);
    let ends: Vec<usize> = [0, 1]
        .iter()
        .flat_map(|&end| amounts.iter().map(move |a| a[end]))
        .collect();
    let x = file.real(node.inputs[0])?;
    let ends = file.integers(&format!("{}/pads", node.name), &ends);
    Ok(file.emit(&node.name, "Pad", vec![x, ends], []))
}

/// An operator of one real operand.
pub(super) fn of_one(
    file: &mut Assembly,
    node: &Node,
    op_type: &str,
    attributes: impl IntoIterator<Item = Attribute>,
) -> Result<Value, ExportError> {
    let x = file.real(node.inputs[0])?;
    Ok(file.emit(&node.name, op_type, vec![x], attributes))
}

fn activation(file: &mut Assembly, node: &Node, value: Value, fused: Fused) -> Value {
    match fused {
        Fused::None => value,
        Fused::Relu => file.emit(&node.name, "Relu", vec![value], []),
        Fused::Relu6 => {
            let inputs = vec![value, file.scalar(0.0), file.scalar(6.0)];
            file.emit(&node.name, "Clip", inputs, [])
        }
    }
}

/// An operand in `layout`, which the format wants to be constant.
fn constant_as(
    file: &mut Assembly,
    node: &Node,
    operand: usize,
    layout: &Layout,
) -> Result<Value, ExportError> {
    let id = node.inputs[operand];
    if !file.graph[id].is_constant() {
        let reason = format!(
            "`{}` is computed, weights must be constant",
            file.graph[id].name
        );
        return Err(unsupported(node, &reason));
    }
    file.real_as(id, layout)
}

/// Above, left, below, right.
const fn pads(padding: Padding) -> [usize; 4] {
    [padding.top, padding.left, padding.bottom, padding.right]
}

pub(super) fn rank(file: &Assembly, node: &Node) -> usize {
    file.graph[node.inputs[0]].shape.len()
}

/// Refuses plain integers where ONNX computes with reals.
fn plain_integers(file: &Assembly, node: &Node) -> Result<(), ExportError> {
    let moves = matches!(
        node.op,
        Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Slice(_)
            | Op::Concat { .. }
            | Op::ArgMax { .. }
            | Op::Foreign { .. }
    );
    let Some(&x) = node.inputs.first() else {
        return Ok(());
    };
    let x = &file.graph[x];
    if moves || x.dtype == DataType::F32 || x.quantization.is_some() {
        return Ok(());
    }
    let reason = format!(
        "`{}` is {}, expected f32 or quantized integers",
        x.name, x.dtype
    );
    Err(unsupported(node, &reason))
}

fn unsupported(node: &Node, reason: &str) -> ExportError {
    ExportError::Unsupported {
        node: node.name.clone(),
        op: node.op.name().to_owned(),
        format: Format::Onnx,
        reason: reason.to_owned(),
    }
}

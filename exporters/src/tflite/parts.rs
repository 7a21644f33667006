//! What several operators need when they are lowered: padding, biases, requantized operands, and
//! the conditions that TFLite puts on quantization.

use kernels::op::{Fused, Padding, Unary};
use kernels::{Data, DataType, Node, Op, Quantization, Tensor, TensorId, Verified};

use super::assembly::{Assembly, Operator, Place};
use super::flatbuffer::{Table, Value};
use super::schema::{Builtin, activation, field, padding};
use super::version::Traits;
use crate::constants::{batch_norm_as_scale_and_shift, bias_quantization, floats};
use crate::{ExportError, Format};

/// A sliding window over height and width.
pub(super) struct Window {
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: Padding,
}

impl Window {
    /// `SAME` or `VALID`, where one of them is the padding.
    pub(super) fn padding_code(&self, file: &Assembly, node: &Node) -> Option<i8> {
        let [_, h, w, _] = file.graph[node.inputs[0]].shape.nhwc()?;
        let same = Padding::same([h, w], self.kernel, self.stride, self.dilation);
        if self.padding == same {
            Some(padding::SAME)
        } else if self.padding == Padding::VALID {
            Some(padding::VALID)
        } else {
            None
        }
    }
}

/// The operand of a window and its padding code; a `PAD` comes before where no code fits.
pub(super) fn explicit_padding(
    file: &mut Assembly,
    node: &Node,
    window: &Window,
) -> Result<(Place, i8), ExportError> {
    let x = file.tensor(node.inputs[0])?;
    if let Some(code) = window.padding_code(file, node) {
        return Ok((x, code));
    }
    let tensor = &file.graph[node.inputs[0]];
    let Padding {
        top,
        bottom,
        left,
        right,
    } = window.padding;
    let amounts = [0, 0, top, bottom, left, right, 0, 0];
    let shape: Vec<usize> = (0..4)
        .map(|d| tensor.shape[d] + amounts[2 * d] + amounts[2 * d + 1])
        .collect();
    let amounts = file.integers(&format!("{}/amounts", node.name), &[4, 2], &amounts)?;
    let padded = file.computed(&format!("{}/padded", node.name), &shape, tensor)?;
    file.push(Operator {
        code: Builtin::Pad,
        traits: Traits {
            quantized: tensor.quantization.is_some(),
            ..Traits::default()
        },
        inputs: vec![x, amounts],
        output: padded,
        options: Table::default(),
    });
    Ok((padded, padding::VALID))
}

/// Whether no element can be less than 0: the grid begins there, or a ReLU came before.
pub(super) fn is_never_negative(graph: &Verified, id: TensorId) -> bool {
    let mut known: Vec<bool> = graph.tensors.iter().map(begins_at_zero).collect();
    for node in &graph.nodes {
        let holds = match &node.op {
            Op::Conv2d(conv) => conv.fused != Fused::None,
            Op::DepthwiseConv2d(conv) => conv.fused != Fused::None,
            Op::Dense { fused } => *fused != Fused::None,
            Op::Binary(binary) => binary.fused != Fused::None,
            Op::Unary(Unary::Relu | Unary::Relu6 | Unary::Sigmoid) | Op::Softmax => true,
            Op::Concat { .. }
            | Op::Pool2d(_)
            | Op::GlobalAveragePool { .. }
            | Op::Resize(_)
            | Op::Pad { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Slice(_) => node.inputs.iter().all(|id| known[id.index()]),
            Op::BatchNorm { .. }
            | Op::Bias
            | Op::Unary(Unary::HardSwish)
            | Op::ArgMax { .. }
            | Op::Quantize
            | Op::Dequantize
            | Op::Foreign { .. } => false,
        };
        for output in &node.outputs {
            known[output.index()] |= holds;
        }
    }
    known[id.index()]
}

/// Whether the lowest integer stands for 0.
fn begins_at_zero(tensor: &Tensor) -> bool {
    let lowest = match tensor.dtype {
        DataType::I8 => -128,
        DataType::U8 => 0,
        DataType::F32 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => return false,
    };
    let grid = tensor.quantization.as_ref();
    grid.is_some_and(|grid| grid.zero_points == [lowest])
}

/// The bias of a convolution or dense node; zeros when it has none, since compilers ask for one.
pub(super) fn bias(file: &mut Assembly, node: &Node) -> Result<Place, ExportError> {
    let graph = file.graph;
    let [x, weights] = [&graph[node.inputs[0]], &graph[node.inputs[1]]];
    let scales = bias_quantization(x, weights);
    let name = format!("{}/bias", node.name);
    match node.inputs.get(2).map(|&id| (id, &graph[id])) {
        Some((_, tensor)) if tensor.quantization.is_none() && scales.is_some() => {
            let data = crate::constants::elements(tensor)?;
            file.constant(&name, &tensor.shape, data, scales.as_ref())
        }
        Some((id, _)) => file.tensor(id),
        None => {
            let out_c = *graph[node.outputs[0]]
                .shape
                .last()
                .expect("a result has channels");
            let zeros = match scales {
                Some(_) => Data::I32(vec![0; out_c].into()),
                None => Data::F32(vec![0.0; out_c].into()),
            };
            file.constant(&name, &[out_c], &zeros, scales.as_ref())
        }
    }
}

/// A batch norm as a `MUL` and an `ADD` by channel.
pub(super) fn scale_and_shift(
    file: &mut Assembly,
    node: &Node,
    epsilon: f32,
) -> Result<(), ExportError> {
    let graph = file.graph;
    let parameter = |i: usize| floats(&graph[node.inputs[i]]);
    let parameters = [parameter(1)?, parameter(2)?, parameter(3)?, parameter(4)?];
    let (scale, shift) = batch_norm_as_scale_and_shift(parameters, epsilon);
    let channels = [scale.len()];
    let x = file.tensor(node.inputs[0])?;
    let [scale, shift] = [("scale", scale), ("shift", shift)].map(|(what, values)| {
        let name = format!("{}/{what}", node.name);
        file.constant(&name, &channels, &Data::F32(values.into()), None)
    });
    let model = &graph[node.outputs[0]];
    let scaled = file.computed(&format!("{}/scaled", node.name), &model.shape, model)?;
    let output = file.tensor(node.outputs[0])?;
    for (code, inputs, output) in [
        (Builtin::Mul, vec![x, scale?], scaled),
        (Builtin::Add, vec![scaled, shift?], output),
    ] {
        file.push(Operator {
            code,
            traits: Traits::default(),
            inputs,
            output,
            options: fused_binary(Fused::None),
        });
    }
    Ok(())
}

/// The operand under the quantization of the node's result, through a `QUANTIZE` where it differs.
pub(super) fn requantized(
    file: &mut Assembly,
    node: &Node,
    id: TensorId,
) -> Result<Place, ExportError> {
    let graph = file.graph;
    let (tensor, result) = (&graph[id], &graph[node.outputs[0]]);
    let x = file.tensor(id)?;
    if tensor.quantization == result.quantization {
        return Ok(x);
    }
    let wanted = format!("{}/{}", node.name, tensor.name);
    let output = file.computed(&wanted, &tensor.shape, result)?;
    file.push(Operator {
        code: Builtin::Quantize,
        traits: Traits::default(),
        inputs: vec![x],
        output,
        options: Table::default(),
    });
    Ok(output)
}

/// Refuses a node whose operand and result differ in quantization, for operators that TFLite
/// computes without rescaling.
pub(super) fn same_quantization(file: &Assembly, node: &Node) -> Result<(), ExportError> {
    let [x, y] = [node.inputs[0], node.outputs[0]].map(|id| &file.graph[id]);
    if x.quantization == y.quantization {
        return Ok(());
    }
    let reason = format!(
        "its operand and result must have the same quantization, found {} and {}",
        described(x),
        described(y)
    );
    Err(unsupported(node, &reason))
}

/// Refuses a quantized result whose scale is not `1 / steps` from the lowest integer up, which
/// TFLite fixes for operators with results from 0 to 1.
pub(super) fn output_scale(file: &Assembly, node: &Node, steps: f32) -> Result<(), ExportError> {
    let result = &file.graph[node.outputs[0]];
    let lowest = match result.dtype {
        DataType::I8 => -128,
        DataType::U8 => 0,
        DataType::F32 | DataType::I32 | DataType::I64 | DataType::Foreign { .. } => return Ok(()),
    };
    if result.quantization == Some(Quantization::per_tensor(steps.recip(), lowest)) {
        return Ok(());
    }
    let reason = format!(
        "its result must have scale 1/{steps} and zero point {lowest}, found {}",
        described(result)
    );
    Err(unsupported(node, &reason))
}

/// Refuses int8 weights with a zero point, which TFLite takes to be 0.
pub(super) fn symmetric_weights(file: &Assembly, node: &Node) -> Result<(), ExportError> {
    let weights = &file.graph[node.inputs[1]];
    let zero_points = weights.quantization.iter().flat_map(|q| &q.zero_points);
    match zero_points.into_iter().find(|&&z| z != 0) {
        Some(z) if weights.dtype == DataType::I8 => {
            let reason = format!("int8 weights must have zero point 0, found {z}");
            Err(unsupported(node, &reason))
        }
        Some(_) | None => Ok(()),
    }
}

/// The attributes of an elementwise operator of two operands.
pub(super) fn fused_binary(fused: Fused) -> Table {
    Table::default().with(field::binary::FUSED, Value::I8(activation_code(fused)))
}

/// The code of an activation that another operator applies.
pub(super) const fn activation_code(fused: Fused) -> i8 {
    match fused {
        Fused::None => activation::NONE,
        Fused::Relu => activation::RELU,
        Fused::Relu6 => activation::RELU6,
    }
}

/// The error that TFLite lacks what `node` asks for.
pub(super) fn unsupported(node: &Node, reason: &str) -> ExportError {
    ExportError::Unsupported {
        node: node.name.clone(),
        op: node.op.name().to_owned(),
        format: Format::TfLite,
        reason: reason.to_owned(),
    }
}

fn described(tensor: &Tensor) -> String {
    match &tensor.quantization {
        None => "none".to_owned(),
        Some(q) if q.axis.is_some() => "one scale per channel".to_owned(),
        Some(q) => format!("scale {} zero point {}", q.scales[0], q.zero_points[0]),
    }
}

//! What support rules of machines may ask of a node: its shapes and attributes as facts.

use hwmodels::task::{Fact, FactName};

use super::{Precision, mode};
use crate::graph::{Graph, Node, NodeId, TensorId};
use crate::op::{Coordinates, Op, Padding, Resize, Unary};
use crate::tensor::DataType;

/// The facts of nodes of one graph.
pub(super) struct Facts<'a> {
    graph: &'a Graph,
    precision: Precision,
    consumers: Vec<Vec<NodeId>>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(graph: &'a Graph, precision: Precision) -> Self {
        Self {
            graph,
            precision,
            consumers: graph.consumers(),
        }
    }

    pub(super) fn of(&self, node: &Node) -> Vec<Fact> {
        let mut facts = self.activations(node);
        if let Some(mode) = mode(&node.op) {
            facts.push(Fact::word(FactName::Coordinates, mode));
        }
        match &node.op {
            Op::Conv2d(conv) => {
                self.weights(node, &mut facts);
                let strides = [conv.stride, conv.dilation];
                self.window(node, strides, conv.padding, &mut facts);
            }
            Op::DepthwiseConv2d(conv) => {
                self.weights(node, &mut facts);
                let strides = [conv.stride, conv.dilation];
                self.window(node, strides, conv.padding, &mut facts);
            }
            Op::Dense { .. } => self.weights(node, &mut facts),
            Op::Pool2d(pool) => {
                facts.extend(window([pool.stride, [1, 1]], pool.kernel, pool.padding));
                facts.push(self.activation_behind(node));
            }
            Op::Concat { axis } => {
                let rank = self.graph[node.outputs[0]].shape.len();
                facts.push(Fact::count(FactName::Axis, count(rank - 1 - axis)));
                facts.push(batched(rank == 4 && *axis == 0));
                facts.push(self.constants(node));
                facts.push(self.activation_behind(node));
            }
            Op::Binary(_) => facts.push(self.constants(node)),
            Op::Resize(resize) => facts.extend(self.scales(node, *resize)),
            Op::Pad { amounts } => {
                facts.push(batched(amounts.len() == 4 && amounts[0] != [0, 0]));
            }
            Op::Slice(slice) => {
                let stride = slice.stride.iter().copied().max().unwrap_or(1);
                facts.push(Fact::count(FactName::StrideH, count(stride)));
                facts.push(Fact::count(FactName::StrideW, count(stride)));
            }
            Op::ArgMax { axis } => {
                let rank = self.graph[node.inputs[0]].shape.len();
                facts.push(Fact::count(FactName::Axis, count(rank - 1 - axis)));
            }
            Op::BatchNorm { .. }
            | Op::Bias
            | Op::Unary(_)
            | Op::Softmax
            | Op::GlobalAveragePool { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Quantize
            | Op::Dequantize
            | Op::Foreign { .. } => {}
        }
        facts
    }

    /// Types and extents of what is computed.
    fn activations(&self, node: &Node) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut add = |fact: Fact| {
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        };
        for &id in node.inputs.iter().chain(&node.outputs) {
            let tensor = &self.graph[id];
            if tensor.is_constant() {
                continue;
            }
            add(Fact::word(FactName::ElementType, self.type_name(id)));
            let outer = tensor.shape.len().saturating_sub(3);
            let outer = tensor.shape[..outer].iter().product();
            add(Fact::count(FactName::OuterExtent, count(outer)));
            if let Some([batch, ..]) = tensor.shape.nhwc() {
                add(Fact::count(FactName::Batch, count(batch)));
            }
        }
        if let Some(&input) = node.inputs.first() {
            let shape = &self.graph[input].shape;
            let innermost = shape.last().copied().unwrap_or(1);
            facts.push(Fact::count(FactName::InC, count(innermost)));
            let rows = shape.elements() / innermost.max(1);
            facts.push(Fact::count(FactName::Rows, count(rows)));
        }
        if let Some(&output) = node.outputs.first() {
            let shape = &self.graph[output].shape;
            let innermost = shape.last().copied().unwrap_or(1);
            facts.push(Fact::count(FactName::OutC, count(innermost)));
            let elements = count(shape.elements());
            facts.push(Fact::count(FactName::OutputElements, elements));
        }
        facts
    }

    fn weights(&self, node: &Node, facts: &mut Vec<Fact>) {
        let weights = &self.graph[node.inputs[1]];
        let constant = if weights.is_constant() {
            "constant"
        } else {
            "computed"
        };
        facts.push(Fact::word(FactName::Weights, constant));
        facts.push(Fact::word(
            FactName::WeightType,
            self.type_name(node.inputs[1]),
        ));
        let of_channels = match (&weights.quantization, self.precision) {
            (Some(quantization), _) => quantization.axis.is_some(),
            (None, precision) => precision == Precision::Int8,
        };
        let scales = if of_channels {
            "per-channel"
        } else {
            "per-tensor"
        };
        facts.push(Fact::word(FactName::WeightScales, scales));
    }

    fn window(
        &self,
        node: &Node,
        strides: [[usize; 2]; 2],
        padding: Padding,
        facts: &mut Vec<Fact>,
    ) {
        if let Some([_, kernel_h, kernel_w, _]) = self.graph[node.inputs[1]].shape.nhwc() {
            facts.extend(window(strides, [kernel_h, kernel_w], padding));
        }
    }

    /// How much larger a resize makes the image; nothing where it has one pixel or stays as it is.
    fn scales(&self, node: &Node, resize: Resize) -> Vec<Fact> {
        let Some([_, in_h, in_w, _]) = self.graph[node.inputs[0]].shape.nhwc() else {
            return Vec::new();
        };
        if [in_h, in_w] == [1, 1] || [in_h, in_w] == resize.size {
            return Vec::new();
        }
        let corner = usize::from(resize.coordinates == Coordinates::AlignCorners);
        let scale = |input: usize, output: usize| {
            let (input, output) = (input - corner, output - corner);
            let whole = input > 0 && output.is_multiple_of(input);
            if whole { count(output / input) } else { 0 }
        };
        let [out_h, out_w] = resize.size;
        vec![
            Fact::count(FactName::ScaleH, scale(in_h, out_h)),
            Fact::count(FactName::ScaleW, scale(in_w, out_w)),
        ]
    }

    /// The activation that alone reads the result.
    fn activation_behind(&self, node: &Node) -> Fact {
        let readers = &self.consumers[node.outputs[0].index()];
        let word = if let [reader] = readers.as_slice()
            && let Op::Unary(unary) = &self.graph[*reader].op
        {
            match unary {
                Unary::Relu => "relu",
                Unary::Relu6 => "relu6",
                // Converters fuse no others.
                Unary::Sigmoid | Unary::HardSwish => "none",
            }
        } else {
            "none"
        };
        Fact::word(FactName::ActivationBehind, word)
    }

    fn constants(&self, node: &Node) -> Fact {
        let inputs = node.inputs.iter();
        let constants = inputs.filter(|id| self.graph[**id].is_constant()).count();
        Fact::count(FactName::ConstantInputs, count(constants))
    }

    fn type_name(&self, id: TensorId) -> &'static str {
        match (self.graph[id].dtype, self.precision) {
            (DataType::F32, Precision::Int8) | (DataType::I8, _) => "int8",
            (DataType::F32, Precision::AsIs) => "float32",
            (DataType::U8, _) => "uint8",
            (DataType::I32, _) => "int32",
            (DataType::I64, _) => "int64",
            (DataType::Foreign { name, .. }, _) => match name {
                "i16" => "int16",
                "f16" => "float16",
                other => other,
            },
        }
    }
}

fn window([stride, dilation]: [[usize; 2]; 2], kernel: [usize; 2], padding: Padding) -> [Fact; 8] {
    let padding = if padding == Padding::VALID {
        "valid"
    } else {
        "padded"
    };
    [
        Fact::count(FactName::KernelH, count(kernel[0])),
        Fact::count(FactName::KernelW, count(kernel[1])),
        Fact::count(FactName::KernelArea, count(kernel[0] * kernel[1])),
        Fact::count(FactName::StrideH, count(stride[0])),
        Fact::count(FactName::StrideW, count(stride[1])),
        Fact::count(FactName::DilationH, count(dilation[0])),
        Fact::count(FactName::DilationW, count(dilation[1])),
        Fact::word(FactName::Padding, padding),
    ]
}

fn batched(is: bool) -> Fact {
    Fact::word(FactName::Batched, if is { "yes" } else { "no" })
}

fn count(extent: usize) -> u64 {
    extent as u64
}

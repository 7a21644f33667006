//! Rewrites a float graph as an int8 graph.

use kernels::eval::to_integers;
use kernels::graph::Graph;
use kernels::live::live;
use kernels::tensor::Content;
use kernels::{Data, DataType, Node, NodeId, Op, Quantization, Tensor, TensorId, Verified, verify};

use super::error::QuantizeError;
use super::grids::assign;
use super::ranges::Ranges;
use super::weights::{self, Channels};

/// `graph`, folded and of floats, as a graph of `i8` tensors with the same names; inputs and
/// outputs are `i8` too.
///
/// A `Quantize` node is added where a concatenation takes an operand on a grid of its own.
///
/// # Errors
///
/// [`QuantizeError`] when a parameter has no values, a range is missing or not finite, or a node
/// has no int8 form.
pub fn quantize(graph: &Verified, ranges: &Ranges) -> Result<Verified, QuantizeError> {
    for node in &graph.nodes {
        check(graph, node)?;
    }
    let grids = assign(graph, ranges)?;
    let mut rewrite = Rewrite {
        readers: graph.consumers().iter().map(Vec::len).collect(),
        graph: Graph {
            nodes: Vec::with_capacity(graph.nodes.len()),
            ..Graph::clone(graph)
        },
        grids,
    };
    rewrite.set_grids(graph);
    for id in graph.node_ids() {
        let node = rewrite.node(graph, id)?;
        rewrite.graph.nodes.push(node);
    }
    let quantized = verify(rewrite.graph).expect("quantizing keeps a graph well formed");
    Ok(live(&quantized))
}

/// Refuses nodes without an int8 form.
fn check(graph: &Verified, node: &Node) -> Result<(), QuantizeError> {
    let refuse = |problem: &str| {
        Err(QuantizeError::Operator {
            node: node.name.clone(),
            op: node.op.name().to_owned(),
            problem: problem.to_owned(),
        })
    };
    let floats = node
        .inputs
        .iter()
        .all(|&id| graph[id].dtype == DataType::F32);
    match &node.op {
        Op::BatchNorm { .. } | Op::Bias => {
            refuse("has no int8 form, expected it folded into a convolution: fold the graph first")
        }
        Op::Foreign { .. } => refuse("is not in the vocabulary and cannot be quantized"),
        Op::Quantize | Op::Dequantize => refuse("stands in a graph that is quantized already"),
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. }
            if node.inputs[1..].iter().any(|&id| !graph[id].is_constant()) =>
        {
            refuse("has computed weights, expected constant ones")
        }
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::Dense { .. }
        | Op::Unary(_)
        | Op::Softmax
        | Op::Binary(_)
        | Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
            if !floats =>
        {
            refuse("has operands that are not floats")
        }
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::Dense { .. }
        | Op::Unary(_)
        | Op::Softmax
        | Op::Binary(_)
        | Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. } => Ok(()),
    }
}

/// The int8 graph under construction; tensors keep their ids.
struct Rewrite {
    graph: Graph,
    grids: Vec<Option<Quantization>>,
    /// How many nodes of the float graph read each tensor.
    readers: Vec<usize>,
}

impl Rewrite {
    fn set_grids(&mut self, graph: &Verified) {
        for id in graph.tensor_ids() {
            let Some(grid) = self.grids[id.index()].clone() else {
                continue;
            };
            let tensor = &mut self.graph.tensors[id.index()];
            tensor.dtype = DataType::I8;
            tensor.quantization = Some(grid);
            if let Some(Data::F32(values)) = graph[id].data() {
                let data = to_integers(tensor, values).expect("a grid was just set");
                tensor.content = Content::Constant(data);
            }
        }
    }

    fn node(&mut self, graph: &Verified, id: NodeId) -> Result<Node, QuantizeError> {
        let mut node = graph[id].clone();
        match &node.op {
            Op::Conv2d(_) | Op::Dense { .. } => self.linear(graph, &mut node, 0)?,
            Op::DepthwiseConv2d(_) => self.linear(graph, &mut node, 3)?,
            Op::Concat { .. } => self.requantize_operands(&mut node),
            Op::BatchNorm { .. }
            | Op::Bias
            | Op::Unary(_)
            | Op::Softmax
            | Op::Binary(_)
            | Op::Pool2d(_)
            | Op::GlobalAveragePool { .. }
            | Op::Resize(_)
            | Op::Pad { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Slice(_)
            | Op::ArgMax { .. }
            | Op::Quantize
            | Op::Dequantize
            | Op::Foreign { .. } => {}
        }
        Ok(node)
    }

    /// Quantizes weights and bias; a bias is added where there is none, since runtimes want one.
    fn linear(
        &mut self,
        graph: &Verified,
        node: &mut Node,
        out_axis: usize,
    ) -> Result<(), QuantizeError> {
        let weights = &graph[node.inputs[1]];
        let values = floats(weights)?;
        let bias = node.inputs.get(2).map(|&id| floats(&graph[id]));
        let channels = Channels {
            count: weights.shape[out_axis],
            innermost: out_axis > 0,
            one_scale: matches!(node.op, Op::Dense { .. }),
        };
        let [input_scale, output_scale] =
            [node.inputs[0], node.outputs[0]].map(|id| self.scale(id));
        let bias = bias.transpose()?;
        let quantized = weights::linear(values, bias, channels, input_scale, output_scale)
            .ok_or_else(|| QuantizeError::Operator {
                node: node.name.clone(),
                op: node.op.name().to_owned(),
                problem: "has sums that may not fit i32, or scales beyond the range of f32"
                    .to_owned(),
            })?;
        let bias_scales = quantized.scales.iter().map(|s| s * input_scale).collect();
        let bias = Tensor {
            name: String::new(),
            shape: [channels.count].into(),
            dtype: DataType::I32,
            quantization: Some(per_channel(bias_scales, 0, channels.one_scale)),
            content: Content::Constant(Data::I32(quantized.bias.into())),
        };
        let weights = Tensor {
            dtype: DataType::I8,
            quantization: Some(per_channel(quantized.scales, out_axis, channels.one_scale)),
            content: Content::Constant(Data::I8(quantized.weights.into())),
            ..weights.clone()
        };
        self.set_operand(node, 1, "weights", weights);
        self.set_operand(node, 2, "bias", bias);
        Ok(())
    }

    /// Moves operands that are not on the grid of the result to it.
    fn requantize_operands(&mut self, node: &mut Node) {
        let grid = self.graph[node.outputs[0]].quantization.clone();
        for (position, input) in node.inputs.iter_mut().enumerate() {
            if self.graph[*input].quantization == grid {
                continue;
            }
            let name = self.unused_name(format!("{}.operand{position}", node.name));
            let moved = TensorId::new(self.graph.tensors.len());
            self.graph.tensors.push(Tensor {
                name: name.clone(),
                quantization: grid.clone(),
                content: Content::Computed,
                ..self.graph[*input].clone()
            });
            self.graph.nodes.push(Node {
                name,
                op: Op::Quantize,
                inputs: vec![*input],
                outputs: vec![moved],
            });
            *input = moved;
        }
    }

    fn scale(&self, id: TensorId) -> f32 {
        let grid = self.grids[id.index()].as_ref();
        grid.expect("activations of a linear operator have a grid")
            .scales[0]
    }

    /// Replaces an operand, in place where no other node reads it.
    fn set_operand(&mut self, node: &mut Node, position: usize, role: &str, mut new: Tensor) {
        let old = node.inputs.get(position).copied();
        if let Some(old) = old.filter(|id| self.readers[id.index()] == 1) {
            new.name.clone_from(&self.graph[old].name);
            self.graph.tensors[old.index()] = new;
            return;
        }
        new.name = self.unused_name(format!("{}.{role}", node.name));
        let id = TensorId::new(self.graph.tensors.len());
        self.graph.tensors.push(new);
        match node.inputs.get_mut(position) {
            Some(input) => *input = id,
            None => node.inputs.push(id),
        }
    }

    fn unused_name(&self, wanted: String) -> String {
        let mut name = wanted;
        let taken = |name: &str| {
            self.graph.tensor_named(name).is_some()
                || self.graph.nodes.iter().any(|n| n.name == name)
        };
        while taken(&name) {
            name.push('\'');
        }
        name
    }
}

fn per_channel(scales: Vec<f32>, axis: usize, one_scale: bool) -> Quantization {
    if one_scale {
        return Quantization::per_tensor(scales[0], 0);
    }
    Quantization::per_channel(scales, axis)
}

fn floats(tensor: &Tensor) -> Result<&[f32], QuantizeError> {
    match tensor.data() {
        Some(Data::F32(values)) => Ok(values),
        Some(Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_)) | None => {
            Err(QuantizeError::NoValues {
                tensor: tensor.name.clone(),
            })
        }
    }
}

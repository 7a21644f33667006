//! Rewrites a trained graph as inference runs it: no batch norm, no stand-alone bias, activations
//! fused.
//!
//! A batch norm is a scale and a shift per channel (see `affine`), and a convolution that comes
//! before takes both in: `scale * (w x + b) + shift = (scale w) x + (scale b + shift)`.

mod affine;

use std::collections::HashSet;

use crate::fold::affine::{Affine, Layout};
use crate::graph::{Graph, NodeId, TensorId};
use crate::live::without_dead;
use crate::op::{Binary, BinaryKind, DepthwiseConv2d, Fused, Op, Padding, Unary};
use crate::tensor::{Content, Data, DataType, Shape, Tensor};
use crate::verify::Verified;

/// `graph` with the same float outputs, up to rounding, and fewer nodes.
///
/// - Batch norm and bias go into the convolution, depthwise convolution or dense node that alone
///   feeds them. Other batch norms of `[n, h, w, c]` become depthwise 1x1 convolutions, other
///   biases additions.
/// - ReLU and ReLU6 are fused into the convolution, dense or binary node that alone feeds them.
/// - What no output needs is left out, as [`live`](crate::live::live) does.
///
/// A merged node keeps its name and writes the tensor that the absorbed node wrote. Parameters
/// without values stay so. A batch norm stays as it is where its parameters are computed by the
/// graph, where `x` is not `[n, h, w, c]` and nothing can absorb it, or where a folded value would
/// not be finite. Quantized nodes are not touched: merging them would change their rounding.
#[must_use]
pub fn fold(graph: &Verified) -> Verified {
    let mut folding = Folding::new(Graph::clone(graph));
    for id in graph.node_ids() {
        folding.visit(id);
    }
    Verified::rewritten(without_dead(folding.finish()))
}

/// A graph whose absorbed nodes are marked and left in place until the end, so that ids hold.
struct Folding {
    graph: Graph,
    absorbed: Vec<bool>,
    producers: Vec<Option<NodeId>>,
    /// How many nodes and graph outputs read each tensor.
    readers: Vec<usize>,
    /// The names of tensors that are called like new operands.
    operand_names: HashSet<String>,
}

/// The operands that folding adds, as the last part of their names.
const ROLES: [&str; 2] = [".weights", ".bias"];

impl Folding {
    fn new(graph: Graph) -> Self {
        let mut readers = vec![0; graph.tensors.len()];
        let inputs = graph.nodes.iter().flat_map(|node| &node.inputs);
        for read in inputs.chain(&graph.outputs) {
            readers[read.index()] += 1;
        }
        let names = graph.tensors.iter().map(|tensor| &tensor.name);
        Self {
            operand_names: names
                .filter(|name| is_operand_name(name))
                .cloned()
                .collect(),
            absorbed: vec![false; graph.nodes.len()],
            producers: graph.producers(),
            readers,
            graph,
        }
    }

    fn visit(&mut self, id: NodeId) {
        match self.graph[id].op {
            Op::BatchNorm { epsilon } => self.batch_norm(id, epsilon),
            Op::Bias => self.bias(id),
            Op::Unary(Unary::Relu) => self.activation(id, Fused::Relu),
            Op::Unary(Unary::Relu6) => self.activation(id, Fused::Relu6),
            Op::Conv2d(_)
            | Op::DepthwiseConv2d(_)
            | Op::Dense { .. }
            | Op::Unary(Unary::Sigmoid | Unary::HardSwish)
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
            | Op::ArgMax { .. }
            | Op::Quantize
            | Op::Dequantize
            | Op::Foreign { .. } => {}
        }
    }

    fn batch_norm(&mut self, id: NodeId, epsilon: f32) {
        let parameters = &self.graph[id].inputs[1..];
        if !parameters.iter().all(|&p| self.graph[p].is_constant()) {
            return;
        }
        let [gamma, beta, mean, variance] = [0, 1, 2, 3].map(|i| self.values(parameters[i]));
        let affine =
            gamma
                .zip(beta)
                .zip(mean.zip(variance))
                .map(|((gamma, beta), (mean, variance))| {
                    Affine::batch_norm(gamma, beta, mean, variance, epsilon)
                });
        match self.host(id) {
            Some((host, layout)) => self.scale_host(id, host, layout, affine),
            None => self.stand_alone(id, affine),
        }
    }

    /// Moves a batch norm into `host`; `affine` is unknown where a parameter is.
    fn scale_host(&mut self, id: NodeId, host: NodeId, layout: Layout, affine: Option<Affine>) {
        let [weights, old_bias] = [1, 2].map(|i| self.graph[host].inputs.get(i).copied());
        let weights = weights.expect("a convolution has weights");
        let shape = self.graph[weights].shape.clone();
        let folded = affine.and_then(|affine| {
            let w = self.values(weights)?;
            let b = old_bias.map_or(Some(None), |b| self.values(b).map(Some))?;
            Some((affine.weights(w, &shape, layout), affine.bias(b)))
        });
        if let Some((w, b)) = &folded
            && !w.iter().chain(b).all(|v| v.is_finite())
        {
            return;
        }
        let (w, b) = folded.unzip();
        let channels = shape[layout.out_axis()];
        self.set_operand(host, 1, ".weights", shape, w);
        self.set_operand(host, 2, ".bias", [channels].into(), b);
        self.absorb(host, id);
    }

    /// Turns a batch norm over `[n, h, w, c]` into a depthwise 1x1 convolution.
    fn stand_alone(&mut self, id: NodeId, affine: Option<Affine>) {
        let x = self.graph[id].inputs[0];
        let Some([_, _, _, c]) = self.graph[x].shape.nhwc() else {
            return;
        };
        if affine.as_ref().is_some_and(|a| !a.is_finite()) {
            return;
        }
        let (scale, shift) = affine.map(|a| (a.scale, a.shift)).unzip();
        let node = &mut self.graph.nodes[id.index()];
        node.inputs.truncate(1);
        node.op = Op::DepthwiseConv2d(DepthwiseConv2d {
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding::VALID,
            multiplier: 1,
            fused: Fused::None,
        });
        self.set_operand(id, 1, ".weights", [1, 1, 1, c].into(), scale);
        self.set_operand(id, 2, ".bias", [c].into(), shift);
    }

    fn bias(&mut self, id: NodeId) {
        let bias = self.graph[id].inputs[1];
        let host = self.host(id).filter(|_| self.graph[bias].is_constant());
        let Some((host, _)) = host else {
            self.graph.nodes[id.index()].op = Op::Binary(Binary {
                kind: BinaryKind::Add,
                fused: Fused::None,
            });
            return;
        };
        let sum = match self.graph[host].inputs.get(2) {
            None => self.values(bias).map(<[f32]>::to_vec),
            Some(&old) => self
                .values(old)
                .zip(self.values(bias))
                .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + b).collect()),
        };
        if sum.iter().flatten().all(|v: &f32| v.is_finite()) {
            let shape = self.graph[bias].shape.clone();
            self.set_operand(host, 2, ".bias", shape, sum);
            self.absorb(host, id);
        }
    }

    fn activation(&mut self, id: NodeId, activation: Fused) {
        let Some(host) = self.sole_producer(self.graph[id].inputs[0]) else {
            return;
        };
        if let Some(fused) = fused_mut(&mut self.graph.nodes[host.index()].op)
            && *fused == Fused::None
        {
            *fused = activation;
            self.absorb(host, id);
        }
    }

    /// The node that computes the first operand of `id` and can take in a scale and a shift.
    fn host(&self, id: NodeId) -> Option<(NodeId, Layout)> {
        let host = self.sole_producer(self.graph[id].inputs[0])?;
        let node = &self.graph[host];
        let layout = Layout::of(&node.op)?;
        let constants = &node.inputs[1..];
        let known = constants.iter().all(|&t| self.graph[t].is_constant());
        known.then_some((host, layout))
    }

    /// The node that computes the float tensor `id`, if one other node alone reads it.
    fn sole_producer(&self, id: TensorId) -> Option<NodeId> {
        let alone = self.readers[id.index()] == 1 && self.graph[id].dtype == DataType::F32;
        self.producers[id.index()].filter(|_| alone)
    }

    /// Makes `host` write what `id` wrote.
    fn absorb(&mut self, host: NodeId, id: NodeId) {
        let output = self.graph[id].outputs[0];
        self.graph.nodes[host.index()].outputs[0] = output;
        self.producers[output.index()] = Some(host);
        self.absorbed[id.index()] = true;
    }

    fn values(&self, id: TensorId) -> Option<&[f32]> {
        match self.graph[id].data() {
            Some(Data::F32(values)) => Some(values),
            Some(Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_)) | None => None,
        }
    }

    /// Gives a node a new float operand: in place of the old one where no other node reads that,
    /// else called after the node and its `role`, one of [`ROLES`].
    fn set_operand(
        &mut self,
        id: NodeId,
        position: usize,
        role: &str,
        shape: Shape,
        values: Option<Vec<f32>>,
    ) {
        let content = values.map_or(Content::Parameter, |v| {
            Content::Constant(Data::F32(v.into()))
        });
        let old = self.graph[id].inputs.get(position).copied();
        if let Some(old) = old.filter(|t| self.readers[t.index()] == 1) {
            self.graph.tensors[old.index()].content = content;
            return;
        }
        let name = self.unused_name(format!("{}{role}", self.graph[id].name));
        let tensor = TensorId::new(self.graph.tensors.len());
        self.graph.tensors.push(Tensor {
            name,
            shape,
            dtype: DataType::F32,
            quantization: None,
            content,
        });
        self.producers.push(None);
        self.readers.push(1);
        let inputs = &mut self.graph.nodes[id.index()].inputs;
        inputs.truncate(position);
        inputs.push(tensor);
    }

    fn unused_name(&mut self, wanted: String) -> String {
        let mut name = wanted;
        while !self.operand_names.insert(name.clone()) {
            name.push('\'');
        }
        name
    }

    fn finish(self) -> Graph {
        let mut graph = self.graph;
        let mut absorbed = self.absorbed.into_iter();
        graph
            .nodes
            .retain(|_| !absorbed.next().expect("one mark per node"));
        graph
    }
}

/// Whether [`Folding::unused_name`] could come to this name.
fn is_operand_name(name: &str) -> bool {
    let name = name.trim_end_matches('\'');
    ROLES.iter().any(|role| name.ends_with(role))
}

/// The activation that an operator applies to its result, where it can apply one.
fn fused_mut(op: &mut Op) -> Option<&mut Fused> {
    match op {
        Op::Conv2d(conv) => Some(&mut conv.fused),
        Op::DepthwiseConv2d(conv) => Some(&mut conv.fused),
        Op::Dense { fused } => Some(fused),
        Op::Binary(binary) => Some(&mut binary.fused),
        Op::BatchNorm { .. }
        | Op::Bias
        | Op::Unary(_)
        | Op::Softmax
        | Op::Concat { .. }
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
        | Op::Foreign { .. } => None,
    }
}

#[cfg(test)]
mod tests;

//! What a graph asks of a machine: its nodes as tasks over buffers.
//!
//! Every operator has a row in [`Lowering::work`], and none is free: an activation fused into a
//! node is part of its work, one that is not is a task of its own, and an operator from a file
//! that the vocabulary lacks runs on the host. Apply [`crate::fold()`] first to price a network as
//! inference runs it.

mod facts;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use hwmodels::task::{
    BufferId, Depthwise, ListBuilder, LoopNest, NestForm, Operation, Task, TaskError, TaskList,
    WeightId, Weights, Work,
};

use crate::graph::{Graph, Node, TensorId};
use crate::op::{Conv2d, Coordinates, DepthwiseConv2d, Op, Padding, Pool2d, Resize, ResizeMode};
use crate::tensor::{DataType, Tensor};
use crate::verify::Verified;
use facts::Facts;

/// The element sizes a graph is priced with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Those of its tensors.
    AsIs,
    /// Floats as the 8-bit integers they become: activations and weights of one byte, biases and
    /// other parameters of one dimension of four.
    Int8,
}

/// The tasks of `graph`, one per node, in its order and under its names.
///
/// # Errors
/// A node whose loop nest is impossible on any machine, such as one over an empty tensor.
pub fn tasks(graph: &Verified, precision: Precision) -> Result<TaskList, TaskError> {
    let mut lowering = Lowering {
        graph,
        precision,
        facts: Facts::new(graph, precision),
        list: ListBuilder::default(),
        buffers: vec![None; graph.tensors.len()],
        weights: HashMap::new(),
    };
    for &input in &graph.inputs {
        let bytes = lowering.bytes(input);
        lowering.buffers[input.index()] = Some(lowering.list.input(bytes));
    }
    for node in &graph.nodes {
        lowering.lower(node);
    }
    for output in &graph.outputs {
        if let Some(buffer) = lowering.buffers[output.index()] {
            lowering.list.output(buffer);
        }
    }
    lowering.list.finish()
}

struct Lowering<'a> {
    graph: &'a Graph,
    precision: Precision,
    facts: Facts<'a>,
    list: ListBuilder,
    /// By tensor: its buffer, unless it is constant.
    buffers: Vec<Option<BufferId>>,
    /// Parameters that several nodes read are stored once.
    weights: HashMap<Vec<TensorId>, WeightId>,
}

impl Lowering<'_> {
    fn lower(&mut self, node: &Node) {
        let mut reads: Vec<BufferId> = Vec::with_capacity(node.inputs.len());
        for input in &node.inputs {
            let buffer = self.buffers[input.index()];
            reads.extend(buffer.filter(|buffer| !reads.contains(buffer)));
        }
        let weights = self.parameters(node);
        let work = self.work(node);
        let mut writes = Vec::with_capacity(node.outputs.len());
        for &output in &node.outputs {
            let buffer = self.list.activation(self.bytes(output));
            self.buffers[output.index()] = Some(buffer);
            writes.push(buffer);
        }
        let shapes = node.inputs.iter().chain(&node.outputs);
        let operation = Operation {
            name: node.name.clone(),
            operator: node.op.name().to_owned(),
            mode: mode(&node.op).map(str::to_owned),
            shapes: shapes
                .map(|id| self.graph[*id].shape.iter().map(|d| *d as u64).collect())
                .collect(),
            facts: self.facts.of(node),
            work,
        };
        self.list.push(Task {
            operation: Arc::new(operation),
            reads,
            weights,
            writes,
        });
    }

    /// The constants of a node as one buffer.
    fn parameters(&mut self, node: &Node) -> Option<WeightId> {
        let constant = |id: &&TensorId| self.graph[**id].is_constant();
        let constants: Vec<TensorId> = node.inputs.iter().filter(constant).copied().collect();
        if constants.is_empty() {
            return None;
        }
        let weights = Weights {
            bytes: constants.iter().map(|id| self.bytes(*id)).sum(),
            channel_scales: self.channel_scales(constants[0]),
        };
        let list = &mut self.list;
        Some(
            *self
                .weights
                .entry(constants)
                .or_insert_with(|| list.parameters(weights)),
        )
    }

    /// Whether weights have a scale for every channel; those that are yet to be quantized get it.
    fn channel_scales(&self, weights: TensorId) -> bool {
        let tensor = &self.graph[weights];
        match (&tensor.quantization, self.precision) {
            (Some(quantization), _) => quantization.axis.is_some(),
            (None, Precision::Int8) => tensor.dtype == DataType::F32,
            (None, Precision::AsIs) => false,
        }
    }

    /// What each operator computes. Windows are read once per output, softmax passes over its
    /// input three times, a reshape is a change of view.
    fn work(&self, node: &Node) -> Work {
        let once = self.read_bytes(node) + self.written_bytes(node);
        match &node.op {
            Op::Conv2d(conv) => Work::LoopNest(self.conv(node, conv)),
            Op::DepthwiseConv2d(conv) => Work::Depthwise(Depthwise::new(
                self.depthwise(node, conv),
                conv.multiplier as u64,
            )),
            Op::Dense { .. } => Work::LoopNest(self.dense(node)),
            Op::BatchNorm { .. }
            | Op::Bias
            | Op::Unary(_)
            | Op::Binary(_)
            | Op::GlobalAveragePool { .. }
            | Op::ArgMax { .. }
            | Op::Quantize
            | Op::Dequantize => Work::Vector {
                touched_bytes: once,
            },
            Op::Softmax => Work::Vector {
                touched_bytes: once + 2 * self.read_bytes(node),
            },
            Op::Pool2d(Pool2d { kernel, .. }) => self.window(node, kernel[0] * kernel[1]),
            Op::Resize(Resize {
                mode: ResizeMode::Nearest,
                ..
            }) => self.window(node, 1),
            Op::Resize(Resize {
                mode: ResizeMode::Bilinear,
                ..
            }) => self.window(node, 4),
            Op::Concat { .. } | Op::Pad { .. } | Op::Transpose { .. } => Work::Move {
                touched_bytes: once,
            },
            Op::Slice(_) => Work::Move {
                touched_bytes: 2 * self.written_bytes(node),
            },
            Op::Reshape { .. } => Work::Move { touched_bytes: 0 },
            Op::Foreign { macs, .. } => Work::Host {
                macs: *macs,
                touched_bytes: once,
            },
        }
    }

    /// Every output element reads `taps` input elements.
    fn window(&self, node: &Node, taps: usize) -> Work {
        let outputs = self.graph[node.outputs[0]].shape.elements() * taps;
        let read_bytes = outputs as u64 * self.element_bytes(&self.graph[node.inputs[0]]);
        Work::Vector {
            touched_bytes: read_bytes + self.written_bytes(node),
        }
    }

    fn conv(&self, node: &Node, conv: &Conv2d) -> LoopNest {
        let window = Window {
            stride: conv.stride,
            dilation: conv.dilation,
            padding: conv.padding,
        };
        LoopNest {
            groups: conv.groups as u64,
            ..self.nest(node, &window)
        }
    }

    fn depthwise(&self, node: &Node, conv: &DepthwiseConv2d) -> LoopNest {
        self.nest(
            node,
            &Window {
                stride: conv.stride,
                dilation: conv.dilation,
                padding: conv.padding,
            },
        )
    }

    fn nest(&self, node: &Node, window: &Window) -> LoopNest {
        let extents = |id: TensorId| {
            self.graph[id]
                .shape
                .nhwc()
                .expect("a verified convolution has four dimensions")
                .map(|d| d as u64)
        };
        let [batch, in_h, in_w, in_c] = extents(node.inputs[0]);
        let [_, out_h, out_w, out_c] = extents(node.outputs[0]);
        let [_, kernel_h, kernel_w, _] = extents(node.inputs[1]);
        let pair = |pair: [usize; 2]| pair.map(|n| n as u64);
        LoopNest {
            form: NestForm::Conv,
            batch,
            in_h,
            in_w,
            in_c,
            out_h,
            out_w,
            out_c,
            kernel: [kernel_h, kernel_w],
            stride: pair(window.stride),
            dilation: pair(window.dilation),
            padding: pair([window.padding.top, window.padding.left]),
            groups: 1,
            input_bits: 8 * self.element_bytes(&self.graph[node.inputs[0]]),
            weight_bits: 8 * self.element_bytes(&self.graph[node.inputs[1]]),
            accumulator_bits: 32,
        }
    }

    fn dense(&self, node: &Node) -> LoopNest {
        let weights = &self.graph[node.inputs[1]];
        let (out_c, in_c) = (weights.shape[0] as u64, weights.shape[1] as u64);
        let rows = self.graph[node.outputs[0]].shape.elements() as u64 / out_c.max(1);
        LoopNest {
            input_bits: 8 * self.element_bytes(&self.graph[node.inputs[0]]),
            weight_bits: 8 * self.element_bytes(weights),
            ..LoopNest::matmul(rows, in_c, out_c)
        }
    }

    fn read_bytes(&self, node: &Node) -> u64 {
        node.inputs.iter().map(|id| self.bytes(*id)).sum()
    }

    fn written_bytes(&self, node: &Node) -> u64 {
        node.outputs.iter().map(|id| self.bytes(*id)).sum()
    }

    fn bytes(&self, id: TensorId) -> u64 {
        let tensor = &self.graph[id];
        tensor.shape.elements() as u64 * self.element_bytes(tensor)
    }

    fn element_bytes(&self, tensor: &Tensor) -> u64 {
        match (self.precision, tensor.dtype) {
            (Precision::Int8, DataType::F32) if tensor.is_constant() && tensor.shape.len() < 2 => 4,
            (Precision::Int8, DataType::F32) => 1,
            (Precision::Int8 | Precision::AsIs, dtype) => dtype.bytes() as u64,
        }
    }
}

/// How a window moves.
struct Window {
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
}

/// The variant of an operator that machines tell apart.
fn mode(op: &Op) -> Option<&'static str> {
    match op {
        Op::Resize(resize) => Some(match resize.coordinates {
            Coordinates::Asymmetric => "asymmetric",
            Coordinates::HalfPixel => "half_pixel",
            Coordinates::AlignCorners => "align_corners",
        }),
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::Dense { .. }
        | Op::BatchNorm { .. }
        | Op::Bias
        | Op::Unary(_)
        | Op::Softmax
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

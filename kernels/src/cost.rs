//! What an operator costs, counted without a machine: MACs, parameters, bytes.
//!
//! A convolution's MACs are `out_h * out_w * k_h * k_w * in_c / groups * out_c * n`; batch norm,
//! activations, additions, resizing and pooling count none. Parameters are what training learns:
//! weights, biases, and gamma and beta of a batch norm; its running mean and variance are not
//! counted. FLOPs are 2 x MACs.

use std::collections::BTreeSet;

use crate::graph::{NodeId, TensorId};
use crate::op::Op;
use crate::verify::Verified;

/// The cost of one node or of a whole graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Multiply-accumulate operations.
    pub macs: u64,
    /// Learned numbers.
    pub params: u64,
    /// Bytes of activations read.
    pub input_bytes: u64,
    /// Bytes of constants read.
    pub constant_bytes: u64,
    /// Bytes of activations written.
    pub output_bytes: u64,
}

impl Cost {
    /// Floating-point operations: two per MAC.
    #[must_use]
    pub const fn flops(&self) -> u64 {
        2 * self.macs
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), |a, b| Self {
            macs: a.macs + b.macs,
            params: a.params + b.params,
            input_bytes: a.input_bytes + b.input_bytes,
            constant_bytes: a.constant_bytes + b.constant_bytes,
            output_bytes: a.output_bytes + b.output_bytes,
        })
    }
}

/// The cost of all nodes. A learned constant that several nodes share is learned once, and read by
/// each.
#[must_use]
pub fn graph_cost(graph: &Verified) -> Cost {
    let cost: Cost = graph.node_ids().map(|id| node_cost(graph, id)).sum();
    let mut learned = BTreeSet::new();
    for node in &graph.nodes {
        for (position, &input) in node.inputs.iter().enumerate() {
            if graph[input].is_constant() && is_learned(&node.op, position) {
                learned.insert(input);
            }
        }
    }
    let elements = |id: TensorId| graph[id].shape.elements() as u64;
    Cost {
        params: learned.into_iter().map(elements).sum(),
        ..cost
    }
}

/// The cost of one node.
#[must_use]
pub fn node_cost(graph: &Verified, id: NodeId) -> Cost {
    let node = &graph[id];
    let mut cost = Cost {
        macs: macs(graph, id),
        ..Cost::default()
    };
    for (position, &input) in node.inputs.iter().enumerate() {
        let tensor = &graph[input];
        let bytes = tensor.bytes() as u64;
        if tensor.is_constant() {
            cost.constant_bytes += bytes;
            if is_learned(&node.op, position) {
                cost.params += tensor.shape.elements() as u64;
            }
        } else {
            cost.input_bytes += bytes;
        }
    }
    for &output in &node.outputs {
        cost.output_bytes += graph[output].bytes() as u64;
    }
    cost
}

fn macs(graph: &Verified, id: NodeId) -> u64 {
    let node = &graph[id];
    match &node.op {
        Op::Conv2d(_) | Op::Dense { .. } => {
            let weights = &graph[node.inputs[1]].shape;
            let per_output: usize = weights[1..].iter().product();
            (graph[node.outputs[0]].shape.elements() * per_output) as u64
        }
        Op::DepthwiseConv2d(_) => {
            let weights = &graph[node.inputs[1]].shape;
            (graph[node.outputs[0]].shape.elements() * weights[1] * weights[2]) as u64
        }
        Op::BatchNorm { .. }
        | Op::Bias
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
        | Op::ArgMax { .. }
        | Op::Quantize
        | Op::Dequantize => 0,
        Op::Foreign { macs, .. } => macs.unwrap_or(0),
    }
}

/// Whether operand `position` of `op`, when constant, is learned by training.
const fn is_learned(op: &Op, position: usize) -> bool {
    match op {
        Op::BatchNorm { .. } => position == 1 || position == 2,
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::Dense { .. }
        | Op::Bias
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
        | Op::ArgMax { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Foreign { .. } => true,
    }
}

//! Runs an int8 graph in libtorch, with gradients: what quantization-aware training computes.
//!
//! Every value is a whole number `n = q - zero_point` in single precision, whose steps are those
//! of the tensor's grid, so that sums of products are exact up to `2^24` and padding is 0. A node
//! first computes its result between the steps ([`operators`]), which is then rounded once:
//!
//! ```text
//! q - zero_point = round(clamp(y, lowest, highest))
//! ```
//!
//! with the bounds of the type or of a fused activation. The gradient of rounding is that of its
//! argument (straight-through), that of the clamp is 1 from `lowest` to `highest` and 0 outside.
//! Weights and biases are the whole numbers that [`quantize`](ednas::quantize::quantize) gave;
//! `w_q = w / scale` is the function that gradients see, the scale being taken for a constant.

mod operators;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use anyhow::Result;
use kernels::eval::integer_bounds;
use kernels::op::Fused;
use kernels::{Data, DataType, Node, Op, TensorId, Verified};
use tch::{Device, Kind, Tensor, no_grad};

use crate::execute::Walk;
use crate::operators::{Unsupported, extent, extents};
use operators::{Operand, between_steps};

/// An int8 graph that can run.
pub(crate) struct Int8Program<'g> {
    graph: &'g Verified,
    walk: Walk<'g>,
    /// Whole numbers, less their zero points.
    constants: BTreeMap<TensorId, Tensor>,
    /// How far up and down each computed int8 tensor goes from its zero point.
    bounds: BTreeMap<TensorId, RangeInclusive<i32>>,
}

impl<'g> Int8Program<'g> {
    /// Moves the constants of `graph` to `device`; weights and biases can be asked for gradients.
    pub(crate) fn new(graph: &'g Verified, device: Device) -> Result<Self> {
        let mut program = Self {
            graph,
            walk: Walk::new(graph)?,
            constants: BTreeMap::new(),
            bounds: BTreeMap::new(),
        };
        for id in graph.constant_ids() {
            if let Some(values) = whole_numbers(graph, id) {
                let values = Tensor::from_slice(&values).reshape(extents(&graph[id].shape));
                let values = values.to_device(device);
                program.constants.insert(id, values);
            }
        }
        let results = graph.nodes.iter().map(|n| (n.outputs[0], fused(&n.op)));
        let inputs = graph.inputs.iter().map(|&id| (id, Fused::None));
        for (id, fused) in inputs.chain(results) {
            if graph[id].dtype == DataType::I8 {
                let zero_point = zero_point(graph, id);
                let range = integer_bounds(&graph[id], fused)?;
                let bounds = range.start() - zero_point..=range.end() - zero_point;
                program.bounds.insert(id, bounds);
            }
        }
        Ok(program)
    }

    /// The constant `id`, from now on with a gradient.
    pub(crate) fn leaf(&mut self, id: TensorId) -> Option<Tensor> {
        let constant = self.constants.get_mut(&id)?;
        *constant = constant.set_requires_grad(true);
        Some(constant.shallow_clone())
    }

    /// The reals that the graph's outputs stand for, for float images.
    pub(crate) fn run(&self, inputs: &[&Tensor]) -> Result<Vec<Tensor>> {
        let inputs = self.graph.inputs.iter().zip(inputs).map(|(&id, &image)| {
            let per_unit = 1.0 / scale(self.graph, id);
            self.round(id, &(image * f64::from(per_unit)))
        });
        let inputs: Vec<Tensor> = inputs.collect();
        let inputs: Vec<&Tensor> = inputs.iter().collect();
        let known = |id| self.constants.get(&id);
        let outputs = self.walk.run(&known, &inputs, &mut |node, operands| {
            let exact = self.exact(node, operands)?;
            Ok(self.round(node.outputs[0], &exact))
        })?;
        let real = |(&id, n): (&TensorId, Tensor)| n * f64::from(scale(self.graph, id));
        Ok(self.graph.outputs.iter().zip(outputs).map(real).collect())
    }

    fn exact(&self, node: &Node, operands: &[&Tensor]) -> Result<Tensor, Unsupported> {
        let operands: Vec<Operand<'_>> = node
            .inputs
            .iter()
            .zip(operands)
            .map(|(&id, steps)| Operand {
                steps,
                scales: scales(self.graph, id),
                zero_point: zero_point(self.graph, id),
            })
            .collect();
        between_steps(&node.op, &operands, scale(self.graph, node.outputs[0]))
    }

    /// `steps` of the grid of `id`, as whole steps; as it is where `id` has no grid.
    fn round(&self, id: TensorId, steps: &Tensor) -> Tensor {
        match self.bounds.get(&id) {
            Some(bounds) => straight_through(steps, bounds),
            None => steps.shallow_clone(),
        }
    }
}

/// `steps` clamped and rounded, ties to even, with the gradient of the clamp alone.
fn straight_through(steps: &Tensor, bounds: &RangeInclusive<i32>) -> Tensor {
    let mut rounded = steps.clamp(f64::from(*bounds.start()), f64::from(*bounds.end()));
    // In place and unseen by autograd, for which this stays the result of the clamp.
    let _ = no_grad(|| rounded.round_());
    rounded
}

/// The elements of a constant less its zero point.
#[expect(
    clippy::cast_precision_loss,
    reason = "a bias beyond 2^24 steps is rounded as its sum is"
)]
fn whole_numbers(graph: &Verified, id: TensorId) -> Option<Vec<f32>> {
    let zero_point = zero_point(graph, id);
    match graph[id].data()? {
        Data::I8(values) => {
            let centered = values.iter().map(|&q| i32::from(q) - zero_point);
            Some(centered.map(|n| n as f32).collect())
        }
        Data::I32(values) => Some(values.iter().map(|&q| q as f32).collect()),
        Data::F32(_) | Data::U8(_) | Data::I64(_) => None,
    }
}

/// The scales of a tensor: one, or one per channel; none where it has no grid.
pub(crate) fn scales(graph: &Verified, id: TensorId) -> &[f32] {
    let quantization = graph[id].quantization.as_ref();
    quantization.map_or(&[], |quantization| &quantization.scales)
}

/// The only scale of an activation; 1 where it has no grid.
fn scale(graph: &Verified, id: TensorId) -> f32 {
    scales(graph, id).first().copied().unwrap_or(1.0)
}

/// The zero point of an activation; 0 for weights, and where there is no grid.
fn zero_point(graph: &Verified, id: TensorId) -> i32 {
    let quantization = graph[id].quantization.as_ref();
    quantization.map_or(0, |quantization| quantization.zero_points[0])
}

/// The scales of a constant as a factor for its elements.
pub(crate) fn unit(graph: &Verified, id: TensorId, device: Device) -> Tensor {
    let tensor = &graph[id];
    let scales = Tensor::from_slice(scales(graph, id)).to_device(device);
    let axis = tensor.quantization.as_ref().and_then(|q| q.axis);
    let mut shape = vec![1; tensor.shape.len()];
    if let Some(axis) = axis {
        shape[axis] = extent(tensor.shape[axis]);
    }
    scales.reshape(shape).to_kind(Kind::Float)
}

/// The activation that bounds the result of `op`.
const fn fused(op: &Op) -> Fused {
    match op {
        Op::Conv2d(conv) => conv.fused,
        Op::DepthwiseConv2d(conv) => conv.fused,
        Op::Dense { fused } => *fused,
        Op::Binary(binary) => binary.fused,
        Op::Unary(kernels::op::Unary::Relu) => Fused::Relu,
        Op::Unary(kernels::op::Unary::Relu6) => Fused::Relu6,
        Op::Unary(kernels::op::Unary::Sigmoid | kernels::op::Unary::HardSwish)
        | Op::BatchNorm { .. }
        | Op::Bias
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
        | Op::Foreign { .. } => Fused::None,
    }
}

#[cfg(test)]
pub(crate) mod tests;

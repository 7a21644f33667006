//! Runs a graph in libtorch, with gradients.

use std::collections::BTreeMap;

use kernels::{Data, DataType, Node, Op, TensorId, Verified};
use tch::{Device, Kind, Tensor};

use crate::operators::{Mode, Unsupported, apply, extents};

/// Why a graph cannot be executed for any number of images.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExecuteError {
    /// An operator has no meaning here.
    #[error("node `{node}`: {error}")]
    Node {
        /// The node.
        node: String,
        /// Why.
        error: Unsupported,
    },
    /// A tensor's first dimension is not the batch.
    #[error("node `{node}` mixes the images of a batch; the first dimension must stay the batch")]
    Batch {
        /// The node.
        node: String,
    },
    /// A constant is not made of floats.
    #[error("tensor `{tensor}` is {found}, expected f32")]
    Constant {
        /// The tensor.
        tensor: String,
        /// Its type.
        found: DataType,
    },
}

/// What gives the result of a node for its operands.
type Compute<'c> = &'c mut dyn FnMut(&Node, &[&Tensor]) -> Result<Tensor, Unsupported>;

/// The order in which a graph is executed, whatever its operators compute with.
pub(crate) struct Walk<'g> {
    graph: &'g Verified,
    /// After each node, the tensors nobody needs any more.
    dead_after: Vec<Vec<TensorId>>,
}

impl<'g> Walk<'g> {
    /// Checks that `graph` can be executed for any number of images.
    pub(crate) fn new(graph: &'g Verified) -> Result<Self, ExecuteError> {
        keeps_the_batch(graph)?;
        Ok(Self {
            graph,
            dead_after: dead_after(graph),
        })
    }

    /// The graph's outputs for its inputs, both in graph order and layout. `known` has every
    /// parameter and constant.
    pub(crate) fn run<'t>(
        &self,
        known: &impl Fn(TensorId) -> Option<&'t Tensor>,
        inputs: &[&Tensor],
        compute: Compute<'_>,
    ) -> Result<Vec<Tensor>, ExecuteError> {
        let mut values: BTreeMap<TensorId, Tensor> = BTreeMap::new();
        for (&id, &input) in self.graph.inputs.iter().zip(inputs) {
            values.insert(id, input.shallow_clone());
        }
        for (node, dead) in self.graph.nodes.iter().zip(&self.dead_after) {
            let operands: Vec<&Tensor> = node
                .inputs
                .iter()
                .map(|&id| {
                    values
                        .get(&id)
                        .or_else(|| known(id))
                        .expect("a verified graph's operands are known")
                })
                .collect();
            let result = compute(node, &operands).map_err(|error| ExecuteError::Node {
                node: node.name.clone(),
                error,
            })?;
            values.insert(node.outputs[0], result);
            for id in dead {
                values.remove(id);
            }
        }
        let output = |id: &TensorId| values[id].shallow_clone();
        Ok(self.graph.outputs.iter().map(output).collect())
    }
}

/// A float graph that can run.
pub(crate) struct Program<'g> {
    walk: Walk<'g>,
    constants: BTreeMap<TensorId, Tensor>,
}

impl<'g> Program<'g> {
    /// Checks that `graph` can run, and moves its constants to `device`.
    pub(crate) fn new(graph: &'g Verified, device: Device) -> Result<Self, ExecuteError> {
        let walk = Walk::new(graph)?;
        let mut constants = BTreeMap::new();
        for id in graph.tensor_ids() {
            let tensor = &graph[id];
            match tensor.data() {
                Some(Data::F32(values)) => {
                    let values = Tensor::from_slice(values).reshape(extents(&tensor.shape));
                    constants.insert(id, values.to_device(device));
                }
                Some(Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_)) => {
                    return Err(ExecuteError::Constant {
                        tensor: tensor.name.clone(),
                        found: tensor.dtype,
                    });
                }
                None => {}
            }
        }
        Ok(Self { walk, constants })
    }

    /// The graph's outputs for its inputs, both in graph order and layout; `parameters` by tensor.
    pub(crate) fn run(
        &self,
        parameters: &BTreeMap<TensorId, Tensor>,
        inputs: &[&Tensor],
        mode: Mode,
    ) -> Result<Vec<Tensor>, ExecuteError> {
        self.run_observed(parameters, inputs, mode, &mut |_, _| ())
    }

    /// As [`Self::run`], calling `observe` with every result of a node.
    pub(crate) fn run_observed(
        &self,
        parameters: &BTreeMap<TensorId, Tensor>,
        inputs: &[&Tensor],
        mode: Mode,
        observe: &mut dyn FnMut(TensorId, &Tensor),
    ) -> Result<Vec<Tensor>, ExecuteError> {
        let known = |id| parameters.get(&id).or_else(|| self.constants.get(&id));
        let outputs = self.walk.run(&known, inputs, &mut |node, operands| {
            let result = apply(&node.op, operands, mode)?;
            observe(node.outputs[0], &result);
            Ok(result)
        });
        // What mixed precision leaves in bfloat16; a class is an integer.
        let single = |output: Tensor| match output.kind() == Kind::BFloat16 {
            true => output.to_kind(Kind::Float),
            false => output,
        };
        Ok(outputs?.into_iter().map(single).collect())
    }
}

/// Operators are given as many images as there are, while the graph says one: no node may look
/// across the first dimension.
fn keeps_the_batch(graph: &Verified) -> Result<(), ExecuteError> {
    let batch = graph.inputs.first().and_then(|&id| graph[id].shape.first());
    for node in &graph.nodes {
        let moves = match &node.op {
            Op::Transpose { permutation } => permutation.first() != Some(&0),
            Op::ArgMax { axis } | Op::Concat { axis } => *axis == 0,
            Op::Pad { amounts } => amounts.first() != Some(&[0, 0]),
            Op::Slice(slice) => slice.begin.first() != Some(&0),
            Op::Conv2d(_)
            | Op::DepthwiseConv2d(_)
            | Op::Dense { .. }
            | Op::BatchNorm { .. }
            | Op::Bias
            | Op::Unary(_)
            | Op::Softmax
            | Op::Binary(_)
            | Op::Pool2d(_)
            | Op::GlobalAveragePool { .. }
            | Op::Resize(_)
            | Op::Reshape { .. }
            | Op::Quantize
            | Op::Dequantize
            | Op::Foreign { .. } => false,
        };
        let changes = node
            .outputs
            .iter()
            .any(|&id| graph[id].shape.first() != batch);
        if moves || changes {
            return Err(ExecuteError::Batch {
                node: node.name.clone(),
            });
        }
    }
    Ok(())
}

fn dead_after(graph: &Verified) -> Vec<Vec<TensorId>> {
    let mut last_use = BTreeMap::new();
    for (position, node) in graph.nodes.iter().enumerate() {
        for &id in node.inputs.iter().chain(&node.outputs) {
            last_use.insert(id, position);
        }
    }
    let mut dead = vec![Vec::new(); graph.nodes.len()];
    for (id, position) in last_use {
        if !graph.outputs.contains(&id) {
            dead[position].push(id);
        }
    }
    dead
}

#[cfg(test)]
mod tests;

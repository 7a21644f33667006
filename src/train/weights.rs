//! The values of a network's parameters, and how they start.
//!
//! Convolution and dense weights are uniform in `[-b, b]`, `b = sqrt(6 / fan_in)` (He), except
//! those of the last layer before an output, whose `b` is a tenth of that. Biases and shifts
//! start at 0, scales and factors at 1, running means at 0 and variances at 1. A tensor's values depend on
//! the seed and its name alone, so that networks which share a layer start it alike.

use std::collections::BTreeMap;

use kernels::op::BinaryKind;
use kernels::{Data, Graph, Op, Shape, TensorId, Verified, tensor::Content};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::checkpoint::CheckpointError;
use crate::space::Method;
use crate::task::Task;

/// What a parameter is to the operator that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Multiplies activations.
    Weights {
        /// The products summed into one output element.
        fan_in: usize,
    },
    /// Added to a result: the bias of a convolution, beta of a batch norm.
    Shift,
    /// Gamma of a batch norm.
    Scale,
    /// The factor of a product.
    Gate,
    /// The running mean of a batch norm; follows the data instead of a gradient.
    Mean,
    /// The running variance of a batch norm; follows the data instead of a gradient.
    Variance,
}

impl Role {
    /// Whether gradients change it.
    #[must_use]
    pub const fn is_trained(self) -> bool {
        match self {
            Self::Weights { .. } | Self::Shift | Self::Scale | Self::Gate => true,
            Self::Mean | Self::Variance => false,
        }
    }
}

/// The role of every parameter of `graph` (a tensor without known values), in graph order;
/// parameters that no operator reads in one of these roles are left out.
#[must_use]
pub fn roles(graph: &Graph) -> BTreeMap<TensorId, Role> {
    let mut roles = BTreeMap::new();
    for node in &graph.nodes {
        for (position, &id) in node.inputs.iter().enumerate() {
            if matches!(graph[id].content, Content::Parameter)
                && let Some(role) = role(&node.op, position, &graph[id].shape)
            {
                roles.insert(id, role);
            }
        }
    }
    roles
}

fn role(op: &Op, position: usize, shape: &Shape) -> Option<Role> {
    // Weights put what is summed after their first dimension, depthwise ones before their last.
    let summed = |extents: &[usize]| Role::Weights {
        fan_in: extents.iter().product(),
    };
    match (op, position) {
        (Op::Conv2d(_) | Op::Dense { .. }, 1) => Some(summed(&shape[1..])),
        (Op::DepthwiseConv2d(_), 1) => Some(summed(&shape[..3])),
        (Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. }, 2)
        | (Op::Bias, 1)
        | (Op::BatchNorm { .. }, 2) => Some(Role::Shift),
        (Op::BatchNorm { .. }, 1) => Some(Role::Scale),
        (Op::Binary(binary), 1) if binary.kind == BinaryKind::Mul => Some(Role::Gate),
        (Op::BatchNorm { .. }, 3) => Some(Role::Mean),
        (Op::BatchNorm { .. }, 4) => Some(Role::Variance),
        _ => None,
    }
}

/// The values of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// As in the graph: weights `[out_c, k_h, k_w, in_c]`, depthwise `[1, k_h, k_w, c]`.
    pub shape: Shape,
    /// Row-major.
    pub values: Vec<f32>,
}

/// The values of a network's parameters, by tensor name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights(BTreeMap<String, Values>);

impl Weights {
    /// The values that training of `graph` starts from.
    #[must_use]
    pub fn initial(graph: &Graph, seed: u64) -> Self {
        let last = last_layers(graph);
        let values = |(id, role): (TensorId, Role)| {
            let tensor = &graph[id];
            let count = tensor.shape.elements();
            let values = match role {
                Role::Weights { fan_in } => {
                    let scale = if last.contains(&id) { 0.1 } else { 1.0 };
                    uniform(&tensor.name, seed, count, scale * he_bound(fan_in))
                }
                Role::Shift | Role::Mean => vec![0.0; count],
                Role::Scale | Role::Gate | Role::Variance => vec![1.0; count],
            };
            let shape = tensor.shape.clone();
            (tensor.name.clone(), Values { shape, values })
        };
        Self(roles(graph).into_iter().map(values).collect())
    }

    /// As [`Self::initial`], for a network of `method` for `tasks`, whose units start as the method
    /// has it.
    #[must_use]
    pub fn initial_of(method: &Method, tasks: &[Task], graph: &Graph, seed: u64) -> Self {
        let mut weights = Self::initial(graph, seed);
        for (name, values) in method.initial(graph, tasks) {
            if let Some(of_unit) = weights.0.get_mut(&name) {
                of_unit.values = values;
            }
        }
        weights
    }

    /// The float constants of `graph`, and the graph with parameters in their place: what
    /// [`Self::fill`] undoes.
    #[must_use]
    pub fn take(graph: &Verified) -> (Verified, Self) {
        let mut graph = graph.clone().into_graph();
        let mut weights = Self::default();
        for tensor in &mut graph.tensors {
            if let Content::Constant(Data::F32(values)) = &tensor.content {
                let values = Values {
                    shape: tensor.shape.clone(),
                    values: values.to_vec(),
                };
                weights.insert(tensor.name.clone(), values);
                tensor.content = Content::Parameter;
            }
        }
        let graph = kernels::verify(graph).expect("parameters need no values");
        (graph, weights)
    }

    /// The values called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Values> {
        self.0.get(name)
    }

    /// Sets the values called `name`.
    pub fn insert(&mut self, name: String, values: Values) {
        self.0.insert(name, values);
    }

    /// Takes out the values called `name`.
    pub fn remove(&mut self, name: &str) -> Option<Values> {
        self.0.remove(name)
    }

    /// Every name with its values, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.0.iter().map(|(name, values)| (name.as_str(), values))
    }

    /// Every name with its values to be changed, in the order of names.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Values)> {
        let entries = self.0.iter_mut();
        entries.map(|(name, values)| (name.as_str(), values))
    }

    /// `graph` with every parameter that has no values given its own from here.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] naming the first parameter that is missing here, has another shape, or
    /// is not finite.
    pub fn fill(&self, graph: &Verified) -> Result<Verified, CheckpointError> {
        let mut graph = graph.clone().into_graph();
        for tensor in &mut graph.tensors {
            if !matches!(tensor.content, Content::Parameter) {
                continue;
            }
            let values = self.checked(&tensor.name, &tensor.shape)?;
            tensor.content = Content::Constant(Data::F32(values.into()));
        }
        Ok(kernels::verify(graph).expect("finite values of the right shape keep a graph verified"))
    }

    /// The values called `name`, which must be finite and of `shape`.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] when they are missing, of another shape, or not finite.
    pub fn checked(&self, name: &str, shape: &Shape) -> Result<&[f32], CheckpointError> {
        let tensor = || name.to_owned();
        let found = self
            .get(name)
            .ok_or_else(|| CheckpointError::Missing { tensor: tensor() })?;
        if found.shape != *shape {
            return Err(CheckpointError::Shape {
                tensor: tensor(),
                found: found.shape.clone(),
                expected: shape.clone(),
            });
        }
        match found.values.iter().position(|v| !v.is_finite()) {
            Some(index) => Err(CheckpointError::NotFinite {
                tensor: tensor(),
                index,
                value: found.values[index],
            }),
            None => Ok(&found.values),
        }
    }
}

/// The weights of the layers whose results reach an output through resizing alone.
fn last_layers(graph: &Graph) -> Vec<TensorId> {
    let producers = graph.producers();
    let mut last = Vec::new();
    for &output in &graph.outputs {
        let mut id = output;
        while let Some(node) = producers[id.index()].map(|node| &graph[node]) {
            if !matches!(node.op, Op::Resize(_)) {
                last.extend(node.inputs.get(1));
                break;
            }
            id = node.inputs[0];
        }
    }
    last
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a fan-in is far below 2^52, and single precision is what is stored"
)]
fn he_bound(fan_in: usize) -> f32 {
    (6.0 / fan_in.max(1) as f64).sqrt() as f32
}

/// Uniform values in `[-bound, bound)`. Uniform rather than normal: no logarithm, whose last bit
/// differs between machines.
fn uniform(name: &str, seed: u64, count: usize, bound: f32) -> Vec<f32> {
    let mut rng = Pcg64::seed_from_u64(seed ^ fnv1a(name));
    let unit = |rng: &mut Pcg64| rng.random::<f32>() * 2.0 - 1.0;
    (0..count).map(|_| unit(&mut rng) * bound).collect()
}

/// The 64-bit FNV-1a hash.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
pub(super) mod tests;

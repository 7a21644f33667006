//! The parameters of a network as tensors.
//!
//! All trained parameters lie one after the other in one flat tensor, and what the graph reads are
//! windows into it: the optimizer is a handful of operations on a single tensor.

use std::collections::BTreeMap;

use ednas::train::CheckpointError;
use ednas::train::weights::{Values, Weights, roles};
use kernels::{Graph, Shape, TensorId};
use tch::{Device, Kind, Tensor};

use crate::operators::{extent, extents};

/// The parameters of one graph.
pub(crate) struct Parameters {
    trained: Vec<Parameter>,
    /// Running means and variances.
    statistics: Vec<Parameter>,
    /// What the windows of `trained` look into, `[total]`.
    flat: Tensor,
}

/// A tensor that a forward pass read for a parameter.
pub(crate) struct Leaf {
    /// The parameter.
    pub(crate) parameter: TensorId,
    /// What was read; has a gradient.
    pub(crate) tensor: Tensor,
    /// What one step of the tensor is in units of the parameter; 1 where absent.
    pub(crate) unit: Option<Tensor>,
}

struct Parameter {
    id: TensorId,
    name: String,
    shape: Shape,
    tensor: Tensor,
}

impl Parameters {
    /// The parameters of `graph`, with the values of `weights`.
    pub(crate) fn new(
        graph: &Graph,
        weights: &Weights,
        device: Device,
    ) -> Result<Self, CheckpointError> {
        let mut flat: Vec<f32> = Vec::new();
        let mut windows = Vec::new();
        let mut statistics = Vec::new();
        for (id, role) in roles(graph) {
            let (name, shape) = (&graph[id].name, &graph[id].shape);
            let values = weights.checked(name, shape)?;
            if role.is_trained() {
                windows.push((id, flat.len(), values.len()));
                flat.extend_from_slice(values);
            } else {
                let tensor = Tensor::from_slice(values).to_device(device);
                statistics.push(Parameter::new(graph, id, tensor));
            }
        }
        let flat = Tensor::from_slice(&flat).to_device(device);
        let window = |(id, first, count): (TensorId, usize, usize)| {
            let window = flat.narrow(0, extent(first), extent(count));
            let window = window.view_(extents(&graph[id].shape)).detach();
            Parameter::new(graph, id, window.set_requires_grad(true))
        };
        Ok(Self {
            trained: windows.into_iter().map(window).collect(),
            statistics,
            flat,
        })
    }

    /// Every parameter by its tensor in the graph.
    pub(crate) fn tensors(&self) -> BTreeMap<TensorId, Tensor> {
        let all = self.trained.iter().chain(&self.statistics);
        all.map(|p| (p.id, p.tensor.shallow_clone())).collect()
    }

    /// The trained parameters as one tensor, `[total]`; changing it changes the network.
    pub(crate) fn flat(&self) -> Tensor {
        self.flat.shallow_clone()
    }

    /// A number for each element of [`Self::flat`], by the name of its parameter, `[total]`.
    pub(crate) fn numbers(&self, of: impl Fn(&str) -> f64) -> Tensor {
        let number = |p: &Parameter| p.tensor.detach().full_like(of(&p.name)).reshape([-1]);
        Tensor::cat(&self.trained.iter().map(number).collect::<Vec<_>>(), 0)
    }

    /// The trained parameters by name.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&str, TensorId, &Tensor)> {
        self.trained
            .iter()
            .map(|p| (p.name.as_str(), p.id, &p.tensor))
    }

    /// The trained parameters as what a forward pass read, if it read them as they are.
    pub(crate) fn leaves(&self) -> Vec<Leaf> {
        let leaf = |p: &Parameter| Leaf {
            parameter: p.id,
            tensor: p.tensor.shallow_clone(),
            unit: None,
        };
        self.trained.iter().map(leaf).collect()
    }

    /// The gradient of `loss` in the order of [`Self::flat`], `[total]`: the sum over the leaves
    /// of each parameter, 0 without any.
    pub(crate) fn gradient(&self, loss: &Tensor, leaves: &[Leaf]) -> Tensor {
        let read: Vec<&Tensor> = leaves.iter().map(|leaf| &leaf.tensor).collect();
        let gradients = Tensor::run_backward(&[loss], &read, false, false);
        let mut of_parameter: BTreeMap<TensorId, Tensor> = BTreeMap::new();
        let read = leaves.iter().zip(gradients);
        // A leaf that the loss does not depend on has none.
        for (leaf, gradient) in read.filter(|(_, gradient)| gradient.defined()) {
            let gradient = match &leaf.unit {
                Some(unit) => gradient / unit,
                None => gradient,
            };
            let sum = match of_parameter.remove(&leaf.parameter) {
                Some(sum) => sum + gradient,
                None => gradient,
            };
            of_parameter.insert(leaf.parameter, sum);
        }
        let flat = |p: &Parameter| match of_parameter.get(&p.id) {
            Some(gradient) => gradient.reshape([-1]),
            None => p.tensor.zeros_like().reshape([-1]),
        };
        Tensor::cat(&self.trained.iter().map(flat).collect::<Vec<_>>(), 0)
    }

    /// Whether there are running means and variances.
    pub(crate) fn has_statistics(&self) -> bool {
        !self.statistics.is_empty()
    }

    /// Sets the running means and variances to 0.
    pub(crate) fn clear_statistics(&mut self) {
        for parameter in &mut self.statistics {
            let _ = parameter.tensor.zero_();
        }
    }

    /// Writes the present values over those in `weights`.
    pub(crate) fn store(&self, weights: &mut Weights) {
        for parameter in self.trained.iter().chain(&self.statistics) {
            let values = Values {
                shape: parameter.shape.clone(),
                values: to_vec(&parameter.tensor),
            };
            weights.insert(parameter.name.clone(), values);
        }
    }
}

impl Parameter {
    fn new(graph: &Graph, id: TensorId, tensor: Tensor) -> Self {
        Self {
            id,
            name: graph[id].name.clone(),
            shape: graph[id].shape.clone(),
            tensor,
        }
    }
}

/// The elements of a single precision tensor, row-major.
pub(crate) fn to_vec(tensor: &Tensor) -> Vec<f32> {
    let mut values = vec![0.0; tensor.numel()];
    tensor
        .detach()
        .to_device(Device::Cpu)
        .to_kind(Kind::Float)
        .contiguous()
        .copy_data(&mut values, tensor.numel());
    values
}

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

    /// The gradient of `loss` in the order of [`Self::flat`], `[total]`.
    pub(crate) fn gradient(&self, loss: &Tensor) -> Tensor {
        let trained: Vec<&Tensor> = self.trained.iter().map(|p| &p.tensor).collect();
        let gradients = Tensor::run_backward(&[loss], &trained, false, false);
        let gradients: Vec<Tensor> = gradients.iter().map(|g| g.reshape([-1])).collect();
        Tensor::cat(&gradients, 0)
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

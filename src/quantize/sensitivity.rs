//! What each layer costs: its noise alone, the noise that has gathered there, and what the layer
//! alone does to the outputs.

use kernels::eval::EvalError;
use kernels::part::Part;
use kernels::{Data, DataType, NodeId, Verified};
use rayon::prelude::*;

use super::error::QuantizeError;
use super::mixed::add_outputs;
use super::signal::Power;
use super::twins::Twins;
use super::values::{Values, observed};

/// What quantizing one layer costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The layer.
    pub node: String,
    /// Its operator.
    pub op: String,
    /// Its result.
    pub tensor: String,
    /// The result of the int8 operator on the operands of the float network.
    pub alone: Power,
    /// Its result in the int8 network.
    pub accumulated: Power,
    /// The outputs of the network, in its order, when this layer alone is int8.
    pub at_outputs: Vec<Power>,
}

impl Layer {
    /// What this layer alone adds to the outputs: the sum of noise over signal.
    #[must_use]
    pub fn cost(&self) -> f64 {
        self.at_outputs.iter().map(Power::relative_noise).sum()
    }
}

/// Every output of the int8 network beside the float one's, over `images`.
pub(super) fn outputs(
    float: &Verified,
    int8: &Verified,
    images: &[Values],
) -> Result<Vec<Power>, QuantizeError> {
    let accumulated = accumulated(float, int8, images)?;
    let outputs = float.outputs.iter();
    Ok(outputs.map(|id| accumulated[id.index()]).collect())
}

/// Every layer of real results, in the order they run; `tick` is called after each.
pub(super) fn layers(
    float: &Verified,
    int8: &Verified,
    images: &[Values],
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Layer>, QuantizeError> {
    let accumulated = accumulated(float, int8, images)?;
    let twins = Twins::new(float, int8);
    let real = |id: &NodeId| float[float[*id].outputs[0]].dtype == DataType::F32;
    let ids: Vec<NodeId> = float.node_ids().filter(real).collect();
    ids.into_par_iter()
        .map(|id| {
            let node = &float[id];
            let (alone, at_outputs) = leave_one_in(&twins, id, images)?;
            tick();
            Ok(Layer {
                node: node.name.clone(),
                op: node.op.name().to_owned(),
                tensor: float[node.outputs[0]].name.clone(),
                alone,
                accumulated: accumulated[node.outputs[0].index()],
                at_outputs,
            })
        })
        .collect()
}

/// The result of one layer in integers, and the outputs that it leads to in floats.
fn leave_one_in(
    twins: &Twins<'_>,
    id: NodeId,
    images: &[Values],
) -> Result<(Power, Vec<Power>), QuantizeError> {
    let float = twins.float;
    let tensor = float[id].outputs[0];
    let (part, below) = (twins.part(id), Part::below(float, tensor));
    let mut alone = Power::default();
    let mut at_outputs = vec![Power::default(); float.outputs.len()];
    for (image, values) in images.iter().enumerate() {
        let at = |error: EvalError| QuantizeError::Image { image, error };
        let operands = part.inputs.iter();
        let operands: Vec<(_, Data)> = operands
            .map(|&id| Ok((id, twins.quantized(id, values).map_err(at)?)))
            .collect::<Result<_, QuantizeError>>()?;
        let operand = |id| {
            let found = operands.iter().find(|(known, _)| *known == id);
            found.expect("every operand was just quantized").1.clone()
        };
        let results = part.run(operand).map_err(at)?;
        let Some(reals) = twins.reals(part.outputs[0], &results[0]) else {
            continue;
        };
        if let Some(Data::F32(expected)) = &values[tensor.index()] {
            alone += Power::between(expected, &reals);
        }
        add_outputs(float, tensor, &reals, &below, values, &mut at_outputs).map_err(at)?;
    }
    Ok((alone, at_outputs))
}

/// Per float tensor, its activation in the int8 network beside the float one's.
fn accumulated(
    float: &Verified,
    int8: &Verified,
    images: &[Values],
) -> Result<Vec<Power>, QuantizeError> {
    let twins = Twins::new(float, int8);
    let activations = || {
        let produced = float.nodes.iter().flat_map(|node| &node.outputs);
        float.inputs.iter().chain(produced)
    };
    let of_image = |(image, values): (usize, &Values)| {
        let at = |error: EvalError| QuantizeError::Image { image, error };
        let inputs = twins.int8.inputs.iter();
        let inputs: Vec<Data> = inputs
            .map(|&id| twins.quantized(id, values).map_err(at))
            .collect::<Result<_, _>>()?;
        let found = observed(int8, &inputs).map_err(at)?;
        let mut powers = vec![Power::default(); float.tensors.len()];
        for &id in activations() {
            let integer = twins.integer(id);
            if let (Some(Data::F32(expected)), Some(found)) =
                (&values[id.index()], &found[integer.index()])
                && let Some(reals) = twins.reals(integer, found)
            {
                powers[id.index()] = Power::between(expected, &reals);
            }
        }
        Ok(powers)
    };
    let images: Vec<Vec<Power>> = images
        .par_iter()
        .enumerate()
        .map(of_image)
        .collect::<Result<_, QuantizeError>>()?;
    let mut sums = vec![Power::default(); float.tensors.len()];
    for powers in images {
        for (sum, power) in sums.iter_mut().zip(powers) {
            *sum += power;
        }
    }
    Ok(sums)
}

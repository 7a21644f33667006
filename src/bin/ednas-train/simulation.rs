//! Quantization-aware training: a float network that computes as its int8 form would.
//!
//! Every forward pass quantizes the present weights with [`quantize`], the very function that
//! makes the exported network, on grids that follow from the ranges of activations, and runs the
//! result. The ranges are those of images of the calibration split before the first step: fine-tuning
//! moves weights little, and grids that stay are those that are deployed.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use ednas::data::Sample;
use ednas::data::input::input_range;
use ednas::quantize::grids::is_weight;
use ednas::quantize::{Range, quantize};
use ednas::train::record::{NamedRanges, ranges_of};
use ednas::train::weights::Weights;
use kernels::{TensorId, Verified};
use tch::{Device, Tensor, no_grad};

use crate::execute::Program;
use crate::int8::{Int8Program, unit};
use crate::operators::Mode;
use crate::parameters::{Leaf, Parameters};
use crate::samples::{tensors, upright};

/// Calibration images that are run at once.
const BATCH: usize = 8;

/// The int8 form of a float network in training.
pub(crate) struct Simulation<'g> {
    /// Folded, its parameters without values.
    graph: &'g Verified,
    device: Device,
    ranges: NamedRanges,
}

impl<'g> Simulation<'g> {
    /// The int8 form of `graph` with these ranges.
    pub(crate) fn new(graph: &'g Verified, ranges: NamedRanges, device: Device) -> Self {
        Self {
            graph,
            device,
            ranges,
        }
    }

    /// The smallest and the largest element of every activation.
    pub(crate) fn ranges(&self) -> &NamedRanges {
        &self.ranges
    }

    /// The outputs for `images`, and the constants whose gradients are those of the parameters.
    pub(crate) fn forward(
        &self,
        parameters: &Parameters,
        images: &Tensor,
    ) -> Result<(Vec<Tensor>, Vec<Leaf>)> {
        let mut weights = Weights::default();
        parameters.store(&mut weights);
        let filled = weights.fill(self.graph)?;
        let int8 = quantize(&filled, &ranges_of(self.graph, &self.ranges))?;
        let mut program = Int8Program::new(&int8, self.device)?;
        let leaves = leaves(self.graph, &int8, &mut program, self.device);
        let outputs = program.run(&[images])?;
        Ok((outputs, leaves))
    }
}

/// The weights and biases of `int8`, a quantized `graph`, as gradients of the latter's parameters.
fn leaves(
    graph: &Verified,
    int8: &Verified,
    program: &mut Int8Program<'_>,
    device: Device,
) -> Vec<Leaf> {
    let by_name: BTreeMap<&str, _> = graph.nodes.iter().map(|n| (n.name.as_str(), n)).collect();
    let mut leaves = Vec::new();
    for node in &int8.nodes {
        let Some(float) = by_name.get(node.name.as_str()) else {
            continue;
        };
        if !is_weight(&node.op, 1) {
            continue;
        }
        for (&parameter, &constant) in float.inputs[1..].iter().zip(&node.inputs[1..]) {
            if let Some(tensor) = program.leaf(constant) {
                let unit = Some(unit(int8, constant, device));
                leaves.push(Leaf {
                    parameter,
                    tensor,
                    unit,
                });
            }
        }
    }
    leaves
}

/// The ranges of the activations of the float `graph` over `samples`.
pub(crate) fn calibrated(
    graph: &Verified,
    parameters: &Parameters,
    samples: &[Arc<Sample>],
    device: Device,
) -> Result<NamedRanges> {
    let program = Program::new(graph, device)?;
    let values = parameters.tensors();
    let mut ranges = NamedRanges::new();
    for &id in &graph.inputs {
        ranges.insert(graph[id].name.clone(), input_range());
    }
    for first in (0..samples.len()).step_by(BATCH) {
        let chunk = &samples[first..(first + BATCH).min(samples.len())];
        let (images, _) = tensors(&upright(chunk), device);
        let mut widen = |id: TensorId, values: &Tensor| {
            let [min, max] = extremes(values);
            let name = graph[id].name.clone();
            let range = ranges.entry(name).or_insert([min, max]);
            *range = union(*range, [min, max]);
        };
        no_grad(|| program.run_observed(&values, &[&images], Mode::Evaluate, &mut widen))
            .context("calibration")?;
    }
    Ok(ranges)
}

fn union(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    let [a, b] = [a, b].map(|[min, max]| Range { min, max });
    let Range { min, max } = a.union(b);
    [min, max]
}

/// The smallest and the largest element; NaN when one is NaN.
#[expect(
    clippy::cast_possible_truncation,
    reason = "an element of single precision"
)]
fn extremes(values: &Tensor) -> [f32; 2] {
    let (min, max) = values.detach().aminmax(None, false);
    [min, max].map(|extreme| extreme.double_value(&[]) as f32)
}

#[cfg(test)]
mod tests;

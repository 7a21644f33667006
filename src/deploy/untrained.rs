//! Values for networks that nobody trained, so that a compiler can be tried first.
//!
//! Weights are those that training starts from. Batch norms get the statistics of a few images,
//! layer after layer, and shift what goes into a ReLU6 to the middle of its range. A network that
//! keeps to the linear part of its activations passes small differences on as they are; random
//! networks that clip half of their elements amplify one step of rounding until runtimes seem to
//! disagree.

use std::collections::BTreeMap;

use anyhow::Context;
use kernels::graph::Graph;
use kernels::op::Unary;
use kernels::part::Part;
use kernels::tensor::Content;
use kernels::{Data, Node, NodeId, Op, TensorId, Verified, verify};

use crate::train::Weights;

/// Scale and shift of a batch norm whose result goes through a ReLU6: three standard deviations
/// lie inside.
const INTO_RELU6: [f32; 2] = [1.0, 3.0];

/// Those of others, of which two or three are added before a ReLU6.
const ELSEWHERE: [f32; 2] = [0.7, 1.0];

/// `graph` with values for every parameter: those of `weights`, with the statistics of `images`, each
/// the inputs of the graph.
///
/// # Errors
///
/// When a layer cannot be evaluated.
pub(super) fn initialize(
    graph: &Verified,
    weights: &Weights,
    images: &[Vec<Data>],
) -> anyhow::Result<Verified> {
    let filled = weights.fill(graph)?;
    let mut walk = Walk::new(&filled, images);
    let mut network = filled.clone().into_graph();
    for id in filled.node_ids() {
        let node = &filled[id];
        if matches!(node.op, Op::BatchNorm { .. }) {
            let parameters = walk.batch_norm(node)?;
            for (&id, values) in node.inputs[1..].iter().zip(parameters) {
                network.tensors[id.index()].content = Content::Constant(Data::F32(values.into()));
            }
        }
        walk.step(&network, id)?;
    }
    verify(network).context("values keep a graph well formed")
}

/// The activations of all images, as far as the network was walked.
struct Walk<'g> {
    graph: &'g Verified,
    /// Per tensor, one value per image.
    values: BTreeMap<TensorId, Vec<Data>>,
    readers: Vec<usize>,
    into_relu6: Vec<bool>,
}

impl<'g> Walk<'g> {
    fn new(graph: &'g Verified, images: &[Vec<Data>]) -> Self {
        let inputs = graph.inputs.iter().enumerate();
        let of_all = |position: usize| images.iter().map(|image| image[position].clone()).collect();
        let consumers = graph.consumers();
        let relu6 = |id: &NodeId| graph[*id].op == Op::Unary(Unary::Relu6);
        Self {
            graph,
            values: inputs.map(|(i, &id)| (id, of_all(i))).collect(),
            readers: consumers.iter().map(Vec::len).collect(),
            into_relu6: consumers.iter().map(|of| of.iter().any(relu6)).collect(),
        }
    }

    /// Gamma, beta, mean and variance, `[c]` each, from what flows into a batch norm.
    fn batch_norm(&self, node: &Node) -> anyhow::Result<[Vec<f32>; 4]> {
        let channels = self.graph[node.inputs[1]].shape.elements();
        let values = &self.values[&node.inputs[0]];
        let [mean, variance] = moments(values, channels)?;
        let [scale, shift] = if self.into_relu6[node.outputs[0].index()] {
            INTO_RELU6
        } else {
            ELSEWHERE
        };
        Ok([vec![scale; channels], vec![shift; channels], mean, variance])
    }

    /// Computes one node of `network` for all images, and drops what nobody reads any more.
    fn step(&mut self, network: &Graph, id: NodeId) -> anyhow::Result<()> {
        let node = &self.graph[id];
        let alone = Part::node(network, id);
        let images = self.values.values().next().map_or(0, Vec::len);
        let mut results = Vec::with_capacity(images);
        for image in 0..images {
            results.extend(alone.run(|id| self.values[&id][image].clone())?);
        }
        for input in &node.inputs {
            let readers = &mut self.readers[input.index()];
            *readers -= 1;
            if *readers == 0 {
                self.values.remove(input);
            }
        }
        self.values.insert(node.outputs[0], results);
        Ok(())
    }
}

/// Mean and variance per channel, the last dimension, over all `values`.
fn moments(values: &[Data], channels: usize) -> anyhow::Result<[Vec<f32>; 2]> {
    let mut sums = vec![[0.0_f64; 2]; channels];
    let mut count = 0_u32;
    for value in values {
        let Data::F32(elements) = value else {
            anyhow::bail!("a batch norm takes floats, found {}", value.dtype());
        };
        for pixel in elements.chunks_exact(channels) {
            count += 1;
            for (sum, &x) in sums.iter_mut().zip(pixel) {
                sum[0] += f64::from(x);
                sum[1] += f64::from(x) * f64::from(x);
            }
        }
    }
    let count = f64::from(count.max(1));
    let means = sums.iter().map(|[sum, _]| single(sum / count)).collect();
    let variance = |[sum, squares]: &[f64; 2]| {
        let mean = sum / count;
        single((squares / count - mean * mean).max(0.0))
    };
    Ok([means, sums.iter().map(variance).collect()])
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "networks compute in single precision"
)]
const fn single(x: f64) -> f32 {
    x as f32
}

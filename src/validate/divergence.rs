//! Where two runtimes part: every activation of one sample, layer after layer.
//!
//! The graph is written again with every activation as an output. A layer's difference has two
//! parts: what it inherits, and what it adds. The second is found by evaluating the layer alone on
//! the very operands that the runtime had.
//!
//! DIFFERENCE: a runtime that fuses layers may compute otherwise when their results are outputs.

use std::collections::BTreeMap;

use anyhow::Result;
use kernels::part::Part;
use kernels::{Data, NodeId, Op, TensorId, Verified};

use super::agreement::Agreement;
use super::network::Network;

/// How far two runtimes are apart at one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSteps {
    /// The layer's result.
    pub tensor: String,
    /// Its operator.
    pub operator: String,
    /// Between the two runtimes.
    pub steps: Agreement,
    /// Between the runtime and the evaluation of this layer alone on the runtime's own operands.
    pub own: Agreement,
}

/// `network` with every integer result of a node as an output, in the order of the nodes, as far
/// as both of its files have it under one name.
///
/// # Errors
///
/// Never, for a graph that was verified.
pub fn exposed(network: &Network) -> Result<Network> {
    let graph = network.graph();
    let results = graph.nodes.iter().flat_map(|node| &node.outputs);
    let names: Vec<&str> = results
        .filter(|&&id| Agreement::compares(graph[id].dtype))
        .map(|&id| graph[id].name.as_str())
        .filter(|name| network.onnx_graph().tensor_named(name).is_some())
        .collect();
    network.with_outputs(&names)
}

/// The layers of the graph of an [`exposed`] network, from what two runtimes gave for one sample.
///
/// # Errors
///
/// When a layer cannot be evaluated alone.
pub fn layers(
    graph: &Verified,
    inputs: &[Data],
    found: &[Data],
    expected: &[Data],
) -> Result<Vec<LayerSteps>> {
    let known = graph.inputs.iter().zip(inputs);
    let known: BTreeMap<TensorId, &Data> = known
        .chain(graph.outputs.iter().zip(found))
        .map(|(&id, data)| (id, data))
        .collect();
    let expected: BTreeMap<TensorId, &Data> = graph.outputs.iter().copied().zip(expected).collect();
    let mut layers = Vec::with_capacity(graph.nodes.len());
    for id in graph.node_ids() {
        let node = &graph[id];
        let output = node.outputs[0];
        let (Some(&found), Some(&expected)) = (known.get(&output), expected.get(&output)) else {
            continue;
        };
        let alone = alone(graph, id, &known)?;
        layers.push(LayerSteps {
            tensor: graph[output].name.clone(),
            operator: node.op.name().to_owned(),
            steps: Agreement::of(found, expected)?,
            own: match alone {
                Some(alone) => Agreement::of(found, &alone)?,
                None => Agreement::default(),
            },
        });
    }
    Ok(layers)
}

/// The first layer of whose results one is more than a step away.
#[must_use]
pub fn first_beyond_one(layers: &[LayerSteps]) -> Option<&LayerSteps> {
    layers.iter().find(|layer| layer.steps.steps_max() > 1)
}

/// The first layer that itself, on its own operands, is off by more than its rounding.
#[must_use]
pub fn first_fault(layers: &[LayerSteps]) -> Option<&LayerSteps> {
    layers.iter().find(|layer| layer.own.steps_max() > 1)
}

/// The result of node `id` on the operands that are `known`; `None` when one is not, or the
/// vocabulary lacks the operator.
fn alone(graph: &Verified, id: NodeId, known: &BTreeMap<TensorId, &Data>) -> Result<Option<Data>> {
    if matches!(graph[id].op, Op::Foreign { .. }) {
        return Ok(None);
    }
    let part = Part::node(graph, id);
    if !part.inputs.iter().all(|input| known.contains_key(input)) {
        return Ok(None);
    }
    let mut results = part.run(|input| known[&input].clone())?;
    Ok(results.pop())
}

#[cfg(test)]
mod tests {
    use kernels::eval::evaluate;
    use kernels::op::{Binary, BinaryKind, Fused, Unary};
    use kernels::{DataType, GraphBuilder, Quantization, verify};

    use super::*;
    use crate::validate::network::ModelFile;

    /// `sum = relu(x) + relu(x)`: a result that is read twice.
    fn network() -> Network {
        let mut b = GraphBuilder::new("n");
        let x = b.input("x", [1, 1, 1, 4], DataType::I8);
        let y = b.push("y", Op::Unary(Unary::Relu), &[x]).unwrap();
        let add = Op::Binary(Binary {
            kind: BinaryKind::Add,
            fused: Fused::None,
        });
        let sum = b.push("sum", add, &[y, y]).unwrap();
        for (id, scale) in [(x, 0.1), (y, 0.1), (sum, 0.2)] {
            b.tensor_mut(id).quantization = Some(Quantization::per_tensor(scale, 0));
        }
        b.output(sum);
        let graph = verify(b.finish()).unwrap();
        let file = ModelFile {
            name: "n.tflite".to_owned(),
            bytes: exporters::tflite::write(&graph, &exporters::Metadata::default()).unwrap(),
            written_here: false,
        };
        Network::read(None, Some(file)).unwrap()
    }

    #[test]
    fn what_a_layer_inherits_is_not_its_own_fault() {
        let exposed = exposed(&network()).unwrap();
        let graph = exposed.graph();
        assert_eq!(graph.outputs.len(), 2);
        let x = [Data::I8([-5, 3, 20, 100].into())];
        let expected = evaluate(graph, &x).unwrap();
        assert_eq!(expected[0], Data::I8([0, 3, 20, 100].into()));
        let off = [
            Data::I8([0, 3, 23, 100].into()),
            Data::I8([0, 3, 24, 100].into()),
        ];
        let layers = layers(graph, &x, &off, &expected).unwrap();
        let steps = |layer: &LayerSteps| (layer.steps.steps_max(), layer.own.steps_max());
        assert_eq!(
            layers.iter().map(steps).collect::<Vec<_>>(),
            [(3, 3), (4, 1)]
        );
        assert_eq!(first_beyond_one(&layers).unwrap().tensor, "y");
        assert_eq!(first_fault(&layers).unwrap().tensor, "y");
    }
}

//! Removes what no output needs.

use crate::graph::{Graph, Node, TensorId};
use crate::verify::{Verified, verify};

/// `graph` without the nodes and constants that no output depends on, as every compiler and
/// converter leaves them out. Inputs stay.
#[must_use]
pub fn live(graph: &Verified) -> Verified {
    let mut needed = vec![false; graph.tensors.len()];
    for id in graph.inputs.iter().chain(&graph.outputs) {
        needed[id.index()] = true;
    }
    let mut kept: Vec<&Node> = Vec::with_capacity(graph.nodes.len());
    for id in graph.node_ids().rev() {
        let node = &graph[id];
        if node.outputs.iter().any(|t| needed[t.index()]) {
            for tensor in node.inputs.iter().chain(&node.outputs) {
                needed[tensor.index()] = true;
            }
            kept.push(node);
        }
    }
    kept.reverse();

    let mut renumbered = vec![None; graph.tensors.len()];
    let mut tensors = Vec::new();
    for id in graph.tensor_ids().filter(|id| needed[id.index()]) {
        renumbered[id.index()] = Some(TensorId::new(tensors.len()));
        tensors.push(graph[id].clone());
    }
    let renumber = |ids: &[TensorId]| -> Vec<TensorId> {
        ids.iter()
            .map(|id| renumbered[id.index()].expect("kept nodes use kept tensors"))
            .collect()
    };
    let nodes = kept
        .into_iter()
        .map(|node| Node {
            name: node.name.clone(),
            op: node.op.clone(),
            inputs: renumber(&node.inputs),
            outputs: renumber(&node.outputs),
        })
        .collect();
    verify(Graph {
        name: graph.name.clone(),
        tensors,
        nodes,
        inputs: renumber(&graph.inputs),
        outputs: renumber(&graph.outputs),
    })
    .expect("a part of a verified graph is well formed")
}

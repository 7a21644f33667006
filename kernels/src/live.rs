//! Removes what no output needs.

use crate::graph::{Graph, TensorId};
use crate::verify::Verified;

/// `graph` without the nodes and constants that no output depends on, as every compiler and
/// converter leaves them out. Inputs stay.
#[must_use]
pub fn live(graph: &Verified) -> Verified {
    Verified::rewritten(without_dead(Graph::clone(graph)))
}

/// [`live`] of a graph that a rewrite is about to leave well formed.
pub(crate) fn without_dead(mut graph: Graph) -> Graph {
    let needed = Needed::by_outputs(&graph);
    let mut nodes = needed.nodes.into_iter();
    graph
        .nodes
        .retain(|_| nodes.next().expect("one mark per node"));

    let mut renumbered = Vec::with_capacity(graph.tensors.len());
    let mut kept = 0;
    for &needed in &needed.tensors {
        renumbered.push(TensorId::new(kept));
        kept += usize::from(needed);
    }
    let mut tensors = needed.tensors.into_iter();
    graph
        .tensors
        .retain(|_| tensors.next().expect("one mark per tensor"));

    let of_nodes = graph.nodes.iter_mut();
    let of_nodes = of_nodes.flat_map(|node| node.inputs.iter_mut().chain(&mut node.outputs));
    for id in of_nodes.chain(&mut graph.inputs).chain(&mut graph.outputs) {
        *id = renumbered[id.index()];
    }
    graph
}

/// What the outputs of a graph depend on.
struct Needed {
    nodes: Vec<bool>,
    /// Graph inputs and outputs, and all that a needed node reads or writes.
    tensors: Vec<bool>,
}

impl Needed {
    fn by_outputs(graph: &Graph) -> Self {
        let mut needed = Self {
            nodes: vec![false; graph.nodes.len()],
            tensors: vec![false; graph.tensors.len()],
        };
        for id in graph.inputs.iter().chain(&graph.outputs) {
            needed.tensors[id.index()] = true;
        }
        for id in graph.node_ids().rev() {
            let node = &graph[id];
            if node.outputs.iter().any(|t| needed.tensors[t.index()]) {
                needed.nodes[id.index()] = true;
                for tensor in node.inputs.iter().chain(&node.outputs) {
                    needed.tensors[tensor.index()] = true;
                }
            }
        }
        needed
    }
}

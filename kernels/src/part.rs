//! Some nodes of a graph as a graph of their own, to be run apart from the rest.

use crate::eval::{EvalError, evaluate};
use crate::graph::{Graph, NodeId, TensorId};
use crate::tensor::Data;
use crate::verify::{Verified, verify};

/// Nodes of a whole graph, and the constants they read; its tensors are renumbered.
#[derive(Clone, Debug)]
pub struct Part {
    graph: Verified,
    /// The tensors of the whole graph that it takes.
    pub inputs: Vec<TensorId>,
    /// The tensors of the whole graph that it gives.
    pub outputs: Vec<TensorId>,
}

impl Part {
    /// The nodes `nodes` of `whole`, in execution order; it gives `outputs`, which they compute.
    ///
    /// # Panics
    ///
    /// When they do not compute them, or `whole` is not well formed.
    #[must_use]
    pub fn new(whole: &Graph, nodes: &[NodeId], outputs: Vec<TensorId>) -> Self {
        let mut place: Vec<Option<TensorId>> = vec![None; whole.tensors.len()];
        let mut part = Graph {
            name: whole.name.clone(),
            tensors: Vec::new(),
            nodes: Vec::with_capacity(nodes.len()),
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        let mut inputs = Vec::new();
        for &id in nodes {
            let mut node = whole[id].clone();
            let given = node.outputs.len();
            let operands = node.inputs.iter_mut().map(|id| (id, false));
            let results = node.outputs.iter_mut().map(|id| (id, true));
            debug_assert_eq!(given, 1, "only foreign operators have several results");
            for (id, computed) in operands.chain(results) {
                let known = place[id.index()].unwrap_or_else(|| {
                    let new = TensorId::new(part.tensors.len());
                    part.tensors.push(whole[*id].clone());
                    if !computed && !whole[*id].is_constant() {
                        inputs.push(*id);
                        part.inputs.push(new);
                    }
                    place[id.index()] = Some(new);
                    new
                });
                *id = known;
            }
            part.nodes.push(node);
        }
        let in_part = |id: &TensorId| place[id.index()].expect("the nodes compute the outputs");
        part.outputs = outputs.iter().map(in_part).collect();
        Self {
            graph: verify(part).expect("a part of a verified graph is well formed"),
            inputs,
            outputs,
        }
    }

    /// Node `id` alone.
    ///
    /// # Panics
    ///
    /// When `whole` is not well formed.
    #[must_use]
    pub fn node(whole: &Graph, id: NodeId) -> Self {
        Self::new(whole, &[id], whole[id].outputs.clone())
    }

    /// The nodes that depend on `tensor`, up to the outputs of the graph that do.
    ///
    /// # Panics
    ///
    /// When `whole` is not well formed.
    #[must_use]
    pub fn below(whole: &Graph, tensor: TensorId) -> Self {
        let mut depends = vec![false; whole.tensors.len()];
        depends[tensor.index()] = true;
        let mut nodes = Vec::new();
        for id in whole.node_ids() {
            let node = &whole[id];
            if node.inputs.iter().any(|id| depends[id.index()]) {
                nodes.push(id);
                for output in &node.outputs {
                    depends[output.index()] = true;
                }
            }
        }
        let reached = |id: &&TensorId| **id != tensor && depends[id.index()];
        let outputs = whole.outputs.iter().filter(reached).copied().collect();
        Self::new(whole, &nodes, outputs)
    }

    /// Runs it on what `value` gives for each of [`Self::inputs`].
    ///
    /// # Errors
    ///
    /// As [`evaluate`].
    pub fn run(&self, value: impl Fn(TensorId) -> Data) -> Result<Vec<Data>, EvalError> {
        let inputs: Vec<Data> = self.inputs.iter().map(|&id| value(id)).collect();
        evaluate(&self.graph, &inputs)
    }
}

//! Some nodes of a graph as a graph of their own.

use kernels::eval::{EvalError, evaluate, evaluate_observed};
use kernels::graph::Graph;
use kernels::{Data, NodeId, TensorId, Verified, verify};

/// The elements of every activation of a graph for one image; `None` for other tensors.
pub(super) type Values = Vec<Option<Data>>;

/// Everything that `graph` computes from `inputs`.
pub(super) fn observed(graph: &Verified, inputs: &[Data]) -> Result<Values, EvalError> {
    let mut values = vec![None; graph.tensors.len()];
    evaluate_observed(graph, inputs, &mut |id, data| {
        values[id.index()] = Some(data.clone());
    })?;
    Ok(values)
}

/// Nodes of a whole graph, and the constants they read.
#[derive(Clone, Debug)]
pub(super) struct Part {
    graph: Verified,
    /// The tensors of the whole graph that it takes, and those that it gives.
    pub(super) inputs: Vec<TensorId>,
    pub(super) outputs: Vec<TensorId>,
}

impl Part {
    /// The nodes `nodes` of `whole`, in execution order; it gives `outputs`, which they compute.
    pub(super) fn new(whole: &Graph, nodes: &[NodeId], outputs: Vec<TensorId>) -> Self {
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
    pub(super) fn node(whole: &Graph, id: NodeId) -> Self {
        Self::new(whole, &[id], whole[id].outputs.clone())
    }

    /// The nodes that depend on `tensor`, up to the outputs of the graph that do.
    pub(super) fn below(whole: &Graph, tensor: TensorId) -> Self {
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
    pub(super) fn run(&self, value: impl Fn(TensorId) -> Data) -> Result<Vec<Data>, EvalError> {
        let inputs: Vec<Data> = self.inputs.iter().map(|&id| value(id)).collect();
        evaluate(&self.graph, &inputs)
    }
}

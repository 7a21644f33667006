//! Which parts of a float graph and its int8 graph stand for each other.

use kernels::eval::{EvalError, to_integers, to_reals};
use kernels::graph::Graph;
use kernels::part::Part;
use kernels::{Data, NodeId, TensorId};

use super::values::Values;

/// A live float graph and the int8 graph made of it.
pub(super) struct Twins<'a> {
    pub(super) float: &'a Graph,
    pub(super) int8: &'a Graph,
    /// Per node of the float graph: the int8 nodes that stand for it, the last of its name.
    nodes: Vec<Vec<NodeId>>,
    /// Per tensor of the float graph: the int8 tensor, where it is an activation.
    integers: Vec<Option<TensorId>>,
    /// Per tensor of the int8 graph: the float tensor, where it is an activation of both.
    reals: Vec<Option<TensorId>>,
}

impl<'a> Twins<'a> {
    pub(super) fn new(float: &'a Graph, int8: &'a Graph) -> Self {
        let mut twins = Self {
            float,
            int8,
            nodes: Vec::with_capacity(float.nodes.len()),
            integers: vec![None; float.tensors.len()],
            reals: vec![None; int8.tensors.len()],
        };
        for (&real, &integer) in float.inputs.iter().zip(&int8.inputs) {
            twins.pair(real, integer);
        }
        let mut int8_nodes = int8.node_ids();
        for node in &float.nodes {
            let mut nodes = Vec::new();
            for id in int8_nodes.by_ref() {
                nodes.push(id);
                if int8[id].name == node.name {
                    twins.pair(node.outputs[0], int8[id].outputs[0]);
                    break;
                }
            }
            twins.nodes.push(nodes);
        }
        twins
    }

    fn pair(&mut self, real: TensorId, integer: TensorId) {
        self.integers[real.index()] = Some(integer);
        self.reals[integer.index()] = Some(real);
    }

    /// The int8 form of a node of the float graph, alone.
    pub(super) fn part(&self, node: NodeId) -> Part {
        let output = self.integer(self.float[node].outputs[0]);
        Part::new(self.int8, &self.nodes[node.index()], vec![output])
    }

    /// The int8 node of the name of a float node.
    pub(super) fn node(&self, node: NodeId) -> NodeId {
        let nodes = self.nodes[node.index()].last();
        *nodes.expect("every live node of the float graph is in the int8 graph")
    }

    /// The int8 tensor of a float activation.
    pub(super) fn integer(&self, real: TensorId) -> TensorId {
        self.integers[real.index()].expect("every live activation is in the int8 graph")
    }

    /// What the int8 tensor `integer` is for the real values of its twin.
    pub(super) fn quantized(&self, integer: TensorId, values: &Values) -> Result<Data, EvalError> {
        let real = self.reals[integer.index()].expect("int8 activations have float twins");
        match &values[real.index()] {
            Some(Data::F32(reals)) => to_integers(&self.int8[integer], reals),
            Some(other @ (Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_))) => {
                Ok(other.clone())
            }
            None => Err(EvalError::Unknown {
                tensor: self.float[real].name.clone(),
            }),
        }
    }

    /// The reals that `data` of an int8 tensor stands for; `None` where they are none.
    pub(super) fn reals(&self, integer: TensorId, data: &Data) -> Option<Vec<f32>> {
        to_reals(&self.int8[integer], data).ok()
    }
}

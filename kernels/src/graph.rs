//! The graph: nodes in execution order over tensors.

use std::fmt;
use std::ops::Index;

use crate::op::Op;
use crate::tensor::Tensor;

/// The position of a tensor in [`Graph::tensors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(u32);

/// The position of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

macro_rules! position {
    ($id:ident) => {
        impl $id {
            /// The id of the element at `index`.
            ///
            /// # Panics
            ///
            /// When `index` exceeds `u32::MAX`.
            #[must_use]
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("a graph has fewer than 2^32 elements"))
            }

            /// The position in the graph's list.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

position!(TensorId);
position!(NodeId);

/// One operator applied to tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Unique within the graph, never empty.
    pub name: String,
    /// What is computed.
    pub op: Op,
    /// The operands, in the order the [`Op`] documents.
    pub inputs: Vec<TensorId>,
    /// The results; one for every operator but [`Op::Foreign`].
    pub outputs: Vec<TensorId>,
}

/// A network: nodes in execution order over tensors.
///
/// Built by [`crate::GraphBuilder`] or read from a file; unchecked until [`crate::verify()`].
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The name of the network.
    pub name: String,
    /// Every tensor, in order of creation.
    pub tensors: Vec<Tensor>,
    /// Every node; a node stands after the producers of its inputs.
    pub nodes: Vec<Node>,
    /// The tensors a caller supplies.
    pub inputs: Vec<TensorId>,
    /// The tensors a caller receives.
    pub outputs: Vec<TensorId>,
}

impl Graph {
    /// The ids of all nodes, in execution order.
    pub fn node_ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::new)
    }

    /// The ids of all tensors, in order of creation.
    pub fn tensor_ids(&self) -> impl DoubleEndedIterator<Item = TensorId> + use<> {
        (0..self.tensors.len()).map(TensorId::new)
    }

    /// The tensors that are known before the network runs, in order of creation.
    pub fn constant_ids(&self) -> impl Iterator<Item = TensorId> {
        self.tensor_ids().filter(|&id| self[id].is_constant())
    }

    /// The tensor called `name`.
    #[must_use]
    pub fn tensor_named(&self, name: &str) -> Option<TensorId> {
        self.tensor_ids().find(|&id| self[id].name == name)
    }

    /// The nodes that read each tensor, indexed by [`TensorId::index`]; a node that reads a
    /// tensor twice stands twice.
    #[must_use]
    pub fn consumers(&self) -> Vec<Vec<NodeId>> {
        let mut consumers = vec![Vec::new(); self.tensors.len()];
        for id in self.node_ids() {
            for input in &self[id].inputs {
                consumers[input.index()].push(id);
            }
        }
        consumers
    }

    /// The node that computes each tensor, indexed by [`TensorId::index`]; `None` for graph
    /// inputs and constants.
    #[must_use]
    pub fn producers(&self) -> Vec<Option<NodeId>> {
        let mut producers = vec![None; self.tensors.len()];
        for id in self.node_ids() {
            for output in &self[id].outputs {
                producers[output.index()] = Some(id);
            }
        }
        producers
    }
}

impl Index<TensorId> for Graph {
    type Output = Tensor;

    fn index(&self, id: TensorId) -> &Tensor {
        &self.tensors[id.index()]
    }
}

impl Index<NodeId> for Graph {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }
}

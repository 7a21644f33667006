//! Builds a graph node by node, inferring the shape of every result.

use crate::graph::{Graph, Node, TensorId};
use crate::op::Op;
use crate::shape::{self, ShapeError};
use crate::tensor::{Content, Data, DataType, Quantization, Shape, Tensor};

/// A node that could not be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node `{node}`: {error}")]
pub struct BuildError {
    /// The name of the node.
    pub node: String,
    /// What is wrong with it.
    pub error: ShapeError,
}

/// A graph under construction.
///
/// The result of a node carries the node's name. Names are not checked here; [`crate::verify()`]
/// refuses repeated ones.
#[derive(Clone, Debug)]
pub struct GraphBuilder {
    graph: Graph,
}

impl GraphBuilder {
    /// An empty graph called `name`.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            graph: Graph {
                name: name.into(),
                tensors: Vec::new(),
                nodes: Vec::new(),
                inputs: Vec::new(),
                outputs: Vec::new(),
            },
        }
    }

    /// Adds a graph input.
    pub fn input(
        &mut self,
        name: impl Into<String>,
        shape: impl Into<Shape>,
        dtype: DataType,
    ) -> TensorId {
        let id = self.tensor(Tensor {
            name: name.into(),
            shape: shape.into(),
            dtype,
            quantization: None,
            content: Content::Computed,
        });
        self.graph.inputs.push(id);
        id
    }

    /// Adds a float parameter whose values are not known yet.
    pub fn parameter(&mut self, name: impl Into<String>, shape: impl Into<Shape>) -> TensorId {
        self.tensor(Tensor {
            name: name.into(),
            shape: shape.into(),
            dtype: DataType::F32,
            quantization: None,
            content: Content::Parameter,
        })
    }

    /// Adds known elements.
    pub fn constant(
        &mut self,
        name: impl Into<String>,
        shape: impl Into<Shape>,
        data: Data,
        quantization: Option<Quantization>,
    ) -> TensorId {
        self.tensor(Tensor {
            name: name.into(),
            shape: shape.into(),
            dtype: data.dtype(),
            quantization,
            content: Content::Constant(data),
        })
    }

    /// Adds any tensor.
    pub fn tensor(&mut self, tensor: Tensor) -> TensorId {
        let id = TensorId::new(self.graph.tensors.len());
        self.graph.tensors.push(tensor);
        id
    }

    /// Adds a node with one result, whose shape and element type follow from the operands.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the operands do not fit the operator.
    pub fn push(
        &mut self,
        name: impl Into<String>,
        op: Op,
        inputs: &[TensorId],
    ) -> Result<TensorId, BuildError> {
        let name = name.into();
        let operands: Vec<&Tensor> = inputs.iter().map(|&id| &self.graph[id]).collect();
        let (shape, dtype) = shape::infer(&op, &operands).map_err(|error| BuildError {
            node: name.clone(),
            error,
        })?;
        let output = self.tensor(Tensor {
            name: name.clone(),
            shape,
            dtype,
            quantization: None,
            content: Content::Computed,
        });
        self.push_node(Node {
            name,
            op,
            inputs: inputs.to_vec(),
            outputs: vec![output],
        });
        Ok(output)
    }

    /// Adds a node whose results are already tensors of the graph, as file readers and rewrites
    /// need; it is checked by [`crate::verify()`].
    pub fn push_node(&mut self, node: Node) {
        self.graph.nodes.push(node);
    }

    /// Marks a tensor as a graph output.
    pub fn output(&mut self, id: TensorId) {
        self.graph.outputs.push(id);
    }

    /// The shape of a tensor.
    ///
    /// # Panics
    ///
    /// When `id` is of another graph.
    #[must_use]
    pub fn shape(&self, id: TensorId) -> &Shape {
        &self.graph[id].shape
    }

    /// A tensor, to set its quantization.
    ///
    /// # Panics
    ///
    /// When `id` is of another graph.
    pub fn tensor_mut(&mut self, id: TensorId) -> &mut Tensor {
        &mut self.graph.tensors[id.index()]
    }

    /// The graph, unchecked.
    #[must_use]
    pub fn finish(self) -> Graph {
        self.graph
    }
}

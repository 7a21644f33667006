//! The one check of a graph, and the proof of it.

use std::collections::HashSet;
use std::ops::Deref;

use crate::graph::{Graph, Node, NodeId, TensorId};
use crate::op::Op;
use crate::shape::{self, ShapeError};
use crate::tensor::{Content, Data, DataType, Tensor};

/// A graph that passed [`verify`]. It cannot be changed; [`Verified::into_graph`] gives up the
/// proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified(Graph);

impl Verified {
    /// The graph, to be changed and verified again.
    #[must_use]
    pub fn into_graph(self) -> Graph {
        self.0
    }

    /// A graph that a rewrite of this crate made of a verified one, and that therefore is well
    /// formed too; debug builds check it again.
    pub(crate) fn rewritten(graph: Graph) -> Self {
        debug_assert_eq!(verify(graph.clone()).err(), None);
        Self(graph)
    }
}

impl Deref for Verified {
    type Target = Graph;

    fn deref(&self) -> &Graph {
        &self.0
    }
}

/// Why a graph is not well formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A node's operands or results do not fit its operator.
    #[error("node {id} `{node}`: {error}")]
    Node {
        /// The node.
        id: NodeId,
        /// Its name.
        node: String,
        /// What is wrong.
        error: NodeError,
    },
    /// A tensor contradicts itself.
    #[error("tensor {id} `{tensor}`: {problem}")]
    Tensor {
        /// The tensor.
        id: TensorId,
        /// Its name.
        tensor: String,
        /// What is wrong.
        problem: String,
    },
    /// The lists of the graph contradict each other.
    #[error("graph `{graph}`: {problem}")]
    Graph {
        /// The name of the graph.
        graph: String,
        /// What is wrong.
        problem: String,
    },
}

/// Why a node is not well formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// The operands do not fit the operator.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A result is not what the operator gives.
    #[error("the result `{tensor}` is {found}, expected {expected}")]
    Result {
        /// The tensor.
        tensor: String,
        /// Its shape and type.
        found: String,
        /// What the operator gives.
        expected: String,
    },
    /// The operator is not defined on these element types.
    #[error("{0}")]
    ElementType(String),
    /// The wiring or an attribute is wrong.
    #[error("{0}")]
    Wiring(String),
}

/// Checks that a graph is well formed.
///
/// Ids are in range; names are unique; every tensor has one source; nodes stand after the
/// producers of their operands; shapes and element types are those the operators give; constants
/// have as many elements as their shape and none is NaN or infinite; quantization is positive,
/// finite and in range.
///
/// # Errors
///
/// The first [`VerifyError`] found, naming the node or tensor.
pub fn verify(graph: Graph) -> Result<Verified, VerifyError> {
    names_are_unique(&graph)?;
    ids_are_in_range(&graph)?;
    for id in graph.tensor_ids() {
        tensor(&graph[id]).map_err(|problem| VerifyError::Tensor {
            id,
            tensor: graph[id].name.clone(),
            problem,
        })?;
    }
    wiring(&graph)?;
    for id in graph.node_ids() {
        node(&graph, &graph[id]).map_err(|error| VerifyError::Node {
            id,
            node: graph[id].name.clone(),
            error,
        })?;
    }
    Ok(Verified(graph))
}

fn names_are_unique(graph: &Graph) -> Result<(), VerifyError> {
    let tensors = graph.tensors.iter().map(|t| t.name.as_str());
    names_of_one_kind_are_unique(graph, "tensor", tensors)?;
    let nodes = graph.nodes.iter().map(|n| n.name.as_str());
    names_of_one_kind_are_unique(graph, "node", nodes)
}

fn names_of_one_kind_are_unique<'a>(
    graph: &Graph,
    kind: &str,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), VerifyError> {
    let mut seen = HashSet::with_capacity(names.len());
    for name in names {
        if name.is_empty() {
            return Err(graph_error(graph, format!("a {kind} has no name")));
        }
        if !seen.insert(name) {
            let problem = format!("two {kind}s are called `{name}`");
            return Err(graph_error(graph, problem));
        }
    }
    Ok(())
}

fn ids_are_in_range(graph: &Graph) -> Result<(), VerifyError> {
    let of_nodes = graph
        .nodes
        .iter()
        .flat_map(|n| n.inputs.iter().chain(&n.outputs));
    let mut ids = of_nodes.chain(&graph.inputs).chain(&graph.outputs);
    match ids.find(|id| id.index() >= graph.tensors.len()) {
        Some(id) => Err(graph_error(
            graph,
            format!(
                "tensor {id} does not exist, there are {}",
                graph.tensors.len()
            ),
        )),
        None => Ok(()),
    }
}

fn tensor(tensor: &Tensor) -> Result<(), String> {
    let shape = &tensor.shape;
    let elements = shape
        .checked_elements()
        .filter(|n| n.checked_mul(8).is_some())
        .ok_or_else(|| format!("the shape {shape} is too large"))?;
    if elements == 0 {
        return Err(format!("the shape {shape} is empty"));
    }
    if let Content::Constant(data) = &tensor.content {
        if data.dtype() != tensor.dtype {
            let (found, expected) = (data.dtype(), tensor.dtype);
            return Err(format!("the elements are {found}, expected {expected}"));
        }
        if data.len() != elements {
            let found = data.len();
            return Err(format!(
                "{found} elements, the shape {shape} has {elements}"
            ));
        }
        if let Data::F32(values) = data
            && let Some(index) = values.iter().position(|v| !v.is_finite())
        {
            return Err(format!("element {index} is {}", values[index]));
        }
    }
    quantization(tensor)
}

fn quantization(tensor: &Tensor) -> Result<(), String> {
    let Some(quantization) = &tensor.quantization else {
        return Ok(());
    };
    let (lowest, highest) = match tensor.dtype {
        DataType::I8 => (-128, 127),
        DataType::U8 => (0, 255),
        DataType::I32 => (i32::MIN, i32::MAX),
        DataType::F32 | DataType::I64 | DataType::Foreign { .. } => {
            return Err(format!("{} elements cannot be quantized", tensor.dtype));
        }
    };
    let channels = match quantization.axis {
        None => 1,
        Some(axis) => *tensor.shape.get(axis).ok_or_else(|| {
            let shape = &tensor.shape;
            format!("quantized along dimension {axis}, the shape is {shape}")
        })?,
    };
    let (scales, zero_points) = (&quantization.scales, &quantization.zero_points);
    if scales.len() != channels || zero_points.len() != channels {
        return Err(format!(
            "{} scales and {} zero points, expected {channels} of each",
            scales.len(),
            zero_points.len()
        ));
    }
    if let Some(scale) = scales.iter().find(|s| !s.is_finite() || **s <= 0.0) {
        return Err(format!("the scale {scale} is not positive and finite"));
    }
    match zero_points.iter().find(|z| **z < lowest || **z > highest) {
        Some(z) => Err(format!(
            "the zero point {z} is outside {lowest}..={highest}"
        )),
        None => Ok(()),
    }
}

fn wiring(graph: &Graph) -> Result<(), VerifyError> {
    let mut ready: Vec<bool> = graph.tensors.iter().map(Tensor::is_constant).collect();
    for &id in &graph.inputs {
        if ready[id.index()] {
            let name = &graph[id].name;
            let problem = format!("the input `{name}` is listed twice or is a constant");
            return Err(graph_error(graph, problem));
        }
        ready[id.index()] = true;
    }
    for id in graph.node_ids() {
        let node = &graph[id];
        let fail = |problem: String| VerifyError::Node {
            id,
            node: node.name.clone(),
            error: NodeError::Wiring(problem),
        };
        if let Some(input) = node.inputs.iter().find(|t| !ready[t.index()]) {
            let name = &graph[*input].name;
            return Err(fail(format!("reads `{name}` before anything computes it")));
        }
        for output in &node.outputs {
            if ready[output.index()] {
                let name = &graph[*output].name;
                return Err(fail(format!("writes `{name}`, which has another source")));
            }
            ready[output.index()] = true;
        }
    }
    match graph.outputs.iter().find(|t| !ready[t.index()]) {
        Some(&id) => {
            let name = &graph[id].name;
            Err(graph_error(
                graph,
                format!("nothing computes the output `{name}`"),
            ))
        }
        None => Ok(()),
    }
}

fn node(graph: &Graph, node: &Node) -> Result<(), NodeError> {
    if let Op::Foreign { .. } = node.op {
        return Ok(());
    }
    let inputs: Vec<&Tensor> = node.inputs.iter().map(|&id| &graph[id]).collect();
    let &[output] = node.outputs.as_slice() else {
        let found = node.outputs.len();
        return Err(NodeError::Wiring(format!(
            "has {found} results, expected 1"
        )));
    };
    fits(&node.op, &inputs, &graph[output])
}

/// Checks that operands and result are those of `op`, as [`verify`] does for every node.
///
/// # Errors
///
/// [`NodeError::ElementType`] when `op` is defined, but not on these element types;
/// [`NodeError::Shape`], [`NodeError::Result`] and [`NodeError::Wiring`] when shapes or attributes
/// contradict each other.
pub fn fits(op: &Op, inputs: &[&Tensor], output: &Tensor) -> Result<(), NodeError> {
    let (shape, dtype) = shape::infer(op, inputs)?;
    let dtype = shape::chosen(op, dtype, output.dtype);
    let result = || {
        (
            output.name.clone(),
            format!("{} {}", output.dtype, output.shape),
        )
    };
    if output.dtype != dtype {
        let (tensor, found) = result();
        return Err(NodeError::ElementType(format!(
            "the result `{tensor}` is {found}, expected {dtype} {shape}"
        )));
    }
    if output.shape != shape {
        let (tensor, found) = result();
        return Err(NodeError::Result {
            tensor,
            found,
            expected: format!("{dtype} {shape}"),
        });
    }
    if let Op::BatchNorm { epsilon } = *op
        && !(epsilon.is_finite() && epsilon > 0.0)
    {
        let problem = format!("epsilon is {epsilon}, expected positive and finite");
        return Err(NodeError::Wiring(problem));
    }
    element_types(op, inputs, output)
}

/// The element types an operator takes, and the quantization it needs.
fn element_types(op: &Op, inputs: &[&Tensor], output: &Tensor) -> Result<(), NodeError> {
    let wrong = |problem: String| Err(NodeError::ElementType(problem));
    let x = inputs[0];
    let foreign = |t: &&&Tensor| matches!(t.dtype, DataType::Foreign { .. });
    if let Some(tensor) = inputs.iter().find(foreign) {
        let Tensor { name, dtype, .. } = tensor;
        return wrong(format!(
            "`{name}` is {dtype}, which only foreign operators take"
        ));
    }
    match op {
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. } => {
            let weights = inputs[1].dtype;
            let bias = inputs.get(2).map(|b| b.dtype);
            let fits = match x.dtype {
                DataType::F32 => {
                    weights == DataType::F32 && bias.is_none_or(|b| b == DataType::F32)
                }
                DataType::I8 | DataType::U8 => {
                    matches!(weights, DataType::I8 | DataType::U8)
                        && bias.is_none_or(|b| b == DataType::I32)
                }
                DataType::I32 | DataType::I64 | DataType::Foreign { .. } => false,
            };
            if !fits {
                let bias = bias.map_or(String::new(), |b| format!(", bias {b}"));
                return wrong(format!(
                    "x {}, weights {weights}{bias} do not go together",
                    x.dtype
                ));
            }
        }
        Op::BatchNorm { .. } | Op::Bias => {
            if inputs.iter().any(|t| t.dtype != DataType::F32) {
                return wrong("every operand must be f32".to_owned());
            }
        }
        Op::Binary(_) | Op::Concat { .. } => {
            if let Some(other) = inputs.iter().find(|t| t.dtype != x.dtype) {
                return wrong(format!("operands are {} and {}", x.dtype, other.dtype));
            }
        }
        Op::Quantize => {
            if x.dtype != DataType::F32 && x.quantization.is_none() {
                return wrong(format!("x is {} without quantization", x.dtype));
            }
        }
        Op::Dequantize => {
            if x.quantization.is_none() {
                return wrong("x has no quantization".to_owned());
            }
        }
        Op::Unary(_)
        | Op::Softmax
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. }
        | Op::Foreign { .. } => {}
    }
    if takes_quantized(op)
        && let Some(plain) =
            inputs.iter().copied().chain([output]).find(|t| {
                matches!(t.dtype, DataType::I8 | DataType::U8) && t.quantization.is_none()
            })
    {
        return wrong(format!(
            "`{}` is {} without quantization",
            plain.name, plain.dtype
        ));
    }
    Ok(())
}

/// Whether 8-bit operands of `op` must say what reals they stand for.
const fn takes_quantized(op: &Op) -> bool {
    match op {
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::Dense { .. }
        | Op::Unary(_)
        | Op::Softmax
        | Op::Binary(_)
        | Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Quantize
        | Op::Dequantize => true,
        Op::BatchNorm { .. }
        | Op::Bias
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. }
        | Op::Foreign { .. } => false,
    }
}

fn graph_error(graph: &Graph, problem: String) -> VerifyError {
    VerifyError::Graph {
        graph: graph.name.clone(),
        problem,
    }
}

#[cfg(test)]
mod tests;

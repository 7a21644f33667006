//! Runs a graph: floats as mathematics has them, 8-bit integers as LiteRT computes them.
//!
//! The evaluator is the reference that exported files, `tract` and boards are held against, and
//! what calibration observes. It runs on one thread and allocates as it goes; a loop over images
//! is the place for threads.
//!
//! Floats are accumulated in `f32`, in the same order on every processor (see `gemm`). Integer operators round as
//! LiteRT does with its default delegate XNNPACK, once per operator (see `quantized`), and as
//! LiteRT's own kernels do where XNNPACK has no 8-bit operator. `u8` tensors follow the same
//! formulas. Activations have one scale and zero point; weights may have one per output channel.

mod operand;
mod operators;
mod quantized;
mod vectors;

mod gemm;
mod linear;
mod window;

mod conv;
mod dense;
mod depthwise;

mod binary;
mod hard_swish;
mod unary;

mod global_pool;
mod pool;
mod resize;
mod softmax;

mod conversion;
mod layout;
mod search;

use crate::graph::{NodeId, TensorId};
use crate::op::Op;
use crate::tensor::{Content, Data, Tensor};
use crate::verify::Verified;

use operand::{Operand, Problem};

pub use conversion::{integer_bounds, to_integers, to_reals};
pub use resize::{Interpolation, linear_sources, nearest_sources};

/// Why a graph could not be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// Too few or too many inputs.
    #[error("graph `{graph}` takes {expected} inputs, found {found}")]
    InputCount {
        /// The graph.
        graph: String,
        /// How many it takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// An input has the wrong type or length.
    #[error("input `{tensor}`: found {found}, expected {expected}")]
    Input {
        /// The name of the input.
        tensor: String,
        /// Its type and shape.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A parameter has no values.
    #[error("`{tensor}` has no values: load weights before running the network")]
    Unknown {
        /// The parameter.
        tensor: String,
    },
    /// The vocabulary does not say what the operator computes.
    #[error("node {id} `{node}`: {kind} is not in the vocabulary and cannot be evaluated")]
    Foreign {
        /// The node.
        id: NodeId,
        /// Its name.
        node: String,
        /// The operator's name in the file it came from.
        kind: String,
    },
    /// The operator does not take these element types or this quantization.
    #[error("node {id} `{node}`: {op}: {problem}")]
    Operator {
        /// The node.
        id: NodeId,
        /// Its name.
        node: String,
        /// Its operator.
        op: String,
        /// What is wrong.
        problem: String,
    },
}

/// Runs `graph` on `inputs`, in the order of [`crate::Graph::inputs`], and returns its outputs, in
/// the order of [`crate::Graph::outputs`].
///
/// # Errors
///
/// [`EvalError`] when the inputs do not fit, a parameter has no values, or a node cannot be
/// evaluated.
pub fn evaluate(graph: &Verified, inputs: &[Data]) -> Result<Vec<Data>, EvalError> {
    evaluate_observed(graph, inputs, &mut |_, _| ())
}

/// As [`evaluate`], calling `observe` with every graph input and every result of a node, in
/// execution order. A result is dropped when its last reader has run.
///
/// # Errors
///
/// As [`evaluate`].
pub fn evaluate_observed(
    graph: &Verified,
    inputs: &[Data],
    observe: &mut dyn FnMut(TensorId, &Data),
) -> Result<Vec<Data>, EvalError> {
    let mut values = load(graph, inputs)?;
    for &input in &graph.inputs {
        observe(input, value(&values, input));
    }
    let mut readers: Vec<usize> = graph.consumers().iter().map(Vec::len).collect();
    for output in &graph.outputs {
        readers[output.index()] += 1;
    }
    for id in graph.node_ids() {
        let result = run(graph, id, &values)?;
        let node = &graph[id];
        let output = node.outputs[0];
        observe(output, &result);
        values[output.index()] = Some(result).filter(|_| readers[output.index()] > 0);
        for input in &node.inputs {
            readers[input.index()] -= 1;
            if readers[input.index()] == 0 {
                values[input.index()] = None;
            }
        }
    }
    Ok(graph
        .outputs
        .iter()
        .map(|&id| value(&values, id).clone())
        .collect())
}

/// What is known before the first node runs.
fn load(graph: &Verified, inputs: &[Data]) -> Result<Vec<Option<Data>>, EvalError> {
    if inputs.len() != graph.inputs.len() {
        return Err(EvalError::InputCount {
            graph: graph.name.clone(),
            expected: graph.inputs.len(),
            found: inputs.len(),
        });
    }
    let mut values = vec![None; graph.tensors.len()];
    for (&id, data) in graph.inputs.iter().zip(inputs) {
        let tensor = &graph[id];
        if data.dtype() != tensor.dtype || data.len() != tensor.shape.elements() {
            return Err(EvalError::Input {
                tensor: tensor.name.clone(),
                expected: format!("{} {}", tensor.dtype, tensor.shape),
                found: format!("{} {} elements", data.len(), data.dtype()),
            });
        }
        values[id.index()] = Some(data.clone());
    }
    for id in graph.constant_ids() {
        let Tensor { name, content, .. } = &graph[id];
        values[id.index()] = match content {
            Content::Constant(data) => Some(data.clone()),
            Content::Parameter => {
                return Err(EvalError::Unknown {
                    tensor: name.clone(),
                });
            }
            Content::Computed => None,
        };
    }
    Ok(values)
}

fn run(graph: &Verified, id: NodeId, values: &[Option<Data>]) -> Result<Data, EvalError> {
    let node = &graph[id];
    if let Op::Foreign { kind, .. } = &node.op {
        return Err(EvalError::Foreign {
            id,
            node: node.name.clone(),
            kind: kind.clone(),
        });
    }
    let operands: Vec<Operand<'_>> = node
        .inputs
        .iter()
        .map(|&input| Operand::new(&graph[input], value(values, input)))
        .collect();
    let output = &graph[node.outputs[0]];
    operators::apply(&node.op, &operands, output).map_err(|Problem(problem)| EvalError::Operator {
        id,
        node: node.name.clone(),
        op: node.op.name().to_owned(),
        problem,
    })
}

fn value(values: &[Option<Data>], id: TensorId) -> &Data {
    values[id.index()]
        .as_ref()
        .expect("a verified graph computes a tensor before it is read, and it is kept until then")
}

#[cfg(test)]
mod tests;

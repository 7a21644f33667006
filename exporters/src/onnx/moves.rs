//! Operators that move elements, and the transposes they need where the graph's order of
//! dimensions matters.

use kernels::op::Slice;
use kernels::{Node, TensorId};

use super::assembly::{Assembly, Value, element_type};
use super::layout::{file_axis, file_order, in_file_order, position};
use super::lower::{of_one, rank};
use super::message::Attribute;
use crate::ExportError;

/// A reshape keeps the graph's order of elements, so that images go through channels last.
pub(super) fn reshaped(file: &mut Assembly, node: &Node) -> Result<(), ExportError> {
    let graph = file.graph;
    let shape = |id: TensorId| &graph[id].shape;
    let [x, y] = [shape(node.inputs[0]), shape(node.outputs[0])];
    moved(file, node, |file, value| {
        let value = if same_in_file(x) {
            value
        } else {
            channels_last(file, node, value, x)
        };
        if same_in_file(y) {
            return reshape(file, node, value, &in_file_order(y));
        }
        let value = reshape(file, node, value, y);
        channels_first(file, node, value, y)
    })
}

pub(super) fn transposed(
    file: &mut Assembly,
    node: &Node,
    permutation: &[usize],
) -> Result<(), ExportError> {
    let order = file_order(permutation.len());
    let in_file = order.iter().map(|&d| position(&order, permutation[d]));
    let in_file: Vec<usize> = in_file.collect();
    moved(file, node, |file, value| {
        transpose(file, node, value, &in_file)
    })
}

pub(super) fn sliced(file: &mut Assembly, node: &Node, slice: &Slice) -> Result<(), ExportError> {
    let axes: Vec<usize> = (0..slice.begin.len()).collect();
    moved(file, node, |file, value| {
        let mut inputs = vec![value];
        for (what, values) in [
            ("starts", in_file_order(&slice.begin)),
            ("ends", in_file_order(&slice.end)),
            ("axes", axes),
            ("steps", in_file_order(&slice.stride)),
        ] {
            inputs.push(file.integers(&format!("{}/{what}", node.name), &values));
        }
        file.emit(&node.name, "Slice", inputs, [])
    })
}

/// The search itself moves nothing, but the dimensions that are left may stand in another order.
pub(super) fn arg_max(file: &mut Assembly, node: &Node, axis: usize) -> Result<(), ExportError> {
    let rank = rank(file, node);
    let attributes = [
        Attribute::int("axis", file_axis(rank, axis)),
        Attribute::int("keepdims", 0),
    ];
    let mut value = of_one(file, node, "ArgMax", attributes)?;
    let mut found = file_order(rank);
    found.retain(|&d| d != axis);
    let kept: Vec<usize> = (0..rank).filter(|&d| d != axis).collect();
    let wanted = in_file_order(&kept);
    if found != wanted {
        let permutation: Vec<usize> = wanted.iter().map(|&d| position(&found, d)).collect();
        value = transpose(file, node, value, &permutation);
    }
    let dtype = file.graph[node.outputs[0]].dtype;
    let to = Attribute::code("to", element_type(dtype) as i32);
    file.emit(&node.name, "Cast", vec![value], [to]);
    file.conclude_stored(node);
    Ok(())
}

/// Moves the integers themselves where operand and result have the same quantization.
fn moved(
    file: &mut Assembly,
    node: &Node,
    emit: impl FnOnce(&mut Assembly, Value) -> Value,
) -> Result<(), ExportError> {
    let graph = file.graph;
    let [x, y] = [node.inputs[0], node.outputs[0]].map(|id| &graph[id]);
    if x.quantization == y.quantization {
        let stored = file.stored(node.inputs[0])?;
        emit(file, stored);
        file.conclude_stored(node);
    } else {
        let reals = file.real(node.inputs[0])?;
        let reals = emit(file, reals);
        file.conclude_real(node, reals);
    }
    Ok(())
}

pub(super) fn reshape(file: &mut Assembly, node: &Node, value: Value, shape: &[usize]) -> Value {
    let shape = file.integers(&format!("{}/shape", node.name), shape);
    file.emit(&node.name, "Reshape", vec![value, shape], [])
}

/// From the file's order of dimensions to the graph's.
pub(super) fn channels_last(
    file: &mut Assembly,
    node: &Node,
    value: Value,
    shape: &[usize],
) -> Value {
    if shape.len() != 4 {
        return value;
    }
    transpose(file, node, value, &[0, 2, 3, 1])
}

/// From the graph's order of dimensions to the file's.
pub(super) fn channels_first(
    file: &mut Assembly,
    node: &Node,
    value: Value,
    shape: &[usize],
) -> Value {
    if shape.len() != 4 {
        return value;
    }
    transpose(file, node, value, &[0, 3, 1, 2])
}

fn transpose(file: &mut Assembly, node: &Node, value: Value, permutation: &[usize]) -> Value {
    let permutation = Attribute::ints("perm", permutation);
    file.emit(&node.name, "Transpose", vec![value], [permutation])
}

/// Whether the elements of a tensor stand in the same order in graph and file.
fn same_in_file(shape: &[usize]) -> bool {
    shape.len() != 4 || shape[3] == 1 || (shape[1] == 1 && shape[2] == 1)
}

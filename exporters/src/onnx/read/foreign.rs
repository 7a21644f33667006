//! Operators that the vocabulary lacks: their operands, and the shapes of their results.

use kernels::tensor::Content;
use kernels::{DataType, Node, Op, Quantization, Tensor, TensorId};

use super::index::{bodies, captured};
use super::operator::Operator;
use super::plan::Arithmetic;
use super::raise::{Base, Raising, Value};
use super::sizes::{Ruled, ruled};
use super::types::{countable, element_type};
use super::view::View;
use crate::ReadError;
use crate::onnx::message::Graph;

/// Adds an operator that the vocabulary lacks, with every operand that has elements, as they lie.
pub(super) fn foreign<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<(), ReadError> {
    let operands = raising.operands(operator)?;
    let ruled = ruled(raising, operator, &operands)?;
    let (ruled, macs) = match ruled {
        Some(Ruled { results, macs }) => (results, macs),
        None => (Vec::new(), None),
    };
    let computed: Vec<&Value<'f>> = operands.iter().filter(|x| !x.is_constant()).collect();
    let single = operator.node.output.len() == 1 && !computed.is_empty();
    let mut name = operator.node.output.first().map(|output| &**output);
    let mut quantization = None;
    let mut real = true;
    if single && computed.iter().all(|x| x.reals.is_some()) {
        let plan = raising.plan(operator, &computed)?;
        real = plan.arithmetic != Arithmetic::Quantized;
        quantization = plan.outcome.quantization;
        name = Some(plan.outcome.name);
    }
    let mut inputs = Vec::with_capacity(operands.len());
    for x in operands.iter().filter(|x| !x.is_empty()) {
        inputs.push(raising.as_it_lies(x, real || x.is_constant())?.0);
    }
    inputs.extend(inside(raising, operator)?);
    let mut outputs = Vec::new();
    for (index, output) in operator.node.output.iter().enumerate() {
        if output.is_empty() {
            continue;
        }
        let (shape, dtype) = match ruled.get(index) {
            Some(result) => result.clone(),
            None => stated(raising, operator, output)?.ok_or_else(|| unknown(operator, output))?,
        };
        let named = name.filter(|_| index == 0).unwrap_or(output);
        let quantization = quantization.clone();
        let (dtype, quantization) = match quantization {
            Some((dtype, quantization)) => (dtype, Some(quantization)),
            None => (dtype, noted(raising, named, dtype)),
        };
        let like = operands.first().filter(|x| !x.is_constant());
        let (extents, view) = lies(raising, operator, like, &shape);
        outputs.push(result(
            raising,
            named,
            dtype,
            quantization,
            (extents, view),
        )?);
    }
    let kind = operator.kind();
    let name = match outputs.first() {
        Some(&first) => raising.graph[first].name.clone(),
        None => raising
            .names
            .fresh(&format!("{kind} {}", operator.position)),
    };
    raising.graph.nodes.push(Node {
        name,
        op: Op::Foreign { kind, macs },
        inputs,
        outputs,
    });
    Ok(())
}

/// What integers stand for, as the nodes that read them say.
fn noted(raising: &Raising<'_, '_>, name: &str, dtype: DataType) -> Option<Quantization> {
    let bytes = matches!(dtype, DataType::I8 | DataType::U8);
    raising.scales.get(name).filter(|_| bytes).cloned()
}

/// Adds a result as a tensor and defines it.
fn result<'f>(
    raising: &mut Raising<'f, '_>,
    name: &'f str,
    dtype: DataType,
    quantization: Option<Quantization>,
    (extents, view): (Vec<usize>, View),
) -> Result<TensorId, ReadError> {
    countable(&extents, dtype.bytes())?;
    if extents.contains(&0) {
        let expected = format!("extents of at least 1 of `{name}`");
        return Err(ReadError::malformed(expected, format!("{extents:?}")));
    }
    let fresh = raising.names.fresh(name);
    let id = raising.tensor(fresh, &extents, dtype, quantization);
    let value = Value {
        name,
        base: Base::Tensor(id),
        view,
        dtype,
        reals: None,
    };
    raising.define(name, value)?;
    Ok(id)
}

/// How a result lies: as the operand that it is like, and else as the file has it.
fn lies<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    like: Option<&Value<'f>>,
    shape: &[usize],
) -> (Vec<usize>, View) {
    let plain = || (shape.to_vec(), View::plain(shape));
    let of_matrices = operator.node.op_type.contains("MatMul");
    let Some(x) = like.filter(|x| x.rank() == shape.len() && !of_matrices) else {
        return plain();
    };
    if let Base::Tensor(id) = x.base
        && x.shape() == shape
    {
        return (raising.graph[id].shape.to_vec(), x.view.clone());
    }
    let order = raising.order(x);
    let extents: Vec<usize> = order.iter().map(|&d| shape[d]).collect();
    let view = View::ordered(&extents, &order);
    (extents, view)
}

/// What the file states for a value.
fn stated(
    raising: &Raising<'_, '_>,
    operator: &Operator<'_>,
    name: &str,
) -> Result<Option<(Vec<usize>, DataType)>, ReadError> {
    if let Some((code, shape)) = raising.file.stated(name) {
        return Ok(Some((shape, element_type(code.into())?.0)));
    }
    // A branch may state what the node that chooses it does not.
    let position = operator
        .node
        .output
        .iter()
        .position(|output| output == name);
    let attributes = operator.node.attribute.iter();
    let branches = attributes.filter_map(|attribute| attribute.g.as_deref());
    let of_if = operator.is("If");
    for branch in branches.filter(|_| of_if) {
        let info = position.and_then(|position| branch.output.get(position));
        let Some((code, Some(shape))) = info.and_then(super::types::stated) else {
            continue;
        };
        let dims = shape
            .dim
            .iter()
            .map(|dim| usize::try_from(dim.dim_value?).ok());
        if let Some(shape) = dims.collect::<Option<Vec<usize>>>() {
            return Ok(Some((shape, element_type(code.into())?.0)));
        }
    }
    Ok(None)
}

fn unknown(operator: &Operator<'_>, output: &str) -> ReadError {
    let kind = operator.kind();
    ReadError::contradiction(format!(
        "the shape of `{output}` does not follow from the operands of {kind}, and the file does not \
         state it: add it as value_info (onnx.shape_inference.infer_shapes does where it can)"
    ))
}

/// What the graphs among the attributes of an operator read from outside, and the bytes of the
/// constants that they hold, as one parameter.
fn inside<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<Vec<TensorId>, ReadError> {
    let bodies = bodies(operator.node.attribute.iter());
    if bodies.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids = Vec::new();
    for name in captured(&bodies) {
        let Some(value) = raising.known(name).cloned() else {
            let expected = "operands that stand before it";
            return Err(ReadError::malformed(expected, format!("`{name}`")));
        };
        if !value.is_empty() {
            ids.push(raising.as_it_lies(&value, true)?.0);
        }
    }
    let bytes = constant_bytes(&bodies)?;
    if bytes > 0 {
        let operators: usize = bodies.iter().map(|body| body.node.len()).sum();
        let wanted = format!("{operators} operators of called subgraphs");
        let name = raising.names.fresh(&wanted);
        countable(&[bytes], 1)?;
        ids.push(raising.add(Tensor {
            name,
            shape: [bytes].into(),
            dtype: DataType::U8,
            quantization: None,
            content: Content::Parameter,
        }));
    }
    Ok(ids)
}

fn constant_bytes(bodies: &[&Graph]) -> Result<usize, ReadError> {
    let mut total = 0_usize;
    for body in bodies {
        let values = body.node.iter().flat_map(|node| &node.attribute);
        let values = values.filter_map(|attribute| attribute.t.as_ref());
        for tensor in body.initializer.iter().chain(values) {
            let (dtype, per_byte) = element_type(tensor.data_type.into())?;
            let shape = super::types::extents(&tensor.dims)?;
            let count: usize = shape.iter().product();
            let bytes = count.saturating_mul(dtype.bytes()).div_ceil(per_byte);
            total = total.saturating_add(bytes);
        }
    }
    Ok(total)
}

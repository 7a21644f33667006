//! Matrix products with constant weights.

use kernels::op::Fused;
use kernels::{Op, TensorId};

use super::bias::bias;
use super::operator::Operator;
use super::plan::{Arithmetic, Plan};
use super::raise::{Raising, Value};
use super::view::in_order;
use crate::ReadError;

/// A product of an operand with a constant matrix `[in, out]`.
struct Product<'v, 'f> {
    x: &'v Value<'f>,
    matrix: &'v Value<'f>,
    bias: Option<&'v Value<'f>>,
}

/// A product with a constant matrix, and the bias added behind it.
pub(super) fn mat_mul<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let matrix = raising.operand(operator, 1)?;
    if !fits(&x, &matrix) {
        return Ok(false);
    }
    let added = bias_behind(raising, operator, matrix.view.extent(1));
    let added = added.filter(|_| x.real_type() == matrix.real_type());
    let mut last = *operator;
    if let Some((add, _)) = &added {
        raising.done[add.position] = true;
        last = *add;
    }
    let product = Product {
        x: &x,
        matrix: &matrix,
        bias: added.as_ref().map(|(_, bias)| bias),
    };
    let plan = raising.plan_fusing(&last, &[&x], Some(&matrix))?;
    dense(raising, &operator.kind(), &product, plan)
}

/// `x * b + c` without factors.
pub(super) fn gemm<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let mut x = raising.operand(operator, 0)?;
    let mut matrix = raising.operand(operator, 1)?;
    let c = raising.optional(operator, 2)?;
    let factors =
        operator.float("alpha", 1.0) != 1.0 || c.is_some() && operator.float("beta", 1.0) != 1.0;
    if factors || x.rank() != 2 || matrix.rank() != 2 {
        return Ok(false);
    }
    if operator.int("transA", 0) != 0 {
        x = raising.transposed(&x, &[1, 0])?;
    }
    if operator.int("transB", 0) != 0 {
        matrix = raising.transposed(&matrix, &[1, 0])?;
    }
    let columns = matrix.view.extent(1);
    if !fits(&x, &matrix) || c.as_ref().is_some_and(|c| !is_row(c, x.rank(), columns)) {
        return Ok(false);
    }
    let product = Product {
        x: &x,
        matrix: &matrix,
        bias: c.as_ref(),
    };
    let plan = raising.plan_fusing(operator, &[&x], Some(&matrix))?;
    dense(raising, &operator.kind(), &product, plan)
}

/// `QLinearMatMul`, and onnxruntime's `QGemm`.
pub(super) fn quantized_product<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let is_gemm = operator.node.op_type == "QGemm";
    let flipped = operator.int("transB", 0) != 0;
    let x = raising.integers(operator, 0, 1)?;
    let matrix = raising.integers(operator, 3, usize::from(!flipped))?;
    let at = if is_gemm { 7 } else { 6 };
    let Some(((x, mut matrix), outcome)) = x.zip(matrix).zip(raising.stated_outcome(operator, at)?)
    else {
        return Ok(false);
    };
    if operator.float("alpha", 1.0) != 1.0 || operator.int("transA", 0) != 0 || matrix.rank() != 2 {
        return Ok(false);
    }
    if flipped {
        matrix = raising.transposed(&matrix, &[1, 0])?;
    }
    let c = if is_gemm {
        raising.optional(operator, 6)?
    } else {
        None
    };
    let columns = matrix.view.extent(1);
    if !fits(&x, &matrix) || c.as_ref().is_some_and(|c| !is_row(c, x.rank(), columns)) {
        return Ok(false);
    }
    let product = Product {
        x: &x,
        matrix: &matrix,
        bias: c.as_ref(),
    };
    let plan = Plan {
        arithmetic: Arithmetic::Quantized,
        fused: Fused::None,
        outcome,
    };
    dense(raising, &operator.kind(), &product, plan)
}

/// Whether the vocabulary has the product: rows of `x` with a constant matrix.
fn fits(x: &Value<'_>, matrix: &Value<'_>) -> bool {
    x.rank() >= 1
        && !x.is_empty()
        && matrix.is_constant()
        && matrix.rank() == 2
        && x.view.extent(x.rank() - 1) == matrix.view.extent(0)
}

/// Whether a constant holds one number per column of a product of `rank` dimensions, which one of
/// more would give it.
fn is_row(value: &Value<'_>, rank: usize, columns: usize) -> bool {
    let shape = value.shape();
    value.is_constant()
        && shape.len() <= rank
        && shape.last() == Some(&columns)
        && shape.iter().product::<usize>() == columns
}

/// The addition of a constant row that alone reads a product, and the row.
fn bias_behind<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    columns: usize,
) -> Option<(Operator<'f>, Value<'f>)> {
    let product = operator.first_result()?;
    let add = raising.file.sole_reader(product)?;
    if !add.is("Add") {
        return None;
    }
    let other = match [add.operand(0)?, add.operand(1)?] {
        [own, other] if own == product && other != product => other,
        [other, own] if own == product && other != product => other,
        _ => return None,
    };
    let row = raising.known(other)?;
    let product = raising.known(operator.operand(0)?)?;
    let alike = row.real_type() == product.real_type();
    (alike && is_row(row, product.rank(), columns)).then(|| (add, row.clone()))
}

fn dense<'f>(
    raising: &mut Raising<'f, '_>,
    kind: &str,
    product: &Product<'_, 'f>,
    plan: Plan<'f>,
) -> Result<bool, ReadError> {
    let (from, order, matrix) = rows(raising, product, plan.arithmetic)?;
    let weights = raising.taken(&matrix, &[1, 0], plan.arithmetic)?;
    let mut inputs = vec![from, weights];
    if let Some(row) = product.bias {
        inputs.push(bias(raising, row, [product.x, &matrix], plan.arithmetic)?);
    }
    let op = Op::Dense { fused: plan.fused };
    let id = raising.push(kind, op, inputs, &plan.outcome)?;
    let value = raising.value(id, &order);
    raising.define(plan.outcome.name, value)?;
    Ok(true)
}

/// The rows that a matrix is applied to, their order, and the matrix. Where rows run over memory in
/// another order than the file's, as those of a flattened image, the rows of the matrix are
/// reordered and not the image.
fn rows<'f>(
    raising: &mut Raising<'f, '_>,
    product: &Product<'_, 'f>,
    arithmetic: Arithmetic,
) -> Result<(TensorId, Vec<usize>, Value<'f>), ReadError> {
    let Product { x, matrix, .. } = product;
    let order = in_order(x.rank());
    let seen = x.view.innermost_as_it_lies();
    if let Some(inner) = x.view.innermost()
        && seen != x.view
        && seen.lies_in(&order)
        && matrix.reals.as_ref().is_none_or(|q| q.axis != Some(0))
    {
        let mut cut = inner.extents.clone();
        cut.push(matrix.view.extent(1));
        let mut permutation = inner.permutation;
        permutation.push(cut.len() - 1);
        let cut = raising.reshaped(matrix, &cut)?;
        let cut = raising.transposed(&cut, &permutation)?;
        let matrix = raising.reshaped(&cut, &matrix.shape())?;
        let x = Value {
            view: seen,
            ..(*x).clone()
        };
        return Ok((raising.taken(&x, &order, arithmetic)?, order, matrix));
    }
    Ok((
        raising.taken(x, &order, arithmetic)?,
        order,
        (*matrix).clone(),
    ))
}

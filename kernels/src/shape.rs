//! Shapes and element types of results, from those of operands.

use crate::op::{Conv2d, DepthwiseConv2d, Op, Padding, Pool2d, Slice};
use crate::tensor::{DataType, Shape, Tensor};

/// Why an operator cannot take its operands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Too few or too many operands.
    #[error("{op} takes {expected} operands, found {found}")]
    Arity {
        /// The operator.
        op: String,
        /// How many it takes.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// An operand has the wrong shape.
    #[error("{op}: {what} is {found}, expected {expected}")]
    Operand {
        /// The operator.
        op: String,
        /// The operand or attribute.
        what: &'static str,
        /// What would be accepted.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The result's shape does not follow from the operands'.
    #[error("{op} is not in the vocabulary, so the shape of its result cannot be inferred")]
    Foreign {
        /// The operator.
        op: String,
    },
}

/// The shape and element type of the one result of `op`.
///
/// The element type is the first operand's, except for [`Op::ArgMax`] (`i32`),
/// [`Op::Dequantize`] (`f32`) and [`Op::Quantize`] (`i8`); see [`chosen`].
///
/// # Errors
///
/// [`ShapeError`] when the operands do not fit the operator, or the operator is foreign.
pub fn infer(op: &Op, inputs: &[&Tensor]) -> Result<(Shape, DataType), ShapeError> {
    check_arity(op, inputs.len())?;
    let first = || &inputs[0].shape;
    let x = || inputs[0].dtype;
    Ok(match op {
        Op::Conv2d(conv) => (conv2d(op, conv, inputs)?, x()),
        Op::DepthwiseConv2d(conv) => (depthwise(op, conv, inputs)?, x()),
        Op::Dense { .. } => (dense(op, inputs)?, x()),
        Op::BatchNorm { .. } | Op::Bias => (per_channel(op, inputs)?, x()),
        Op::Unary(_) => (first().clone(), x()),
        Op::Softmax => {
            rank_at_least(op, first(), 1)?;
            (first().clone(), x())
        }
        Op::Binary(_) => (broadcast(op, first(), &inputs[1].shape)?, x()),
        Op::Concat { axis } => (concat(op, *axis, inputs)?, x()),
        Op::Pool2d(pool) => (pool2d(op, pool, first())?, x()),
        Op::GlobalAveragePool { keep_dims } => {
            let [n, _, _, c] = nhwc(op, "x", first())?;
            let shape = if *keep_dims {
                Shape::from([n, 1, 1, c])
            } else {
                Shape::from([n, c])
            };
            (shape, x())
        }
        Op::Resize(resize) => {
            let [n, _, _, c] = nhwc(op, "x", first())?;
            at_least_one(op, "size", &resize.size)?;
            (Shape::from([n, resize.size[0], resize.size[1], c]), x())
        }
        Op::Pad { amounts } => (pad(op, amounts, first())?, x()),
        Op::Reshape { shape } => (reshape(op, shape, first())?, x()),
        Op::Transpose { permutation } => (transpose(op, permutation, first())?, x()),
        Op::Slice(slice) => (sliced(op, slice, first())?, x()),
        Op::ArgMax { axis } => {
            rank_at_least(op, first(), axis + 1)?;
            let mut extents = first().to_vec();
            extents.remove(*axis);
            (extents.into(), DataType::I32)
        }
        Op::Quantize => (first().clone(), DataType::I8),
        Op::Dequantize => (first().clone(), DataType::F32),
        Op::Foreign { kind, .. } => return Err(ShapeError::Foreign { op: kind.clone() }),
    })
}

/// The element type of a result that is asked to be `wanted` where [`infer`] says `inferred`:
/// [`Op::Quantize`] may give `u8` and [`Op::ArgMax`] `i64`.
#[must_use]
pub const fn chosen(op: &Op, inferred: DataType, wanted: DataType) -> DataType {
    match (op, wanted) {
        (Op::Quantize, DataType::U8) | (Op::ArgMax { .. }, DataType::I64) => wanted,
        _ => inferred,
    }
}

/// Checks the number of operands of `op`.
///
/// # Errors
///
/// [`ShapeError::Arity`].
pub fn check_arity(op: &Op, found: usize) -> Result<(), ShapeError> {
    let (fewest, most) = op.arity();
    if found >= fewest && most.is_none_or(|most| found <= most) {
        return Ok(());
    }
    let expected = match most {
        Some(most) if most == fewest => fewest.to_string(),
        Some(most) => format!("{fewest} to {most}"),
        None => format!("{fewest} or more"),
    };
    Err(ShapeError::Arity {
        op: op.name().to_owned(),
        expected,
        found,
    })
}

fn conv2d(op: &Op, conv: &Conv2d, inputs: &[&Tensor]) -> Result<Shape, ShapeError> {
    let [n, h, w, in_c] = nhwc(op, "x", &inputs[0].shape)?;
    let [out_c, k_h, k_w, group_in_c] = nhwc(op, "weights", &inputs[1].shape)?;
    let groups = conv.groups;
    if groups == 0 || in_c % groups != 0 || out_c % groups != 0 || group_in_c != in_c / groups {
        return Err(operand(
            op,
            "weights",
            format!("[out_c, k_h, k_w, {in_c} / {groups}] with out_c a multiple of {groups}"),
            inputs[1].shape.to_string(),
        ));
    }
    if groups > 1 && groups == in_c {
        return Err(operand(
            op,
            "groups",
            "fewer than the input channels (one group each is depthwise_conv2d)".to_owned(),
            groups.to_string(),
        ));
    }
    bias(op, inputs, out_c)?;
    let [out_h, out_w] = window(
        op,
        [h, w],
        [k_h, k_w],
        conv.stride,
        conv.dilation,
        conv.padding,
    )?;
    Ok([n, out_h, out_w, out_c].into())
}

fn depthwise(op: &Op, conv: &DepthwiseConv2d, inputs: &[&Tensor]) -> Result<Shape, ShapeError> {
    let [n, h, w, in_c] = nhwc(op, "x", &inputs[0].shape)?;
    let [one, k_h, k_w, out_c] = nhwc(op, "weights", &inputs[1].shape)?;
    if one != 1 || conv.multiplier == 0 || Some(out_c) != in_c.checked_mul(conv.multiplier) {
        return Err(operand(
            op,
            "weights",
            format!("[1, k_h, k_w, {in_c} * {}]", conv.multiplier),
            inputs[1].shape.to_string(),
        ));
    }
    bias(op, inputs, out_c)?;
    let [out_h, out_w] = window(
        op,
        [h, w],
        [k_h, k_w],
        conv.stride,
        conv.dilation,
        conv.padding,
    )?;
    Ok([n, out_h, out_w, out_c].into())
}

fn dense(op: &Op, inputs: &[&Tensor]) -> Result<Shape, ShapeError> {
    rank_at_least(op, &inputs[0].shape, 1)?;
    let mut extents = inputs[0].shape.to_vec();
    let in_c = extents.pop().expect("the rank is at least 1");
    let &[out_c, found] = &*inputs[1].shape else {
        return Err(operand(
            op,
            "weights",
            "[out_c, in_c]".to_owned(),
            inputs[1].shape.to_string(),
        ));
    };
    if found != in_c {
        return Err(operand(
            op,
            "weights",
            format!("[out_c, {in_c}]"),
            inputs[1].shape.to_string(),
        ));
    }
    bias(op, inputs, out_c)?;
    extents.push(out_c);
    Ok(extents.into())
}

fn per_channel(op: &Op, inputs: &[&Tensor]) -> Result<Shape, ShapeError> {
    rank_at_least(op, &inputs[0].shape, 1)?;
    let c = *inputs[0].shape.last().expect("the rank is at least 1");
    for shape in inputs[1..].iter().map(|t| &t.shape) {
        if **shape != [c] {
            return Err(operand(
                op,
                "parameter",
                format!("[{c}]"),
                shape.to_string(),
            ));
        }
    }
    Ok(inputs[0].shape.clone())
}

fn broadcast(op: &Op, a: &Shape, b: &Shape) -> Result<Shape, ShapeError> {
    let rank = a.len().max(b.len());
    let extent = |s: &Shape, i: usize| {
        let missing = rank - s.len();
        if i < missing { 1 } else { s[i - missing] }
    };
    let extents: Option<Vec<usize>> = (0..rank)
        .map(|i| match (extent(a, i), extent(b, i)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect();
    extents.map(Shape::from).ok_or_else(|| {
        operand(
            op,
            "y",
            format!("a shape that broadcasts with {a}"),
            b.to_string(),
        )
    })
}

fn concat(op: &Op, axis: usize, inputs: &[&Tensor]) -> Result<Shape, ShapeError> {
    rank_at_least(op, &inputs[0].shape, axis + 1)?;
    let mut extents = inputs[0].shape.to_vec();
    extents[axis] = 0;
    for shape in inputs.iter().map(|t| &t.shape) {
        let same = shape.len() == extents.len()
            && (0..extents.len()).all(|d| d == axis || shape[d] == extents[d]);
        if !same {
            return Err(operand(
                op,
                "operand",
                format!("{} in every dimension but {axis}", inputs[0].shape),
                shape.to_string(),
            ));
        }
        extents[axis] = usize::saturating_add(extents[axis], shape[axis]);
    }
    Ok(extents.into())
}

fn pool2d(op: &Op, pool: &Pool2d, x: &Shape) -> Result<Shape, ShapeError> {
    let [n, h, w, c] = nhwc(op, "x", x)?;
    let [k_h, k_w] = pool.kernel;
    let Padding {
        top,
        bottom,
        left,
        right,
    } = pool.padding;
    if top.max(bottom) >= k_h.max(1) || left.max(right) >= k_w.max(1) {
        return Err(operand(
            op,
            "padding",
            format!("less than the window, [{k_h}, {k_w}]"),
            format!("{top}, {bottom}, {left}, {right}"),
        ));
    }
    let [out_h, out_w] = window(op, [h, w], pool.kernel, pool.stride, [1, 1], pool.padding)?;
    Ok([n, out_h, out_w, c].into())
}

fn pad(op: &Op, amounts: &[[usize; 2]], x: &Shape) -> Result<Shape, ShapeError> {
    same_rank(op, "amounts", amounts.len(), x)?;
    let extents: Vec<usize> = x
        .iter()
        .zip(amounts)
        .map(|(&d, [before, after])| d.saturating_add(*before).saturating_add(*after))
        .collect();
    Ok(extents.into())
}

fn reshape(op: &Op, shape: &[usize], x: &Shape) -> Result<Shape, ShapeError> {
    let new = Shape::from(shape.to_vec());
    if new.checked_elements() != x.checked_elements() {
        return Err(operand(
            op,
            "shape",
            format!("as many elements as {x}"),
            new.to_string(),
        ));
    }
    Ok(new)
}

fn transpose(op: &Op, permutation: &[usize], x: &Shape) -> Result<Shape, ShapeError> {
    same_rank(op, "permutation", permutation.len(), x)?;
    let mut sorted = permutation.to_vec();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..x.len()) {
        return Err(operand(
            op,
            "permutation",
            "each dimension once".to_owned(),
            format!("{permutation:?}"),
        ));
    }
    let extents: Vec<usize> = permutation.iter().map(|&d| x[d]).collect();
    Ok(extents.into())
}

fn sliced(op: &Op, slice: &Slice, x: &Shape) -> Result<Shape, ShapeError> {
    for (what, len) in [
        ("begin", slice.begin.len()),
        ("end", slice.end.len()),
        ("stride", slice.stride.len()),
    ] {
        same_rank(op, what, len, x)?;
    }
    at_least_one(op, "stride", &slice.stride)?;
    let mut extents = Vec::with_capacity(x.len());
    for d in 0..x.len() {
        let (begin, end) = (slice.begin[d], slice.end[d]);
        if begin >= end || end > x[d] {
            return Err(operand(
                op,
                "end",
                format!("over {begin} and up to {} in dimension {d}", x[d]),
                end.to_string(),
            ));
        }
        extents.push((end - begin).div_ceil(slice.stride[d]));
    }
    Ok(extents.into())
}

/// The height and width of the result of a sliding window.
fn window(
    op: &Op,
    input: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
) -> Result<[usize; 2], ShapeError> {
    at_least_one(op, "kernel", &kernel)?;
    at_least_one(op, "stride", &stride)?;
    at_least_one(op, "dilation", &dilation)?;
    let around = [
        padding.top.saturating_add(padding.bottom),
        padding.left.saturating_add(padding.right),
    ];
    let mut out = [0; 2];
    for d in 0..2 {
        let reach = dilation[d].saturating_mul(kernel[d] - 1).saturating_add(1);
        let padded = input[d].saturating_add(around[d]);
        let Some(room) = padded.checked_sub(reach) else {
            return Err(operand(
                op,
                "window",
                format!("at most the padded input, {padded}"),
                reach.to_string(),
            ));
        };
        out[d] = room / stride[d] + 1;
    }
    Ok(out)
}

fn bias(op: &Op, inputs: &[&Tensor], out_c: usize) -> Result<(), ShapeError> {
    match inputs.get(2).map(|t| &t.shape) {
        Some(shape) if **shape != [out_c] => {
            Err(operand(op, "bias", format!("[{out_c}]"), shape.to_string()))
        }
        Some(_) | None => Ok(()),
    }
}

fn nhwc(op: &Op, what: &'static str, shape: &Shape) -> Result<[usize; 4], ShapeError> {
    shape
        .nhwc()
        .ok_or_else(|| operand(op, what, "four dimensions".to_owned(), shape.to_string()))
}

fn rank_at_least(op: &Op, x: &Shape, rank: usize) -> Result<(), ShapeError> {
    if x.len() >= rank {
        return Ok(());
    }
    let expected = format!("at least {rank} dimensions");
    Err(operand(op, "x", expected, x.to_string()))
}

fn same_rank(op: &Op, what: &'static str, found: usize, x: &Shape) -> Result<(), ShapeError> {
    if found == x.len() {
        return Ok(());
    }
    let expected = format!("one element per dimension of {x}");
    Err(operand(op, what, expected, format!("{found} elements")))
}

fn at_least_one(op: &Op, what: &'static str, values: &[usize]) -> Result<(), ShapeError> {
    if values.iter().all(|&v| v >= 1) {
        return Ok(());
    }
    let expected = "at least 1 everywhere".to_owned();
    Err(operand(op, what, expected, format!("{values:?}")))
}

fn operand(op: &Op, what: &'static str, expected: String, found: String) -> ShapeError {
    ShapeError::Operand {
        op: op.name().to_owned(),
        what,
        expected,
        found,
    }
}

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
/// [`Op::Dequantize`] (`f32`) and [`Op::Quantize`] (`i8`; `u8` is the reader's choice).
///
/// # Errors
///
/// [`ShapeError`] when the operands do not fit the operator, or the operator is foreign.
pub fn infer(op: &Op, inputs: &[&Tensor]) -> Result<(Shape, DataType), ShapeError> {
    check_arity(op, inputs.len())?;
    let shapes: Vec<&Shape> = inputs.iter().map(|t| &t.shape).collect();
    let x = || inputs[0].dtype;
    Ok(match op {
        Op::Conv2d(conv) => (conv2d(op, conv, &shapes)?, x()),
        Op::DepthwiseConv2d(conv) => (depthwise(op, conv, &shapes)?, x()),
        Op::Dense { .. } => (dense(op, &shapes)?, x()),
        Op::BatchNorm { .. } | Op::Bias => (per_channel(op, &shapes)?, x()),
        Op::Unary(_) => (shapes[0].clone(), x()),
        Op::Softmax => {
            rank_at_least(op, shapes[0], 1)?;
            (shapes[0].clone(), x())
        }
        Op::Binary(_) => (broadcast(op, shapes[0], shapes[1])?, x()),
        Op::Concat { axis } => (concat(op, *axis, &shapes)?, x()),
        Op::Pool2d(pool) => (pool2d(op, pool, shapes[0])?, x()),
        Op::GlobalAveragePool { keep_dims } => {
            let [n, _, _, c] = nhwc(op, "x", shapes[0])?;
            let shape = if *keep_dims {
                Shape::from([n, 1, 1, c])
            } else {
                Shape::from([n, c])
            };
            (shape, x())
        }
        Op::Resize(resize) => {
            let [n, _, _, c] = nhwc(op, "x", shapes[0])?;
            at_least_one(op, "size", &resize.size)?;
            (Shape::from([n, resize.size[0], resize.size[1], c]), x())
        }
        Op::Pad { amounts } => (pad(op, amounts, shapes[0])?, x()),
        Op::Reshape { shape } => (reshape(op, shape, shapes[0])?, x()),
        Op::Transpose { permutation } => (transpose(op, permutation, shapes[0])?, x()),
        Op::Slice(slice) => (sliced(op, slice, shapes[0])?, x()),
        Op::ArgMax { axis } => {
            rank_at_least(op, shapes[0], axis + 1)?;
            let mut extents = shapes[0].to_vec();
            extents.remove(*axis);
            (extents.into(), DataType::I32)
        }
        Op::Quantize => (shapes[0].clone(), DataType::I8),
        Op::Dequantize => (shapes[0].clone(), DataType::F32),
        Op::Foreign { kind } => return Err(ShapeError::Foreign { op: kind.clone() }),
    })
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

fn conv2d(op: &Op, conv: &Conv2d, shapes: &[&Shape]) -> Result<Shape, ShapeError> {
    let [n, h, w, in_c] = nhwc(op, "x", shapes[0])?;
    let [out_c, k_h, k_w, group_in_c] = nhwc(op, "weights", shapes[1])?;
    let groups = conv.groups;
    if groups == 0 || in_c % groups != 0 || out_c % groups != 0 || group_in_c != in_c / groups {
        return Err(operand(
            op,
            "weights",
            format!("[out_c, k_h, k_w, {in_c} / {groups}] with out_c a multiple of {groups}"),
            shapes[1].to_string(),
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
    bias(op, shapes, out_c)?;
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

fn depthwise(op: &Op, conv: &DepthwiseConv2d, shapes: &[&Shape]) -> Result<Shape, ShapeError> {
    let [n, h, w, in_c] = nhwc(op, "x", shapes[0])?;
    let [one, k_h, k_w, out_c] = nhwc(op, "weights", shapes[1])?;
    if one != 1 || conv.multiplier == 0 || Some(out_c) != in_c.checked_mul(conv.multiplier) {
        return Err(operand(
            op,
            "weights",
            format!("[1, k_h, k_w, {in_c} * {}]", conv.multiplier),
            shapes[1].to_string(),
        ));
    }
    bias(op, shapes, out_c)?;
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

fn dense(op: &Op, shapes: &[&Shape]) -> Result<Shape, ShapeError> {
    rank_at_least(op, shapes[0], 1)?;
    let mut extents = shapes[0].to_vec();
    let in_c = extents.pop().expect("the rank is at least 1");
    let &[out_c, found] = &**shapes[1] else {
        return Err(operand(
            op,
            "weights",
            "[out_c, in_c]".to_owned(),
            shapes[1].to_string(),
        ));
    };
    if found != in_c {
        return Err(operand(
            op,
            "weights",
            format!("[out_c, {in_c}]"),
            shapes[1].to_string(),
        ));
    }
    bias(op, shapes, out_c)?;
    extents.push(out_c);
    Ok(extents.into())
}

fn per_channel(op: &Op, shapes: &[&Shape]) -> Result<Shape, ShapeError> {
    rank_at_least(op, shapes[0], 1)?;
    let c = *shapes[0].last().expect("the rank is at least 1");
    for shape in &shapes[1..] {
        if ***shape != [c] {
            return Err(operand(
                op,
                "parameter",
                format!("[{c}]"),
                shape.to_string(),
            ));
        }
    }
    Ok(shapes[0].clone())
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

fn concat(op: &Op, axis: usize, shapes: &[&Shape]) -> Result<Shape, ShapeError> {
    rank_at_least(op, shapes[0], axis + 1)?;
    let mut extents = shapes[0].to_vec();
    extents[axis] = 0;
    for shape in shapes {
        let same = shape.len() == extents.len()
            && (0..extents.len()).all(|d| d == axis || shape[d] == extents[d]);
        if !same {
            return Err(operand(
                op,
                "operand",
                format!("{} in every dimension but {axis}", shapes[0]),
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

fn bias(op: &Op, shapes: &[&Shape], out_c: usize) -> Result<(), ShapeError> {
    match shapes.get(2) {
        Some(shape) if ***shape != [out_c] => {
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

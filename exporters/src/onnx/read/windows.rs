//! Sliding windows: convolutions and pools.

use kernels::op::{Conv2d, DepthwiseConv2d, Fused, Padding, Pool2d, PoolKind};
use kernels::{DataType, Op};

use super::bias::bias;
use super::operator::Operator;
use super::plan::{Arithmetic, Plan};
use super::raise::{Base, Raising, Value};
use crate::ReadError;

/// The order of an image's dimensions in the graph, as dimensions of the file.
const IMAGE: [usize; 4] = [0, 2, 3, 1];

/// How a window slides; extents are height and width.
struct Window {
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
}

pub(super) fn conv<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let weights = raising.operand(operator, 1)?;
    let b = raising.optional(operator, 2)?;
    if !matches!(x.rank(), 3 | 4) || weights.rank() != x.rank() {
        return Ok(false);
    }
    let mut operands = vec![&x];
    // A bias that is computed keeps the node in floats.
    operands.extend(b.as_ref().filter(|b| !b.is_constant()));
    let plan = raising.plan_fusing(operator, &operands, Some(&weights))?;
    convolution(raising, operator, &x, &weights, b.as_ref(), plan)
}

pub(super) fn quantized_conv<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
) -> Result<bool, ReadError> {
    let x = raising.integers(operator, 0, 1)?;
    let weights = raising.integers(operator, 3, 0)?;
    let Some(((x, weights), outcome)) = x.zip(weights).zip(raising.stated_outcome(operator, 6)?)
    else {
        return Ok(false);
    };
    if !matches!(x.rank(), 3 | 4) || weights.rank() != x.rank() {
        return Ok(false);
    }
    let b = raising.optional(operator, 8)?;
    let plan = Plan {
        arithmetic: Arithmetic::Quantized,
        fused: Fused::None,
        outcome,
    };
    convolution(raising, operator, &x, &weights, b.as_ref(), plan)
}

fn convolution<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
    weights: &Value<'f>,
    b: Option<&Value<'f>>,
    plan: Plan<'f>,
) -> Result<bool, ReadError> {
    let rank = x.rank();
    let (x, weights) = (as_image(raising, x)?, as_image(raising, weights)?);
    let [_, in_c, height, width] = image_shape(&x);
    let [out_c, group_in_c, kernel_h, kernel_w] = image_shape(&weights);
    let window = window(operator, [height, width], [kernel_h, kernel_w], rank)?;
    let groups = super::operator::amount(operator.int("group", 1), "group")?;
    let depthwise = groups > 1 && groups == in_c && group_in_c == 1;
    let (op, order) = if depthwise {
        let conv = DepthwiseConv2d {
            stride: window.stride,
            dilation: window.dilation,
            padding: window.padding,
            multiplier: out_c / in_c,
            fused: plan.fused,
        };
        (Op::DepthwiseConv2d(conv), [1, 2, 3, 0])
    } else {
        let conv = Conv2d {
            stride: window.stride,
            dilation: window.dilation,
            padding: window.padding,
            groups,
            fused: plan.fused,
        };
        (Op::Conv2d(conv), IMAGE)
    };
    let mut inputs = vec![
        raising.taken(&x, &IMAGE, plan.arithmetic)?,
        raising.taken(&weights, &order, plan.arithmetic)?,
    ];
    if let Some(b) = b {
        inputs.push(bias(raising, b, [&x, &weights], plan.arithmetic)?);
    }
    let id = raising.push(&operator.kind(), op, inputs, &plan.outcome)?;
    let value = raising.value(id, &IMAGE);
    finish(raising, plan.outcome.name, value, rank)
}

pub(super) fn pool<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    kind: PoolKind,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    let dilated = operator
        .ints("dilations")
        .is_some_and(|d| d.iter().any(|&d| d != 1));
    if !matches!(x.rank(), 3 | 4) || raising.file.reads_more_results(operator) || dilated {
        return Ok(false);
    }
    let rank = x.rank();
    let image = as_image(raising, &x)?;
    let [_, _, height, width] = image_shape(&image);
    let kernel = pair(operator.amounts("kernel_shape")?, rank, 1, "kernel_shape")?;
    let exact = window(operator, [height, width], kernel, rank)?;
    let mut padding = exact.padding;
    if operator.int("ceil_mode", 0) != 0 {
        padding = rounded_up(&exact, [height, width], kernel);
    }
    let padded = exact.padding != Padding::VALID;
    let zeros = kind == PoolKind::Average && operator.int("count_include_pad", 0) != 0 && padded;
    let too_wide = padding.top.max(padding.bottom) >= kernel[0]
        || padding.left.max(padding.right) >= kernel[1];
    if too_wide || zeros && padding != exact.padding {
        return Ok(false);
    }
    let mut pool = Pool2d {
        kind,
        kernel,
        stride: exact.stride,
        padding,
    };
    let plan = raising.plan(operator, &[&image])?;
    let mut from = raising.taken(&image, &IMAGE, plan.arithmetic)?;
    if zeros {
        // Zeros that count in the mean are part of the image.
        let amounts = vec![
            [0, 0],
            [padding.top, padding.bottom],
            [padding.left, padding.right],
            [0, 0],
        ];
        from = raising.between(&operator.kind(), Op::Pad { amounts }, from, &plan)?;
        pool.padding = Padding::VALID;
    }
    let plan = keeping_integers(raising, &x, plan);
    let op = Op::Pool2d(pool);
    let id = raising.push_keeping(&operator.kind(), op, from, &plan)?;
    let value = raising.value(id, &IMAGE);
    finish(raising, plan.outcome.name, value, rank)
}

pub(super) fn global_pool<'f>(
    raising: &mut Raising<'f, '_>,
    operator: &Operator<'f>,
    kind: PoolKind,
) -> Result<bool, ReadError> {
    let x = raising.operand(operator, 0)?;
    if !matches!(x.rank(), 3 | 4) {
        return Ok(false);
    }
    let plan = raising.plan(operator, &[&x])?;
    let rank = x.rank();
    let image = as_image(raising, &x)?;
    let [_, _, height, width] = image_shape(&image);
    let from = raising.taken(&image, &IMAGE, plan.arithmetic)?;
    let id = match kind {
        PoolKind::Average => {
            let op = Op::GlobalAveragePool { keep_dims: true };
            raising.push(&operator.kind(), op, vec![from], &plan.outcome)?
        }
        PoolKind::Max => {
            let op = Op::Pool2d(Pool2d {
                kind,
                kernel: [height, width],
                stride: [1, 1],
                padding: Padding::VALID,
            });
            raising.push_keeping(&operator.kind(), op, from, &plan)?
        }
    };
    let value = raising.value(id, &IMAGE);
    finish(raising, plan.outcome.name, value, rank)
}

/// A pool of integers that nothing turns to reals first keeps what they stand for.
fn keeping_integers<'f>(raising: &Raising<'f, '_>, x: &Value<'f>, mut plan: Plan<'f>) -> Plan<'f> {
    if let (Arithmetic::Stored, Base::Tensor(id), DataType::I8 | DataType::U8) =
        (plan.arithmetic, x.base, x.dtype)
    {
        let own = raising.graph[id].quantization.clone();
        plan.outcome.quantization = own.map(|quantization| (x.dtype, quantization));
    }
    plan
}

/// A row of pixels as an image of height 1; images stay.
fn as_image<'f>(raising: &mut Raising<'f, '_>, x: &Value<'f>) -> Result<Value<'f>, ReadError> {
    if x.rank() == 4 {
        return Ok(x.clone());
    }
    let [n, c, l] = [0, 1, 2].map(|dim| x.view.extent(dim));
    raising.reshaped(x, &[n, c, 1, l])
}

fn image_shape(x: &Value<'_>) -> [usize; 4] {
    [0, 1, 2, 3].map(|dim| x.view.extent(dim))
}

/// Defines the result of an operator over an image, of as many dimensions as its operand.
fn finish<'f>(
    raising: &mut Raising<'f, '_>,
    name: &'f str,
    value: Value<'f>,
    rank: usize,
) -> Result<bool, ReadError> {
    let value = if rank == 4 {
        value
    } else {
        let [n, c, _, l] = image_shape(&value);
        raising.reshaped(&value, &[n, c, l])?
    };
    raising.define(name, value)?;
    Ok(true)
}

/// Height and width among attributes of `rank` - 2 dimensions.
fn pair(
    found: Option<Vec<usize>>,
    rank: usize,
    default: usize,
    what: &str,
) -> Result<[usize; 2], ReadError> {
    match (found.as_deref(), rank) {
        (None, _) => Ok([default; 2]),
        (Some(&[length]), 3) => Ok([1, length]),
        (Some(&[height, width]), 4) => Ok([height, width]),
        (Some(found), _) => {
            let expected = format!("{} numbers as {what}", rank - 2);
            Err(ReadError::malformed(expected, found.len()))
        }
    }
}

fn window(
    operator: &Operator<'_>,
    input: [usize; 2],
    kernel: [usize; 2],
    rank: usize,
) -> Result<Window, ReadError> {
    let numbers = |what| -> Result<[usize; 2], ReadError> {
        let found = pair(operator.amounts(what)?, rank, 1, what)?;
        if found.contains(&0) {
            return Err(ReadError::malformed(format!("{what} of at least 1"), 0));
        }
        Ok(found)
    };
    let (stride, dilation) = (numbers("strides")?, numbers("dilations")?);
    let wide = kernel
        .iter()
        .any(|&extent| extent == 0 || i32::try_from(extent).is_err());
    if wide {
        let expected = "a window of 1 to 2147483647 elements a side";
        return Err(ReadError::malformed(expected, format!("{kernel:?}")));
    }
    let padding = match operator.text("auto_pad", "NOTSET") {
        "NOTSET" => explicit(operator, rank)?,
        "VALID" => Padding::VALID,
        "SAME_UPPER" => Padding::same(input, kernel, stride, dilation),
        "SAME_LOWER" => {
            let upper = Padding::same(input, kernel, stride, dilation);
            Padding {
                top: upper.bottom,
                bottom: upper.top,
                left: upper.right,
                right: upper.left,
            }
        }
        other => {
            let expected = "NOTSET, VALID, SAME_UPPER or SAME_LOWER as auto_pad";
            return Err(ReadError::malformed(expected, format!("`{other}`")));
        }
    };
    Ok(Window {
        stride,
        dilation,
        padding,
    })
}

fn explicit(operator: &Operator<'_>, rank: usize) -> Result<Padding, ReadError> {
    match (operator.amounts("pads")?.as_deref(), rank) {
        (None, _) => Ok(Padding::VALID),
        (Some(&[left, right]), 3) => Ok(Padding {
            left,
            right,
            ..Padding::VALID
        }),
        (Some(&[top, left, bottom, right]), 4) => Ok(Padding {
            top,
            bottom,
            left,
            right,
        }),
        (Some(found), _) => {
            let expected = format!("{} pads", 2 * (rank - 2));
            Err(ReadError::malformed(expected, found.len()))
        }
    }
}

/// The padding that gives the last window of each direction its place when sizes are rounded up.
fn rounded_up(window: &Window, input: [usize; 2], kernel: [usize; 2]) -> Padding {
    let Padding {
        top,
        bottom,
        left,
        right,
    } = window.padding;
    let missing = |d: usize, before: usize, after: usize| {
        let room = (input[d] + before + after).saturating_sub(kernel[d]);
        let stride = window.stride[d];
        let more = room.next_multiple_of(stride) - room;
        // A window that would begin behind the image is left out.
        let begins_inside = room.div_ceil(stride) * stride < input[d] + before;
        if begins_inside { after + more } else { after }
    };
    Padding {
        top,
        bottom: missing(0, top, bottom),
        left,
        right: missing(1, left, right),
    }
}

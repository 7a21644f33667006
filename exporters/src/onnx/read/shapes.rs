//! Shapes and multiply-accumulates of foreign operators that need more than their operands' shapes.

use kernels::DataType;

use super::operator::{Operator, amount};
use super::raise::Value;
use super::sizes::Ruled;
use crate::ReadError;
use crate::countable::product as work;

const WANTED: &str = "extents that fit each other";

/// `before` and `after` each dimension but the first two.
fn pads(operator: &Operator<'_>, spatial: usize) -> Result<Vec<[usize; 2]>, ReadError> {
    match operator.amounts("pads")? {
        None => Ok(vec![[0, 0]; spatial]),
        Some(pads) if pads.len() == 2 * spatial => {
            Ok((0..spatial).map(|d| [pads[d], pads[d + spatial]]).collect())
        }
        Some(pads) => Err(ReadError::malformed(
            format!("{} pads", 2 * spatial),
            pads.len(),
        )),
    }
}

/// A list with a number for each dimension but the first two.
fn each(
    operator: &Operator<'_>,
    what: &str,
    default: usize,
    spatial: usize,
) -> Result<Vec<usize>, ReadError> {
    match operator.amounts(what)? {
        None => Ok(vec![default; spatial]),
        Some(found) if found.len() == spatial && !found.contains(&0) => Ok(found),
        Some(found) => {
            let expected = format!("{spatial} {what} of at least 1");
            Err(ReadError::malformed(expected, format!("{found:?}")))
        }
    }
}

/// A convolution or pool of any number of dimensions.
pub(super) fn window(
    operator: &Operator<'_>,
    operands: &[Value<'_>],
) -> Result<Option<Ruled>, ReadError> {
    let x = operands[0].shape();
    let kind = &*operator.node.op_type;
    let weights = match kind {
        "Conv" | "ConvInteger" | "FusedConv" => operands.get(1),
        "QLinearConv" => operands.get(3),
        _ => None,
    };
    if x.len() < 3 {
        return Ok(None);
    }
    let spatial = x.len() - 2;
    let kernel = match weights {
        Some(weights) if weights.rank() == x.len() => weights.shape()[2..].to_vec(),
        Some(weights) => {
            let expected = format!("weights of {} dimensions", x.len());
            return Err(ReadError::malformed(expected, weights.rank()));
        }
        None => each(operator, "kernel_shape", 1, spatial)?,
    };
    let strides = each(operator, "strides", 1, spatial)?;
    let dilations = each(operator, "dilations", 1, spatial)?;
    let around = pads(operator, spatial)?;
    let auto_pad = operator.text("auto_pad", "NOTSET");
    let mut shape = vec![x[0], weights.map_or(x[1], |weights| weights.shape()[0])];
    for d in 0..spatial {
        let extent = x[2 + d];
        let reach = kernel[d]
            .saturating_sub(1)
            .saturating_mul(dilations[d])
            .saturating_add(1);
        let [before, after] = around[d];
        let padded = match auto_pad {
            "SAME_UPPER" | "SAME_LOWER" => {
                shape.push(extent.div_ceil(strides[d]));
                continue;
            }
            "VALID" => extent,
            _ => extent.saturating_add(before).saturating_add(after),
        };
        let Some(room) = padded.checked_sub(reach) else {
            return Err(ReadError::malformed(WANTED, format!("{x:?}")));
        };
        let rounded_up = operator.int("ceil_mode", 0) != 0;
        let mut steps = room / strides[d];
        let next = (steps + 1).saturating_mul(strides[d]);
        if rounded_up && !room.is_multiple_of(strides[d]) && next < extent.saturating_add(before) {
            steps += 1;
        }
        shape.push(steps + 1);
    }
    super::types::countable(&shape, 1)?;
    let macs = weights.and_then(|weights| {
        let outputs = shape.iter().product();
        work(outputs, &weights.shape()[1..])
    });
    let dtype = match kind {
        "ConvInteger" => DataType::I32,
        _ => operands[0].real_type(),
    };
    let mut results = vec![(shape.clone(), dtype)];
    if kind == "MaxPool" {
        results.push((shape, DataType::I64));
    }
    Ok(Some(Ruled { results, macs }))
}

/// A transposed convolution: every input element meets every tap and output channel of its group.
pub(super) fn transposed(
    operator: &Operator<'_>,
    operands: &[Value<'_>],
) -> Result<Option<Ruled>, ReadError> {
    let x = operands[0].shape();
    let Some(weights) = operands.get(1).map(Value::shape) else {
        return Ok(None);
    };
    if x.len() < 3 || weights.len() != x.len() || x.contains(&0) {
        return Ok(None);
    }
    let spatial = x.len() - 2;
    let groups = amount(operator.int("group", 1), "group")?;
    let strides = each(operator, "strides", 1, spatial)?;
    let dilations = each(operator, "dilations", 1, spatial)?;
    let around = pads(operator, spatial)?;
    let more = operator.amounts("output_padding")?.unwrap_or_default();
    let stated = operator.amounts("output_shape")?;
    let same = operator.text("auto_pad", "NOTSET").starts_with("SAME");
    let channels = weights[1].checked_mul(groups);
    let mut shape = vec![x[0], channels.unwrap_or(usize::MAX)];
    for d in 0..spatial {
        let reach = weights[2 + d]
            .saturating_sub(1)
            .saturating_mul(dilations[d]);
        let steps = x[2 + d].saturating_sub(1).saturating_mul(strides[d]);
        let full = steps.saturating_add(reach).saturating_add(1);
        let full = full.saturating_add(more.get(d).copied().unwrap_or(0));
        let [before, after] = around[d];
        shape.push(match &stated {
            // The last extents are those of the image.
            Some(stated) if stated.len() >= spatial => stated[stated.len() - spatial + d],
            Some(_) | None if same => x[2 + d].saturating_mul(strides[d]),
            Some(_) | None => full.saturating_sub(before.saturating_add(after)),
        });
    }
    super::types::countable(&shape, 1)?;
    let inputs = x.iter().product();
    let macs = work(inputs, &weights[1..]);
    Ok(Some(Ruled {
        results: vec![(shape, operands[0].real_type())],
        macs,
    }))
}

/// A product of two matrices, or of stacks of them that broadcast.
pub(super) fn product(
    operator: &Operator<'_>,
    operands: &[Value<'_>],
) -> Result<Option<Ruled>, ReadError> {
    let kind = &*operator.node.op_type;
    let at = if kind.starts_with('Q') { 3 } else { 1 };
    let Some(b) = operands.get(at) else {
        return Ok(None);
    };
    let flip = |shape: &mut Vec<usize>, name: &str| {
        let rank = shape.len();
        if operator.int(name, 0) != 0 && rank >= 2 {
            shape.swap(rank - 1, rank - 2);
        }
    };
    let (mut a, mut b) = (operands[0].shape(), b.shape());
    flip(&mut a, "transA");
    flip(&mut b, "transB");
    // A row or a column alone is a matrix without its dimension of 1.
    let (row, column) = (a.len() == 1, b.len() == 1);
    if row {
        a.insert(0, 1);
    }
    if column {
        b.push(1);
    }
    let (&[.., m, k], &[.., inner, n]) = (&*a, &*b) else {
        return Ok(None);
    };
    if k != inner {
        let found = format!("{a:?} and {b:?}");
        return Err(ReadError::malformed("as many columns as rows", found));
    }
    let (outer_a, outer_b) = (&a[..a.len() - 2], &b[..b.len() - 2]);
    let rank = outer_a.len().max(outer_b.len());
    let extent =
        |outer: &[usize], d: usize| (d + outer.len()).checked_sub(rank).map_or(1, |d| outer[d]);
    let mut shape: Vec<usize> = Vec::with_capacity(rank + 2);
    for d in 0..rank {
        match (extent(outer_a, d), extent(outer_b, d)) {
            (x, y) if x == y || y == 1 => shape.push(x),
            (1, y) => shape.push(y),
            (_, _) => {
                let found = format!("{a:?} and {b:?}");
                return Err(ReadError::malformed("stacks that broadcast", found));
            }
        }
    }
    shape.extend([m, n]);
    super::types::countable(&shape, 1)?;
    let macs = work(shape.iter().product(), &[k]);
    if column {
        shape.pop();
    }
    if row {
        shape.remove(rank);
    }
    let dtype = match kind {
        "MatMulInteger" => DataType::I32,
        _ => operands[0].real_type(),
    };
    Ok(Some(Ruled {
        results: vec![(shape, dtype)],
        macs,
    }))
}

/// A recurrent layer: all gates of all steps, for the input and for the state.
pub(super) fn recurrent(
    operator: &Operator<'_>,
    operands: &[Value<'_>],
) -> Result<Option<Ruled>, ReadError> {
    let [x, w, r, ..] = operands else {
        return Ok(None);
    };
    let (shape, w, r) = (x.shape(), w.shape(), r.shape());
    let (&[first, second, _], &[directions, gates, inputs], &[_, _, hidden]) = (&*shape, &*w, &*r)
    else {
        return Ok(None);
    };
    let batch_first = operator.int("layout", 0) != 0;
    let (steps, batch) = if batch_first {
        (second, first)
    } else {
        (first, second)
    };
    let dtype = x.real_type();
    let all = if batch_first {
        vec![batch, steps, directions, hidden]
    } else {
        vec![steps, directions, batch, hidden]
    };
    let last = if batch_first {
        vec![batch, directions, hidden]
    } else {
        vec![directions, batch, hidden]
    };
    super::types::countable(&all, dtype.bytes())?;
    let taps = inputs.checked_add(hidden);
    let macs = taps.and_then(|taps| work(steps, &[batch, directions, gates, taps]));
    Ok(Some(Ruled {
        results: vec![(all, dtype), (last.clone(), dtype), (last, dtype)],
        macs,
    }))
}

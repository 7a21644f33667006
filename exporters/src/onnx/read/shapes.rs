//! Shapes and multiply-accumulates of foreign operators that need more than their operands' shapes.

use kernels::DataType;

use super::operator::{Operator, amount, dimension};
use super::raise::{Raising, Value};
use super::sizes::{Ruled, Shaped, resized};
use crate::ReadError;
use crate::countable::product as work;

const WANTED: &str = "extents that fit each other";

fn plain(results: Vec<Shaped>) -> Ruled {
    Ruled {
        results,
        macs: None,
    }
}

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
    if x.len() < 3 || weights.len() != x.len() {
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

/// Operators each with a shape of its own.
pub(super) fn special<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
) -> Result<Option<Ruled>, ReadError> {
    let shape = x.shape();
    let dtype = x.real_type();
    let whole = |index| -> Result<Option<Vec<i64>>, ReadError> {
        let value = raising.optional(operator, index)?;
        Ok(value.and_then(|value| raising.whole(&value)))
    };
    let shape_of = |index| -> Result<Option<Vec<usize>>, ReadError> {
        Ok(raising
            .optional(operator, index)?
            .map(|value| value.shape()))
    };
    let one = |shape: Option<Vec<usize>>| Ok(shape.map(|shape| plain(vec![(shape, dtype)])));
    match &*operator.node.op_type {
        "Where" => {
            let operands = raising.operands(operator)?;
            let dtype = operands.get(1).map_or(dtype, Value::real_type);
            let rank = operands.iter().map(Value::rank).max().unwrap_or(0);
            let mut shape = vec![1; rank];
            for own in operands.iter().map(Value::shape) {
                let missing = rank - own.len();
                for (extent, own) in shape[missing..].iter_mut().zip(own) {
                    *extent = own.max(*extent);
                }
            }
            Ok(Some(plain(vec![(shape, dtype)])))
        }
        "Gather" => {
            let axis = dimension(operator.int("axis", 0), shape.len())?;
            let indices = shape_of(1)?;
            one(indices.map(|indices| [&shape[..axis], &indices, &shape[axis + 1..]].concat()))
        }
        "GatherElements" => one(shape_of(1)?),
        "GatherND" => {
            let batch = amount(operator.int("batch_dims", 0), "batch_dims")?;
            let Some(indices) = shape_of(1)? else {
                return Ok(None);
            };
            let Some((&depth, outer)) = indices.split_last() else {
                return Ok(None);
            };
            let inner = shape.get(batch.saturating_add(depth)..);
            one(inner.map(|inner| [outer, inner].concat()))
        }
        "Expand" => {
            let Some(wanted) = whole(1)? else {
                return Ok(None);
            };
            let rank = wanted.len().max(shape.len());
            let mut wide = vec![1; rank - shape.len()];
            wide.extend(&shape);
            for (d, &extent) in wanted.iter().enumerate() {
                let place = &mut wide[rank - wanted.len() + d];
                *place = amount(extent, "an extent")?.max(*place);
            }
            one(Some(wide))
        }
        "Tile" => {
            let Some(repeats) = whole(1)?.filter(|repeats| repeats.len() == shape.len()) else {
                return Ok(None);
            };
            let pairs = shape.iter().zip(&repeats);
            let tiled = pairs.map(|(&d, &n)| Ok(d.saturating_mul(amount(n, "repeats")?)));
            one(Some(tiled.collect::<Result<_, _>>()?))
        }
        "Pad" => {
            let pads = match operator.ints("pads") {
                Some(pads) => Some(pads.to_vec()),
                None => whole(1)?,
            };
            let Some(pads) = pads.filter(|pads| pads.len() == 2 * shape.len()) else {
                return Ok(None);
            };
            let rank = shape.len();
            let extent = |d: usize| {
                let more = pads[d].checked_add(pads[d + rank])?;
                let extent = i64::try_from(shape[d]).ok()?.checked_add(more)?;
                usize::try_from(extent).ok()
            };
            one((0..rank).map(extent).collect())
        }
        "Resize" | "Upsample" => one(resized(raising, operator, x)?.map(|(shape, _)| shape)),
        "Concat" => {
            let axis = dimension(operator.int("axis", 1), shape.len())?;
            let operands = raising.operands(operator)?;
            let extents = operands.iter().map(|x| x.shape().get(axis).copied());
            let total = extents.sum::<Option<usize>>();
            one(total.map(|total| {
                let mut shape = shape.clone();
                shape[axis] = total;
                shape
            }))
        }
        "TopK" => {
            let k = match whole(1)?.as_deref() {
                Some(&[k]) => k,
                Some(_) | None => return Ok(None),
            };
            let axis = dimension(operator.int("axis", -1), shape.len())?;
            let mut kept = shape.clone();
            kept[axis] = amount(k, "k")?;
            let indices = (kept.clone(), DataType::I64);
            Ok(Some(plain(vec![(kept, dtype), indices])))
        }
        "DynamicQuantizeLinear" => {
            let scale = (Vec::new(), DataType::F32);
            let zero_point = (Vec::new(), DataType::U8);
            Ok(Some(plain(vec![(shape, DataType::U8), scale, zero_point])))
        }
        "OneHot" => {
            let depth = match whole(1)?.as_deref() {
                Some(&[depth]) => amount(depth, "depth")?,
                Some(_) | None => return Ok(None),
            };
            let rank = shape.len() + 1;
            let axis = dimension(operator.int("axis", -1), rank)?;
            let values = raising.optional(operator, 2)?;
            let dtype = values.map_or(dtype, |values| values.dtype);
            let mut wide = shape;
            wide.insert(axis, depth);
            Ok(Some(plain(vec![(wide, dtype)])))
        }
        "GridSample" => {
            let Some(grid) = shape_of(1)?.filter(|_| shape.len() >= 2) else {
                return Ok(None);
            };
            let spatial = grid.get(1..grid.len().saturating_sub(1));
            one(spatial.map(|spatial| [&shape[..2], spatial].concat()))
        }
        _ => Ok(None),
    }
}

//! Shapes of foreign operators that have one each.

use kernels::DataType;

use super::operator::{Operator, amount, dimension};
use super::raise::{Raising, Value};
use super::resize::resized;
use super::sizes::{Ruled, Shaped};
use crate::ReadError;

/// An operator with its first operand.
struct Special<'r, 'f, 'a> {
    raising: &'r Raising<'f, 'a>,
    operator: &'r Operator<'f>,
    x: &'r Value<'f>,
}

/// The shape of a result, of the type of the first operand.
type Extents = Result<Option<Vec<usize>>, ReadError>;

/// What an operator gives; nothing where it is not known or what it needs is computed.
pub(super) fn special<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
) -> Result<Option<Ruled>, ReadError> {
    let special = Special {
        raising,
        operator,
        x,
    };
    let dtype = x.real_type();
    let shape = match &*operator.node.op_type {
        "Where" => return special.choice(),
        "TopK" => return special.top(),
        "OneHot" => return special.one_hot(),
        "DynamicQuantizeLinear" => {
            let of_all = |dtype| (Vec::new(), dtype);
            let integers = (x.shape(), DataType::U8);
            return ruled(vec![integers, of_all(DataType::F32), of_all(DataType::U8)]);
        }
        "Gather" => special.gathered(),
        "GatherElements" => special.shape_of(1),
        "GatherND" => special.gathered_slices(),
        "Expand" => special.expanded(),
        "Tile" => special.tiled(),
        "Pad" => special.padded(),
        "Resize" | "Upsample" => Ok(resized(raising, operator, x)?.map(|(shape, _)| shape)),
        "Concat" => special.joined(),
        "GridSample" => special.sampled(),
        _ => Ok(None),
    };
    match shape? {
        Some(shape) => ruled(vec![(shape, dtype)]),
        None => Ok(None),
    }
}

fn ruled(results: Vec<Shaped>) -> Result<Option<Ruled>, ReadError> {
    Ok(Some(Ruled {
        results,
        macs: None,
    }))
}

impl Special<'_, '_, '_> {
    /// The numbers of an operand, where they are known.
    fn whole(&self, index: usize) -> Result<Option<Vec<i64>>, ReadError> {
        let value = self.raising.optional(self.operator, index)?;
        Ok(value.and_then(|value| self.raising.whole(&value)))
    }

    /// The only number of an operand, where it is known.
    fn number(&self, index: usize) -> Result<Option<i64>, ReadError> {
        let numbers = self.whole(index)?;
        Ok(numbers.and_then(|numbers| (numbers.len() == 1).then(|| numbers[0])))
    }

    fn shape_of(&self, index: usize) -> Extents {
        let value = self.raising.optional(self.operator, index)?;
        Ok(value.map(|value| value.shape()))
    }

    /// A dimension of the first operand that an attribute names.
    fn axis(&self, default: i64) -> Result<usize, ReadError> {
        dimension(self.operator.int("axis", default), self.x.rank())
    }

    fn choice(&self) -> Result<Option<Ruled>, ReadError> {
        let operands = self.raising.operands(self.operator)?;
        let dtype = operands.get(1).unwrap_or(self.x).real_type();
        match super::sizes::broadcast(&operands) {
            Some(shape) => ruled(vec![(shape, dtype)]),
            None => Ok(None),
        }
    }

    fn top(&self) -> Result<Option<Ruled>, ReadError> {
        let Some(k) = self.number(1)? else {
            return Ok(None);
        };
        let mut kept = self.x.shape();
        kept[self.axis(-1)?] = amount(k, "k")?;
        ruled(vec![
            (kept.clone(), self.x.real_type()),
            (kept, DataType::I64),
        ])
    }

    fn one_hot(&self) -> Result<Option<Ruled>, ReadError> {
        let Some(depth) = self.number(1)? else {
            return Ok(None);
        };
        let mut wide = self.x.shape();
        let axis = dimension(self.operator.int("axis", -1), wide.len() + 1)?;
        wide.insert(axis, amount(depth, "depth")?);
        let values = self.raising.optional(self.operator, 2)?;
        ruled(vec![(wide, values.as_ref().unwrap_or(self.x).dtype)])
    }

    fn gathered(&self) -> Extents {
        let (shape, axis) = (self.x.shape(), self.axis(0)?);
        let indices = self.shape_of(1)?;
        Ok(indices.map(|indices| [&shape[..axis], &indices, &shape[axis + 1..]].concat()))
    }

    fn gathered_slices(&self) -> Extents {
        let batch = amount(self.operator.int("batch_dims", 0), "batch_dims")?;
        let indices = self.shape_of(1)?.unwrap_or_default();
        let Some((&depth, outer)) = indices.split_last() else {
            return Ok(None);
        };
        let shape = self.x.shape();
        let inner = shape.get(batch.saturating_add(depth)..);
        Ok(inner.map(|inner| [outer, inner].concat()))
    }

    fn expanded(&self) -> Extents {
        let Some(wanted) = self.whole(1)? else {
            return Ok(None);
        };
        let shape = self.x.shape();
        let rank = wanted.len().max(shape.len());
        let mut wide = vec![1; rank - shape.len()];
        wide.extend(&shape);
        let missing = rank - wanted.len();
        for (place, &extent) in wide[missing..].iter_mut().zip(&wanted) {
            *place = amount(extent, "an extent")?.max(*place);
        }
        Ok(Some(wide))
    }

    fn tiled(&self) -> Extents {
        let shape = self.x.shape();
        let Some(repeats) = self
            .whole(1)?
            .filter(|repeats| repeats.len() == shape.len())
        else {
            return Ok(None);
        };
        let pairs = shape.iter().zip(&repeats);
        let tiled = pairs.map(|(&d, &n)| Ok(d.saturating_mul(amount(n, "repeats")?)));
        tiled.collect::<Result<_, _>>().map(Some)
    }

    fn padded(&self) -> Extents {
        let shape = self.x.shape();
        let rank = shape.len();
        let pads = match self.operator.ints("pads") {
            Some(pads) => Some(pads.to_vec()),
            None => self.whole(1)?,
        };
        let Some(pads) = pads.filter(|pads| pads.len() == 2 * rank) else {
            return Ok(None);
        };
        let extent = |d: usize| {
            let more = pads[d].checked_add(pads[d + rank])?;
            let extent = i64::try_from(shape[d]).ok()?.checked_add(more)?;
            usize::try_from(extent).ok()
        };
        Ok((0..rank).map(extent).collect())
    }

    fn joined(&self) -> Extents {
        let axis = self.axis(1)?;
        let operands = self.raising.operands(self.operator)?;
        let extents = operands.iter().map(|x| x.shape().get(axis).copied());
        let total = extents.sum::<Option<usize>>();
        Ok(total.map(|total| {
            let mut shape = self.x.shape();
            shape[axis] = total;
            shape
        }))
    }

    fn sampled(&self) -> Extents {
        let shape = self.x.shape();
        let grid = self.shape_of(1)?.filter(|_| shape.len() >= 2);
        Ok(grid.and_then(|grid| {
            let spatial = grid.get(1..grid.len().saturating_sub(1))?;
            Some([&shape[..2], spatial].concat())
        }))
    }
}

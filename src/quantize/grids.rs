//! Which scale and zero point each activation gets.
//!
//! `scale = (max - min) / 255` and `zero_point = round(-128 - min / scale)`, over a range widened
//! to hold 0, which is thus exact: padding and ReLU need it. Tensors that an operator only moves
//! or selects elements between share one grid, over the union of their ranges. Sigmoid and softmax
//! results lie between 0 and 1 and have the grid that LiteRT expects: 1/256, -128.

use kernels::op::{PoolKind, Unary};
use kernels::{Data, DataType, Op, Quantization, TensorId, Verified};

use super::error::QuantizeError;
use super::ranges::{Range, Ranges};
use super::weights::round;

/// A narrower range is widened to this scale, so that ratios of scales stay finite.
const SCALE_MIN: f32 = 1e-20;

/// The grid of an activation that ranges from `min` to `max`, both finite.
///
/// An activation that is always 0 has scale 1 and zero point 0.
#[must_use]
pub fn asymmetric(range: Range) -> Quantization {
    let (min, max) = (range.min.min(0.0), range.max.max(0.0));
    if min == max {
        return Quantization::per_tensor(1.0, 0);
    }
    // Divided before they are subtracted, since the difference may not be finite.
    let scale = (max / 255.0 - min / 255.0).max(SCALE_MIN);
    let zero_point = round(-128.0 - f64::from(min) / f64::from(scale)).clamp(-128, 127);
    Quantization::per_tensor(scale, zero_point)
}

/// The grid of every float tensor that flows, or is an operand of an elementwise operator; `None`
/// for the others.
///
/// # Errors
///
/// [`QuantizeError`] when a range is missing or not finite.
pub fn assign(
    graph: &Verified,
    ranges: &Ranges,
) -> Result<Vec<Option<Quantization>>, QuantizeError> {
    let groups = Groups::new(graph);
    let mut widest: Vec<Option<Range>> = vec![None; graph.tensors.len()];
    for id in flowing(graph) {
        let range = range(graph, ranges, id)?;
        let group = &mut widest[groups.root(id).index()];
        *group = Some(group.map_or(range, |g| g.union(range)));
    }
    let mut grids = vec![None; graph.tensors.len()];
    for id in flowing(graph) {
        let root = groups.root(id).index();
        let grid = groups.fixed[root].clone();
        grids[id.index()] = grid.or_else(|| widest[root].map(asymmetric));
    }
    Ok(grids)
}

/// Whether the operand at `position` is a parameter of a linear operator, not a value on a grid.
#[must_use]
pub const fn is_weight(op: &Op, position: usize) -> bool {
    match op {
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. } => position > 0,
        Op::BatchNorm { .. }
        | Op::Bias
        | Op::Unary(_)
        | Op::Softmax
        | Op::Binary(_)
        | Op::Concat { .. }
        | Op::Pool2d(_)
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Foreign { .. } => false,
    }
}

/// The float tensors that need a grid.
fn flowing(graph: &Verified) -> Vec<TensorId> {
    let mut flows = vec![false; graph.tensors.len()];
    for &id in &graph.inputs {
        flows[id.index()] = true;
    }
    for node in &graph.nodes {
        for (position, id) in node.inputs.iter().enumerate() {
            flows[id.index()] |= !is_weight(&node.op, position);
        }
        for id in &node.outputs {
            flows[id.index()] = true;
        }
    }
    let ids = graph.tensor_ids();
    ids.filter(|id| flows[id.index()] && graph[*id].dtype == DataType::F32)
        .collect()
}

fn range(graph: &Verified, ranges: &Ranges, id: TensorId) -> Result<Range, QuantizeError> {
    let tensor = &graph[id];
    let name = || tensor.name.clone();
    let range = match tensor.data() {
        Some(Data::F32(values)) => Range::of(values),
        Some(Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_)) | None => ranges.get(id),
    };
    if range.is_none() && tensor.is_constant() {
        return Err(QuantizeError::NoValues { tensor: name() });
    }
    let range = range.ok_or_else(|| QuantizeError::NoRange { tensor: name() })?;
    let Range { min, max } = range;
    if min.is_finite() && max.is_finite() {
        return Ok(range);
    }
    let tensor = name();
    Err(QuantizeError::Range { tensor, min, max })
}

/// Which tensors share a grid.
struct Groups {
    /// A tensor of the same group with a lower index, or itself.
    parent: Vec<TensorId>,
    /// The grid of a group whose root this is, where the operator decides it.
    fixed: Vec<Option<Quantization>>,
}

impl Groups {
    fn new(graph: &Verified) -> Self {
        let mut groups = Self {
            parent: graph.tensor_ids().collect(),
            fixed: vec![None; graph.tensors.len()],
        };
        for node in &graph.nodes {
            let Some(&output) = node.outputs.first() else {
                continue;
            };
            match relation(&node.op) {
                Relation::Free => {}
                Relation::Unit => {
                    let grid = Quantization::per_tensor(1.0 / 256.0, -128);
                    groups.fixed[output.index()] = Some(grid);
                }
                Relation::Same => groups.join(node.inputs[0], output),
                // An operand with a fixed grid is moved to the result's by an extra node.
                Relation::All => {
                    for &input in &node.inputs {
                        if groups.fixed[groups.root(input).index()].is_none() {
                            groups.join(input, output);
                        }
                    }
                }
            }
        }
        groups
    }

    fn root(&self, id: TensorId) -> TensorId {
        let parent = self.parent[id.index()];
        if parent == id { id } else { self.root(parent) }
    }

    fn join(&mut self, a: TensorId, b: TensorId) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        self.parent[high.index()] = low;
        let fixed = self.fixed[high.index()].take();
        let kept = &mut self.fixed[low.index()];
        *kept = kept.take().or(fixed);
    }
}

/// How the grid of a result relates to those of the operands.
pub(super) enum Relation {
    /// Not at all.
    Free,
    /// The result lies between 0 and 1.
    Unit,
    /// It is the first operand's.
    Same,
    /// All operands have it.
    All,
}

/// How the grid of the result of `op` relates to those of its operands.
pub(super) const fn relation(op: &Op) -> Relation {
    match op {
        Op::Unary(Unary::Sigmoid) | Op::Softmax => Relation::Unit,
        Op::Pool2d(pool) => match pool.kind {
            PoolKind::Max | PoolKind::Average => Relation::Same,
        },
        Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_) => Relation::Same,
        Op::Concat { .. } => Relation::All,
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::Dense { .. }
        | Op::BatchNorm { .. }
        | Op::Bias
        | Op::Unary(Unary::Relu | Unary::Relu6 | Unary::HardSwish)
        | Op::Binary(_)
        | Op::GlobalAveragePool { .. }
        | Op::ArgMax { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Foreign { .. } => Relation::Free,
    }
}

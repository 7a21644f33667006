//! Work that can be counted: the multiply-accumulates of what a file asks for, and their limit.

use kernels::{Graph, Op, Tensor};

use crate::ReadError;
use crate::read_error::Inside;

/// The most that the multiply-accumulates of a network, or the elements that its windows read, may
/// add up to: a counter of 64 bits holds it with room for what is made of it.
pub(crate) const WORK_MAX: u64 = 1 << 56;

/// Refuses a graph whose work cannot be counted, as shapes of a hostile file ask for.
pub(crate) fn countable(graph: &Graph) -> Result<(), ReadError> {
    let mut total = 0_u64;
    for node in &graph.nodes {
        let operands: Vec<&Tensor> = node.inputs.iter().map(|&id| &graph[id]).collect();
        let outputs = node.outputs.iter().map(|&id| graph[id].shape.elements());
        let outputs: usize = outputs.sum();
        total = work(&node.op, &operands, outputs)
            .and_then(|work| total.checked_add(work))
            .filter(|&total| total <= WORK_MAX)
            .ok_or_else(|| {
                let problem = format!("more than {WORK_MAX} multiply-accumulates so far");
                ReadError::contradiction(problem)
            })
            .inside(|| format!("node `{}`", node.name))?;
    }
    Ok(())
}

/// The elements that windows and products read for `outputs` results, or the results themselves;
/// nothing when they are too many to count.
fn work(op: &Op, operands: &[&Tensor], outputs: usize) -> Option<u64> {
    let taps: &[usize] = match op {
        Op::Conv2d(_) | Op::Dense { .. } => &operands[1].shape[1..],
        Op::DepthwiseConv2d(_) => &operands[1].shape[1..3],
        Op::Pool2d(pool) => &pool.kernel,
        Op::Foreign { macs, .. } => return Some(macs.unwrap_or(0).max(outputs as u64)),
        Op::BatchNorm { .. }
        | Op::Bias
        | Op::Unary(_)
        | Op::Softmax
        | Op::Binary(_)
        | Op::Concat { .. }
        | Op::GlobalAveragePool { .. }
        | Op::Resize(_)
        | Op::Pad { .. }
        | Op::Reshape { .. }
        | Op::Transpose { .. }
        | Op::Slice(_)
        | Op::ArgMax { .. }
        | Op::Quantize
        | Op::Dequantize => &[],
    };
    product(outputs, taps)
}

/// The multiply-accumulates of an operator that is about to be kept as a foreign one; nothing where
/// it has none or they are too many to count.
pub(crate) fn macs(op: &Op, operands: &[&Tensor], outputs: usize) -> Option<u64> {
    match op {
        Op::Conv2d(_) | Op::DepthwiseConv2d(_) | Op::Dense { .. } => work(op, operands, outputs),
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
        | Op::Foreign { .. } => None,
    }
}

/// `outputs` times every tap, within 64 bits.
pub(crate) fn product(outputs: usize, taps: &[usize]) -> Option<u64> {
    taps.iter()
        .try_fold(outputs as u64, |work, &tap| work.checked_mul(tap as u64))
}

//! What a graph computes for one image, tensor by tensor.

use kernels::eval::{EvalError, evaluate_observed};
use kernels::{Data, Verified};

/// The elements of every activation of a graph for one image; `None` for other tensors.
pub(super) type Values = Vec<Option<Data>>;

/// Everything that `graph` computes from `inputs`.
pub(super) fn observed(graph: &Verified, inputs: &[Data]) -> Result<Values, EvalError> {
    let mut values = vec![None; graph.tensors.len()];
    evaluate_observed(graph, inputs, &mut |id, data| {
        values[id.index()] = Some(data.clone());
    })?;
    Ok(values)
}

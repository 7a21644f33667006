//! Sluice networks: `1e-3 sum |W1 W2'|^2` keeps the subspaces of each stage apart.
//!
//! The convolutions of the two subspaces are the halves of one weight tensor `[c, 1, 1, in]`.

use ednas::space::methods::sluice::ORTHOGONALITY;
use kernels::TensorId;
use tch::{Kind, Tensor};

use crate::parameters::Parameters;

/// The penalty on `weights`; nothing without any.
pub(super) fn penalty(parameters: &Parameters, weights: &[TensorId]) -> Option<Tensor> {
    let of = parameters.named();
    let terms = of
        .filter(|(_, id, _)| weights.contains(id))
        .map(|(_, _, weights)| {
            let channels = weights.size()[0];
            let halves = weights.reshape([channels, -1]).chunk(2, 0);
            let products = halves[0].matmul(&halves[1].transpose(0, 1));
            (&products * &products).sum(Kind::Float)
        });
    let sum = terms.reduce(|a, b| a + b)?;
    Some(sum * ORTHOGONALITY)
}

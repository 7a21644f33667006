//! Dense layers: every row of `x` with every row of the weights.

use crate::op::Fused;
use crate::tensor::{Data, Tensor};

use super::linear::{Number, Products, linear};
use super::operand::{Operand, Problem};

pub(super) fn dense(
    fused: Fused,
    operands: &[Operand<'_>],
    output: &Tensor,
) -> Result<Data, Problem> {
    let in_c = operands[1].shape()[1];
    linear(&Rows { in_c }, 0, fused, operands, output)
}

struct Rows {
    in_c: usize,
}

impl Products for Rows {
    fn run<N: Number, O>(&self, x: &[N], w: &[N], finish: impl Fn(usize, N::Sum) -> O) -> Vec<O> {
        let mut results = Vec::new();
        for row in x.chunks_exact(self.in_c) {
            let filters = w.chunks_exact(self.in_c).enumerate();
            results.extend(filters.map(|(c, filter)| finish(c, N::dot(row, filter))));
        }
        results
    }
}

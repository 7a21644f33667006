//! Dense layers: every row of `x` with every row of the weights.

use crate::op::Fused;
use crate::tensor::{Data, Tensor};

use super::gemm::{Panels, Place, Sum, multiply};
use super::linear::{Products, linear};
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
    fn run<S: Sum>(&self, x: &[f32], w: &[f32], take: &mut dyn FnMut(&[S])) {
        let out_c = w.len() / self.in_c;
        let mut sums = vec![S::default(); x.len() / self.in_c * out_c];
        let place = Place {
            first: 0,
            stride: out_c,
        };
        multiply(x, &Panels::new(w, self.in_c), place, &mut sums);
        take(&sums);
    }
}

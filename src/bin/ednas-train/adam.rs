//! Adam on one flat tensor.
//!
//! `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
//! `w -= rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
//!
//! Source: Kingma and Ba, 2015, with their constants. Written here because a run that is resumed
//! needs the moments, which libtorch's own optimizer does not hand out to Rust.

use tch::{Device, Tensor, no_grad};

const B1: f64 = 0.9;
const B2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The moments, `[total]` each.
pub(crate) struct Adam {
    /// Running mean of the gradients.
    pub(crate) first: Tensor,
    /// Running mean of their squares.
    pub(crate) second: Tensor,
}

impl Adam {
    /// No steps done, for weights like `flat`.
    pub(crate) fn new(flat: &Tensor) -> Self {
        Self {
            first: flat.zeros_like(),
            second: flat.zeros_like(),
        }
    }

    /// The same moments on `device`.
    pub(crate) fn on(self, device: Device) -> Self {
        Self {
            first: self.first.to_device(device),
            second: self.second.to_device(device),
        }
    }

    /// Moves `flat` by step `step` (from 0) at `rate`.
    pub(crate) fn step(&mut self, flat: &mut Tensor, gradient: &Tensor, step: usize, rate: f64) {
        let t = i32::try_from(step + 1).unwrap_or(i32::MAX);
        let unbiased = (1.0 - B2.powi(t)).sqrt();
        no_grad(|| {
            let _ = self.first.lerp_(gradient, 1.0 - B1);
            let _ = self.second.g_mul_scalar_(B2);
            let _ = self.second.addcmul_(gradient, &(gradient * (1.0 - B2)));
            let length = self.second.sqrt() / unbiased + EPSILON;
            let rate = rate / (1.0 - B1.powi(t));
            let _ = flat.addcdiv_(&(&self.first * -rate), &length);
        });
    }
}

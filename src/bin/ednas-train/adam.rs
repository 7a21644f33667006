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

/// What one step moves, and how far.
pub(crate) struct Turn<'t> {
    /// How often these weights were moved before.
    pub(crate) step: usize,
    pub(crate) rate: f64,
    /// 1 where a weight is moved and 0 where it and its moments stay, `[total]`; all are moved where
    /// absent.
    pub(crate) moving: Option<&'t Tensor>,
    /// The rate of each weight as a multiple of `rate`, `[total]`; 1 where absent.
    pub(crate) multiples: Option<&'t Tensor>,
}

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

    /// The same moments, in the same memory.
    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            first: self.first.shallow_clone(),
            second: self.second.shallow_clone(),
        }
    }

    /// The same moments on `device`.
    pub(crate) fn on(self, device: Device) -> Self {
        Self {
            first: self.first.to_device(device),
            second: self.second.to_device(device),
        }
    }

    /// Moves `flat` as `turn` says.
    pub(crate) fn step(&mut self, flat: &mut Tensor, gradient: &Tensor, turn: &Turn<'_>) {
        let t = i32::try_from(turn.step + 1).unwrap_or(i32::MAX);
        let unbiased = (1.0 - B2.powi(t)).sqrt();
        no_grad(|| {
            match turn.moving {
                None => self.follow(gradient),
                Some(moving) => self.follow_where(moving, gradient),
            }
            let length = self.second.sqrt() / unbiased + EPSILON;
            let rate = turn.rate / (1.0 - B1.powi(t));
            let mut way = &self.first * -rate;
            for factor in [turn.moving, turn.multiples].into_iter().flatten() {
                way *= factor;
            }
            let _ = flat.addcdiv_(&way, &length);
        });
    }

    fn follow(&mut self, gradient: &Tensor) {
        let _ = self.first.lerp_(gradient, 1.0 - B1);
        let _ = self.second.g_mul_scalar_(B2);
        let _ = self.second.addcmul_(gradient, &(gradient * (1.0 - B2)));
    }

    fn follow_where(&mut self, moving: &Tensor, gradient: &Tensor) {
        let way = (gradient - &self.first) * moving;
        self.first += way * (1.0 - B1);
        let way = (gradient * gradient - &self.second) * moving;
        self.second += way * (1.0 - B2);
    }
}

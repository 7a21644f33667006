//! Adam: steps along a gradient, scaled by its own recent size.
//!
//! Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", algorithm 1 and its
//! constants.

use serde::{Deserialize, Serialize};

const MEAN_DECAY: f64 = 0.9;
const SQUARE_DECAY: f64 = 0.999;
const FLOOR: f64 = 1e-8;

/// The moving averages of a gradient and of its square.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Adam {
    means: Vec<f64>,
    squares: Vec<f64>,
    /// Steps done.
    steps: i32,
}

impl Adam {
    /// For so many numbers.
    pub(super) fn new(count: usize) -> Self {
        Self {
            means: vec![0.0; count],
            squares: vec![0.0; count],
            steps: 0,
        }
    }

    /// Moves `numbers` one step up the `gradient`.
    pub(super) fn climb(&mut self, numbers: &mut [f64], gradient: &[f64], rate: f64) {
        self.steps = self.steps.saturating_add(1);
        let unbias = |decay: f64| 1.0 - decay.powi(self.steps);
        let (of_mean, of_square) = (unbias(MEAN_DECAY), unbias(SQUARE_DECAY));
        let averages = self.means.iter_mut().zip(&mut self.squares);
        for ((number, slope), (mean, square)) in numbers.iter_mut().zip(gradient).zip(averages) {
            *mean = MEAN_DECAY * *mean + (1.0 - MEAN_DECAY) * slope;
            *square = SQUARE_DECAY * *square + (1.0 - SQUARE_DECAY) * slope * slope;
            *number += rate * (*mean / of_mean) / ((*square / of_square).sqrt() + FLOOR);
        }
    }
}

//! Fits the length of training to a time budget.
//!
//! The time of one training step is taken to grow with the network's MACs, `a + b * macs`, through
//! two networks that were timed: a small and a large one.

use std::time::Duration;

/// How long one training step takes, by the network's MACs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StepTime {
    seconds: f64,
    seconds_per_gmac: f64,
}

/// A network that was trained for a few steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Timed {
    /// Multiply-accumulate operations of one forward pass.
    pub(super) macs: u64,
    /// Mean seconds of one step.
    pub(super) step_seconds: f64,
}

impl StepTime {
    /// The line through two timed networks; flat where noise made the larger one the faster.
    #[must_use]
    pub(super) fn through(small: Timed, large: Timed) -> Self {
        let run = gmacs(large.macs) - gmacs(small.macs);
        let slope = (large.step_seconds - small.step_seconds) / run;
        if run <= 0.0 || slope <= 0.0 {
            return Self {
                seconds: small.step_seconds.max(large.step_seconds),
                seconds_per_gmac: 0.0,
            };
        }
        let seconds = (small.step_seconds - slope * gmacs(small.macs)).max(0.0);
        Self {
            seconds,
            seconds_per_gmac: slope,
        }
    }

    /// The seconds of one step of a network of `macs` MACs.
    #[must_use]
    pub(super) fn of(&self, macs: f64) -> f64 {
        self.seconds + self.seconds_per_gmac * macs / 1e9
    }
}

/// The steps that fit `time` when a step takes `step_seconds` and a run costs `overhead` beside
/// its steps; at least `fewest`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the quotient is clamped to a small positive range"
)]
pub(super) fn steps(time: Duration, overhead: Duration, step_seconds: f64, fewest: usize) -> usize {
    let seconds = time.saturating_sub(overhead).as_secs_f64();
    let fitting = (seconds / step_seconds.max(1e-6)).clamp(0.0, 1e7).floor();
    (fitting as usize).max(fewest)
}

#[expect(clippy::cast_precision_loss, reason = "MACs are far below 2^52")]
fn gmacs(macs: u64) -> f64 {
    macs as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Timed = Timed {
        macs: 1_000_000_000,
        step_seconds: 0.2,
    };

    #[test]
    fn a_line_through_two_networks() {
        let large = Timed {
            macs: 3_000_000_000,
            step_seconds: 0.4,
        };
        let time = StepTime::through(SMALL, large);
        assert!((time.of(1e9) - 0.2).abs() < 1e-12);
        assert!((time.of(2e9) - 0.3).abs() < 1e-12);
        assert!((time.of(0.0) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn noise_does_not_make_large_networks_free() {
        let large = Timed {
            macs: 3_000_000_000,
            step_seconds: 0.1,
        };
        let time = StepTime::through(SMALL, large);
        assert!((time.of(9e9) - 0.2).abs() < 1e-12);
        assert!((StepTime::through(SMALL, SMALL).of(0.0) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn steps_that_fit() {
        let seconds = Duration::from_secs;
        assert_eq!(steps(seconds(12), seconds(2), 0.5, 4), 20);
        assert_eq!(steps(seconds(1), seconds(2), 0.5, 4), 4);
        assert_eq!(steps(Duration::MAX, seconds(2), 0.0, 4), 10_000_000);
    }
}

//! Where the time of an inference goes: every cycle to one cause, so that shares sum to 1.

use hwmodels::simulate::{Estimate, What};
use hwmodels::units::{float, ms_of_cycles};

/// What an inference spends on one cause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The cause.
    pub what: What,
    /// How long.
    pub ms: f64,
    /// The same of all, 0 to 1.
    pub share: f64,
}

/// The causes that take time, the longest first: computing, and whatever the array waited for.
#[must_use]
pub fn shares(estimate: &Estimate) -> Vec<Share> {
    let mut cycles = [0_u64; What::COUNT];
    for layer in &estimate.layers {
        let waited: u64 = layer.stall_cycles.iter().sum();
        for (what, stalled) in What::ALL.into_iter().zip(layer.stall_cycles) {
            cycles[what as usize] += stalled;
        }
        cycles[What::Compute as usize] += layer.latency_cycles.saturating_sub(waited);
    }
    let all = float(cycles.iter().sum());
    let mut shares: Vec<Share> = What::ALL
        .into_iter()
        .zip(cycles)
        .filter(|(_, cycles)| *cycles > 0)
        .map(|(what, cycles)| Share {
            what,
            ms: ms_of_cycles(cycles, estimate.clock_hz),
            share: float(cycles) / all,
        })
        .collect();
    shares.sort_by(|a, b| b.ms.total_cmp(&a.ms));
    shares
}

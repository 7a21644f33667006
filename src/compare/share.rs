//! Where the time of an inference goes: every cycle to one cause, so that shares sum to 1.
//!
//! The time of an entry on the chip is what its array waited for, then computing (with feeding it
//! from memory on the chip), and the rest overhead. Other entries are one cause as a whole.

use hwmodels::simulate::{Estimate, LayerOf, What};
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

/// The causes that take time, the longest first.
#[must_use]
pub fn shares(estimate: &Estimate) -> Vec<Share> {
    let mut cycles = [0_u64; What::COUNT];
    for layer in &estimate.layers {
        for (what, stalled) in What::ALL.into_iter().zip(layer.stall_cycles) {
            cycles[what as usize] += stalled;
        }
        let stalled: u64 = layer.stall_cycles.iter().sum();
        let rest = layer.latency_cycles.saturating_sub(stalled);
        let on_chip = rest.min(layer.compute_cycles);
        match (layer.of, layer.price) {
            (LayerOf::Invoke, _) => cycles[What::Invoke as usize] += rest,
            (LayerOf::Load(_), _) => cycles[What::Input as usize] += rest,
            (LayerOf::Store(_), _) => cycles[What::Output as usize] += rest,
            (LayerOf::Task(_), None) => cycles[What::Host as usize] += rest,
            (LayerOf::Task(_), Some(_)) => {
                cycles[What::Compute as usize] += on_chip;
                cycles[What::Overhead as usize] += rest - on_chip;
            }
        }
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

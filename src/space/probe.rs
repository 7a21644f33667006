//! How often a uniform draw keeps constraints that are too entangled to be counted.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::constraint::Constraint;
use super::decision::Decision;
use super::definition::keeps;
use super::diagram::Diagram;

/// Draws of a probe.
const DRAWS: usize = 20_000;
/// Draws that must keep the constraints; with fewer, sampling by rejection would take too long.
const HITS_MIN: usize = 10;

/// What uniform draws from a space without its constraints found of those constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Draws that kept them.
    pub hits: usize,
    /// All draws.
    pub draws: usize,
}

impl Probe {
    /// Draws from `free`; nothing where too few draws keep the constraints.
    pub(super) fn new(
        free: &Diagram,
        decisions: &[Decision],
        constraints: &[Constraint],
    ) -> Option<Self> {
        let mut rng = Pcg64Mcg::seed_from_u64(0);
        let kept = |_: &usize| keeps(decisions, constraints, &free.draw(&mut rng));
        let hits = (0..DRAWS).filter(kept).count();
        let draws = DRAWS;
        (hits >= HITS_MIN).then_some(Self { hits, draws })
    }
}

impl Probe {
    /// The share of draws that kept the constraints.
    #[must_use]
    pub fn share(self) -> f64 {
        let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        float(self.hits) / float(self.draws)
    }
}

//! Random search: uniform over the genomes not proposed before.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{Ask, Proposal, fresh};

/// Random search, the yardstick of every other controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Random;

impl Random {
    pub(super) fn ask(self, ask: &Ask, rng: &mut impl Rng) -> Option<Proposal> {
        fresh::uniform(ask, rng).map(Proposal::orphan)
    }
}

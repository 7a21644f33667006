//! Random search: uniform over the genomes not proposed before.

use serde_json::{Value as Json, json};

use super::controller::Ask;
use super::seeds;
use crate::space::Genome;

/// Random search, the yardstick of every other controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Random;

impl Random {
    /// A genome not proposed before. The space must have one.
    pub(super) fn propose(self, ask: &Ask) -> Genome {
        let mut rng = seeds::of_trial(ask.seed, ask.number());
        loop {
            let genome = ask.space.sample(&mut rng);
            if !ask.history.contains(&genome) {
                return genome;
            }
        }
    }

    /// Name, as journals keep it.
    pub(super) fn to_json(self) -> Json {
        json!({ "name": "random" })
    }
}

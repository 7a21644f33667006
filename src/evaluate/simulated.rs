//! Candidates that are priced and nothing more.

use std::sync::atomic::AtomicBool;

use super::Evaluator;
use crate::price::Pricer;
use crate::search::{Candidate, Evaluation};

/// Prices candidates.
#[derive(Debug)]
pub struct Simulated<'a> {
    /// What they are priced by.
    pub pricer: &'a Pricer,
}

impl Evaluator for Simulated<'_> {
    fn evaluate(&self, candidate: &Candidate, _: &AtomicBool) -> anyhow::Result<Evaluation> {
        Ok(match self.pricer.price(&candidate.genome) {
            Ok(measures) => Evaluation::Measured {
                latency_ms: measures.together.latency_ms,
                metrics: measures.metrics(),
            },
            Err(why) => Evaluation::Infeasible {
                reason: why.to_string(),
            },
        })
    }
    fn forget(&self, _: usize) -> anyhow::Result<()> {
        Ok(())
    }
}

//! The integer evaluation of this program as a runtime.

use ::kernels::Data;
use ::kernels::eval::evaluate;
use anyhow::{Context, Result};
use rayon::prelude::*;

use super::{Repeats, Runtime, RuntimeName, Timing};
use crate::report::Progress;
use crate::validate::network::Network;
use crate::validate::stopwatch::Stopwatch;

/// [`::kernels::eval`].
pub(super) struct Kernels;

impl Runtime for Kernels {
    fn name(&self) -> RuntimeName {
        RuntimeName::Kernels
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn run(
        &self,
        network: &Network,
        samples: &[Vec<Data>],
        bar: &Progress,
    ) -> Result<Vec<Vec<Data>>> {
        let run = |inputs: &Vec<Data>| {
            let outputs = evaluate(network.graph(), inputs)?;
            bar.inc(1);
            Ok(outputs)
        };
        samples.par_iter().map(run).collect()
    }

    fn time(&self, network: &Network, sample: &[Data], repeats: Repeats) -> Result<Timing> {
        let mut times = Vec::with_capacity(repeats.timed);
        for run in 0..repeats.warm_up + repeats.timed {
            let watch = Stopwatch::start();
            evaluate(network.graph(), sample)?;
            if run >= repeats.warm_up {
                times.push(watch.stop());
            }
        }
        Timing::of(times).context("at least one run is timed")
    }
}

//! Times operators and turns the times into rates.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use exporters::{Metadata, onnx};
use hwmodels::profile::raw::{RawEntry, RawTable, RawVector};
use hwmodels::task::Work;
use kernels::work::{Precision, tasks};
use kernels::{Data, Verified};

use super::grid::{self, Grid};
use super::operators;
use crate::report::progress;
use crate::validate::tract::Model;

/// How often all operators are run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounds {
    /// At least so often.
    pub(super) min: usize,
    /// And then until so often, or until the time is up.
    pub(super) max: usize,
    /// The time.
    pub(super) budget: Duration,
}

/// The tiny additions that tell the overheads.
const ADDITIONS: usize = 33;

/// Operators that were timed, and the overheads to take off.
pub(super) struct Bench {
    /// Fixed cost of an inference.
    pub(super) inference_ns: f64,
    /// Fixed cost of every operator.
    pub(super) operator_ns: f64,
    source: String,
    /// Work per nanosecond of each operator, in the order of [`grid::operators`].
    rates: std::vec::IntoIter<f64>,
}

impl Bench {
    /// Times everything.
    pub(super) fn run(source: String, rounds: Rounds) -> Result<Self> {
        let mut graphs = vec![
            operators::additions([1, 1, 1, 8], 1)?,
            operators::additions([1, 1, 1, 8], ADDITIONS)?,
        ];
        graphs.extend(grid::operators()?);
        let times_ns = medians_ns(&graphs, rounds)?;
        let (one, many) = (times_ns[0], times_ns[1]);
        let further = u32::try_from(ADDITIONS - 1).map(f64::from)?;
        let operator_ns = ((many - one) / further).max(0.0);
        let inference_ns = (one - operator_ns).max(0.0);
        let rates: Vec<f64> = graphs
            .iter()
            .zip(&times_ns)
            .skip(2)
            .map(|(graph, ns)| rate(graph, ns - inference_ns - operator_ns))
            .collect::<Result<_>>()?;
        Ok(Self {
            inference_ns,
            operator_ns,
            source,
            rates: rates.into_iter(),
        })
    }

    /// The next rates as the table of `grids`.
    pub(super) fn table(&mut self, grids: &[Grid]) -> Result<RawTable> {
        let mut entries = Vec::new();
        for grid in grids {
            for window in grid.windows() {
                entries.push(RawEntry {
                    kernel: Some([window.kernel as u64; 2]),
                    stride: Some(window.stride as u64),
                    in_c: Some(window.in_c as u64),
                    out_c: (!grid.out_c.is_empty()).then_some(window.out_c as u64),
                    macs_per_cycle: self.next()?,
                });
            }
        }
        Ok(RawTable {
            source: self.source.clone(),
            entries,
            in_channel_multiple: None,
            out_channel_multiple: None,
        })
    }

    /// The next rates as those of operators without multiply-accumulates.
    pub(super) fn vector(&mut self) -> Result<RawVector> {
        let bytes_per_cycle = self.next()?;
        let mut operators = BTreeMap::new();
        for graph in operators::others(grid::IMAGE)? {
            operators.insert(graph.nodes[0].op.name().to_owned(), self.next()?);
        }
        Ok(RawVector {
            source: self.source.clone(),
            bytes_per_cycle,
            operators,
        })
    }

    fn next(&mut self) -> Result<f64> {
        self.rates.next().context("every operator was timed")
    }
}

/// The median time of one inference of each graph, in nanoseconds.
///
/// All graphs run once before any runs again, so that each finds the caches as it would in a
/// network: full of other operators' weights.
fn medians_ns(graphs: &[Verified], rounds: Rounds) -> Result<Vec<f64>> {
    let load = |graph: &Verified| -> Result<(Model, Vec<Data>)> {
        let model = Model::load(&onnx::write(graph, &Metadata::default())?)?;
        Ok((model, operators::inputs(graph)))
    };
    let models: Vec<_> = graphs.iter().map(load).collect::<Result<_>>()?;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); models.len()];
    let bar = progress("measuring tract", rounds.max as u64);
    let start = Instant::now();
    for round in 0..rounds.max {
        if round >= rounds.min && start.elapsed() > rounds.budget {
            break;
        }
        for ((model, inputs), times) in models.iter().zip(&mut times) {
            times.push(model.time(inputs, 0, 1)?.median);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(times.into_iter().map(median_ns).collect())
}

fn median_ns(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e9
}

/// Work per nanosecond of a network of one operator that takes `ns` without overheads.
fn rate(graph: &Verified, ns: f64) -> Result<f64> {
    let list = tasks(graph, Precision::AsIs)?;
    let task = list.tasks().first().context("a network of one operator")?;
    let work = match task.work {
        Work::Vector { touched_bytes } | Work::Move { touched_bytes } => touched_bytes,
        Work::LoopNest(_) | Work::Depthwise(_) | Work::Host { .. } => task.work.macs(),
    };
    // Four digits say more than a machine repeats.
    let digits = 1e4;
    Ok((units(work) / ns.max(1.0) * digits).round().max(1.0) / digits)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the work of one operator is far below 2^53"
)]
fn units(work: u64) -> f64 {
    work as f64
}

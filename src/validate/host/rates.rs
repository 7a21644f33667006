//! Turns the times of operators into the tables of a profile.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use hwmodels::profile::raw::{RawEntry, RawTable, RawVector};
use hwmodels::task::Work;
use kernels::Verified;
use kernels::work::{Precision, tasks};

use super::timing::Spread;
use crate::microbench::{ADDITIONS, Grid, Probe};

/// Operators that were timed, and the overheads to take off.
pub(super) struct Rates<'a> {
    /// Fixed cost of an inference.
    pub(super) inference_ns: f64,
    /// Fixed cost of every operator.
    pub(super) operator_ns: f64,
    source: &'a str,
    /// What is not in a table yet, in the order of [`crate::microbench::operators()`].
    left: std::iter::Zip<std::slice::Iter<'a, Probe>, std::slice::Iter<'a, Spread>>,
}

impl<'a> Rates<'a> {
    /// Takes the overheads, which come first.
    pub(super) fn new(probes: &'a [Probe], times: &'a [Spread], source: &'a str) -> Result<Self> {
        let mut left = probes.iter().zip(times);
        let mut next = || left.next().context("every operator was timed");
        let (one, many) = (next()?.1.median_ms, next()?.1.median_ms);
        let further = u32::try_from(ADDITIONS - 1).map(f64::from)?;
        let operator_ns = ((many - one) * 1e6 / further).max(0.0);
        Ok(Self {
            inference_ns: (one * 1e6 - operator_ns).max(0.0),
            operator_ns,
            source,
            left,
        })
    }

    /// The next rates as the table of `grids`.
    pub(super) fn table(&mut self, grids: &[Grid]) -> Result<RawTable> {
        let mut entries = Vec::new();
        for grid in grids {
            for nest in grid.nests() {
                entries.push(RawEntry {
                    kernel: Some([nest.kernel as u64; 2]),
                    stride: Some(nest.stride as u64),
                    in_c: Some(nest.in_c as u64),
                    out_c: (!grid.out_c.is_empty()).then_some(nest.out_c as u64),
                    macs_per_cycle: self.next()?.1,
                });
            }
        }
        Ok(RawTable {
            source: self.source.to_owned(),
            entries,
            in_channel_multiple: None,
            out_channel_multiple: None,
        })
    }

    /// The rest as the rates of operators without multiply-accumulates, an addition's first.
    pub(super) fn vector(&mut self) -> Result<RawVector> {
        let (_, bytes_per_cycle) = self.next()?;
        let mut operators = BTreeMap::new();
        while self.left.len() > 0 {
            operators.extend([self.next()?]);
        }
        Ok(RawVector {
            source: self.source.to_owned(),
            bytes_per_cycle,
            operators,
        })
    }

    /// The next operator and its work per nanosecond, without overheads.
    fn next(&mut self) -> Result<(String, f64)> {
        let (probe, time) = self.left.next().context("every operator was timed")?;
        let ns = time.median_ms * 1e6 - self.inference_ns - self.operator_ns;
        let operator = probe.network.nodes[0].op.name().to_owned();
        Ok((operator, rate(&probe.network, ns)?))
    }
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

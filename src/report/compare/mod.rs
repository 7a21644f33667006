//! Simulated beside measured: the record of `ednas compare`, its table and its page.

mod baselines;
mod charts;
mod layers;
mod misses;
mod page;
mod rows;
mod scores;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use baselines::BaselineRecord;
pub use layers::{LayerPairRecord, LayersRecord, LoneLayerRecord};
pub use misses::{LayerShareRecord, MissRecord, ShareRecord};
pub use rows::{Flag, RowRecord};
pub(super) use text::{plain, right_aligned};

pub use scores::{GroupRecord, RepeatsRecord, ScoreRecord, SpreadRecord};

use crate::compare::{By, Comparison};

/// Misses that are explained.
const MISSES: usize = 8;

/// `ednas.compare/1`: measurements and what the simulator says of the same.
///
/// Absolute percentage errors are `100 * |simulated - measured| / measured`.
#[derive(Clone, Debug, Serialize)]
pub struct CompareRecord {
    /// `ednas.compare/1`.
    pub schema: &'static str,
    /// The file of measurements.
    pub measured: String,
    /// Networks among them.
    pub networks: usize,
    /// The machines that they were simulated on, `PROFILE:MODE+MODE`.
    pub machines: Vec<String>,
    /// The figures over all rows that ran, as fields of the record itself.
    #[serde(flatten)]
    pub score: ScoreRecord,
    /// The same where every network counts once; orders are not compared.
    pub by_network: ScoreRecord,
    /// Rows by which figure of the runs they are.
    pub statistics: BTreeMap<String, usize>,
    /// Whether these are of more than one kind, so that figures over all rows mix them.
    pub mixed_statistics: bool,
    /// Rows that the machine cannot run; they are in no figure.
    pub infeasible: usize,
    /// Figures of rows that have something in common.
    pub groups: Vec<GroupRecord>,
    /// What rules of thumb say.
    pub baselines: Vec<BaselineRecord>,
    /// How far apart measurements of one network on one device, link and host are.
    pub repeats: RepeatsRecord,
    /// The same whatever the host.
    pub repeats_over_hosts: RepeatsRecord,
    /// The largest error of each network, explained by where the simulated time goes; at most 8.
    pub misses: Vec<MissRecord>,
    /// Every measurement, in the order of the file.
    pub rows: Vec<RowRecord>,
}

impl CompareRecord {
    /// The record of a comparison; `measured` is what its measurements are called.
    #[must_use]
    pub fn new(measured: &str, comparison: &Comparison) -> CompareRecord {
        let compared = comparison.rows();
        let repeats = comparison.repeats();
        let rows: Vec<RowRecord> = compared
            .iter()
            .map(|row| RowRecord::new(row, &repeats))
            .collect();
        let networks: BTreeSet<&str> = rows.iter().map(|row| row.network.as_str()).collect();
        let machines: BTreeSet<&String> = rows.iter().map(|row| &row.profile).collect();
        let mut statistics = BTreeMap::new();
        for row in &rows {
            *statistics.entry(row.statistic.clone()).or_insert(0) += 1;
        }
        let groups = By::ALL.into_iter().flat_map(|by| by.groups(&compared));
        CompareRecord {
            schema: "ednas.compare/1",
            measured: measured.to_owned(),
            networks: networks.len(),
            machines: machines.into_iter().cloned().collect(),
            score: ScoreRecord::new(&comparison.score()),
            by_network: ScoreRecord::new(&comparison.score_of_networks()),
            mixed_statistics: statistics.len() > 1,
            statistics,
            infeasible: rows.iter().filter(|row| row.infeasible.is_some()).count(),
            groups: groups.map(|group| GroupRecord::new(&group)).collect(),
            baselines: BaselineRecord::all(&compared),
            repeats: RepeatsRecord::new(&repeats),
            repeats_over_hosts: RepeatsRecord::new(&comparison.repeats_over_hosts()),
            misses: misses::largest(&compared, &rows, MISSES),
            rows,
        }
    }

    /// The groups of one kind.
    fn groups_by(&self, by: By) -> impl Iterator<Item = &GroupRecord> {
        self.groups
            .iter()
            .filter(move |group| group.by == by.name())
    }
}

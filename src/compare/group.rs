//! Rows that have something in common, each group with figures of its own.

use std::collections::BTreeMap;

use super::comparison::Compared;
use super::score::{Pair, Score};

/// What the rows of a group share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whether the profile has words for the host: `seen` or `unseen`.
    HostSeen,
    /// Which figure of the runs was measured.
    Statistic,
    /// What the time is of.
    Includes,
    /// The machine.
    Machine,
    /// The host, as it was written down.
    Host,
    /// The family of the network.
    Family,
}

/// Rows of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they share.
    pub by: By,
    /// Its value.
    pub value: String,
    /// Their figures.
    pub score: Score,
}

impl By {
    /// All ways to group.
    pub const ALL: [By; 6] = [
        By::HostSeen,
        By::Statistic,
        By::Includes,
        By::Machine,
        By::Host,
        By::Family,
    ];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            By::HostSeen => "host-seen",
            By::Statistic => "statistic",
            By::Includes => "includes",
            By::Machine => "machine",
            By::Host => "host",
            By::Family => "family",
        }
    }

    /// The groups of `rows`, by value; rows without a prediction are in none.
    #[must_use]
    pub fn groups(self, rows: &[Compared<'_>]) -> Vec<Group> {
        let mut pairs: BTreeMap<String, Vec<Pair>> = BTreeMap::new();
        for row in rows {
            if let Some(pair) = row.pair() {
                pairs.entry(self.value(row)).or_default().push(pair);
            }
        }
        let group = |(value, pairs): (String, Vec<Pair>)| Group {
            by: self,
            value,
            score: Score::of(&pairs),
        };
        pairs.into_iter().map(group).collect()
    }

    fn value(self, row: &Compared<'_>) -> String {
        let case = row.case;
        match self {
            By::HostSeen if case.machine.named.host => "seen".to_owned(),
            By::HostSeen => "unseen".to_owned(),
            By::Statistic => case.measurement.statistic.to_string(),
            By::Includes => case.measurement.includes.name().to_owned(),
            By::Machine => case.machine.name().to_owned(),
            By::Host if case.measurement.host.is_empty() => "(not told)".to_owned(),
            By::Host => case.measurement.host.clone(),
            By::Family => case.family().to_owned(),
        }
    }
}

//! What rules of thumb say of the same measurements, as records.

use serde::Serialize;

use super::ScoreRecord;
use crate::compare::{Baseline, Compared, Judged, Kind, Score};

/// A rule of thumb.
#[derive(Clone, Debug, Serialize)]
pub struct BaselineRecord {
    /// `macs`, `bytes` or `macs-bytes-roofline`.
    pub name: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// Fitted to these very rows, with numbers of its own for every machine with enough rows: the
    /// best that it can do.
    pub fitted: ScoreRecord,
    /// Fitted without the row's network; `null` for fewer than three networks.
    pub left_out: Option<ScoreRecord>,
}

impl BaselineRecord {
    /// All rules, on the rows that the simulator has an answer for.
    pub(in crate::report) fn all(rows: &[Compared<'_>]) -> Vec<BaselineRecord> {
        let ran = rows.iter().filter(|row| row.simulated.is_ok());
        let judged: Vec<Judged> = ran.map(Compared::judged).collect();
        let record = |kind| BaselineRecord {
            name: Kind::name(kind),
            rule: match kind {
                Kind::Macs => "t = a + b * MACs",
                Kind::Bytes => "t = a + c * bytes",
                Kind::Roofline => "t = a + max(b * MACs, c * bytes)",
            },
            fitted: ScoreRecord::new(&Score::of(&Baseline::fitted(kind, &judged))),
            left_out: Baseline::left_out(kind, &judged)
                .map(|pairs| ScoreRecord::new(&Score::of(&pairs))),
        };
        Kind::ALL.into_iter().map(record).collect()
    }
}

//! What a machine took, as the CSV that `ednas compare` and `ednas calibrate` take.

use std::path::Path;

use anyhow::Result;

use crate::report::write_atomically;

/// The columns, which are those of `bench_board.py` too.
const COLUMNS: [&str; 17] = [
    "id",
    "model",
    "model_file",
    "input",
    "device",
    "link",
    "host",
    "clock",
    "statistic",
    "latency_ms",
    "p10_ms",
    "p90_ms",
    "warmup",
    "runs",
    "includes",
    "source",
    "note",
];

/// One network that was timed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Timed {
    /// Its name, unique in the table.
    pub(super) id: String,
    /// What kind of network it is.
    pub(super) model: String,
    /// Its file, below the folder of the table.
    pub(super) model_file: String,
    /// The extents of its inputs: `64x64x3`.
    pub(super) input: String,
    /// Half of the runs took at most this.
    pub(super) median_ms: f64,
    /// One tenth of the runs took at most this.
    pub(super) p10_ms: f64,
    /// Nine tenths of the runs took at most this.
    pub(super) p90_ms: f64,
    /// Runs before those that count.
    pub(super) warmup_runs: usize,
    /// Runs that count.
    pub(super) runs: usize,
}

/// Where and by whom all networks of a table were timed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting<'a> {
    /// What ran them.
    pub(super) device: &'a str,
    /// The machine around it.
    pub(super) host: &'a str,
    /// Who measured, when.
    pub(super) source: &'a str,
    /// What a reader must know.
    pub(super) note: &'a str,
}

/// Writes the table to `path`.
///
/// # Errors
///
/// When the file cannot be written.
pub(super) fn write_table(path: &Path, setting: &Setting<'_>, rows: &[Timed]) -> Result<()> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for row in rows {
        let times = [row.median_ms, row.p10_ms, row.p90_ms].map(|ms| format!("{ms:.6}"));
        let counts = [row.warmup_runs, row.runs].map(|count| count.to_string());
        table.write_record([
            row.id.as_str(),
            &row.model,
            &row.model_file,
            &row.input,
            setting.device,
            "",
            setting.host,
            "",
            "median",
            &times[0],
            &times[1],
            &times[2],
            &counts[0],
            &counts[1],
            "network",
            setting.source,
            setting.note,
        ])?;
    }
    write_atomically(path, &table.into_inner()?)
}

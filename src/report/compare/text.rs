//! A comparison as text: rows, figures, noise, misses.

use std::cmp::Reverse;
use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};

use super::{CompareRecord, Flag, GroupRecord, RepeatsRecord, RowRecord, ScoreRecord};
use crate::compare::By;
use crate::report::estimate::Shown;
use crate::report::numbers::three;

impl CompareRecord {
    /// Tables for people; of the rows, those that are `shown`, by their error.
    #[must_use]
    pub fn text(&self, shown: Shown) -> String {
        let parts = [
            self.rows_table(shown),
            self.figures_text(),
            self.noise_text(),
            self.misses_text(),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n")
    }

    fn rows_table(&self, shown: Shown) -> String {
        let mut rows: Vec<&RowRecord> = self.rows.iter().collect();
        match shown {
            Shown::All => {}
            Shown::Top(count) => {
                // In millionths of a percent, which can be ordered.
                let error = |row: &&RowRecord| hwmodels::units::round(row.ape.unwrap_or(0.0) * 1e6);
                rows.sort_by_key(|row| Reverse(error(row)));
                rows.truncate(count);
            }
            Shown::None => return String::new(),
        }
        let mut table = plain(&[
            "id",
            "network",
            "machine",
            "figure",
            "measured ms",
            "simulated ms",
            "error %",
            "repeats %",
            "bound by",
            "keep in mind",
        ]);
        for row in rows {
            table.add_row(cells(row));
        }
        right_aligned(&mut table, 4..8);
        format!("{}\n", table.trim_fmt())
    }

    /// The figures of all rows, of groups of them, and of rules of thumb.
    fn figures_text(&self) -> String {
        let mut table = plain(&[&["error %"], &ScoreRecord::HEADINGS[..]].concat());
        for (name, score) in self.scores() {
            table.add_row([&[name][..], &score.cells()].concat());
        }
        right_aligned(&mut table, 1..9);
        let mut text = format!(
            "{} rows of {} networks on {} machines; errors are |simulated - measured| / measured\n{}\n",
            self.rows.len(),
            self.networks,
            self.machines.len(),
            table.trim_fmt()
        );
        if self.mixed_statistics {
            let kinds = self.statistics.iter();
            let kinds: Vec<String> = kinds.map(|(kind, rows)| format!("{rows} {kind}")).collect();
            let _ = writeln!(
                text,
                "rows are of several figures of their runs: {}",
                kinds.join(", ")
            );
        }
        if self.infeasible > 0 {
            let rows = self.infeasible;
            let _ = writeln!(
                text,
                "{rows} rows do not run on their machine and are in no figure"
            );
        }
        let unknown = |flag: Flag| {
            self.rows
                .iter()
                .filter(move |row| row.flags.contains(&flag))
                .count()
        };
        for (flag, what) in [
            (
                Flag::ClockAssumed,
                "do not tell the clock; the profile's own is assumed",
            ),
            (
                Flag::HostUnknown,
                "name a host that the profile has no words for; values typical of the link are taken",
            ),
            (
                Flag::LinkUnknown,
                "name no link that the profile has words for",
            ),
        ] {
            match unknown(flag) {
                0 => {}
                rows => {
                    let _ = writeln!(text, "{rows} rows {what}");
                }
            }
        }
        text
    }

    /// Every set of figures under its name.
    pub(super) fn scores(&self) -> Vec<(String, &ScoreRecord)> {
        let mut scores = vec![
            ("simulated".to_owned(), &self.score),
            ("  each network once".to_owned(), &self.by_network),
        ];
        let group = |group: &GroupRecord, words: &str| format!("  {words} {}", group.value);
        for (by, words) in [
            (By::HostSeen, "hosts"),
            (By::Statistic, "figure"),
            (By::Includes, "time of"),
        ] {
            let groups: Vec<&GroupRecord> = self.groups_by(by).collect();
            if groups.len() > 1 {
                scores.extend(groups.iter().map(|g| (group(g, words), &g.score)));
            }
        }
        for baseline in &self.baselines {
            scores.push((format!("{}, fitted here", baseline.name), &baseline.fitted));
            if let Some(left_out) = &baseline.left_out {
                scores.push(("  its network left out".to_owned(), left_out));
            }
        }
        scores
    }

    fn noise_text(&self) -> String {
        let mut text = String::new();
        for (repeats, words) in [
            (&self.repeats, "in one host"),
            (&self.repeats_over_hosts, "whatever the host"),
        ] {
            if let Some(line) = noise_line(repeats, words) {
                text += &line;
                text.push('\n');
            }
        }
        text
    }

    fn misses_text(&self) -> String {
        if self.misses.is_empty() {
            return String::new();
        }
        let mut text = String::from("largest errors, one of each network\n");
        for miss in &self.misses {
            let _ = writeln!(text, "{}: {}", miss.id, miss.text);
        }
        text
    }
}

/// How far apart repeated measurements are.
pub(super) fn noise_line(repeats: &RepeatsRecord, words: &str) -> Option<String> {
    Some(format!(
        "Measurements of one network on one device and link, {words}: {} % from their \
         median in the median, {} % for 90 % of them ({} repeated)",
        three(repeats.median_deviation_percent?),
        three(repeats.p90_deviation_percent?),
        repeats.groups
    ))
}

/// The cells of a row, under the headings of its table.
pub(super) fn cells(row: &RowRecord) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), three);
    let error = row
        .error_percent
        .map_or_else(|| "-".to_owned(), |error| format!("{error:+.1}"));
    let flags: Vec<&str> = row.flags.iter().map(|flag| flag.words()).collect();
    let mut remarks = flags.join(", ");
    if let Some(why) = &row.infeasible {
        remarks = why.clone();
    }
    vec![
        row.id.clone(),
        row.network.clone(),
        row.profile.clone(),
        row.statistic.clone(),
        three(row.measured_ms),
        number(row.simulated_ms),
        error,
        number(row.repeats_spread_percent),
        row.bound_by.unwrap_or("-").to_owned(),
        remarks,
    ]
}

pub(in crate::report) fn plain(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings);
    table
}

pub(in crate::report) fn right_aligned(table: &mut Table, columns: std::ops::Range<usize>) {
    for index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

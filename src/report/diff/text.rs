//! Two estimates side by side, for people.

use std::cmp::Reverse;
use std::fmt::Write;
use std::str::FromStr;

use super::{DiffRecord, OneRecord, PairRecord, SideRecord, TotalRecord};
use crate::report::chart::shortened;
use crate::report::estimate::{Shown, plain_table};
use crate::report::numbers::{change_percent, signed_percent, thousands};

/// How the rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As the layers run.
    Run,
    /// The largest difference first.
    Difference,
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "order" => Ok(Order::Run),
            "difference" => Ok(Order::Difference),
            _ => Err(format!("`{text}` is not one of order, difference")),
        }
    }
}

fn picoseconds(ms: f64) -> u64 {
    hwmodels::units::round(ms * 1e9)
}

/// Characters of a layer's name.
const NAME_MAX: usize = 34;

impl DiffRecord {
    /// A row for each pair that is `shown`, of those that take time in one of the estimates, and a
    /// row for each total.
    #[must_use]
    pub fn table(&self, shown: Shown, order: Order) -> String {
        let [a, b] = [&self.a, &self.b].map(SideRecord::text);
        let mut text = format!("A: {a}\nB: {b}\n");
        for side in [&self.a, &self.b] {
            if let Some(infeasible) = &side.infeasible {
                let (model, profile) = (&side.model, &side.profile);
                let _ = writeln!(
                    text,
                    "{model} does not run on {profile}: {}",
                    infeasible.message
                );
            }
        }
        let rows = self.rows(shown, order);
        if !rows.is_empty() {
            let _ = write!(text, "\n{rows}");
        }
        let _ = write!(text, "\n{}", self.totals_table());
        text
    }

    fn rows(&self, shown: Shown, order: Order) -> String {
        let timed = self.layers.iter().filter(|pair| pair.longer_ms() > 0.0);
        let difference = |pair: &&PairRecord| 1 + picoseconds(pair.difference_ms.abs());
        let (mut rows, left_out) = match order {
            Order::Run => shown.of(timed, |pair| 1 + picoseconds(pair.longer_ms())),
            Order::Difference => shown.of(timed, difference),
        };
        if order == Order::Difference {
            rows.sort_by_key(|pair| Reverse(difference(pair)));
        }
        if rows.is_empty() {
            return String::new();
        }
        let headings = [
            "layer",
            "op",
            "A ms",
            "B ms",
            "B - A ms",
            "change",
            "bound in A",
            "bound in B",
        ];
        let mut table = plain_table(&headings, 2..6);
        for pair in rows {
            table.add_row(pair.cells());
        }
        let more = match left_out {
            0 => String::new(),
            count => format!("{count} more take time in A or B; --layers all shows them\n"),
        };
        format!("{}\n{more}", table.trim_fmt())
    }

    fn totals_table(&self) -> String {
        let mut table = plain_table(&["total", "A", "B", "B - A", "change"], 1..5);
        let told = |total: &&TotalRecord| {
            let is_zero = |value: Option<f64>| value.is_none_or(|value| value == 0.0);
            !(is_zero(total.a) && is_zero(total.b))
        };
        for total in self.totals.iter().filter(told) {
            table.add_row(total.cells());
        }
        format!("{}\n", table.trim_fmt())
    }
}

impl SideRecord {
    fn text(&self) -> String {
        let size = self
            .size
            .map_or(String::new(), |[h, w]| format!(" at {h}x{w}"));
        format!(
            "{}{size} on {} at {} MHz",
            self.model, self.profile, self.clock_mhz
        )
    }
}

impl PairRecord {
    /// The longer of the two times.
    fn longer_ms(&self) -> f64 {
        let ms = |one: &Option<OneRecord>| one.as_ref().map_or(0.0, |one| one.latency_ms);
        ms(&self.a).max(ms(&self.b))
    }

    fn cells(&self) -> [String; 8] {
        let ms = |one: &Option<OneRecord>| {
            one.as_ref()
                .map_or("-".to_owned(), |one| format!("{:.4}", one.latency_ms))
        };
        let bound = |one: &Option<OneRecord>| {
            let bound = one.as_ref().map(|one| one.bound_by.unwrap_or_default());
            bound.unwrap_or("-").to_owned()
        };
        let change = match (&self.a, &self.b) {
            (Some(a), Some(b)) if a.latency_ms > 0.0 => {
                signed_percent(change_percent(a.latency_ms, b.latency_ms))
            }
            (Some(_), None) => "only in A".to_owned(),
            (None, Some(_)) => "only in B".to_owned(),
            (Some(_), Some(_)) | (None, None) => String::new(),
        };
        [
            self.both(|one| &one.name, NAME_MAX),
            self.both(|one| &one.op, NAME_MAX),
            ms(&self.a),
            ms(&self.b),
            format!("{:+.4}", self.difference_ms + 0.0),
            change,
            bound(&self.a),
            bound(&self.b),
        ]
    }

    /// A word of the pair, or the words of both where they differ.
    fn both(&self, word: fn(&OneRecord) -> &String, most: usize) -> String {
        let words = [&self.a, &self.b].map(|one| one.as_ref().map(word));
        match words {
            [Some(a), Some(b)] if a != b => {
                let each = most / 2;
                format!("{} / {}", shortened(a, each), shortened(b, each))
            }
            [Some(one), _] | [None, Some(one)] => shortened(one, most),
            [None, None] => String::new(),
        }
    }
}

impl TotalRecord {
    fn cells(&self) -> [String; 5] {
        let value = |value: Option<f64>| value.map_or("-".to_owned(), |value| self.spelled(value));
        let change = match (self.a, self.b) {
            (Some(a), Some(b)) if a > 0.0 => signed_percent(change_percent(a, b)),
            (_, _) => String::new(),
        };
        let difference = self.difference.map_or("-".to_owned(), |difference| {
            let sign = if difference < 0.0 { "-" } else { "+" };
            format!("{sign}{}", self.spelled(difference.abs()))
        });
        [
            self.name.to_owned(),
            value(self.a),
            value(self.b),
            difference,
            change,
        ]
    }

    /// A value above zero in the digits that its unit deserves.
    fn spelled(&self, value: f64) -> String {
        if self.name.ends_with("bytes") || self.name == "macs" {
            thousands(hwmodels::units::round(value))
        } else {
            format!("{value:.4}")
        }
    }
}

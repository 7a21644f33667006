//! The rows of an estimate as people read them.

use std::cmp::Reverse;
use std::str::FromStr;

use comfy_table::{CellAlignment, Table, presets};
use hwmodels::units::float;

use super::{LayerRecord, StallRecord};
use crate::report::chart::shortened;
use crate::report::numbers::thousands;

/// Which layers get a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All that take time of their own, in the order they run.
    All,
    /// This many of those, the slowest first.
    Top(usize),
    /// None.
    None,
}

impl FromStr for Shown {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let top = |text: &str| text.strip_prefix("top=")?.parse().ok();
        match (text, top(text)) {
            ("all", _) => Ok(Shown::All),
            ("none", _) => Ok(Shown::None),
            (_, Some(count)) => Ok(Shown::Top(count)),
            (_, None) => Err(format!("`{text}` is not one of all, none, top=N")),
        }
    }
}

impl Shown {
    /// Of `rows`, those that get one, by the weight that each has; and how many with a weight
    /// above zero do not.
    pub(in crate::report) fn of<T>(
        self,
        rows: impl Iterator<Item = T>,
        weight: impl Fn(&T) -> u64,
    ) -> (Vec<T>, usize) {
        let mut rows: Vec<T> = rows.filter(|row| weight(row) > 0).collect();
        let before = rows.len();
        match self {
            Shown::All => {}
            Shown::Top(count) => {
                rows.sort_by_key(|row| Reverse(weight(row)));
                rows.truncate(count);
            }
            Shown::None => rows.clear(),
        }
        let left_out = before - rows.len();
        (rows, left_out)
    }
}

/// Characters of a layer's name.
const NAME_MAX: usize = 32;

/// Columns from the left that are words; figures are aligned on the right.
const FIGURES: std::ops::Range<usize> = 3..8;

/// Stalls below this share of a layer's time are not worth a word.
const STALL_MIN: f64 = 0.005;

/// The most causes of stalls in a row.
const CAUSES_MAX: usize = 2;

const HEADINGS: [&str; 11] = [
    "layer",
    "op",
    "priced by",
    "cycles",
    "ms",
    "share %",
    "MMACs",
    "util %",
    "bound by",
    "stalls",
    "source",
];

/// A row for each layer that is `shown`, a row for all, and what the rows leave out; nothing where
/// no layer is shown.
pub(super) fn table(layers: &[LayerRecord], shown: Shown) -> String {
    let (rows, left_out) = shown.of(layers.iter(), |layer| layer.cycles);
    if shown == Shown::None {
        return String::new();
    }
    let total_cycles: u64 = layers.iter().map(|layer| layer.cycles).sum();
    let mut table = plain_table(&HEADINGS, FIGURES);
    for layer in &rows {
        table.add_row(cells(layer, total_cycles));
    }
    table.add_row(totals(layers, total_cycles));
    let hidden = layers.iter().filter(|layer| layer.cycles == 0).count();
    let extrapolated = rows.iter().any(|layer| layer.extrapolated);
    let notes = [
        (left_out > 0).then(|| format!("{left_out} more take time; --layers all shows them")),
        (hidden > 0).then(|| format!("hidden behind others, or free: {hidden}")),
        extrapolated.then(|| "* beyond the table that prices it".to_owned()),
    ];
    let notes: String = notes
        .into_iter()
        .flatten()
        .map(|note| note + "\n")
        .collect();
    format!("{}\n{notes}", table.trim_fmt())
}

/// A table without lines, whose columns `figures` are aligned on the right.
pub(in crate::report) fn plain_table(headings: &[&str], figures: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.iter().copied());
    for column in figures {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn cells(layer: &LayerRecord, total_cycles: u64) -> [String; 11] {
    let beyond = if layer.extrapolated { "*" } else { "" };
    [
        shortened(&layer.name, NAME_MAX),
        layer.op.clone(),
        format!("{}{beyond}", layer.priced_by.unwrap_or_default()),
        thousands(layer.cycles),
        format!("{:.4}", layer.latency_ms),
        percent(float(layer.cycles) / float(total_cycles)),
        millions(layer.macs),
        layer.utilization.map_or(String::new(), percent),
        layer.bound_by.unwrap_or_default().to_owned(),
        stalls(layer),
        layer.source.unwrap_or_default().to_owned(),
    ]
}

fn totals(layers: &[LayerRecord], total_cycles: u64) -> [String; 11] {
    let mut cells = [const { String::new() }; 11];
    let latency_ms: f64 = layers.iter().map(|layer| layer.latency_ms).sum();
    cells[0] = "all".to_owned();
    cells[3] = thousands(total_cycles);
    cells[4] = format!("{latency_ms:.4}");
    cells[5] = percent(1.0);
    cells[6] = millions(layers.iter().map(|layer| layer.macs).sum());
    cells
}

/// The largest stalls of a layer as shares of its time.
fn stalls(layer: &LayerRecord) -> String {
    let share = |stall: &StallRecord| float(stall.cycles) / float(layer.cycles);
    let worth = layer
        .stalls
        .iter()
        .filter(|stall| share(stall) >= STALL_MIN);
    let words: Vec<String> = worth
        .take(CAUSES_MAX)
        .map(|stall| format!("{} {:.0} %", stall.cause, share(stall) * 100.0))
        .collect();
    words.join(", ")
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

/// Multiply-accumulates in millions; nothing for none.
fn millions(macs: u64) -> String {
    match macs {
        0 => String::new(),
        macs => format!("{:.2}", float(macs) / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_which_rows_are_shown() {
        let shown = |text: &str| text.parse::<Shown>();
        assert_eq!(shown("all"), Ok(Shown::All));
        assert_eq!(shown("none"), Ok(Shown::None));
        assert_eq!(shown("top=3"), Ok(Shown::Top(3)));
        for wrong in ["", "top", "top=", "top=-1", "All", "3"] {
            let message = shown(wrong).unwrap_err();
            assert!(message.contains("all, none, top=N"), "{message}");
        }
    }

    #[test]
    fn the_slowest_come_first_and_ties_stay_in_order() {
        let weights = [3_u64, 0, 7, 3, 1];
        let of = |shown: Shown| shown.of(weights.iter().enumerate(), |(_, weight)| **weight);
        let indices = |shown| {
            of(shown)
                .0
                .into_iter()
                .map(|(index, _)| index)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (indices(Shown::All), of(Shown::All).1),
            (vec![0, 2, 3, 4], 0)
        );
        assert_eq!(
            (indices(Shown::Top(3)), of(Shown::Top(3)).1),
            (vec![2, 0, 3], 1)
        );
        assert_eq!(
            (indices(Shown::Top(9)), of(Shown::Top(9)).1),
            (vec![2, 0, 3, 4], 0)
        );
        assert_eq!((indices(Shown::None), of(Shown::None).1), (vec![], 4));
    }
}

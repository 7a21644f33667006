//! What tables of metrics and gains share.

use comfy_table::{CellAlignment, Table, presets};

use crate::validate::metrics::Metric;

/// A table without lines, whose first column is of names and whose others are of numbers.
pub(super) fn plain(head: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let columns = head.len();
    table.set_header(head);
    rows.for_each(|row| {
        table.add_row(row);
    });
    for column in 1..columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A metric with the digits that the paper prints.
pub(super) fn figure(metric: Metric, value: f64) -> String {
    match metric.unit() {
        "" => format!("{value:.4}"),
        _ => format!("{value:.2}"),
    }
}

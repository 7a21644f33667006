//! The rows of an exploration, for people.

use comfy_table::{CellAlignment, Table, presets};

use super::{ExploreRecord, ExploreRow};
use crate::report::value::spelled;

pub(super) fn table(record: &ExploreRecord) -> String {
    let columns = columns(record);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|column| column.heading.as_str()));
    for row in &record.rows {
        table.add_row(columns.iter().map(|column| (column.cell)(row)));
    }
    for (index, column) in columns.iter().enumerate() {
        if let Some(drawn) = table.column_mut(index).filter(|_| column.is_number) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\n\n{}", table.trim_fmt(), summary(record))
}

struct Column<'a> {
    heading: String,
    is_number: bool,
    cell: Box<dyn Fn(&ExploreRow) -> String + 'a>,
}

impl<'a> Column<'a> {
    fn new(heading: &str, is_number: bool, cell: impl Fn(&ExploreRow) -> String + 'a) -> Self {
        Self {
            heading: heading.to_owned(),
            is_number,
            cell: Box::new(cell),
        }
    }

    fn number(
        heading: &str,
        decimals: usize,
        value: impl Fn(&ExploreRow) -> Option<f64> + 'a,
    ) -> Self {
        let cell = move |row: &ExploreRow| {
            value(row).map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
        };
        Self::new(heading, true, cell)
    }
}

/// Columns that say the same in every row, or nothing, are left out.
fn columns(record: &ExploreRecord) -> Vec<Column<'_>> {
    let rows = &record.rows;
    let has = |value: fn(&ExploreRow) -> bool| rows.iter().any(value);
    let mut columns = Vec::new();
    if rows.windows(2).any(|pair| pair[0].model != pair[1].model) {
        columns.push(Column::new("model", false, |row| row.model.clone()));
    }
    for axis in &record.varied {
        columns.push(Column::new(&axis.keys.join(","), true, |row| {
            let value = axis.keys.first().and_then(|key| row.settings.get(key));
            value.map(spelled).unwrap_or_default()
        }));
    }
    columns.push(Column::number("latency_ms", 3, |row| row.latency_ms));
    if has(|row| row.energy_mj.is_some()) {
        columns.push(Column::number("energy_mj", 4, |row| row.energy_mj));
    }
    if has(|row| row.area_mm2.is_some()) {
        columns.push(Column::number("area_mm2", 3, |row| row.area_mm2));
    }
    if has(|row| row.utilization.is_some()) {
        columns.push(Column::number("utilization", 3, |row| row.utilization));
    }
    if has(|row| row.pareto) {
        let mark = |row: &ExploreRow| if row.pareto { "*" } else { "" }.to_owned();
        columns.push(Column::new("pareto", false, mark));
    }
    if has(|row| row.infeasible.is_some()) {
        let limit = |row: &ExploreRow| {
            let limit = row.infeasible.as_ref();
            limit.map(|limit| limit.message.clone()).unwrap_or_default()
        };
        columns.push(Column::new("does not run", false, limit));
    }
    columns
}

fn summary(record: &ExploreRecord) -> String {
    let count = |is: fn(&ExploreRow) -> bool| record.rows.iter().filter(|row| is(row)).count();
    let mut summary = format!(
        "{} combinations on {} ({}); {} do not run\n",
        record.rows.len(),
        record.title(),
        record.precision,
        count(|row| row.infeasible.is_some()),
    );
    if record.objectives.is_empty() {
        summary += "no front: networks differ in accuracy, which their price does not tell\n";
    } else {
        summary += &format!(
            "* {} on the Pareto front over {}, for each network\n",
            count(|row| row.pareto),
            record.objectives.join(", ")
        );
    }
    let runs = count(|row| row.infeasible.is_none());
    for (cost, table, known) in [
        ("energy", "[energy]", count(|row| row.energy_mj.is_some())),
        ("area", "[area]", count(|row| row.area_mm2.is_some())),
    ] {
        if known == 0 && runs > 0 {
            summary += &format!("the {cost} is unknown; {table} of the profile would tell\n");
        } else if known < runs {
            let rows = runs - known;
            summary += &format!("the {cost} is unknown in {rows} rows; {table} of the profile\n");
        }
    }
    for key in record.without_effect.iter().flatten() {
        summary += &format!("{key} changed nothing\n");
    }
    summary
}

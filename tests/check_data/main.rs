//! Checks against reference tables that are not in the repository: `make check-data DATA=DIR`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod code;
mod delta_t;
mod mapping;
mod measured;
mod models;
mod networks;
mod nvdla;
mod onnx_models;
mod parameters;
mod scalesim;
mod stacks;

use std::path::PathBuf;

/// One row of a table, by column name.
type Row = std::collections::BTreeMap<String, String>;

/// The folder of the tables.
fn folder() -> PathBuf {
    let folder = std::env::var_os("EDNAS_DATA").map(PathBuf::from);
    folder.expect("EDNAS_DATA names the folder of the tables: run `make check-data DATA=DIR`")
}

/// All rows of a CSV file with a header.
fn rows(file: &str) -> Vec<Row> {
    let path = folder().join(file);
    let mut reader = csv::Reader::from_path(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let rows: Vec<Row> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    assert!(!rows.is_empty(), "{} has no rows", path.display());
    rows
}

fn number(row: &Row, column: &str) -> u64 {
    let text = &row[column];
    text.parse()
        .unwrap_or_else(|_| panic!("{column} is `{text}`, expected a whole number"))
}

//! The table of a topology file: the lines behind its header, and their cells.
//!
//! Lines may end in a comma, as SCALE-Sim's do.

use super::columns::{Column, Form, both_forms, read_header};
use super::{BadCell, ScalesimError};

/// The largest size of a layer, in any dimension.
const SIZE_MAX: u64 = 1 << 24;

/// A whole file, split.
pub(super) struct Table<'a> {
    file: &'a str,
    pub(super) form: Form,
    columns: Vec<Column>,
    rows: Vec<Line<'a>>,
}

/// A line with something in it.
struct Line<'a> {
    /// From 1.
    number: u64,
    cells: Vec<&'a str>,
}

/// A row of it.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table<'a>,
    pub(super) line: u64,
    cells: &'a [&'a str],
}

impl<'a> Table<'a> {
    /// Splits `bytes`, the contents of `file`.
    pub(super) fn read(bytes: &'a [u8], file: &'a str) -> Result<Table<'a>, ScalesimError> {
        let mut lines = lines(bytes, file)?.into_iter();
        let Some(header) = lines.next() else {
            return Err(ScalesimError::File {
                file: file.to_owned(),
                fault: format!("the file is empty; {}", both_forms()),
            });
        };
        let (form, columns) = read_header(&header.cells).map_err(|fault| ScalesimError::Line {
            file: file.to_owned(),
            line: header.number,
            fault,
        })?;
        let table = Table {
            file,
            form,
            columns,
            rows: lines.collect(),
        };
        table.check()?;
        Ok(table)
    }

    pub(super) fn rows(&'a self) -> impl Iterator<Item = Row<'a>> {
        self.rows.iter().map(|line| Row {
            table: self,
            line: line.number,
            cells: &line.cells,
        })
    }

    /// There is a row, and every row has a cell per column; a sparsity at the end may be left out.
    fn check(&self) -> Result<(), ScalesimError> {
        if self.rows.is_empty() {
            return Err(ScalesimError::File {
                file: self.file.to_owned(),
                fault: "there is no layer behind the header".to_owned(),
            });
        }
        let headings = self.columns.len();
        for row in self.rows() {
            let cells = row.cells.len();
            let layer = row.text(Column::Layer);
            let fault = match self.columns.get(cells) {
                Some(Column::Sparsity) if cells + 1 == headings => continue,
                Some(missing) => format!("the first missing is `{}`", missing.name()),
                None if cells > headings => "the last have no heading".to_owned(),
                None => continue,
            };
            return Err(ScalesimError::Line {
                file: self.file.to_owned(),
                line: row.line,
                fault: format!(
                    "layer `{layer}` has {cells} values under {headings} headings; {fault}"
                ),
            });
        }
        Ok(())
    }
}

impl Row<'_> {
    pub(super) fn has(&self, column: Column) -> bool {
        self.table.columns.contains(&column)
    }

    pub(super) fn layer(&self) -> String {
        self.text(Column::Layer).to_owned()
    }

    /// The cell under a column that the form needs.
    pub(super) fn text(&self, column: Column) -> &str {
        let place = self.table.columns.iter().position(|c| *c == column);
        place
            .and_then(|place| self.cells.get(place))
            .map_or("", |cell| *cell)
    }

    /// A size: a whole number from 1 to [`SIZE_MAX`].
    pub(super) fn size(&self, column: Column) -> Result<u64, ScalesimError> {
        let size = self.text(column).parse().ok();
        size.filter(|size| (1..=SIZE_MAX).contains(size))
            .ok_or_else(|| self.refuse(column, format!("a whole number from 1 to {SIZE_MAX}")))
    }

    pub(super) fn refuse(&self, column: Column, expected: String) -> ScalesimError {
        let place = self.table.columns.iter().position(|c| *c == column);
        ScalesimError::Cell(Box::new(BadCell {
            file: self.table.file.to_owned(),
            line: self.line,
            column: column.name(),
            number: place.map_or(0, |place| place + 1),
            layer: self.layer(),
            found: self.text(column).to_owned(),
            expected,
        }))
    }

    /// A fault of the whole layer.
    pub(super) fn fault(&self, fault: String) -> ScalesimError {
        ScalesimError::Layer {
            file: self.table.file.to_owned(),
            line: self.line,
            layer: self.layer(),
            fault,
        }
    }
}

/// The lines that are not blank, split at commas as SCALE-Sim splits them, without the empty cell
/// behind a last comma.
fn lines<'a>(bytes: &'a [u8], file: &str) -> Result<Vec<Line<'a>>, ScalesimError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        ScalesimError::Line {
            file: file.to_owned(),
            line: (1..)
                .zip(before.split(|byte| *byte == b'\n'))
                .last()
                .map_or(1, |(line, _)| line),
            fault: "the text is not UTF-8".to_owned(),
        }
    })?;
    let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let split = lines.map(|(number, text)| {
        let mut cells: Vec<&str> = text.split(',').map(str::trim).collect();
        cells.pop_if(|last| last.is_empty());
        Line { number, cells }
    });
    Ok(split
        .filter(|line| line.cells.iter().any(|cell| !cell.is_empty()))
        .collect())
}

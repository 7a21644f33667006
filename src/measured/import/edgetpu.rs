//! The tables that the benchmarks of the Edge TPU API write: fields between spaces, quoted by bars,
//! names of columns first, the model in the first column and milliseconds in the last.

use csv::{ReaderBuilder, StringRecord};

use super::super::error::MeasuredError;
use super::super::measurement::{Measurement, Place};
use super::{latency, measurement};

pub(super) fn read(text: &str, file: &str) -> Result<Vec<Measurement>, MeasuredError> {
    let refuse = |problem: String| MeasuredError::Table {
        file: file.to_owned(),
        problem,
    };
    let mut reader = ReaderBuilder::new()
        .delimiter(b' ')
        .quote(b'|')
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| refuse(e.to_string()))?.clone();
    if header.len() < 2 {
        let expected = "names of columns between spaces: the model's first, the time's last";
        return Err(refuse(format!("its first line is not {expected}")));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| refuse(e.to_string()))?;
        let id = format!("row {}", rows.len() + 1);
        rows.push(row(&header, &record, file, id)?);
    }
    if rows.is_empty() {
        return Err(refuse("it has no rows".to_owned()));
    }
    Ok(rows)
}

fn row(
    header: &StringRecord,
    record: &StringRecord,
    file: &str,
    id: String,
) -> Result<Measurement, MeasuredError> {
    let place = Place {
        file: file.to_owned(),
        line: record.position().map_or(0, csv::Position::line),
    };
    let last = record.len() - 1;
    let expected = "milliseconds above 0 in the last column";
    let ms = latency(&place, &record[last], 1.0, expected)?;
    if record[0].is_empty() {
        return Err(MeasuredError::Text {
            place,
            found: String::new(),
            expected: "the name of a model file in the first column".to_owned(),
        });
    }
    let mut row = measurement(place, id, &record[0], ms);
    row.source = "Edge TPU API benchmarks".to_owned();
    let between = header.iter().zip(record).take(last).skip(1);
    row.notes
        .extend(between.map(|(name, text)| (name.to_lowercase(), text.to_owned())));
    Ok(row)
}

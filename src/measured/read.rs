//! A CSV of measurements, read strictly: one header, one measurement a row.
//!
//! A latency is required, and `model_file` or the columns that describe a stack ([`stacks`]). The latency's column is called after its unit:
//! `latency_ms`, `latency_us`, `latency_s` or `latency_ns`. Columns of other names are kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::error::MeasuredError;
use super::measurement::{Includes, Measurement, Place};
use super::words;
use crate::microbench::stacks;

/// Columns of latencies, and milliseconds of one of their unit.
const LATENCIES: [(&str, f64); 4] = [
    ("latency_ms", 1.0),
    ("latency_us", 1e-3),
    ("latency_s", 1e3),
    ("latency_ns", 1e-6),
];

/// Columns that stand for a model file: those of a stack of layers.
const STACK: [&str; 3] = ["family", "layers", "net"];

/// Eleven days: longer ones are in another unit.
pub(super) const LONGEST_MS: f64 = 1e9;

/// The measurements in `file`.
///
/// # Errors
/// Whatever is not as it should be: the first fault, with line and column.
pub fn read(file: &Path) -> Result<Vec<Measurement>, MeasuredError> {
    let name = file.display().to_string();
    match fs::read_to_string(file) {
        Ok(text) => read_text(&text, &name),
        Err(error) => Err(MeasuredError::Table {
            file: name,
            problem: error.to_string(),
        }),
    }
}

/// The measurements in `text`; `file` is what it is called, for errors.
///
/// # Errors
/// As [`read`].
pub fn read_text(text: &str, file: &str) -> Result<Vec<Measurement>, MeasuredError> {
    let refuse = |problem: String| MeasuredError::Table {
        file: file.to_owned(),
        problem,
    };
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| refuse(e.to_string()))?;
    let columns = Columns::new(header, file)?;
    let mut rows: Vec<Measurement> = Vec::new();
    let mut seen = Seen::default();
    for record in reader.records() {
        let record = record.map_err(|e| refuse(e.to_string()))?;
        let place = Place {
            file: file.to_owned(),
            line: record.position().map_or(0, csv::Position::line),
        };
        let row = Row {
            columns: &columns,
            record: &record,
            place,
        };
        let id = row.id(rows.len());
        seen.add(&row, &id)?;
        rows.push(row.measurement(id)?);
    }
    if rows.is_empty() {
        return Err(refuse("it has no rows".to_owned()));
    }
    Ok(rows)
}

/// Which column is where.
struct Columns {
    /// By name, lower case.
    index: BTreeMap<String, usize>,
    /// The latency's, and milliseconds of one of its unit.
    latency: (&'static str, f64),
}

impl Columns {
    fn new(header: &StringRecord, file: &str) -> Result<Columns, MeasuredError> {
        let found: Vec<String> = header.iter().map(str::to_lowercase).collect();
        let fault = |problem| MeasuredError::Columns {
            file: file.to_owned(),
            problem,
        };
        let mut index = BTreeMap::new();
        for (number, name) in found.iter().enumerate() {
            if index.insert(name.clone(), number).is_some() {
                return Err(fault(format!("column `{name}` is there twice")));
            }
        }
        let missing = |column, remedy: String| MeasuredError::MissingColumn {
            file: file.to_owned(),
            column,
            remedy,
            found: found.clone(),
        };
        if let [only] = found.as_slice()
            && only.contains([';', '\t'])
        {
            return Err(fault("columns are not separated by commas".to_owned()));
        }
        let has = |name: &str| index.contains_key(name);
        let latencies: Vec<_> = LATENCIES.iter().filter(|(name, _)| has(name)).collect();
        let latency = match latencies.as_slice() {
            [one] => **one,
            [] => {
                let names: Vec<&str> = LATENCIES.iter().map(|(name, _)| *name).collect();
                let remedy = format!("name the column after its unit: {}", names.join(", "));
                return Err(missing("latency_ms", remedy));
            }
            [(one, _), (other, _), ..] => {
                let problem = format!("columns `{one}` and `{other}`: a row has one latency");
                return Err(fault(problem));
            }
        };
        if !has("model_file") && !STACK.iter().all(|name| has(name)) {
            let remedy = "it names the network's file below --models".to_owned();
            return Err(missing("model_file", remedy));
        }
        Ok(Columns { index, latency })
    }
}

/// A row that is being read.
struct Row<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    place: Place,
}

impl Row<'_> {
    /// What stands in `column`; nothing where it is blank or not there.
    fn get(&self, column: &str) -> Option<&str> {
        let text = self.record.get(*self.columns.index.get(column)?)?;
        (!text.is_empty()).then_some(text)
    }

    fn text(&self, column: &str) -> String {
        self.get(column).unwrap_or_default().to_owned()
    }

    /// Its own, or one made of its number.
    fn id(&self, index: usize) -> String {
        self.get("id")
            .map_or_else(|| format!("row {}", index + 1), str::to_owned)
    }

    fn measurement(&self, id: String) -> Result<Measurement, MeasuredError> {
        let model_file = self.text("model_file");
        let stack = match model_file.as_str() {
            "" if STACK.iter().all(|name| self.get(name).is_some()) => Some(self.stack()?),
            "" => return Err(self.refuse("model_file", "the name of a model file")),
            _ => None,
        };
        let told = match self.get("statistic") {
            Some(told) => told.to_owned(),
            None => self.text("stat"),
        };
        Ok(Measurement {
            place: self.place.clone(),
            id,
            model: self.text("model"),
            model_file,
            stack,
            device: self.text("device"),
            link: self.text("link"),
            host: self.text("host"),
            clock: self.text("clock"),
            latency_ms: self.latency_ms()?,
            statistic: words::statistic(&told),
            runs: self.count("runs", 1)?.or_else(|| words::runs(&told)),
            warmup_runs: self
                .count("warmup", 0)?
                .or_else(|| words::warmup_runs(&told)),
            includes: self.includes()?,
            network: self.get("network").map(str::to_owned),
            family: self.get("family").map(str::to_owned),
            source: self.text("source"),
            notes: self.notes(),
        })
    }

    fn stack(&self) -> Result<stacks::Row, MeasuredError> {
        stacks::Row::from_columns(|column| self.get(column)).map_err(|error| match error {
            stacks::RowError::Missing(column) => self.refuse(column, "a value, as for any stack"),
            stacks::RowError::Value {
                column, expected, ..
            } => self.refuse(column, &expected),
        })
    }

    fn latency_ms(&self) -> Result<f64, MeasuredError> {
        let (column, unit_ms) = self.columns.latency;
        let number = self.get(column).and_then(|text| text.parse::<f64>().ok());
        let ms = number.map(|number| number * unit_ms);
        ms.filter(|ms| *ms > 0.0 && *ms <= LONGEST_MS)
            .ok_or_else(|| {
                let unit = column.trim_start_matches("latency_");
                self.refuse(column, &format!("a number of {unit} above 0, such as 2.4"))
            })
    }

    fn includes(&self) -> Result<Includes, MeasuredError> {
        let column = ["includes", "device_time_only"]
            .into_iter()
            .find(|column| self.get(column).is_some());
        let Some(column) = column else {
            return Ok(Includes::Unstated);
        };
        words::includes(&self.text(column)).ok_or_else(|| {
            let expected = match column {
                "includes" => "network, host-operators, pipeline or unstated",
                _ => "yes, partly or no",
            };
            self.refuse(column, expected)
        })
    }

    fn count(&self, column: &str, least: u64) -> Result<Option<u64>, MeasuredError> {
        let Some(text) = self.get(column) else {
            return Ok(None);
        };
        match text.parse::<u64>() {
            Ok(count) if count >= least => Ok(Some(count)),
            Ok(_) | Err(_) => Err(self.refuse(column, &format!("a whole number, {least} or more"))),
        }
    }

    /// The columns that nothing else reads, and the texts that are kept beside what was read of
    /// them.
    fn notes(&self) -> BTreeMap<String, String> {
        const READ: [&str; 13] = [
            "id",
            "model",
            "model_file",
            "device",
            "link",
            "host",
            "clock",
            "runs",
            "warmup",
            "network",
            "family",
            "source",
            "includes",
        ];
        let read = |name: &str| READ.contains(&name) || name == self.columns.latency.0;
        let names = self.columns.index.keys().filter(|name| !read(name));
        names
            .filter_map(|name| Some((name.clone(), self.get(name)?.to_owned())))
            .collect()
    }

    fn refuse(&self, column: &str, expected: &str) -> MeasuredError {
        MeasuredError::Value {
            place: self.place.clone(),
            number: self.columns.index.get(column).map_or(0, |index| index + 1),
            column: column.to_owned(),
            found: self.text(column),
            expected: expected.to_owned(),
        }
    }
}

/// The rows so far: ids, or whole rows where the file has no ids.
#[derive(Default)]
struct Seen(BTreeMap<Vec<String>, u64>);

impl Seen {
    fn add(&mut self, row: &Row<'_>, id: &str) -> Result<(), MeasuredError> {
        let (key, what) = match row.get("id") {
            Some(_) => (vec![id.to_owned()], format!("id `{id}`")),
            None => {
                let whole = row.record.iter().map(str::to_owned).collect();
                (whole, "the whole row".to_owned())
            }
        };
        let line = row.place.line;
        match self.0.insert(key, line) {
            None => Ok(()),
            Some(first) => Err(MeasuredError::Duplicate {
                place: row.place.clone(),
                what,
                first,
            }),
        }
    }
}

#[cfg(test)]
mod tests;

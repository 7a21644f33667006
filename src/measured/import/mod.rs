//! What the tools of boards print, as measurements.
//!
//! Such a file says of which network a time is and how it was taken, seldom on what: device, link,
//! host and clock are told beside it.

mod edgetpu;
mod litert;
mod tract;
mod vela;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use super::error::MeasuredError;
use super::measurement::{Includes, Measurement, Place, Statistic};
use super::read::{LONGEST_MS, read_text};

/// Which tool wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A CSV with the columns `model_file` and `latency_ms`, by hand or by a script.
    Csv,
    /// What LiteRT's `benchmark_model` logs.
    LiteRt,
    /// The tables of the Edge TPU API's benchmarks: fields between spaces, model first, time last.
    EdgeTpu,
    /// The JSON of a profile by tract's command line.
    Tract,
    /// Vela's `*_per-layer.csv`: cycles of every layer, as Arm's compiler estimates them.
    Vela,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Imported {
    /// Latencies of whole networks.
    Rows(Vec<Measurement>),
    /// One network, layer by layer.
    Layers(Layered),
}

/// The times of a network's layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Layered {
    /// Where they stand.
    pub place: Place,
    /// The network's file, or its name without an ending.
    pub model_file: String,
    /// Who wrote them.
    pub format: Format,
    /// The whole inference, milliseconds, where that was timed too.
    pub whole_ms: Option<f64>,
    /// Runs that times are the mean of, where told.
    pub runs: Option<u64>,
    /// The layers, in the order of the file.
    pub layers: Vec<LayerTime>,
}

/// The time of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerTime {
    /// Its name.
    pub name: String,
    /// Its operator, as the tool calls it.
    pub operator: String,
    /// How long it took.
    pub span: Span,
}

/// A time, as it was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Span {
    /// Milliseconds; 0 or more.
    Ms(f64),
    /// Cycles of the accelerator's clock.
    Cycles(u64),
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] = [
        Format::Csv,
        Format::LiteRt,
        Format::EdgeTpu,
        Format::Tract,
        Format::Vela,
    ];

    /// The name that it is asked for by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::LiteRt => "litert",
            Format::EdgeTpu => "edgetpu",
            Format::Tract => "tract",
            Format::Vela => "vela",
        }
    }

    /// The format that `text` looks like; a CSV where it looks like no other.
    #[must_use]
    pub fn of(text: &str) -> Format {
        let first = text.trim_start().lines().next().unwrap_or_default();
        if first.starts_with('{') {
            Format::Tract
        } else if first.contains("NNG Operator") {
            Format::Vela
        } else if text.contains(litert::SUMMARY) {
            Format::LiteRt
        } else if first.to_lowercase().starts_with("model ") && !first.contains(',') {
            Format::EdgeTpu
        } else {
            Format::Csv
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let named = Format::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| {
            let names = Format::ALL.map(Format::name);
            format!("`{text}` is not one of {}", names.join(", "))
        })
    }
}

/// What `file` holds, read as `format` or as what it looks like.
///
/// # Errors
/// A file that cannot be read, or that is not as its tool writes it: the first fault, with its line.
pub fn import(file: &Path, format: Option<Format>) -> Result<Imported, MeasuredError> {
    let name = file.display().to_string();
    match fs::read_to_string(file) {
        Ok(text) => import_text(&text, &name, format),
        Err(error) => Err(MeasuredError::Table {
            file: name,
            problem: error.to_string(),
        }),
    }
}

/// What `text` holds; `file` is what it is called.
///
/// # Errors
/// As [`import`].
pub fn import_text(
    text: &str,
    file: &str,
    format: Option<Format>,
) -> Result<Imported, MeasuredError> {
    Ok(match format.unwrap_or_else(|| Format::of(text)) {
        Format::Csv => Imported::Rows(read_text(text, file)?),
        Format::LiteRt => Imported::Rows(litert::read(text, file)?),
        Format::EdgeTpu => Imported::Rows(edgetpu::read(text, file)?),
        Format::Tract => Imported::Layers(tract::read(text, file)?),
        Format::Vela => Imported::Layers(vela::read(text, file)?),
    })
}

/// A measurement of which only the model and the time are known.
fn measurement(place: Place, id: String, model_file: &str, latency_ms: f64) -> Measurement {
    Measurement {
        place,
        id,
        model: String::new(),
        stack: None,
        model_file: model_file.to_owned(),
        device: String::new(),
        link: String::new(),
        host: String::new(),
        clock: String::new(),
        latency_ms,
        statistic: Statistic::Unstated,
        runs: None,
        warmup_runs: None,
        includes: Includes::Network,
        network: None,
        family: None,
        source: String::new(),
        notes: BTreeMap::new(),
    }
}

/// The number that `text` spells, times `unit`; of a time that can be.
fn number(place: &Place, text: &str, unit: f64, expected: &str) -> Result<f64, MeasuredError> {
    let number = text.trim().parse::<f64>().ok().map(|number| number * unit);
    let found = number.filter(|ms| *ms >= 0.0 && *ms <= LONGEST_MS);
    found.ok_or_else(|| MeasuredError::Text {
        place: place.clone(),
        found: text.to_owned(),
        expected: expected.to_owned(),
    })
}

/// The same, above 0.
fn latency(place: &Place, text: &str, unit: f64, expected: &str) -> Result<f64, MeasuredError> {
    let ms = number(place, text, unit, expected)?;
    if ms > 0.0 {
        return Ok(ms);
    }
    Err(MeasuredError::Text {
        place: place.clone(),
        found: text.to_owned(),
        expected: expected.to_owned(),
    })
}

/// The name of `file` without its folder, its ending and `suffix`.
fn stem(file: &str, suffix: &str) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy();
    stem.strip_suffix(suffix).unwrap_or(&stem).to_owned()
}

#[cfg(test)]
mod tests;

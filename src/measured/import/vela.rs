//! Vela's `NETWORK_per-layer.csv`: what Arm's compiler estimates of every layer on the Ethos-U.
//!
//! The header comes again before every part of the network that runs on the Ethos-U; what runs on
//! the processor is not listed. Columns have been renamed over the years; the ones read here are
//! the first (the operator), `Op Cycles` and `Name`.

use csv::ReaderBuilder;
use hwmodels::units::round;

use super::super::error::MeasuredError;
use super::super::measurement::Place;
use super::{Format, LayerTime, Layered, Span, number, stem};

/// Cycles of the layer, whatever limits it.
const CYCLES: &str = "Op Cycles";

/// The layer's name.
const NAME: &str = "Name";

pub(super) fn read(text: &str, file: &str) -> Result<Layered, MeasuredError> {
    let refuse = |problem: String| MeasuredError::Table {
        file: file.to_owned(),
        problem,
    };
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| refuse(e.to_string()))?.clone();
    let column = |wanted: &str| {
        let found = header.iter().position(|name| name.trim() == wanted);
        found.ok_or_else(|| refuse(format!("it has no column `{wanted}`, as Vela writes it")))
    };
    let (cycles, name) = (column(CYCLES)?, column(NAME)?);
    let mut layers = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| refuse(e.to_string()))?;
        if record == header {
            continue;
        }
        let place = Place {
            file: file.to_owned(),
            line: record.position().map_or(0, csv::Position::line),
        };
        let expected = "cycles, 0 or more, in column `Op Cycles`";
        let cycles = number(&place, &record[cycles], 1.0, expected)?;
        layers.push(LayerTime {
            name: record[name].to_owned(),
            operator: record[0].to_owned(),
            span: Span::Cycles(round(cycles)),
        });
    }
    if layers.is_empty() {
        return Err(refuse("it has no rows".to_owned()));
    }
    Ok(Layered {
        place: Place {
            file: file.to_owned(),
            line: 1,
        },
        model_file: stem(file, "_per-layer"),
        format: Format::Vela,
        whole_ms: None,
        runs: None,
        layers,
    })
}

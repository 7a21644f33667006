//! From the file as written to numbers in clock cycles, refusing what no machine has.

mod array;
mod code;
mod costs;
mod memory;
mod support;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::raw::{RawCalibration, RawProfile};
use super::{Host, Overheads, Profile, ProfileError, Source, SourceKind, Sourced};
use crate::units::{Rate, cycles_of_us, round};

type Checked<T> = Result<T, ProfileError>;

pub(super) fn check(raw: RawProfile) -> Checked<Profile> {
    if raw.name.is_empty() {
        return Err(refuse("name", "empty", "a name"));
    }
    if let Some(when) = &raw.when {
        when.check()?;
    }
    if let Some((field, [low, high])) = raw.calibration.as_ref().and_then(RawCalibration::fault) {
        let expected = "[least, most], the least above 0 and below the most";
        return Err(refuse(field, format!("[{low}, {high}]"), expected));
    }
    let clock_hz = round(above_zero("clock.mhz", raw.clock.mhz)? * 1e6);
    if clock_hz == 0 {
        return Err(refuse("clock.mhz", raw.clock.mhz, "at least 0.000001"));
    }
    let clock_source = source("clock", &raw.clock.source)?;
    let array = raw.array.as_ref().map(array::check).transpose()?;
    let memory = memory::memory(&raw)?;
    let grid = memory::grid(&raw)?;
    let tiles = grid.map_or(1, |grid| grid.tiles());
    Ok(Profile {
        clock_hz,
        clock_source,
        array,
        vector: vector(&raw)?,
        vector_operators: vector_operators(&raw)?,
        throughput: tables::check(&raw.throughput, array, tiles)?,
        grid,
        memory,
        cache: memory::cache(&raw, memory)?,
        storage: memory::storage(&raw)?,
        dram_bytes: raw.dram.as_ref().and_then(|dram| dram.bytes),
        paths: memory::paths(&raw, clock_hz)?,
        fusion: fusion(&raw)?,
        energy: costs::energy(&raw)?,
        area: costs::area(&raw, array, tiles, memory)?,
        host: host(&raw, clock_hz)?,
        overheads: overheads(&raw, clock_hz)?,
        code: code::check(&raw)?,
        support: raw.support.as_ref().map(support::support).transpose()?,
        raw,
    })
}

fn vector(raw: &RawProfile) -> Checked<Option<Sourced<Rate>>> {
    let Some(vector) = &raw.vector else {
        return Ok(None);
    };
    Ok(Some(Sourced {
        value: rate("vector.bytes_per_cycle", vector.bytes_per_cycle)?,
        source: source("vector", &vector.source)?,
    }))
}

fn vector_operators(raw: &RawProfile) -> Checked<BTreeMap<String, Rate>> {
    let operators = raw.vector.iter().flat_map(|vector| &vector.operators);
    operators
        .map(|(name, &bytes)| Ok((name.clone(), rate("vector.operators", bytes)?)))
        .collect()
}

fn host(raw: &RawProfile, clock_hz: u64) -> Checked<Option<Host>> {
    let Some(host) = &raw.host else {
        return Ok(None);
    };
    let macs = |mmacs| per_second("host.mmacs_per_s", mmacs, clock_hz);
    Ok(Some(Host {
        operator_cycles: duration("host.operator_us", host.operator_us, clock_hz)?,
        bytes: per_second("host.mb_per_s", host.mb_per_s, clock_hz)?,
        macs: host.mmacs_per_s.map(macs).transpose()?,
        source: source("host", &host.source)?,
    }))
}

fn overheads(raw: &RawProfile, clock_hz: u64) -> Checked<Overheads> {
    let Some(overheads) = &raw.overheads else {
        return Ok(Overheads {
            operator_cycles: 0,
            inference_cycles: 0,
            source: SourceKind::Assumed,
        });
    };
    Ok(Overheads {
        operator_cycles: duration("overheads.operator_us", overheads.operator_us, clock_hz)?,
        inference_cycles: duration("overheads.inference_us", overheads.inference_us, clock_hz)?,
        source: source("overheads", &overheads.source)?,
    })
}

fn fusion(raw: &RawProfile) -> Checked<BTreeSet<String>> {
    let Some(fusion) = &raw.fusion else {
        return Ok(BTreeSet::new());
    };
    source("fusion", &fusion.source)?;
    if raw.vector.is_none() {
        let expected = "the rate of the fused operators";
        return Err(refuse("vector", "missing", expected));
    }
    Ok(fusion.operators.iter().cloned().collect())
}

fn source(table: &str, text: &str) -> Checked<SourceKind> {
    let expected =
        "`KIND: where to look it up`, KIND one of datasheet, paper, measured, fitted, assumed";
    match Source::parse(text) {
        Some(source) => Ok(source.kind),
        None => Err(refuse(
            format!("{table}.source"),
            format!("`{text}`"),
            expected,
        )),
    }
}

fn count(field: &str, found: u64) -> Checked<u64> {
    if found == 0 {
        Err(refuse(field, found, "at least 1"))
    } else {
        Ok(found)
    }
}

fn above_zero(field: &str, found: f64) -> Checked<f64> {
    if found.is_finite() && found > 0.0 {
        Ok(found)
    } else {
        Err(refuse(field, found, "a number above 0"))
    }
}

fn rate(field: &str, found: f64) -> Checked<Rate> {
    above_zero(field, found).map(Rate::per_cycle)
}

fn per_second(field: &str, millions: f64, clock_hz: u64) -> Checked<Rate> {
    Ok(Rate::per_second(
        round(above_zero(field, millions)? * 1e6),
        clock_hz,
    ))
}

fn duration(field: &str, us: f64, clock_hz: u64) -> Checked<u64> {
    if us.is_finite() && us >= 0.0 {
        Ok(cycles_of_us(us, clock_hz))
    } else {
        Err(refuse(field, us, "a number of microseconds, 0 or above"))
    }
}

fn word<T: Copy>(field: &str, found: &str, known: &[(&str, T)]) -> Checked<T> {
    match known.iter().find(|(name, _)| *name == found) {
        Some((_, value)) => Ok(*value),
        None => {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            Err(refuse(
                field,
                format!("`{found}`"),
                format!("one of {}", names.join(", ")),
            ))
        }
    }
}

fn refuse(field: impl Display, found: impl Display, expected: impl Display) -> ProfileError {
    ProfileError::Value {
        place: None,
        field: field.to_string(),
        found: found.to_string(),
        expected: expected.to_string(),
    }
}

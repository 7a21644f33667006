//! A SCALE-Sim machine as a profile.
//!
//! SCALE-Sim's array is `edges = "full"`, `fill = "per-fold"`, `drain = "free"`: every fold crosses
//! the whole array, none overlaps another, results leave sideways. In CALC mode its memories never
//! make the array wait, so the profile has no memory and no link, and a layer is not tiled.

use std::fmt::Write;

use hwmodels::profile::raw::{RawArray, RawClock, RawProfile};

use super::Config;

/// The profile of a config.
#[must_use]
pub fn profile(config: &Config) -> RawProfile {
    let description = format!(
        "The array of SCALE-Sim config {}: {} x {} elements, {}, as in CALC mode: no memory makes it wait.",
        config.file, config.rows, config.cols, config.dataflow
    );
    let clock = RawClock {
        source: "assumed: SCALE-Sim counts cycles and has no clock".to_owned(),
        mhz: 1000.0,
    };
    let array = RawArray {
        source: format!("datasheet: SCALE-Sim config {}", config.file),
        kind: "systolic".to_owned(),
        rows: Some(config.rows),
        cols: Some(config.cols),
        dataflow: Some(config.dataflow.clone()),
        edges: Some("full".to_owned()),
        fill: Some("per-fold".to_owned()),
        drain: (config.dataflow == "os").then(|| "free".to_owned()),
        ..RawArray::default()
    };
    RawProfile {
        array: Some(array),
        ..RawProfile::bare(&config.run_name, description, clock)
    }
}

/// The profile of a config as a file, which says first what it left out.
#[must_use]
pub fn profile_file(config: &Config) -> String {
    let mut text = format!("# Imported from SCALE-Sim config {}.\n", config.file);
    for left in &config.left_out {
        writeln!(text, "# {left}.").expect("a string takes all text");
    }
    text + "\n" + &profile(config).to_toml()
}

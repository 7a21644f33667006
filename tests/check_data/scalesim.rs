//! SCALE-Sim's own reports, equal to the printed digit: `scalesim/layers.csv`, `scalesim/reports/`.

use std::collections::BTreeMap;
use std::fs;

use ednas::scalesim::{Config, Report, Topology, profile};
use hwmodels::profile::Profile;

use crate::{Row, folder, number, rows};

/// Columns of `layers.csv` and of our reports, the same number.
const COMPUTE: [(&str, &str); 4] = [
    ("total_cycles_reported", "Total Cycles"),
    ("overall_util_pct", "Overall Util %"),
    ("mapping_eff_pct", "Mapping Efficiency %"),
    ("compute_util_pct", "Compute Util %"),
];
const ACCESS: [(&str, &str); 3] = [
    ("sram_ifmap_reads", "SRAM IFMAP Reads"),
    ("sram_filter_reads", "SRAM Filter Reads"),
    ("sram_ofmap_writes", "SRAM OFMAP Writes"),
];
/// Columns that stalls change, which USER mode adds to the total.
const STALLED: [&str; 2] = ["Total Cycles", "Overall Util %"];

fn topology(name: &str) -> Topology {
    let path = folder().join(format!("scalesim/{name}.csv"));
    Topology::parse(&fs::read(&path).unwrap(), &path.display().to_string()).unwrap()
}

/// A machine as SCALE-Sim's config spells it.
fn machine(rows: &str, cols: &str, dataflow: &str) -> Profile {
    let config = format!(
        "[general]\nrun_name = {rows}x{cols}_{dataflow}\n[architecture_presets]\n\
         ArrayHeight: {rows}\nArrayWidth: {cols}\nDataflow: {dataflow}\n"
    );
    let config = Config::parse(&config, "scale.cfg").unwrap();
    profile(&config).check().unwrap()
}

/// The lines of a report by column name; all of SCALE-Sim's blanks and its last comma are read off.
fn lines(report: &str) -> Vec<Row> {
    let mut lines = report.lines().map(|line| {
        let line = line.strip_suffix(',').unwrap();
        line.split(", ").map(str::to_owned).collect::<Vec<_>>()
    });
    let header = lines.next().unwrap();
    let row = |cells: Vec<String>| {
        assert_eq!(cells.len(), header.len(), "{cells:?}");
        header.iter().cloned().zip(cells).collect()
    };
    lines.map(row).collect()
}

/// Both reports, joined line by line.
fn report(profile: &Profile, topology: &Topology) -> Vec<Row> {
    let report = Report::new(profile, topology).unwrap();
    let (mut joined, access) = (lines(&report.compute()), lines(&report.detailed_access()));
    assert_eq!(joined.len(), access.len());
    for (line, access) in joined.iter_mut().zip(access) {
        line.extend(access);
    }
    joined
}

#[test]
fn every_layer_on_every_machine() {
    let mut runs: BTreeMap<[String; 5], Vec<Row>> = BTreeMap::new();
    let key = ["topology", "array_rows", "array_cols", "dataflow", "mode"];
    for row in rows("scalesim/layers.csv") {
        runs.entry(key.map(|column| row[column].clone()))
            .or_default()
            .push(row);
    }
    let mut compared: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for ([name, array_rows, array_cols, dataflow, mode], expected) in &runs {
        let found = report(&machine(array_rows, array_cols, dataflow), &topology(name));
        assert_eq!(found.len(), expected.len(), "{name} {dataflow} {mode}");
        for (found, expected) in found.iter().zip(expected) {
            let (layers, cells) = compared.entry(mode).or_default();
            *layers += 1;
            for (column, heading) in COMPUTE.into_iter().chain(ACCESS) {
                if mode == "user" && STALLED.contains(&heading) {
                    continue;
                }
                assert_eq!(
                    found[heading], expected[column],
                    "{heading} of {expected:?}"
                );
                *cells += 1;
            }
            // What USER mode adds to ours is what it calls stalls.
            let total = number(found, "Total Cycles") + number(expected, "stall_cycles");
            assert_eq!(
                total,
                number(expected, "total_cycles_reported"),
                "{expected:?}"
            );
        }
    }
    println!("layers and cells equal, by mode: {compared:?}");
    assert_eq!(compared["calc"], (679, 679 * 7));
    assert_eq!(compared["user"], (11, 11 * 5));
}

/// The shipped reports, through the config and the topology that SCALE-Sim itself read: the same
/// header, and the same text in every cell that we fill.
#[test]
fn original_reports() {
    let mut compared = 0;
    for run in ["conv_edge__12x14_ws_calc", "gemm_edge__32x32_os_calc"] {
        let (network, machine) = run.split_once("__").unwrap();
        let file = format!("{machine}.cfg");
        let text = fs::read_to_string(folder().join("scalesim").join(&file)).unwrap();
        let config = Config::parse(&text, &file).unwrap();
        let profile = profile(&config).check().unwrap();
        let report = Report::new(&profile, &topology(network)).unwrap();
        let ours = [
            ("COMPUTE_REPORT", report.compute(), COMPUTE.len()),
            (
                "DETAILED_ACCESS_REPORT",
                report.detailed_access(),
                ACCESS.len(),
            ),
        ];
        for (name, ours, filled) in ours {
            let path = folder().join(format!("scalesim/reports/{run}__{name}.csv"));
            let theirs = fs::read_to_string(path).unwrap();
            assert_eq!(ours.lines().next(), theirs.lines().next());
            let (ours, theirs) = (lines(&ours), lines(&theirs));
            assert_eq!(ours.len(), theirs.len());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                let given = ours.iter().filter(|(_, cell)| !cell.is_empty());
                let given: Vec<_> = given.collect();
                assert_eq!(given.len(), 1 + filled, "{ours:?}");
                for (heading, cell) in given {
                    assert_eq!(cell, &theirs[heading], "{heading} of {theirs:?}");
                    compared += 1;
                }
            }
        }
    }
    println!("cells equal in the original reports: {compared}");
    assert_eq!(compared, (19 + 14) * (5 + 4));
}

//! `ednas explore` as its users meet it.

use std::process::Command;

use serde_json::Value;

use super::commands::{record, refused};

const SYSTOLIC: &[&str] = &["explore", "--profile", "systolic-32x32-ws", "--size", "128"];

fn explore(arguments: &[&str]) -> Value {
    record(&[SYSTOLIC, &["--json"], arguments].concat())
}

/// What `ednas estimate` says of a profile file.
fn estimate(file: &std::path::Path) -> Value {
    let file = file.to_str().unwrap();
    record(&[
        "estimate",
        "mt-edge",
        "--size",
        "128",
        "--profile",
        file,
        "--json",
    ])
}

#[test]
fn rows_are_what_estimate_says_of_each_machine() {
    let swept = explore(&[
        "--vary",
        "array.rows,array.cols=8,32",
        "--vary",
        "memory.narrow.bytes=65536,1048576",
        "mt-edge",
    ]);
    assert_eq!(swept["schema"], "ednas.explore/1");
    assert_eq!(swept["source"], "assumed: varied by explore");
    assert_eq!(swept["objectives"], serde_json::json!(["latency_ms"]));
    let rows = swept["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    let folder = tempfile::tempdir().unwrap();
    let base = Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["profile", "show", "systolic-32x32-ws"])
        .output()
        .unwrap();
    let base = String::from_utf8(base.stdout).unwrap();
    let narrow = base.find("[memory.narrow]").unwrap();
    for row in rows {
        let side = row["settings"]["array.rows"].as_u64().unwrap();
        let bytes = row["settings"]["memory.narrow.bytes"].as_u64().unwrap();
        let (before, after) = base.split_at(narrow);
        let text = before
            .replace("rows = 32", &format!("rows = {side}"))
            .replace("cols = 32", &format!("cols = {side}"))
            + &after.replacen("bytes = 1048576", &format!("bytes = {bytes}"), 1);
        let file = folder.path().join("machine.toml");
        std::fs::write(&file, text).unwrap();
        let alone = estimate(&file);
        assert_eq!(alone["cycles"], row["cycles"], "{row}");
        assert_eq!(alone["latency_ms"], row["latency_ms"]);
    }
    let best = rows.iter().min_by(|a, b| {
        a["latency_ms"]
            .as_f64()
            .unwrap()
            .total_cmp(&b["latency_ms"].as_f64().unwrap())
    });
    assert_eq!(best.unwrap()["pareto"], true);
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let run = |threads: &str, name: &str| {
        let plot = folder.path().join(name);
        let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args(SYSTOLIC)
            .args([
                "--vary",
                "array.rows=8..64x2",
                "--vary",
                "array.cols=8..64x2",
                "--sample",
                "9",
                "--seed",
                "3",
            ])
            .args(["mt-edge", "ednas-t6", "--json", "--plot"])
            .arg(&plot)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success());
        (output.stdout, std::fs::read(plot).unwrap())
    };
    let one = run("1", "one.svg");
    assert_eq!(one, run("4", "four.svg"));
    let record: Value = serde_json::from_slice(&one.0).unwrap();
    assert_eq!(record["rows"].as_array().unwrap().len(), 18);
    assert_eq!(record["sample"]["seed"], 3);
    assert_eq!(record["without_effect"], Value::Null);
}

#[test]
fn networks_are_drawn_with_their_machines() {
    let drawn = explore(&[
        "--vary",
        "array.rows=8..64x2",
        "--networks",
        "ednas",
        "--sample",
        "3",
    ]);
    let rows = drawn["rows"].as_array().unwrap();
    assert_eq!(
        (rows.len(), drawn["objectives"].as_array().unwrap().len()),
        (3, 0)
    );
    // A drawn network is a MODEL like any other.
    let (model, side) = (
        rows[0]["model"].as_str().unwrap(),
        &rows[0]["settings"]["array.rows"],
    );
    let again = explore(&["--vary", &format!("array.rows={side}"), model]);
    assert_eq!(again["rows"][0]["latency_ms"], rows[0]["latency_ms"]);
}

#[test]
fn a_network_that_does_not_fit_is_a_row() {
    let swept = explore(&["--vary", "memory.narrow.bytes=64,1048576", "mt-edge"]);
    let rows = swept["rows"].as_array().unwrap();
    assert_eq!(rows[0]["latency_ms"], Value::Null);
    assert_eq!(rows[0]["infeasible"]["limit"], "memory.narrow");
    assert_eq!(rows[0]["pareto"], false);
    assert_eq!(
        (&rows[1]["infeasible"], &rows[1]["pareto"]),
        (&Value::Null, &Value::Bool(true))
    );
}

#[test]
fn energy_and_area_of_the_profile_are_swept_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("costs.toml");
    let base = Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["profile", "show", "systolic-32x32-ws"])
        .output()
        .unwrap();
    let costs = r#"
[energy]
source = "assumed: a test"
mac_pj = { 8x8 = 0.2 }
register_pj_per_byte = 0.05
vector_pj_per_byte = 0.2
wide_pj_per_byte = 1.2
narrow_pj_per_byte = 1.0
link_pj_per_byte = 20.0
leakage_mw = 5.0

[area]
source = "assumed: a test"
mac_um2 = 400.0
sram_um2_per_byte = 2.0
other_mm2 = 0.5
"#;
    std::fs::write(&file, String::from_utf8(base.stdout).unwrap() + costs).unwrap();
    let swept = record(&[
        "explore",
        "--profile",
        file.to_str().unwrap(),
        "--size",
        "128",
        "--json",
        "--vary",
        "array.rows,array.cols=16,32",
        "--vary",
        "energy.mac_pj.8x8=0.1,0.2",
        "mt-edge",
    ]);
    assert_eq!(
        swept["objectives"],
        serde_json::json!(["latency_ms", "energy_mj", "area_mm2"])
    );
    let rows = swept["rows"].as_array().unwrap();
    let cost = |row: usize, key: &str| rows[row][key].as_f64().unwrap();
    assert!(cost(0, "energy_mj") < cost(1, "energy_mj"));
    assert!(cost(0, "area_mm2") < cost(2, "area_mm2"));
    assert!(cost(0, "latency_ms") > cost(2, "latency_ms"));
    let marks: Vec<bool> = rows
        .iter()
        .map(|row| row["pareto"].as_bool().unwrap())
        .collect();
    assert_eq!(marks, [true, false, true, false]);
}

#[test]
fn bad_explorations_are_refused_before_they_run() {
    let refuse =
        |arguments: &[&str], parts: &[&str]| refused(&[SYSTOLIC, arguments].concat(), parts);
    refuse(&["mt-edge"], &["--vary"]);
    refuse(&["--vary", "array.rows=8"], &["MODEL"]);
    refuse(
        &["--vary", "array.row=8", "mt-edge"],
        &["`array.row`", "did you mean `array.rows`"],
    );
    refuse(&["--vary", "array.rows=8..16", "mt-edge"], &["a..bxF"]);
    refuse(
        &["--vary", "array.rows=0", "mt-edge"],
        &["no machine has array.rows=0", "at least 1"],
    );
    refuse(
        &[
            "--vary",
            "memory.wide.bytes=512,1048576",
            "--vary",
            "array.rows=8,16",
            "mt-edge",
        ],
        &["no machine has memory.wide.bytes=512, array.rows=8: parameter_cache.bytes"],
    );
    refuse(
        &["--vary", "storage.in_channel_multiple=4", "mt-edge"],
        &["storage", "missing field"],
    );
    refuse(
        &[
            "--vary",
            "array.rows=1..1001+1",
            "--vary",
            "array.cols=1..1000+1",
            "mt-edge",
        ],
        &["1001000 combinations", "--sample"],
    );
    refuse(&["--vary", "array.rows=8", "resnet"], &["resnet"]);
    refuse(
        &["--vary", "array.rows=8", "--networks", "ednas"],
        &["--sample"],
    );
    refuse(
        &["--vary", "array.rows=8", "--sample", "0", "mt-edge"],
        &["--sample 0"],
    );
}

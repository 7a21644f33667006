//! `ednas diff`: two estimates side by side.

use serde_json::Value;

use super::commands::{ednas, record, refused};

fn diff(arguments: &[&str]) -> Value {
    record(&[&["diff", "--json"], arguments].concat())
}

fn text(arguments: &[&str]) -> String {
    let output = ednas(&[&["diff"], arguments].concat());
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn total<'a>(record: &'a Value, name: &str) -> &'a Value {
    let totals = record["totals"].as_array().unwrap();
    totals.iter().find(|total| total["name"] == name).unwrap()
}

/// The layers of each side sum to its latency, and the differences to the difference.
fn check_sums(record: &Value) {
    let layers = record["layers"].as_array().unwrap();
    for side in ["a", "b"] {
        let ms = layers
            .iter()
            .filter_map(|pair| pair[side]["latency_ms"].as_f64());
        let latency_ms = total(record, "latency_ms")[side].as_f64().unwrap();
        assert!((ms.sum::<f64>() - latency_ms).abs() < 1e-9, "{side}");
    }
    let differences = layers
        .iter()
        .map(|pair| pair["difference_ms"].as_f64().unwrap());
    let difference = total(record, "latency_ms")["difference"].as_f64().unwrap();
    assert!((differences.sum::<f64>() - difference).abs() < 1e-9);
}

#[test]
fn one_network_on_two_machines_matches_layer_by_layer() {
    let record = diff(&[
        "mt-edge",
        "--profile",
        "coral-edgetpu",
        "--profile",
        "coral-edgetpu:usb2",
    ]);
    assert_eq!(record["schema"], "ednas.diff/1");
    assert_eq!(record["b"]["profile"], "coral-edgetpu:usb2");
    check_sums(&record);
    let layers = record["layers"].as_array().unwrap();
    assert!(
        layers
            .iter()
            .all(|pair| pair["a"]["name"] == pair["b"]["name"])
    );
    let macs = total(&record, "macs");
    assert!(macs["a"] == macs["b"] && macs["difference"] == 0.0);
    assert_eq!(total(&record, "energy_mj")["a"], Value::Null);
}

#[test]
fn two_networks_on_one_machine_share_most_names() {
    let record = diff(&["mt-edge", "ednas-t6", "--profile", "systolic-32x32-ws"]);
    check_sums(&record);
    let layers = record["layers"].as_array().unwrap();
    let names = |side: &str| {
        let own = layers.iter().filter_map(|pair| pair[side]["name"].as_str());
        own.map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    let shared = names("a").intersection(&names("b")).count();
    let matched = layers
        .iter()
        .filter(|pair| pair["a"]["name"] == pair["b"]["name"])
        .count();
    assert_eq!(matched, shared);
    assert!(layers.iter().any(|pair| pair["b"].is_null()));
}

#[test]
fn a_network_does_not_differ_from_itself() {
    let same = [
        "mt-edge",
        "--profile",
        "coral-edgetpu",
        "--profile",
        "coral-edgetpu",
    ];
    let record = diff(&same);
    let layers = record["layers"].as_array().unwrap();
    assert!(
        layers
            .iter()
            .all(|pair| pair["a"] == pair["b"] && pair["difference_ms"] == 0.0)
    );
    assert!(text(&same).contains("+0.0000"));
}

#[test]
fn rows_are_chosen_and_sorted() {
    let machines = [
        "mt-edge",
        "--profile",
        "coral-edgetpu",
        "--profile",
        "coral-edgetpu:usb2",
    ];
    let by_difference = text(
        &[
            &machines[..],
            &["--layers", "top=3", "--sort", "difference"],
        ]
        .concat(),
    );
    let rows: Vec<&str> = by_difference.lines().skip(3).take(4).collect();
    assert!(
        rows[1].trim_start().starts_with("(result of seg)"),
        "{by_difference}"
    );
    assert!(
        by_difference.contains("more take time in A or B"),
        "{by_difference}"
    );
    let none = text(&[&machines[..], &["--layers", "none"]].concat());
    assert!(
        !none.contains("(result of seg)") && none.contains("latency_ms"),
        "{none}"
    );
}

#[test]
fn a_side_that_does_not_run_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let shown = ednas(&["profile", "show", "systolic-32x32-ws"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let file = folder.path().join("tiny.toml");
    let tiny = text
        .replace("bytes = 1048576", "bytes = 1024")
        .replace("bytes = 786432", "bytes = 512");
    std::fs::write(&file, tiny).unwrap();
    let profiles = [
        "--profile",
        "coral-edgetpu",
        "--profile",
        file.to_str().unwrap(),
    ];
    let record = diff(&[&["mt-edge"], &profiles[..]].concat());
    assert_eq!(record["b"]["infeasible"]["limit"], "memory.narrow");
    let latency = total(&record, "latency_ms");
    assert!(latency["a"].is_f64() && latency["b"].is_null() && latency["difference"].is_null());
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let coral = ["--profile", "coral-edgetpu"];
    let both = [
        "--profile",
        "coral-edgetpu",
        "--profile",
        "systolic-32x32-ws",
    ];
    refused(
        &[&["diff", "mt-edge"], &coral[..]].concat(),
        &["second network", "second --profile"],
    );
    refused(
        &[&["diff", "mt-edge", "ednas-t6"], &both[..]].concat(),
        &["one network or one --profile"],
    );
    refused(
        &[&["diff", "mt-edge"], &both[..], &coral[..]].concat(),
        &["given 3 times"],
    );
    refused(
        &[&["diff", "mt-edge", "resnet"], &coral[..]].concat(),
        &["resnet"],
    );
    refused(
        &[&["diff", "mt-edge", "--sort", "size"], &both[..]].concat(),
        &["order, difference"],
    );
    refused(&["diff", "mt-edge"], &["--profile"]);
}

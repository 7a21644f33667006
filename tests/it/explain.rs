//! `ednas estimate --explain`: what the figures rest on, and what each key does to them.

use std::fs;

use serde_json::Value;

use super::commands::{ednas, record};

fn explained(profile: &str) -> (Value, Value) {
    let mut record = record(&[
        "estimate",
        "mt-edge",
        "--profile",
        profile,
        "--json",
        "--explain",
    ]);
    let explain = record.as_object_mut().unwrap().remove("explain").unwrap();
    (record, explain)
}

fn key<'a>(explain: &'a Value, name: &str) -> &'a Value {
    let keys = explain["keys"].as_array().unwrap();
    keys.iter()
        .find(|key| key["key"] == name)
        .unwrap_or_else(|| panic!("no key {name}"))
}

#[test]
fn it_is_there_only_where_it_is_asked_for() {
    let plain = record(&[
        "estimate",
        "mt-edge",
        "--profile",
        "coral-edgetpu",
        "--json",
    ]);
    assert_eq!(plain.get("explain"), None);
    let (record, _) = explained("coral-edgetpu");
    assert_eq!(record, plain);
}

#[test]
fn every_key_says_what_it_does() {
    let (record, explain) = explained("coral-edgetpu");
    let effect = |name: &str| key(&explain, name)["effect"].as_str().unwrap();
    assert_eq!(effect("link.output_mb_per_s"), "latency");
    assert_eq!(effect("clock.mhz"), "latency");
    assert_eq!(effect("support.operators[conv2d]"), "latency");
    // Tables override the array, which only says what could have been.
    assert_eq!(effect("array.px"), "other_totals");
    // Nothing runs on the host, and no layer is dense.
    assert_eq!(effect("host.mb_per_s"), "none");
    assert_eq!(effect("throughput.dense.entries[0].macs_per_cycle"), "none");
    // Keys of a dot array make no systolic one.
    assert_eq!(effect("array.kind"), "untested");
    let latency_ms = record["latency_ms"].as_f64().unwrap();
    let output = key(&explain, "link.output_mb_per_s");
    let [half, twice] =
        [0, 1].map(|index| output["variations"][index]["latency_ms"].as_f64().unwrap());
    assert!(half > latency_ms && latency_ms > twice);
}

/// What a variation is said to cost is what a profile with that value costs.
#[test]
fn variations_are_what_they_say() {
    let (_, explain) = explained("systolic-32x32-ws");
    let folder = tempfile::tempdir().unwrap();
    let shown = ednas(&["profile", "show", "systolic-32x32-ws"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    for (name, index, before, after) in [
        ("array.rows", 0, "rows = 32", "rows = 16"),
        (
            "array.dataflow",
            0,
            "dataflow = \"ws\"",
            "dataflow = \"os\"",
        ),
        (
            "link.transfer_us",
            1,
            "transfer_us = 0.1",
            "transfer_us = 0.2",
        ),
    ] {
        assert!(text.contains(before));
        let file = folder.path().join("varied.toml");
        fs::write(&file, text.replace(before, after)).unwrap();
        let varied = record(&[
            "estimate",
            "mt-edge",
            "--json",
            "--profile",
            file.to_str().unwrap(),
        ]);
        let said = &key(&explain, name)["variations"][index]["latency_ms"];
        assert_eq!(*said, varied["latency_ms"], "{name}");
    }
}

#[test]
fn what_the_latency_rests_on_is_all_of_it() {
    for profile in ["coral-edgetpu", "systolic-32x32-ws"] {
        let (record, explain) = explained(profile);
        let tables = explain["rests_on"].as_array().unwrap();
        let cycles: u64 = tables
            .iter()
            .map(|table| table["cycles"].as_u64().unwrap())
            .sum();
        assert_eq!(cycles, record["cycles"].as_u64().unwrap());
        let assumed = tables.iter().filter(|table| table["source"] == "assumed");
        let assumed: f64 = assumed.map(|table| table["share"].as_f64().unwrap()).sum();
        assert!((assumed - record["assumed_share"].as_f64().unwrap()).abs() < 1e-9);
        assert!(
            tables.iter().all(|table| table["table"].is_string()),
            "{tables:?}"
        );
    }
}

#[test]
fn places_add_up_to_the_totals() {
    let (record, explain) = explained("systolic-32x32-ws");
    let sum = |list: &str, field: &str| -> u64 {
        let records = explain[list].as_array().unwrap();
        records.iter().map(|one| one[field].as_u64().unwrap()).sum()
    };
    assert_eq!(
        sum("parameters", "cached_bytes"),
        record["cached_bytes"].as_u64().unwrap()
    );
    assert!(sum("parameters", "streamed_bytes") > 0);
    assert!(sum("spilled", "bytes") > 0);
    let peak = &explain["placements"][0];
    assert_eq!(peak["peak_bytes"], record["activation_peak_bytes"]);
    let placed = peak["activations"].as_array().unwrap();
    let ends = placed
        .iter()
        .map(|one| one["address"].as_u64().unwrap() + one["bytes"].as_u64().unwrap());
    assert_eq!(ends.max(), peak["peak_bytes"].as_u64());
}

#[test]
fn fused_layers_are_named_with_what_they_are_part_of() {
    let folder = tempfile::tempdir().unwrap();
    let shown = ednas(&["profile", "show", "systolic-32x32-ws"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let file = folder.path().join("fusing.toml");
    let fusion = "\n[fusion]\nsource = \"assumed: a test\"\noperators = [\"add\"]\n";
    fs::write(&file, text + fusion).unwrap();
    let (record, explain) = explained(file.to_str().unwrap());
    let fused = explain["fused"].as_array().unwrap();
    let marked = record["layers"].as_array().unwrap().iter();
    assert_eq!(
        fused.len(),
        marked.filter(|layer| layer["fused"] == true).count()
    );
    assert!(
        fused
            .iter()
            .any(|one| one["layer"] == "block03/add" && one["into"] == "block03/project/conv")
    );
    assert_eq!(key(&explain, "fusion.operators[add]")["effect"], "latency");
}

#[test]
fn people_read_it_below_the_totals() {
    let output = ednas(&[
        "estimate",
        "mt-edge",
        "--profile",
        "coral-edgetpu",
        "--explain",
        "--layers",
        "none",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "the latency rests on",
        "fitted  link",
        "keys that change the latency",
        "keys without effect on any total: ",
        "host.mb_per_s",
        "stay on the chip",
        "activations of mt-edge reach",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

//! `ednas estimate` and `ednas profile` as their users meet them.

use serde_json::Value;

use super::commands::{record, refused};

fn estimate(arguments: &[&str]) -> Value {
    record(&[&["estimate", "--json"], arguments].concat())
}

/// An estimate without the field that says how it was timed, which must be all that differs.
pub(super) fn without_speed(mut record: Value) -> Value {
    assert!(record["latency_ms"].is_number());
    let fields = record.as_object_mut().unwrap();
    fields.remove("speed").unwrap();
    record
}

#[test]
fn layers_sum_to_the_latency() {
    for profile in ["coral-edgetpu", "systolic-32x32-ws"] {
        let record = estimate(&["mt-edge", "--profile", profile]);
        assert_eq!(record["schema"], "ednas.estimate/1");
        assert_eq!(record["infeasible"], Value::Null);
        let cost = &record;
        assert_eq!(cost["energy_mj"], Value::Null);
        let sum = |key: &str| -> u64 {
            let layers = record["layers"].as_array().unwrap();
            layers
                .iter()
                .map(|layer| layer[key].as_u64().unwrap())
                .sum()
        };
        assert_eq!(sum("cycles"), cost["cycles"].as_u64().unwrap());
        assert_eq!(sum("macs"), cost["macs"].as_u64().unwrap());
        let [latency, device] = ["latency_ms", "device_ms"].map(|key| cost[key].as_f64().unwrap());
        assert!(0.0 < device && device < latency);
    }
}

#[test]
fn speeds_agree_on_whole_networks() {
    for model in ["mt-edge", "ednas-t6"] {
        let at = |speed| estimate(&[model, "--profile", "systolic-32x32-ws", "--speed", speed]);
        let (fast, events) = (at("fast"), at("events"));
        assert_eq!(without_speed(fast), without_speed(events));
    }
}

#[test]
fn a_batch_brings_its_parameters_once() {
    let profile = ["mt-edge", "--profile", "npu-512"];
    let at = |batch| estimate(&[&profile[..], &["--batch", batch]].concat());
    let (one, two) = (at("1"), at("2"));
    assert_eq!((&one["images"], &two["images"]), (&1.into(), &2.into()));
    let count = |record: &Value, key: &str| record[key].as_u64().unwrap();
    assert_eq!(count(&two, "macs"), 2 * count(&one, "macs"));
    let parameters = |record: &Value| count(&record["traffic"], "parameter_bytes");
    assert!(2 * parameters(&two) < 3 * parameters(&one));
    assert!(count(&two, "cycles") < 2 * count(&one, "cycles"));
    refused(
        &[&["estimate"], &profile[..], &["--batch", "99999999999"]].concat(),
        &["99999999999 images"],
    );
}

#[test]
fn what_a_machine_cannot_run_is_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tiny.toml");
    let shown = std::process::Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["profile", "show", "systolic-32x32-ws"])
        .output()
        .unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    let tiny = text
        .replace("bytes = 1048576", "bytes = 1024")
        .replace("bytes = 786432", "bytes = 512");
    std::fs::write(&file, tiny).unwrap();
    let record = estimate(&["mt-edge", "--profile", file.to_str().unwrap()]);
    assert_eq!(record["latency_ms"], Value::Null);
    assert_eq!(record["infeasible"]["limit"], "memory.narrow");
    let [asked, available] = ["asked", "available"].map(|key| record["infeasible"][key].as_u64());
    assert!(asked > available);
}

#[test]
fn bad_profiles_are_refused() {
    refused(
        &["estimate", "mt-edge", "--profile", "corl"],
        &["coral-edgetpu", "systolic-32x32-ws"],
    );
    refused(&["profile", "check", "no/such.toml"], &["no/such.toml"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "name = \"x\"\ndescription = \"y\"\nclok = 1\n").unwrap();
    let path = file.to_str().unwrap();
    refused(
        &["profile", "check", path],
        &["bad.toml:3", "`clok`", "did you mean `clock`"],
    );
}

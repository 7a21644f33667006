//! `ednas estimate` and `ednas profile` as their users meet them.

use serde_json::Value;

use super::commands::{ednas, record, refused};

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

fn table(arguments: &[&str]) -> String {
    let output = ednas(&[&["estimate", "mt-edge", "--profile"], arguments].concat());
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_table_shows_the_layers_asked_for() {
    let record = estimate(&["mt-edge", "--profile", "systolic-32x32-ws"]);
    let layers = record["layers"].as_array().unwrap();
    let timed = layers.iter().filter(|layer| layer["cycles"] != 0).count();
    let all = table(&["systolic-32x32-ws"]);
    let rows: Vec<&str> = all.lines().take_while(|line| !line.is_empty()).collect();
    let widest = rows.iter().map(|row| row.chars().count()).max().unwrap();
    assert!((100..=160).contains(&widest), "{widest} columns");
    let named = rows.iter().filter(|row| row.starts_with(" block"));
    let blocks = layers.iter().filter(|layer| {
        layer["cycles"] != 0 && layer["name"].as_str().unwrap().starts_with("block")
    });
    assert_eq!(named.count(), blocks.count());
    let total = rows.iter().find(|row| row.starts_with(" all ")).unwrap();
    assert!(total.contains("100.0"), "{total}");
    let top = table(&["systolic-32x32-ws", "--layers", "top=2"]);
    let slowest = layers
        .iter()
        .max_by_key(|layer| layer["cycles"].as_u64())
        .unwrap();
    let first = top.lines().nth(1).unwrap().trim_start();
    assert!(
        first.starts_with(slowest["name"].as_str().unwrap()),
        "{top}"
    );
    assert!(
        top.contains(&format!("{} more take time", timed - 2)),
        "{top}"
    );
    let none = table(&["systolic-32x32-ws", "--layers", "none"]);
    assert!(none.starts_with("mt-edge at 256x256"), "{none}");
    refused(
        &[
            "estimate",
            "mt-edge",
            "--profile",
            "coral-edgetpu",
            "--layers",
            "5",
        ],
        &["all, none, top=N"],
    );
}

/// One dot for each layer that multiplies, and the same file from the same estimate.
#[test]
fn a_roofline_shows_every_layer_that_multiplies() {
    let folder = tempfile::tempdir().unwrap();
    for profile in ["coral-edgetpu", "systolic-32x32-ws"] {
        let draw = |name: &str| {
            let file = folder.path().join(name);
            let path = file.to_str().unwrap();
            let record = estimate(&["ednas-t6", "--profile", profile, "--roofline", path]);
            (record, std::fs::read_to_string(&file).unwrap())
        };
        let (record, svg) = draw("a.svg");
        let multiply = record["layers"].as_array().unwrap().iter();
        let multiply = multiply.filter(|layer| layer["macs"] != 0).count();
        assert_eq!(svg.matches("class=\"point ").count(), multiply);
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("MACs/cycle") && !svg.contains("NaN") && !svg.contains("inf"));
        assert_eq!(svg, draw("b.svg").1);
    }
}

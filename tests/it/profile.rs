//! `ednas profile` as its users meet it.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use super::commands::{record, refused};

fn profile(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ednas"))
        .arg("profile")
        .args(arguments)
        .output()
        .unwrap()
}

fn said(arguments: &[&str]) -> String {
    let output = profile(arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn list_says_what_each_machine_is() {
    let list = record(&["profile", "list", "--json"]);
    assert_eq!(list["schema"], "ednas.profile-list/1");
    let profiles = list["profiles"].as_array().unwrap();
    let coral = profiles
        .iter()
        .find(|p| p["name"] == "coral-edgetpu")
        .unwrap();
    assert_eq!(
        (&coral["peak_macs_per_cycle"], &coral["verified"]),
        (&Value::from(4096), &Value::from(true))
    );
    assert!(
        profiles
            .iter()
            .all(|p| !p["name"].as_str().unwrap().starts_with("unverified/"))
    );
    assert!(said(&["list"]).contains("usb2"));
    assert!(said(&["list", "--all"]).lines().count() >= said(&["list"]).lines().count());
}

#[test]
fn modes_are_asked_for_wherever_a_profile_is() {
    let latency = |profile: &str| {
        let record = record(&[
            "estimate",
            "mt-edge",
            "--size",
            "128",
            "--profile",
            profile,
            "--json",
        ]);
        assert_eq!(record["profile"], profile);
        record["latency_ms"].as_f64().unwrap()
    };
    let [base, std, usb2, both] =
        ["", ":std", ":usb2", ":usb2+std"].map(|modes| latency(&format!("coral-edgetpu{modes}")));
    assert!(base < std && base < usb2 && std < both && usb2 < both);

    // What show prints of a mode is a machine of its own, and a file has its modes too.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coral.toml");
    fs::write(&file, said(&["show", "coral-edgetpu"])).unwrap();
    let in_file = format!("{}:usb2+std", file.display());
    let shown = said(&["show", &in_file]);
    assert_eq!(shown, said(&["show", "coral-edgetpu:usb2+std"]));
    fs::write(&file, shown).unwrap();
    let path = file.to_str().unwrap();
    let alone = record(&[
        "estimate",
        "mt-edge",
        "--size",
        "128",
        "--profile",
        path,
        "--json",
    ]);
    assert_eq!(alone["latency_ms"].as_f64(), Some(both));

    refused(
        &["estimate", "mt-edge", "--profile", "coral-edgetpu:usb"],
        &["no mode `usb`", "did you mean `usb2`", "std"],
    );
}

#[test]
fn check_goes_through_every_mode() {
    let sound = said(&["check", "coral-edgetpu"]);
    assert!(
        sound.starts_with("coral-edgetpu: coral-edgetpu is a sound profile"),
        "{sound}"
    );
    for mode in ["std", "usb2"] {
        assert!(
            sound.contains(&format!("; so is its mode {mode}")),
            "{sound}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let text = said(&["show", "coral-edgetpu"]);
    fs::write(
        &file,
        text.replace("mhz = 250.0", "mgz = 250.0")
            .replace("output_mb_per_s = 12.0", "output_mb_per_s = -12.0"),
    )
    .unwrap();
    let path = file.to_str().unwrap();
    refused(
        &["profile", "check", path],
        &[
            "in mode `std`",
            "unknown key `mgz` in [clock] (did you mean `mhz`?)",
            "| mgz = 250.0",
            "in mode `usb2`",
            "link.output_mb_per_s is -12",
        ],
    );
    assert!(
        profile(&["check", "coral-edgetpu:usb2+std"])
            .status
            .success()
    );
}

#[test]
fn a_new_profile_is_sound_and_is_not_written_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let path = file.to_str().unwrap();
    for base in ["systolic-32x32-ws", "coral-edgetpu:usb2"] {
        let text = said(&["new", "mine", "--from", base]);
        fs::write(&file, text).unwrap();
        assert!(said(&["check", path]).contains("mine is a sound profile"));
        let diff = record(&["profile", "diff", base, path, "--json"]);
        assert_eq!(diff["schema"], "ednas.profile-diff/1");
        assert_eq!(diff["differences"], serde_json::json!([]));
    }
    let other = folder.path().join("other.toml");
    said(&["new", "other", "-o", other.to_str().unwrap()]);
    refused(
        &["profile", "new", "other", "-o", other.to_str().unwrap()],
        &["exists already"],
    );
    refused(&["profile", "new", "a:b"], &["`a:b` is not a name"]);
}

#[test]
fn diff_tells_values_with_both_sources() {
    let text = said(&["diff", "coral-edgetpu", "coral-edgetpu:usb2"]);
    assert!(
        text.contains("\nlink.output_mb_per_s: 72.539 -> 12\n"),
        "{text}"
    );
    assert!(
        text.contains("    coral-edgetpu: fitted: input_mb_per_s"),
        "{text}"
    );
    let diff = record(&[
        "profile",
        "diff",
        "coral-edgetpu",
        "coral-edgetpu:std",
        "--json",
    ]);
    let clock = &diff["differences"][0];
    assert_eq!(clock["key"], "clock.mhz");
    assert_eq!(
        (&clock["a"], &clock["b"]),
        (&Value::from(294.94), &Value::from(250.0))
    );
    assert!(
        clock["source_b"]
            .as_str()
            .unwrap()
            .starts_with("datasheet: ")
    );
}

#[test]
fn the_schema_is_one_that_editors_know() {
    let schema = record(&["profile", "schema"]);
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert_eq!(schema["additionalProperties"], false);
    let link = &schema["properties"]["link"];
    assert_eq!(link["properties"]["output_mb_per_s"]["type"], "number");
    let mode = &schema["properties"]["modes"]["additionalProperties"];
    assert_eq!(mode["properties"]["link"]["required"], Value::Null);
}

//! The command line as its users meet it: records, exit codes, messages.

use std::process::{Command, Output};

use serde_json::Value;

pub(super) fn ednas(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(arguments)
        .output()
        .unwrap()
}

/// The one record on standard output.
pub(super) fn record(arguments: &[&str]) -> Value {
    let output = ednas(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Checks that the command ends with exit code 2, prints nothing, and says each of `parts`.
pub(super) fn refused(arguments: &[&str], parts: &[&str]) {
    let output = ednas(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    for part in parts {
        assert!(errors.contains(part), "{arguments:?}: {errors}");
    }
}

#[test]
fn model_show_prints_one_record() {
    let record = record(&["model", "show", "ednas-t6", "--json"]);
    assert_eq!(record["schema"], "ednas.model/1");
    assert_eq!(record["params"], 4_321_500);
    assert_eq!(record["macs"], 2_066_514_688_u64);
    assert_eq!(record["flops"], 4_133_029_376_u64);
    let layers = record["layers"].as_array().unwrap();
    let macs: u64 = layers.iter().map(|l| l["macs"].as_u64().unwrap()).sum();
    assert_eq!(macs, 2_066_514_688);
}

#[test]
fn numbers_beyond_all_use_are_refused() {
    let most = u64::MAX.to_string();
    for (arguments, part) in [
        (
            &["data", "show", "--size", "4294967296x4294967296"][..],
            "4096 a side",
        ),
        (
            &["data", "show", "scenes", "--size", "100000"],
            "4096 a side",
        ),
        (&["search", "--workers", "100000"], "from 1 to 1024"),
        (&["search", "--reward-q", "nan"], "`nan` is not a number"),
        (
            &["run", "-o", "out", "--reward-p", "inf"],
            "`inf` is not a number",
        ),
        (
            &["space", "sample", "ednas", "--count", &most],
            "from 1 to 1000000",
        ),
        (&["validate", "out", "--runs", &most], "from 0 to 1000000"),
        (
            &["quantize", "x.safetensors", "--calibration-samples", &most],
            "from 1 to 1000000",
        ),
        (
            &["reproduce", "table1", "--budget", "40"],
            "900s, 15m or 12h",
        ),
    ] {
        refused(arguments, &[part]);
    }
}

#[test]
fn model_show_takes_the_genome_it_prints() {
    let by_name = record(&["model", "show", "ednas-t7", "--json"]);
    let genome = by_name["genome"].as_str().unwrap();
    let by_genome = record(&["model", "show", genome, "--json"]);
    assert_eq!(by_genome["params"], by_name["params"]);
    assert_eq!(by_genome["genome"], by_name["genome"]);
}

#[test]
fn bad_models_are_refused() {
    refused(&["model", "show", "resnet"], &["resnet", "mt-edge"]);
    refused(
        &["model", "show", "mt-edge", "--size", "200"],
        &["128", "256x256"],
    );
    refused(
        &["model", "show", "mt-edge", "--size", "2x"],
        &["HEIGHTxWIDTH"],
    );
    refused(
        &["model", "show", "mt-edge", "--tasks", "seg,seg"],
        &["none twice"],
    );
    refused(
        &["model", "show", "mt-edge", "--tasks", "flow"],
        &["seg, depth, normals"],
    );
    refused(&["model", "show", "ednas/full/i9x1"], &["ednas/full"]);
    refused(
        &["model", "show", "mt-edge", "--fused", "late-separable:99"],
        &["late-separable"],
    );
    refused(&["nonsense"], &["nonsense"]);
}

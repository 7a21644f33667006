//! The whole road at its smallest scale: two trials, a few steps, nothing mocked.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// `ednas run` in `out`, as small as it gets.
fn road(out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ednas"));
    command.env("EDNAS_TRAIN", env!("CARGO_BIN_EXE_ednas-train"));
    command.args([
        "run",
        "--trials",
        "2",
        "--steps",
        "2",
        "--final-steps",
        "3",
        "--json",
    ]);
    command.args(["--train-samples", "8", "--validation-samples", "2"]);
    command.args([
        "--calibration-samples",
        "2",
        "--population",
        "1",
        "--seed",
        "7",
        "--out",
    ]);
    command.arg(out).stdin(Stdio::null());
    command
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_killed_run_goes_on_and_ends_whole() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");

    // Killed without warning as soon as the plan stands.
    let mut killed = road(&out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !out.join("search.journal").exists() {
        assert!(
            killed.try_wait().unwrap().is_none(),
            "ended before its search began"
        );
        thread::sleep(Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();

    let output = road(&out).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record, json(&out.join("run.json")));
    assert_eq!(record["schema"], "ednas.run/1");
    assert_eq!(record["search"]["complete"], 2);

    for (network, role) in record["networks"]
        .as_array()
        .unwrap()
        .iter()
        .zip(["found", "mt-edge"])
    {
        assert_eq!(network["role"], role);
        for scores in [&network["float_scores"], &network["int8"]["scores"]] {
            for metric in ["mIoU", "PAcc", "AbsE", "RelE", "MeanE", "t11", "t22", "t30"] {
                assert!(
                    scores[metric].as_f64().unwrap().is_finite(),
                    "{role} {metric}"
                );
            }
        }
        for output in ["seg", "depth", "normals"] {
            let agreement = &network["int8"]["agreement"][output];
            // tract computes in float, and an almost untrained network amplifies a tie that falls
            // to the other side: by how much depends on the processor that trained it, 6.2 steps
            // at the most so far. The outputs of unlike networks are tens of steps apart.
            let mean = agreement["mean_steps"].as_f64().unwrap();
            assert!(mean < 12.0, "{role} {output}: {agreement}");
        }
        let latency = &network["int8"]["latency"];
        assert!(latency["target_ms"].as_f64().unwrap() > 0.1);
        assert!(latency["host_measured_ms"].as_f64().unwrap() > 0.1);
    }
    for file in [
        "model.onnx",
        "model_int8.onnx",
        "model_int8.tflite",
        "search.journal",
    ] {
        assert!(record["files"][file].as_u64().unwrap() > 1000, "{file}");
    }
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("data:image/png;base64,"));
    assert!(
        !page.contains("http://") || page.contains("www.w3.org"),
        "the page fetches something"
    );

    // A finished run with other arguments is not touched.
    let other = road(&out).args(["--batch", "1"]).output().unwrap();
    assert_eq!(other.status.code(), Some(2));
    let before = fs::read(out.join("run.json")).unwrap();
    let other = road(&out)
        .args(["--target-latency-ms", "5"])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(2), "{}", errors(&other));
    assert!(
        errors(&other).contains("target_latency_ms"),
        "{}",
        errors(&other)
    );
    assert_eq!(before, fs::read(out.join("run.json")).unwrap());
}

#[test]
fn ctrl_c_leaves_a_run_that_can_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut command = road(&out);
    command
        .args(["--trials", "400"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = command.spawn().unwrap();
    while !out.join("search.journal").exists() {
        thread::sleep(Duration::from_millis(20));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &run.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", errors(&output));
    assert!(
        errors(&output).contains("goes on from there"),
        "{}",
        errors(&output)
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn what_is_missing_is_said_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let refused = |command: &mut Command, parts: &[&str]| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        for part in parts {
            assert!(errors(&output).contains(part), "{}", errors(&output));
        }
        assert!(!out.join("run.json").exists());
    };
    refused(
        road(&out).env("EDNAS_TRAIN", "/nowhere/ednas-train"),
        &["/nowhere/ednas-train", "make build"],
    );
    refused(road(&out).args(["--size", "200"]), &["multiples of 128"]);
    refused(road(&out).args(["--data", "kitti"]), &["kitti", "scenes"]);
    refused(road(&out).args(["--profile", "coral"]), &["coral-edgetpu"]);
    refused(road(&out).args(["--trials", "1"]), &["--trials is 1"]);
    refused(road(&out).args(["--budget", "soon"]), &["15m"]);
}

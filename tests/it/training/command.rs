//! `ednas train` as its users meet it: real steps, at the smallest size.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const WORKER: &str = env!("CARGO_BIN_EXE_ednas-train");

fn ednas(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(arguments)
        .current_dir(folder)
        .env("EDNAS_TRAIN", WORKER)
        .output()
        .unwrap()
}

/// The smallest training there is.
const SMALL: [&str; 8] = [
    "--tasks",
    "depth",
    "--train-samples",
    "2",
    "--validation-samples",
    "1",
    "--batch",
    "2",
];

#[test]
fn a_network_is_trained_and_then_fine_tuned_for_int8() {
    let folder = tempfile::tempdir().unwrap();
    let first = ["train", "mt-edge", "--steps", "1", "-o", "a.safetensors"];
    let output = ednas(&[&first[..], &SMALL].concat(), folder.path());
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for part in ["mt-edge, 128x128", "asymmetric", "AbsE", "a.safetensors"] {
        assert!(text.contains(part), "{text}");
    }
    let tuning = ["train", "--from", "a.safetensors", "--quantize-aware"];
    let rest = [
        "--calibration-samples",
        "1",
        "--steps",
        "1",
        "-o",
        "b.safetensors",
        "--json",
    ];
    let output = ednas(&[&tuning[..], &rest, &SMALL[2..]].concat(), folder.path());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["schema"], "ednas.train/1");
    assert_eq!(record["training"]["network"], "mt-edge");
    assert_eq!(record["training"]["start"]["arithmetic"]["kind"], "int8");
    assert!(record["scores"]["AbsE"].as_f64().unwrap() > 0.0);

    let other = [
        "train",
        "ednas-t6",
        "--from",
        "a.safetensors",
        "-o",
        "c.safetensors",
    ];
    let output = ednas(&other, folder.path());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("the model is mt-edge there, ednas-t6 here"),
        "{errors}"
    );
    let other = [
        "train",
        "--from",
        "a.safetensors",
        "--target",
        "cpu",
        "-o",
        "a.safetensors",
    ];
    let output = ednas(&other, folder.path());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("are the same file"), "{errors}");
}

#[test]
fn a_loss_that_is_no_number_says_the_learning_rate() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["train", "mt-edge", "--steps", "8", "-o", "a.safetensors"];
    let rate = ["--learning-rate", "1e30"];
    let output = ednas(&[&arguments[..], &rate, &SMALL].concat(), folder.path());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains("a lower learning_rate_max may help"),
        "{errors}"
    );
    assert!(!folder.path().join("a.safetensors").exists());
}

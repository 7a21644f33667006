//! What `ednas train` refuses before any worker starts.

use std::process::Command;

use super::commands::refused;

fn train_refused(arguments: &[&str], parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.safetensors");
    let out = ["--out", out.to_str().unwrap()];
    refused(&[&["train"], arguments, &out].concat(), parts);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    train_refused(&["mt-edge", "--steps", "0"], &["--steps is 0"]);
    train_refused(&["mt-edge", "--batch", "1"], &["batch_size is 1"]);
    train_refused(&["mt-edge", "--threads", "0"], &["--threads is 0"]);
    train_refused(
        &["mt-edge", "--learning-rate", "NaN"],
        &["learning_rate_max is NaN"],
    );
    train_refused(
        &["mt-edge", "--train-samples", "3000"],
        &["--train-samples is 3000, expected 1 to 2975"],
    );
    train_refused(
        &["mt-edge", "--size", "100"],
        &["multiples of 128", "128x128"],
    );
    train_refused(
        &["mt-edge", "--data", "kitti"],
        &["'kitti'", "known: scenes"],
    );
    train_refused(&["mt-edge", "--target", "corral"], &["corral", "coral"]);
    train_refused(&["st-edge"], &["st-edge is 3 networks"]);
    train_refused(&["resnet"], &["resnet", "mt-edge", "cross-stitch-edge"]);
    train_refused(
        &["mt-edge", "--jared-lambda=-1"],
        &["lambda is -1, expected 0 or more"],
    );
    train_refused(
        &["mt-edge", "--task-weights", "depth=0"],
        &["the weight of depth is 0"],
    );
    train_refused(
        &["mt-edge", "--task-weights", "depth"],
        &["`depth` is not the weight of a task", "depth=20"],
    );
    train_refused(
        &["mt-edge", "--tasks", "seg", "--task-weights", "depth=2"],
        &["--task-weights has depth"],
    );
    train_refused(
        &["mt-edge", "--unit-rate", "10"],
        &["--unit-rate is for", "cross-stitch-edge"],
    );
    train_refused(
        &["cross-stitch-edge", "--unit-rate", "0"],
        &["unit_rate is 0"],
    );
    train_refused(
        &["adashare-edge:seg=1010"],
        &["seg has 4 choices, not 9", "seg=111111111"],
    );
    train_refused(&[], &["MODEL"]);
    train_refused(&["mt-edge", "--quantize-aware"], &["--from"]);
}

#[test]
fn a_start_that_is_no_checkpoint_is_refused() {
    train_refused(&["--from", "nowhere.safetensors"], &["nowhere.safetensors"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text.safetensors");
    std::fs::write(&file, "text").unwrap();
    train_refused(
        &["--from", file.to_str().unwrap()],
        &["expected safetensors"],
    );
}

#[test]
fn a_place_that_cannot_be_written_is_said_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    refused(&["train", "mt-edge", "-o", out], &["it is a folder"]);
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let below = file.join("a.safetensors");
    refused(
        &["train", "mt-edge", "-o", below.to_str().unwrap()],
        &["cannot write", "a.safetensors"],
    );
}

#[test]
fn a_machine_without_the_worker_is_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["train", "mt-edge", "-o", "a.safetensors"])
        .current_dir(folder.path())
        .env("EDNAS_TRAIN", "/nowhere/ednas-train")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("/nowhere/ednas-train") && errors.contains("make build"),
        "{errors}"
    );
}

//! `ednas search` with trainings as its users meet it: a step or two, at the smallest size.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

fn search(folder: &Path, more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["search", "--evaluator", "train", "--json", "--size", "128"])
        .args(["--tasks", "depth", "--workers", "1"])
        .args(["--train-samples", "8", "--validation-samples", "1"])
        .args(["--population", "2", "--tournament", "2"])
        .args(more)
        .current_dir(folder)
        .env("EDNAS_TRAIN", env!("CARGO_BIN_EXE_ednas-train"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn steps(found: &Value) -> (u64, u64) {
    let training = &found["training"];
    let count = |name: &str| training[name].as_u64().unwrap();
    (count("steps"), count("full_steps"))
}

#[test]
fn trials_are_trained_recorded_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let steps_2 = ["--steps", "2", "--trials"];
    let found = search(folder.path(), &[&steps_2[..], &["2"]].concat());
    assert_eq!(found["counts"]["complete"], 2, "{found}");
    let found = search(folder.path(), &[&steps_2[..], &["3"]].concat());
    assert_eq!(found["counts"]["complete"], 3, "{found}");
    assert_eq!(steps(&found), (6, 6));
    assert!(found["best"]["metrics"]["AbsE"].as_f64().unwrap() > 0.0);
    assert!(!folder.path().join("search.journal.weights").exists());
}

#[test]
fn every_saving_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let rungs = ["--rungs", "1,3", "--keep", "1/2", "--trials", "4"];
    let more = ["--average", "0.5", "--predictor"];
    let found = search(folder.path(), &[&rungs[..], &more].concat());
    assert_eq!(found["settings"]["average"], 0.5);
    let (trained, full) = steps(&found);
    let rung = &found["training"]["rungs"][0];
    let stopped = rung["stopped"].as_u64().unwrap();
    assert_eq!(
        (rung["step"].clone(), rung["reached"].clone()),
        (json!(1), json!(4))
    );
    assert_eq!((trained, full), (12 - 2 * stopped, 12), "{found}");
    assert_eq!(found["training"]["predictor"]["candidates"], 16);

    let promoting = [
        "--rungs",
        "1,3",
        "--keep",
        "1/2",
        "--promote",
        "--trials",
        "5",
    ];
    let more = ["--journal", "promoted.journal"];
    let found = search(folder.path(), &[&promoting[..], &more].concat());
    assert_eq!(found["settings"]["average"], 0.95);
    let reached = found["training"]["rungs"][0]["reached"].as_u64().unwrap();
    let complete = found["counts"]["complete"].as_u64().unwrap();
    assert!(complete > 0, "{found}");
    assert_eq!(steps(&found), (reached + 2 * complete, 3 * reached));

    let inherit = ["--inherit", "--inherit-steps", "1", "--steps", "2"];
    let more = ["--trials", "4", "--journal", "heirs.journal"];
    let found = search(folder.path(), &[&inherit[..], &more].concat());
    let heirs = found["training"]["heirs"].as_u64().unwrap();
    assert!(heirs > 0, "{found}");
    assert_eq!(steps(&found), (8 - heirs, 8));
    assert!(found["training"]["inherited_share"].as_f64().unwrap() > 0.3);
}

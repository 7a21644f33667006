//! `ednas transfer` as its users meet it: searches and trainings of a step, at the smallest size.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Single-task searches and a joint one, then every network trained for a step.
const SMALL: [&str; 19] = [
    "transfer",
    "--search-trials",
    "1",
    "--search-steps",
    "1",
    "--size",
    "128",
    "--train-samples",
    "2",
    "--validation-samples",
    "1",
    "--batch",
    "2",
    "--steps",
    "1",
    "--seeds",
    "2",
    "--output",
    "out",
];

fn transfer(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args([&SMALL[..], more].concat())
        .current_dir(folder)
        .env("EDNAS_TRAIN", env!("CARGO_BIN_EXE_ednas-train"))
        .output()
        .unwrap()
}

fn files(folder: &Path, ending: &str) -> usize {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .count()
}

#[test]
fn what_was_found_for_one_task_and_for_all_is_trained_once_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let output = transfer(folder.path(), &["--json"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["schema"], "ednas.transfer/1");
    let rows = found["rows"].as_array().unwrap();
    let names: Vec<&str> = rows
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    let expected = [
        "ST edge",
        "MT edge",
        "NAS-seg -> MT",
        "NAS-depth -> MT",
        "joint",
    ];
    assert_eq!(names, expected);
    assert_eq!(rows[0]["delta_t"], 0.0);
    assert_eq!(rows[0]["speed_up"], 1.0);
    assert!(rows[1]["speed_up"].as_f64().unwrap() > 1.0);
    // Two networks of one task each carry two trunks.
    let parameters = |row: &Value| row["parameters"].as_u64().unwrap();
    assert!(parameters(&rows[0]) > parameters(&rows[1]) * 3 / 2);
    for row in rows {
        assert_eq!(row["metrics"].as_object().unwrap().len(), 4, "{row}");
    }

    // The first trial of every search is the baseline, so that all of them found it: four trainings a
    // seed, two of one task and two of both, and three searches. No weights are left.
    let out = folder.path().join("out");
    assert_eq!(
        ["json", "journal", "safetensors"].map(|ending| files(&out, ending)),
        [8, 3, 0]
    );

    // Again: nothing is trained, and the table is of the same figures.
    let output = transfer(folder.path(), &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for part in ["sigma over the seeds", "NAS-seg -> MT", "speed-up", "dT"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let again = transfer(folder.path(), &["--json"]);
    assert_eq!(
        serde_json::from_slice::<Value>(&again.stdout).unwrap(),
        found
    );
}

#[test]
fn a_result_that_was_tampered_with_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(transfer(folder.path(), &[]).status.success());
    let out = folder.path().join("out");
    let mut entries = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_result = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "json");
    let result = entries.find(is_result).unwrap();
    fs::write(&result, "{}").unwrap();
    let output = transfer(folder.path(), &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("remove it"), "{errors}");
}

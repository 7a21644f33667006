//! `ednas reproduce` as its users meet it: every row trained for a step or two.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn reproduce(table: &str, folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["reproduce", table, "--scale", "demo", "--steps", "1"])
        .args(more)
        .current_dir(folder)
        .env("EDNAS_TRAIN", env!("CARGO_BIN_EXE_ednas-train"))
        .output()
        .unwrap()
}

fn record(table: &str, folder: &Path, more: &[&str]) -> Value {
    let output = reproduce(table, folder, &[more, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_table_stands_beside_the_papers_and_says_what_held() {
    let folder = tempfile::tempdir().unwrap();
    let found = record("table1", folder.path(), &["--seeds", "2"]);
    assert_eq!(found["schema"], "ednas.reproduce/1");
    assert_eq!(found["rows"][1]["printed"]["metrics"]["RelE"], 0.3237);
    assert!(found["rows"][1]["measured"]["metrics"]["RelE"]["mean"].is_number());
    assert_eq!(found["rows"][0]["measured"]["is_baseline"], true);
    assert_eq!(found["claims"].as_array().unwrap().len(), 5);

    let kept = folder.path().join("reproduce/table1-demo.record");
    let kept: Value = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
    assert_eq!(kept, found);

    // Nothing is trained again, and people get a table.
    let output = reproduce("table1", folder.path(), &["--seeds", "2"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "JAReD",
        "printed",
        "JAReD lowers the relative error:",
        "lambda 0.1 (assumed)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("4 of 4 trainings are done"), "{errors}");
}

#[test]
fn stronger_baselines_leave_out_what_the_paper_does_not_print() {
    let folder = tempfile::tempdir().unwrap();
    let found = record("table5", folder.path(), &[]);
    let rows = found["rows"].as_array().unwrap();
    let trained = rows.iter().map(|row| !row["measured"].is_null());
    let expected = [true, true, true, true, true, false, true, true];
    assert_eq!(trained.collect::<Vec<_>>(), expected);
    // The strong baseline stands in the table twice, the second time over itself.
    assert_eq!(
        rows[2]["measured"]["metrics"],
        rows[3]["measured"]["metrics"]
    );
    assert_eq!(rows[3]["measured"]["delta_t"], 0.0);

    // With what a search found for segmentation the row is there; the others are not trained again.
    let found = record("table5", folder.path(), &["--seg", "ednas-t6"]);
    assert!(found["rows"][5]["measured"]["delta_t"].is_number());
}

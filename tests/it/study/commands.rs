//! `ednas study ...`: records, texts and files.

use std::fs;
use std::path::{Path, PathBuf};

use ednas::study::{pareto_front, ranking};
use serde_json::{Value, json};

use super::super::commands::{ednas, record, refused};
use super::writer::Study;

/// A finished journal of 40 trials.
fn journal(folder: &Path, name: &str, study: &Study) -> PathBuf {
    let path = folder.join(name);
    study.write(&path, 40);
    path
}

fn numbers(trials: &Value) -> Vec<u64> {
    let trials = trials.as_array().unwrap().iter();
    trials.map(|t| t["trial"].as_u64().unwrap()).collect()
}

#[test]
fn show_prints_the_best_trial_and_the_front() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::of_reward("ednas", 1);
    let path = journal(folder.path(), "a.journal", &study);
    let history = ednas::study::read(&path).unwrap().history;
    let record = record(&["study", "show", path.to_str().unwrap(), "--json"]);
    assert_eq!(record["schema"], "ednas.study/1");
    let counts = json!({
        "trials": 40, "complete": 27, "stopped": 4, "infeasible": 4, "failed": 4, "unfinished": 1
    });
    assert_eq!(record["counts"], counts);
    assert_eq!(
        record["best"]["trial"],
        json!(ranking(&history, &study.header.goals()[0])[0])
    );
    let front = pareto_front(&history, &study.header.trade_off(&history));
    assert_eq!(json!(numbers(&record["front"])), json!(front));
    assert_eq!(record["settings"]["profile"], "coral-edgetpu");
    assert_eq!(record["settings"].get("space_definition"), None);
    let text = ednas(&["study", "show", path.to_str().unwrap()]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("40 trials: 27 complete, 4 stopped"), "{text}");
}

#[test]
fn best_ranks_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::of_reward("ednas", 1);
    let path = journal(folder.path(), "a.journal", &study);
    let path = path.to_str().unwrap();
    let best = record(&["study", "best", path, "--top", "5", "--json"]);
    let trials = best["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 5);
    let rewards: Vec<f64> = trials
        .iter()
        .map(|t| t["values"]["reward"].as_f64().unwrap())
        .collect();
    assert!(
        rewards.windows(2).all(|pair| pair[0] >= pair[1]),
        "{rewards:?}"
    );
    assert_eq!(trials[0]["decisions"].as_object().unwrap().len(), 63);
    let command = trials[0]["command"].as_str().unwrap();
    let genome = trials[0]["genome"].as_str().unwrap();
    assert_eq!(
        command,
        format!("ednas estimate '{genome}' --profile coral-edgetpu")
    );
    let by_latency = record(&["study", "best", path, "--by", "latency_ms", "--json"]);
    assert_eq!(by_latency["objective"]["direction"], "minimize");
    refused(
        &["study", "best", path, "--by", "taste"],
        &["no objective `taste`; it has reward"],
    );
}

#[test]
fn pareto_is_over_all_objectives() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::of_two("mobiledet", 1);
    let path = journal(folder.path(), "a.journal", &study);
    let record = record(&["study", "pareto", path.to_str().unwrap(), "--json"]);
    let expected = json!([
        { "name": "accuracy", "direction": "maximize" },
        { "name": "latency_ms", "direction": "minimize" }
    ]);
    assert_eq!(record["objectives"], expected);
    let front = record["front"].as_array().unwrap();
    let of = |t: &Value, name: &str| t["values"][name].as_f64().unwrap();
    for pair in front.windows(2) {
        assert!(of(&pair[0], "accuracy") > of(&pair[1], "accuracy"));
        assert!(of(&pair[0], "latency_ms") > of(&pair[1], "latency_ms"));
    }
    assert!(front.len() > 1);
}

#[test]
fn export_writes_every_trial_under_stable_columns() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::of_two("mobiledet", 1);
    let path = journal(folder.path(), "a.journal", &study);
    let history = ednas::study::read(&path).unwrap().history;
    let csv = folder.path().join("a.csv");
    let arguments = [
        "study",
        "export",
        path.to_str().unwrap(),
        "-o",
        csv.to_str().unwrap(),
    ];
    let exported = record(&[&arguments[..], &["--json"]].concat());
    assert_eq!(exported["trials"], 40);
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let columns: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(exported["columns"], json!(columns));
    let first = [
        "trial",
        "state",
        "parent",
        "value.accuracy",
        "value.latency_ms",
        "metric.accuracy",
    ];
    assert_eq!(columns[..6], first);
    assert_eq!(columns[columns.len() - 2..], ["genome", "reason"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 40);
    for (row, trial) in rows.iter().zip(history.trials()) {
        assert_eq!(row[1], *trial.state());
        let value = trial.values().map(|values| values[0].to_bits());
        assert_eq!(row[3].parse::<f64>().ok().map(f64::to_bits), value);
        assert_eq!(row[columns.len() - 2], study.space.text(&trial.genome));
        assert_eq!(row[columns.len() - 1], *trial.reason().unwrap_or(""));
        let made = study.space.values(&trial.genome).count();
        let decided = columns.len() - 2 - study.space.decisions().len();
        let filled = (decided..columns.len() - 2).filter(|&c| !row[c].is_empty());
        assert_eq!(filled.count(), made);
    }
    let file = folder.path().join("a.json");
    record(&[
        "study",
        "export",
        path.to_str().unwrap(),
        "-o",
        file.to_str().unwrap(),
        "--json",
    ]);
    let trials: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(trials["trials"].as_array().unwrap().len(), 40);
    assert_eq!(trials["trials"][3]["reason"], "needs 9 MiB, there are 8");
    refused(
        &["study", "export", path.to_str().unwrap(), "-o", "a.parquet"],
        &["a.parquet is neither .csv nor .json"],
    );
}

#[test]
fn plot_draws_a_page_that_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for study in [Study::of_reward("ednas", 1), Study::of_two("mobiledet", 1)] {
        let path = journal(
            folder.path(),
            study.space.name().split('/').next().unwrap(),
            &study,
        );
        let page = folder.path().join("page.html");
        let arguments = [
            "study",
            "plot",
            path.to_str().unwrap(),
            "-o",
            page.to_str().unwrap(),
        ];
        assert_eq!(
            record(&[&arguments[..], &["--json"]].concat())["trials"],
            40
        );
        let page = fs::read_to_string(&page).unwrap();
        for part in [
            "Best so far",
            "Trade-off",
            "How trials ended",
            "What good trials are made of",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(
            !page.contains("http://") && !page.contains("https://") && !page.contains("<script")
        );
        assert!(!page.contains("NaN"));
    }
}

#[test]
fn diff_says_what_differs_and_which_front_is_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Study::of_two("mobiledet", 1), Study::of_two("mobiledet", 2));
    let a = journal(folder.path(), "a.journal", &first);
    let b = folder.path().join("b.journal");
    second.write(&b, 4);
    let (a, b) = (a.to_str().unwrap(), b.to_str().unwrap());
    let differs = record(&["study", "diff", a, b, "--json"]);
    assert_eq!(
        differs["settings"],
        json!([{ "name": "seed", "a": 1, "b": 2 }])
    );
    // The second study is the beginning of the first one.
    let share = |side: &str| differs[side]["hypervolume_share"].as_f64().unwrap();
    assert!(
        share("a") >= share("b") && share("a") <= 1.0,
        "{} {}",
        share("a"),
        share("b")
    );
    assert_eq!(differs["a"]["front_beaten"], 0);
    let same = record(&["study", "diff", a, a, "--json"]);
    assert_eq!(same["settings"], json!([]));
    assert_eq!(same["a"], same["b"]);
    let text = ednas(&["study", "diff", a, b]);
    assert!(
        String::from_utf8(text.stdout)
            .unwrap()
            .contains("hypervolume")
    );
}

#[test]
fn an_empty_study_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.journal");
    Study::of_reward("ednas", 1).write(&path, 1);
    let path = path.to_str().unwrap();
    for command in ["show", "best", "pareto"] {
        assert!(
            ednas(&["study", command, path]).status.success(),
            "{command}"
        );
    }
    assert!(ednas(&["study", "diff", path, path]).status.success());
    let page = folder.path().join("page.html");
    assert!(
        ednas(&["study", "plot", path, "-o", page.to_str().unwrap()])
            .status
            .success()
    );
}

#[test]
fn foreign_journals_are_refused() {
    refused(&["study", "show", "no/such.journal"], &["no/such.journal"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    fs::write(&file, "not a journal\n").unwrap();
    refused(
        &["study", "show", file.to_str().unwrap()],
        &["notes.txt, line 1"],
    );
    refused(
        &["study", "best", folder.path().to_str().unwrap()],
        &["is not a file"],
    );
}

/// What `best` says to type next, typed.
#[test]
fn the_command_of_the_best_trial_prices_it_as_the_search_did() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.journal");
    let path = path.to_str().unwrap();
    let search = ["--size", "128x256", "--tasks", "depth", "--trials", "4"];
    record(&[&["search", "--json", "--journal", path][..], &search].concat());
    let best = record(&["study", "best", path, "--json"]);
    let best = &best["trials"][0];
    let command = best["command"].as_str().unwrap().replace('\'', "");
    let words: Vec<&str> = command
        .split_whitespace()
        .skip(1)
        .chain(["--json"])
        .collect();
    assert_eq!(record(&words)["latency_ms"], best["metrics"]["latency_ms"]);
}

//! Journals: what is written, read back, repaired and refused; summaries against an obvious twin.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde_json::{Value as Json, json};

use super::*;
use crate::space::{Choice, Decision, Genome, Space, Value, ednas};

mod lines;
mod snapshots;
mod spaces;
mod time;

fn space() -> Space {
    let decision = |group: &str, name: &str, values: [i64; 2]| {
        let choices = values.map(|v| Choice::new(Value::Int(v), format!("{name}{v}")));
        Decision::one_of(group, name, choices.to_vec())
    };
    Space::new(
        "toy",
        vec![decision("a", "k", [3, 5]), decision("b", "e", [3, 6])],
    )
    .unwrap()
}

fn header(space: &Space, seed: u64) -> Header {
    Header::new(
        space,
        vec![Direction::Maximize],
        BTreeMap::from([("seed".to_owned(), json!(seed))]),
    )
}

fn genome(choices: [usize; 2]) -> Genome {
    space().genome(choices.to_vec()).unwrap()
}

fn complete(reward: f64, latency_ms: f64, accuracy: f64) -> Outcome {
    let metrics = [
        (LATENCY_MS.to_owned(), latency_ms),
        (ACCURACY.to_owned(), accuracy),
    ];
    Outcome::Complete {
        values: vec![reward],
        metrics: metrics.into_iter().collect(),
    }
}

/// A journal with a trial of every kind, and the history it stands for.
fn write_sample(path: &Path) -> History {
    let space = space();
    let mut journal = Journal::open(path, &space, &header(&space, 7))
        .unwrap()
        .journal;
    let mut history = History::default();
    let outcomes = [
        Some(complete(0.1 + 0.2, 1.5, 1.0 / 3.0)),
        Some(Outcome::Infeasible {
            reason: "needs 9 MiB, there are 8".into(),
        }),
        None,
        Some(Outcome::Failed {
            reason: "loss is NaN at step 3,\n\"really\"".into(),
        }),
    ];
    for (choices, outcome) in [[0, 0], [0, 1], [1, 0], [1, 1]].into_iter().zip(outcomes) {
        journal
            .propose(&genome(choices), &space.text(&genome(choices)), None)
            .unwrap();
        let number = history.propose(genome(choices), None);
        if let Some(outcome) = outcome {
            journal.finish(number, &outcome).unwrap();
            history.finish(number, outcome);
        }
    }
    history
}

fn sample() -> (tempfile::TempDir, PathBuf, History) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let history = write_sample(&path);
    (folder, path, history)
}

#[test]
fn a_journal_reads_back() {
    let (_folder, path, history) = sample();
    let space = space();
    let opened = Journal::open(&path, &space, &header(&space, 7)).unwrap();
    assert_eq!(opened.history, history);
    assert_eq!(opened.torn_bytes, 0);
    assert_eq!(history.unfinished().collect::<Vec<_>>(), [2]);
}

#[test]
fn a_journal_cut_at_any_byte_keeps_its_whole_lines_and_continues() {
    let (folder, path, history) = sample();
    let space = space();
    let bytes = fs::read(&path).unwrap();
    let cut_path = folder.path().join("cut.journal");
    let open = || Journal::open(&cut_path, &space, &header(&space, 7)).unwrap();
    let front_length = header(&space, 7).lines().len();
    let mut at_last_newline = History::default();
    for length in front_length..=bytes.len() {
        fs::write(&cut_path, &bytes[..length]).unwrap();
        let opened = open();
        let torn_bytes = bytes[..length]
            .iter()
            .rev()
            .take_while(|&&b| b != b'\n')
            .count();
        assert_eq!(opened.torn_bytes, torn_bytes);
        if torn_bytes == 0 {
            at_last_newline = opened.history.clone();
        }
        assert_eq!(opened.history, at_last_newline, "cut at byte {length}");
        assert_eq!(fs::read(&cut_path).unwrap(), bytes[..length - torn_bytes]);
    }
    assert_eq!(at_last_newline, history);
}

#[test]
fn a_journal_cut_within_its_settings_begins_again() {
    let (folder, path, _) = sample();
    let space = space();
    let bytes = fs::read(&path).unwrap();
    let cut_path = folder.path().join("cut.journal");
    let front = header(&space, 7).lines();
    for length in 0..front.len() {
        fs::write(&cut_path, &bytes[..length]).unwrap();
        let opened = Journal::open(&cut_path, &space, &header(&space, 7)).unwrap();
        assert_eq!(
            (opened.torn_bytes, opened.history),
            (length, History::default())
        );
        assert_eq!(fs::read(&cut_path).unwrap(), front);
    }
}

#[test]
fn reading_leaves_a_torn_line_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let space = ednas::space_named("ednas").unwrap();
    let mut journal = Journal::open(&path, &space, &header(&space, 1))
        .unwrap()
        .journal;
    let genome = space.sample(&mut Pcg64Mcg::seed_from_u64(1));
    journal
        .propose(&genome, &space.text(&genome), None)
        .unwrap();
    journal.finish(0, &complete(1.0, 1.0, 1.0)).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    let recorded = read(&path).unwrap();
    assert!(recorded.torn_bytes > 0);
    assert_eq!(recorded.history.unfinished().count(), 1);
    assert_eq!(recorded.space, space);
    assert_eq!(fs::read(&path).unwrap().len(), bytes.len() - 3);
}

fn check_refusal(path: &Path, header: &Header, expected: &Expect) {
    let error = Journal::open(path, &space(), header).unwrap_err();
    assert!(error.is_bad_input());
    let folder = path.parent().unwrap().display().to_string();
    expected.assert_eq(&error.to_string().replace(&folder, "DIR"));
}

#[test]
fn a_journal_of_another_study_is_refused() {
    let (_folder, path, _) = sample();
    check_refusal(
        &path,
        &header(&space(), 8),
        &expect![
            "DIR/study.journal belongs to another study: its seed is 7, this search's is 8; give the same settings to continue it, or another journal"
        ],
    );
    let mut longer = header(&space(), 7).attributes().clone();
    longer.insert("steps".into(), json!(100));
    check_refusal(
        &path,
        &Header::new(&space(), vec![Direction::Maximize], longer),
        &expect![
            "DIR/study.journal belongs to another study: its steps is absent, this search's is 100; give the same settings to continue it, or another journal"
        ],
    );
    let other = ednas::space_named("ednas/full").unwrap();
    check_refusal(
        &path,
        &header(&other, 7),
        &expect![[
            r#"DIR/study.journal belongs to another study: its space is "toy", this search's is "ednas/full"; give the same settings to continue it, or another journal"#
        ]],
    );
}

/// A limit that is not given again is another search; a note that people made in Optuna is not.
#[test]
fn a_setting_that_is_off_must_be_off_in_the_journal() {
    let with = |name: &str, value: Json| {
        let settings = [("seed".to_owned(), json!(7)), (name.to_owned(), value)];
        Header::new(&space(), vec![Direction::Maximize], settings.into())
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let open = |header: &Header| drop(Journal::open(&path, &space(), header).unwrap());
    open(&with("limits", json!(["macs=1e9"])));
    open(&with("limits", json!(["macs=1e9"])));
    open(&header(&space(), 7));
    check_refusal(
        &path,
        &with("limits", Json::Null),
        &expect![[
            r#"DIR/study.journal belongs to another study: its limits is ["macs=1e9"], this search's is absent; give the same settings to continue it, or another journal"#
        ]],
    );
    fs::remove_file(&path).unwrap();
    open(&with("limits", Json::Null));
    assert!(!fs::read_to_string(&path).unwrap().contains("limits"));
    open(&with("limits", Json::Null));
}

#[test]
fn a_journal_in_use_is_refused_until_it_is_free() {
    let (_folder, path, _) = sample();
    let space = space();
    let first = Journal::open(&path, &space, &header(&space, 7)).unwrap();
    check_refusal(
        &path,
        &header(&space, 7),
        &expect![
            "DIR/study.journal is in use by another search; wait for it, or give this search another journal"
        ],
    );
    drop(first);
    assert!(Journal::open(&path, &space, &header(&space, 7)).is_ok());
}

#[test]
fn lines_that_no_search_wrote_are_refused_with_their_number() {
    let (_folder, path, _) = sample();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let seven = header(&space(), 7);
    let first = lines.iter().position(|l| l.contains("params")).unwrap();
    let check = |line: &str, expected: Expect| {
        let mut lines = lines.clone();
        lines[first] = line;
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        check_refusal(&path, &seven, &expected);
    };
    check(
        "not json",
        expect!["DIR/study.journal, line 8: expected ident at line 1 column 2"],
    );
    check(
        r#"{"op_code": 0, "study_name": "second", "directions": [1]}"#,
        expect!["DIR/study.journal, line 8: a second study; a search's journal holds one"],
    );
    check(
        r#"{"op_code": 4, "study_id": 0, "params": {"a.k": 0}}"#,
        expect!["DIR/study.journal, line 8: the trial has no parameter `b.e`"],
    );
    check(
        r#"{"op_code": 4, "study_id": 0, "params": {"a.k": 0, "b.e": 2}}"#,
        expect!["DIR/study.journal, line 8: `b.e` is 2; expected one of 2 numbers from 0 to 1"],
    );
    check(
        r#"{"op_code": 6, "trial_id": 5, "state": 1, "values": [1.0]}"#,
        expect!["DIR/study.journal, line 8: trial 5 does not exist yet, there are 0"],
    );
    fs::write(&path, "a,b,c\n1,2,3\n").unwrap();
    check_refusal(
        &path,
        &seven,
        &expect!["DIR/study.journal, line 1: expected value at line 1 column 1"],
    );
    fs::write(&path, lines[first].to_owned() + "\n").unwrap();
    check_refusal(
        &path,
        &seven,
        &expect!["DIR/study.journal, line 1: expected the line that creates a study"],
    );
}

#[test]
fn a_missing_journal_is_bad_input() {
    let error = read(Path::new("nowhere/study.journal")).unwrap_err();
    assert!(error.is_bad_input());
    expect!["cannot read the journal nowhere/study.journal"].assert_eq(&error.to_string());
}

#[test]
fn what_optuna_adds_is_skipped() {
    let (_folder, path, history) = sample();
    let notes = [
        r#"{"op_code": 2, "study_id": 0, "worker_id": "x", "user_attr": {"note": "mine"}}"#,
        r#"{"op_code": 3, "study_id": 0, "worker_id": "x", "system_attr": {"a": 1}}"#,
        r#"{"op_code": 9, "trial_id": 0, "worker_id": "x", "system_attr": {"a": 1}}"#,
    ];
    let text = fs::read_to_string(&path).unwrap() + &notes.join("\n") + "\n";
    fs::write(&path, text).unwrap();
    let space = space();
    assert_eq!(
        Journal::open(&path, &space, &header(&space, 7))
            .unwrap()
            .history,
        history
    );
}

#[test]
fn the_order_of_fields_does_not_matter() {
    let (_folder, path, history) = sample();
    let reordered = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .fold(String::new(), |text, line| {
            // serde_json sorts, so that distributions come before parameters.
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            text + &object.to_string() + "\n"
        });
    assert_ne!(fs::read_to_string(&path).unwrap(), reordered);
    fs::write(&path, reordered).unwrap();
    let space = space();
    assert_eq!(
        Journal::open(&path, &space, &header(&space, 7))
            .unwrap()
            .history,
        history
    );
}

proptest! {
    #[test]
    fn the_front_is_what_no_trial_beats(points in prop::collection::vec((1_u8..6, 1_u8..6), 0..20)) {
        let mut history = History::default();
        for &(latency_ms, accuracy) in &points {
            let number = history.propose(genome([0, 0]), None);
            history.finish(number, complete(1.0, f64::from(latency_ms), f64::from(accuracy)));
        }
        let beaten = |n: usize| points.iter().enumerate().any(|(m, b)| {
            let a = points[n];
            b.0 <= a.0 && b.1 >= a.1 && (*b != a || m < n)
        });
        let mut expected: Vec<usize> = (0..points.len()).filter(|&n| !beaten(n)).collect();
        expected.sort_by_key(|&n| points[n].0);
        prop_assert_eq!(Summary::of(&history).front, expected);
    }
}

#[test]
fn a_summary_counts_every_trial_once() {
    let (_folder, _, history) = sample();
    let counts = Counts {
        stopped: 0,
        complete: 1,
        infeasible: 1,
        failed: 1,
        unfinished: 1,
    };
    assert_eq!(
        Summary::of(&history),
        Summary {
            best: Some(0),
            front: vec![0],
            counts
        }
    );
    assert_eq!(Summary::of(&History::default()), Summary::default());
}

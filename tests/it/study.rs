//! Spaces and studies: the commands, and a journal as Optuna reads it.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use ednas::search::{
    Candidate, Controller, Evaluation, Evolution, Finished, Plan, Reward, TaskMetrics, search,
};
use ednas::space::ednas::{FusedDefinition, named, space};
use ednas::space::{Decision, Space};
use ednas::study::{Outcome, Pace, Summary, Trial};
use ednas::task::Task;
use serde_json::{Value, json};

use super::commands::{record, refused};
use super::foreign::python;

/// A short search of the EDNAS space: made-up measurements, every kind of outcome.
fn short_search(space: &Space, journal: &Path) -> Finished {
    let baseline = named::efficientnet_b0(FusedDefinition::default());
    let tasks = [Task::Segmentation, Task::Depth].map(TaskMetrics::standard);
    let plan = Plan {
        space,
        controller: Controller::Evolution(Evolution {
            population: 4,
            tournament: 2,
            ..Evolution::default()
        }),
        seed: 5,
        initial: vec![baseline.genome().unwrap()],
        workers: NonZeroUsize::new(2).unwrap(),
        trials: 12,
        goal: Reward::new(tasks.to_vec(), 3.0).into(),
        pace: Pace::EachOutcome,
        settings: BTreeMap::from([("profile".to_owned(), json!("coral-edgetpu"))]),
    };
    let evaluate = |_, candidate: &Candidate| {
        Ok(match candidate.number {
            3 => Evaluation::Infeasible {
                reason: "needs 9 MiB, there are 8".into(),
            },
            7 => Evaluation::Failed {
                reason: "the loss is NaN at step 3".into(),
            },
            11 => Evaluation::Interrupted,
            _ => measured(candidate),
        })
    };
    search(&plan, journal, &AtomicBool::new(false), evaluate, |_| {}).unwrap()
}

fn measured(candidate: &Candidate) -> Evaluation {
    let sum: usize = candidate.genome.choices().iter().sum();
    let share = f64::from(u32::try_from(sum).unwrap()) / 100.0;
    let names = ["mIoU", "PAcc", "AbsE", "RelE"];
    let metrics = names.map(|name| (name.to_owned(), share.sin().abs() + 0.1));
    Evaluation::Measured {
        latency_ms: 2.0 + share,
        metrics: BTreeMap::from(metrics),
    }
}

#[test]
fn optuna_reads_the_journal_as_it_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let space = space(FusedDefinition::default());
    let finished = short_search(&space, &journal);
    let recorded = ednas::study::read(&journal).unwrap();
    let trials = finished.history.trials();
    let expected = json!({
        "user_attrs": recorded.header.attributes(),
        "best_trial": Summary::of(&finished.history).best,
        "trials": trials.iter().map(|t| expected_trial(&space, t)).collect::<Vec<_>>(),
    });
    let expected_path = folder.path().join("expected.json");
    fs::write(&expected_path, expected.to_string()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("tests/python/check_journal.py");
    let output = Command::new(python(root))
        .arg(script)
        .args([&journal, &expected_path])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("reads 12 trials as recorded"), "{said}");
}

fn expected_trial(space: &Space, trial: &Trial) -> Value {
    let mut attributes = json!({ "genome": space.text(&trial.genome) });
    let state = match &trial.outcome {
        Some(outcome @ (Outcome::Complete { metrics, .. } | Outcome::Stopped { metrics, .. })) => {
            for (name, value) in metrics.iter() {
                attributes[name] = json!(value);
            }
            match outcome {
                Outcome::Complete { .. } => "COMPLETE",
                _ => "PRUNED",
            }
        }
        Some(Outcome::Infeasible { reason }) => {
            attributes["reason"] = json!(reason);
            "PRUNED"
        }
        Some(Outcome::Failed { reason }) => {
            attributes["reason"] = json!(reason);
            "FAIL"
        }
        None => "RUNNING",
    };
    let values = |d: &Decision| {
        d.choices
            .iter()
            .map(|c| c.value.to_json())
            .collect::<Vec<_>>()
    };
    let choices: BTreeMap<String, Vec<Value>> = space
        .decisions()
        .iter()
        .map(|d| (d.full_name(), values(d)))
        .collect();
    json!({
        "state": state,
        "params": space.to_json(&trial.genome),
        "choices": choices,
        "value": trial.reward(),
        "user_attrs": attributes,
    })
}

#[test]
fn study_show_prints_the_best_trial_and_the_front() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let finished = short_search(&space(FusedDefinition::default()), &journal);
    let summary = Summary::of(&finished.history);
    let record = record(&["study", "show", journal.to_str().unwrap(), "--json"]);
    assert_eq!(record["schema"], "ednas.study/1");
    assert_eq!(
        record["counts"],
        json!({
            "trials": 12, "complete": 9, "stopped": 0, "infeasible": 1, "failed": 1, "unfinished": 1
        })
    );
    assert_eq!(record["best"]["trial"], json!(summary.best));
    let front: Vec<&Value> = record["front"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["trial"])
        .collect();
    assert_eq!(json!(front), json!(summary.front));
    assert_eq!(record["settings"]["profile"], "coral-edgetpu");
    assert_eq!(
        record["settings"]["reward"]["assumed"]
            .as_array()
            .unwrap()
            .len(),
        4
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
}

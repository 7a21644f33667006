//! A journal as Optuna and optuna-dashboard see it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use ednas::space::{Decision, Scale, Space, Value as Choice};
use ednas::study::{Outcome, Trial, pareto_front, ranking};
use serde_json::{Map, Value, json};

use super::super::foreign::python;
use super::writer::Study;

fn run(script: &str, arguments: &[&Path]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(python(root))
        .arg(root.join("tests/python").join(script))
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    said.into_owned()
}

#[track_caller]
fn check(study: &Study, count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let history = study.write(&journal, count);
    let goals = study.header.goals();
    let best = match goals.len() {
        1 => vec![ranking(&history, &goals[0])[0]],
        _ => pareto_front(&history, &goals),
    };
    let directions: Vec<String> = goals
        .iter()
        .map(|goal| format!("{:?}", goal.direction).to_uppercase())
        .collect();
    let trials = history
        .trials()
        .iter()
        .map(|t| expected_trial(&study.space, t));
    let expected = json!({
        "directions": directions,
        "metric_names": study.header.objectives(),
        "user_attrs": study.header.attributes(),
        "best_trials": best,
        "trials": trials.collect::<Vec<_>>(),
    });
    let expected_path = folder.path().join("expected.json");
    fs::write(&expected_path, expected.to_string()).unwrap();
    let output = run("check_journal.py", &[&journal, &expected_path]);
    let said = said(&output);
    assert!(
        said.contains(&format!("reads {count} trials as recorded")),
        "{said}"
    );
}

#[test]
fn optuna_reads_a_study_of_a_reward_as_it_was_recorded() {
    check(&Study::of_reward("ednas", 5), 23);
}

#[test]
fn optuna_reads_a_study_of_two_objectives_and_conditional_decisions() {
    check(&Study::of_two("mobiledet", 5), 41);
}

#[test]
fn optuna_reads_whole_numbers_and_logarithms() {
    check(&Study::of_reward("hardware", 5), 23);
}

fn expected_trial(space: &Space, trial: &Trial) -> Value {
    let mut attributes = json!({ "genome": space.text(&trial.genome) });
    if let Some(parent) = trial.parent {
        attributes["parent"] = json!(parent);
    }
    for (name, value) in trial.metrics().into_iter().flat_map(|m| m.iter()) {
        attributes[name] = json!(value);
    }
    if let Some(reason) = trial.reason() {
        attributes["reason"] = json!(reason);
    }
    let state = match &trial.outcome {
        Some(Outcome::Complete { .. }) => "COMPLETE",
        Some(Outcome::Stopped { .. } | Outcome::Infeasible { .. }) => "PRUNED",
        Some(Outcome::Failed { .. }) => "FAIL",
        None => "RUNNING",
    };
    let made = space.values(&trial.genome);
    let distributions: Map<String, Value> = made
        .map(|(d, _)| (d.full_name(), distribution(d)))
        .collect();
    let rungs = trial
        .rungs
        .iter()
        .map(|r| (r.step.to_string(), json!(r.value)));
    json!({
        "state": state,
        "params": space.to_json(&trial.genome),
        "distributions": distributions,
        "values": trial.values(),
        "intermediate_values": rungs.collect::<Map<_, _>>(),
        "user_attrs": attributes,
    })
}

/// As Optuna writes its own distributions.
fn distribution(decision: &Decision) -> Value {
    let values: Vec<Value> = decision.choices.iter().map(|c| c.value.to_json()).collect();
    let (low, high) = (&values[0], &values[values.len() - 1]);
    let is_whole = matches!(decision.choices[0].value, Choice::Int(_));
    let log = decision.scale == Scale::Logarithmic;
    match decision.scale {
        Scale::Unordered => json!({
            "name": "CategoricalDistribution", "attributes": { "choices": values }
        }),
        Scale::Linear if is_whole => {
            let step = values
                .get(1)
                .map_or(1, |v| v.as_i64().unwrap() - low.as_i64().unwrap());
            let attributes = json!({ "log": false, "step": step, "low": low, "high": high });
            json!({ "name": "IntDistribution", "attributes": attributes })
        }
        Scale::Linear | Scale::Logarithmic => {
            let attributes = json!({ "step": null, "low": low, "high": high, "log": log });
            json!({ "name": "FloatDistribution", "attributes": attributes })
        }
    }
}

/// The dashboard is asked while the study is written, until it shows all of it.
#[test]
fn the_dashboard_follows_a_search_of_ten_thousand_trials() {
    const TRIALS: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let study = Study::of_two("hardware", 1);
    study.write(&journal, 1000);
    let history = thread::scope(|scope| {
        let (study, path) = (&study, &journal);
        let searching = scope.spawn(move || {
            let opened = study.open(path);
            let hundredth = ednas::study::Pace::Every(std::time::Duration::from_millis(100));
            let (mut journal, mut history) = (opened.journal.paced(hundredth), opened.history);
            for number in history.unfinished().chain(1000..TRIALS).collect::<Vec<_>>() {
                if number >= 1000 {
                    let genome = study.genome(number);
                    journal
                        .propose(&genome, &study.space.text(&genome), None)
                        .unwrap();
                    history.propose(genome, None);
                }
                study.finish(&mut journal, &mut history, number);
            }
            history
        });
        let count = Path::new("10000");
        let said = said(&run("check_dashboard.py", &[&journal, count]));
        assert!(said.contains("shows 10000 trials"), "{said}");
        searching.join().unwrap()
    });
    assert_eq!(ednas::study::read(&journal).unwrap().history, history);
}

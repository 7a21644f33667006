//! `ednas search` as its users meet it: goals, limits, controllers, resumption, refusals.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::commands::{ednas, record, refused};

/// A search in `folder` that writes `name`.
fn arguments<'a>(journal: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["search", "--size", "128", "--json", "--journal", journal];
    arguments.extend(more);
    arguments
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn trials(record: &Value) -> u64 {
    record["trials"].as_u64().unwrap()
}

#[test]
fn a_simulated_search_finds_capacity_and_its_journal_is_a_study() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "search.journal");
    let found = record(&arguments(
        &journal,
        &["--trials", "150", "--population", "20"],
    ));
    assert_eq!(found["schema"], "ednas.search/1");
    assert_eq!(
        (trials(&found), found["ending"].as_str()),
        (150, Some("complete"))
    );
    assert_eq!(found["feasible_share"], 1.0);
    assert_eq!(found["front"], Value::Null);
    assert!(found["wall_s"].as_f64().unwrap() > 0.0);
    assert_eq!(found["settings"]["evaluator"], "simulate");
    assert_eq!(found["settings"]["objectives"], json!(["capacity"]));

    // Capacity is millions of MACs, less beyond the target: here it can be checked by hand.
    let (best, metrics) = (&found["best"], &found["best"]["metrics"]);
    let target = found["settings"]["capacity"]["latency_target_ms"]
        .as_f64()
        .unwrap();
    let share = metrics["latency_ms"].as_f64().unwrap() / target;
    let expected = metrics["macs"].as_f64().unwrap() / 1e6 / share.max(1.0);
    let value = best["values"][0].as_f64().unwrap();
    assert!(
        (value - expected).abs() < 1e-9 * expected,
        "{value} {expected}"
    );

    let genome = best["genome"].as_str().unwrap();
    let estimate = record(&[
        "estimate",
        genome,
        "--size",
        "128",
        "--profile",
        "coral-edgetpu",
        "--json",
    ]);
    let latency = estimate["latency_ms"].as_f64().unwrap();
    let priced = metrics["latency_ms"].as_f64().unwrap();
    assert!(
        (latency - priced).abs() < 1e-9 * priced,
        "{latency} {priced}"
    );

    let study = record(&["study", "show", &journal, "--json"]);
    assert_eq!(study["best"]["trial"], best["trial"]);
    assert_eq!(study["counts"]["complete"], 150);
}

#[test]
fn a_search_goes_on_as_if_it_had_not_stopped_and_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, parts] = ["whole", "parts"].map(|name| path(folder.path(), name));
    for controller in ["evolution", "random", "ppo", "nsga2", "local"] {
        let run = |journal: &str, count: &str| {
            let _ = fs::remove_file(format!("{journal}.snapshot"));
            let more = [
                "--controller",
                controller,
                "--trials",
                count,
                "--workers",
                "3",
            ];
            record(&arguments(journal, &more))
        };
        let expected = run(&whole, "60");
        run(&parts, "25");
        let found = run(&parts, "60");
        for field in ["best", "counts", "feasible_share", "settings", "trials"] {
            assert_eq!(found[field], expected[field], "{controller}: {field}");
        }
        fs::remove_file(&whole).unwrap();
        fs::remove_file(&parts).unwrap();
    }
}

#[test]
fn several_objectives_on_several_machines_make_a_front() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "front.journal");
    let found = record(&arguments(
        &journal,
        &[
            "--profile",
            "coral-edgetpu",
            "--profile",
            "npu-512",
            "--space",
            "mobiledet",
            "--controller",
            "nsga2",
            "--population",
            "20",
            "--trials",
            "120",
            "--objective",
            "maximize:macs",
            "--objective",
            "minimize:latency_ms@npu-512",
        ],
    ));
    let front = found["front"].as_array().unwrap();
    assert!(front.len() > 3, "{front:?}");
    let values = |at: usize, of: usize| front[at]["values"][of].as_f64().unwrap();
    for at in 1..front.len() {
        assert!(values(at, 0) < values(at - 1, 0) && values(at, 1) < values(at - 1, 1));
    }
    for trial in front {
        let metrics = &trial["metrics"];
        let of = |name: &str| metrics[name].as_f64().unwrap();
        let worst = of("latency_ms@coral-edgetpu").max(of("latency_ms@npu-512"));
        assert!((of("latency_ms") - worst).abs() < 1e-12);
    }
    let study = record(&["study", "show", &journal, "--json"]);
    let numbers = |record: &Value| -> Vec<u64> {
        let front = record["front"].as_array().unwrap().iter();
        front
            .map(|trial| trial["trial"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&study), numbers(&found));
}

#[test]
fn limits_hold_and_compose_with_the_reward() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "limits.journal");
    let free = record(&arguments(&path(folder.path(), "free"), &["--trials", "1"]));
    let latency = free["best"]["metrics"]["latency_ms"].as_f64().unwrap();
    let limit = format!("latency_ms={latency}");
    let more = [
        "--limit",
        &limit,
        "--limit",
        "parameters=3.2e6",
        "--trials",
        "200",
    ];
    let found = record(&arguments(&journal, &more));
    let share = found["feasible_share"].as_f64().unwrap();
    assert!(share > 0.0 && share < 1.0, "{share}");
    let metrics = &found["best"]["metrics"];
    assert!(metrics["latency_ms"].as_f64().unwrap() <= latency);
    assert!(metrics["parameters"].as_f64().unwrap() <= 3.2e6);
    let text = fs::read_to_string(&journal).unwrap();
    assert!(text.contains("over the limit: "));
}

#[test]
fn limits_that_nothing_keeps_are_refused_with_the_closest_miss() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "hopeless.journal");
    let more = [
        "--limit",
        "latency_ms=0.001",
        "--limit",
        "parameters=100",
        "--trials",
        "300",
    ];
    refused(
        &arguments(&journal, &more),
        &[
            "no candidate is feasible",
            "of 300 candidates, 0 are feasible",
            "latency_ms=0.001 kills 300; the closest asks for",
            "parameters=100 kills 300; the closest asks for",
            "the closest to all limits at once",
            "nothing is feasible so far: of 200 candidates",
        ],
    );
}

#[test]
fn a_small_space_is_searched_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let space = folder.path().join("small.toml");
    fs::write(
        &space,
        "name = \"small\"\ndescription = \"six pyramids\"\ndecodes = \"pyramid\"\n\n\
         [[group]]\nname = \"pyramid\"\ndecision = [\n\
         { name = \"width\", int = { min = 64, max = 96, step = 32 }, prefix = \"w\" },\n\
         { name = \"cells\", int = { min = 1, max = 3 }, prefix = \"c\" },\n]\n",
    )
    .unwrap();
    let space = space.to_str().unwrap();
    for controller in ["evolution", "random", "ppo", "nsga2", "local"] {
        let journal = path(folder.path(), controller);
        let more = ["--space", space, "--controller", controller];
        let found = record(&arguments(&journal, &more));
        assert_eq!(
            (trials(&found), found["ending"].as_str()),
            (6, Some("exhausted"))
        );
    }
}

#[test]
fn machines_are_searched_for_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "machines.journal");
    let more = [
        "--space",
        "hardware",
        "--objective",
        "minimize:latency_ms",
        "--trials",
        "40",
    ];
    let found = record(&arguments(&journal, &more));
    assert_eq!(trials(&found), 40);
    refused(
        &arguments(&path(folder.path(), "no.journal"), &["--space", "hardware"]),
        &["machines", "--objective"],
    );
}

#[test]
fn what_cannot_be_searched_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "refused.journal");
    let refuse = |more: &[&str], expected: &[&str]| {
        refused(&arguments(&journal, more), expected);
        assert!(!Path::new(&journal).exists(), "{more:?}");
    };
    refuse(
        &[
            "--objective",
            "minimize:latency_ms",
            "--objective",
            "maximize:macs",
        ],
        &[
            "evolution takes one objective, but there are 2",
            "--controller nsga2",
        ],
    );
    refuse(
        &["--objective", "maximize:mIoU"],
        &["mIoU", "--evaluator train"],
    );
    refuse(&["--objective", "fast"], &["minimize:METRIC"]);
    refuse(&["--limit", "mIoU=0.5"], &["mIoU", "latency_ms, energy_mj"]);
    refuse(&["--limit", "latency_ms=0"], &["latency_ms", "above 0"]);
    refuse(
        &["--limit", "latency_ms@nowhere=5"],
        &["latency_ms@nowhere", "latency_ms"],
    );
    refuse(
        &["--tournament", "3", "--controller", "random"],
        &["--tournament is for evolution"],
    );
    refuse(
        &["--population", "0"],
        &["--population is 0, expected 1 or more"],
    );
    refuse(
        &["--clip", "nan", "--controller", "ppo"],
        &["--clip is NaN"],
    );
    refuse(&["--weight", "mIoU=2"], &["--evaluator train"]);
    refuse(&["--across", "mean"], &["worst", "weighted:0.7,0.3"]);
    refuse(&["--across", "weighted:1,2"], &["weights"]);
    refuse(&["--space", "nowhere"], &["nowhere", "mobiledet"]);
    refuse(
        &["--profile", "coral-edgetpu", "--profile", "coral-edgetpu"],
        &["named twice"],
    );
    refuse(&["--size", "100"], &["100", "128"]);
}

#[test]
fn a_journal_of_another_search_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "other.journal");
    record(&arguments(&journal, &["--trials", "5"]));
    let before = fs::read(&journal).unwrap();
    refused(
        &arguments(&journal, &["--trials", "5", "--seed", "2"]),
        &["another study", "seed"],
    );
    assert_eq!(fs::read(&journal).unwrap(), before);
}

#[test]
fn people_get_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let journal = path(folder.path(), "table.journal");
    let output = ednas(&[
        "search",
        "--size",
        "128",
        "--trials",
        "20",
        "--journal",
        &journal,
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for part in [
        "20 trials of ednas",
        "100.0 % feasible",
        "latency_ms",
        "genome",
        &journal,
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

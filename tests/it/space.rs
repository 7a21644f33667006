//! `ednas space` as its users meet it: records, genomes that other commands take, refusals.

use std::fs;

use serde_json::Value;

use super::commands::{ednas, record, refused};

#[test]
fn space_prints_its_size_and_genomes_that_other_commands_take() {
    let size = record(&["space", "size", "ednas", "--json"]);
    assert_eq!(size["size"], "604462909807314587353088");
    assert_eq!(size["decisions"].as_array().unwrap().len(), 63);
    let sample = record(&["space", "sample", "ednas/full", "--seed", "7", "--json"]);
    let again = record(&["space", "sample", "ednas/full", "--seed", "7", "--json"]);
    assert_eq!(sample, again);
    let genome = sample["genomes"][0]["genome"].as_str().unwrap();
    assert_eq!(
        record(&["model", "show", genome, "--json"])["genome"],
        genome
    );
}

#[test]
fn every_space_that_ships_is_listed_shown_and_sampled() {
    let list = record(&["space", "list", "--json"]);
    assert_eq!(list["schema"], "ednas.spaces/1");
    let names: Vec<&str> = list["spaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ednas", "hardware", "mobiledet", "pyramid"]);
    for name in names {
        let shown = record(&["space", "show", name, "--json"]);
        assert_eq!(shown["size_is_exact"], true, "{name}");
        let text = ednas(&["space", "show", name]);
        let size = shown["size"].as_str().unwrap();
        assert!(
            String::from_utf8_lossy(&text.stdout).contains(size),
            "{name}"
        );
        let sample = record(&["space", "sample", name, "--count", "3", "--json"]);
        assert_eq!(sample["genomes"].as_array().unwrap().len(), 3);
        for genome in sample["genomes"].as_array().unwrap() {
            let text = genome["genome"].as_str().unwrap();
            let checked = record(&["space", "check", name, text, "--json"]);
            assert_eq!(checked["genomes"][0]["values"], genome["values"]);
            let stands_for =
                ["network", "machine"].map(|key| checked["genomes"][0][key].is_object());
            assert!(stands_for[0] != stands_for[1], "{checked}");
            let json = genome["values"].to_string();
            let again = record(&["space", "check", name, &json, "--json"]);
            assert_eq!(again["genomes"][0]["genome"], text);
        }
    }
}

#[test]
fn mutants_are_neighbors() {
    let sample = record(&["space", "sample", "mobiledet", "--seed", "4", "--json"]);
    let genome = sample["genomes"][0]["genome"].as_str().unwrap();
    let near = record(&["space", "neighbors", "mobiledet", genome, "--json"]);
    assert_eq!(near["complete"], true);
    assert_eq!(near["of"], genome);
    let near: Vec<&Value> = near["genomes"].as_array().unwrap().iter().collect();
    let mutants = record(&[
        "space",
        "mutate",
        "mobiledet",
        genome,
        "--count",
        "9",
        "--json",
    ]);
    for mutant in mutants["genomes"].as_array().unwrap() {
        assert!(near.contains(&mutant), "{mutant}");
    }
    let few = ednas(&["space", "neighbors", "mobiledet", genome, "--limit", "2"]);
    let few = String::from_utf8_lossy(&few.stdout).into_owned();
    assert_eq!(few.lines().count(), 3, "{few}");
    assert!(few.contains("--limit"), "{few}");
}

#[test]
fn genomes_of_spaces_are_models_and_machines() {
    let text = |space: &str| {
        let sample = record(&["space", "sample", space, "--seed", "2", "--json"]);
        sample["genomes"][0]["genome"].as_str().unwrap().to_owned()
    };
    let (network, machine) = (text("mobiledet"), text("hardware"));
    let estimate = ["estimate", &network, "--profile", &machine, "--json"];
    assert!(record(&estimate)["latency_ms"].as_f64().unwrap() > 0.0);
    let shown = record(&["model", "show", &text("pyramid"), "--json"]);
    assert!(shown["params"].as_u64().unwrap() > 0);
    refused(
        &["model", "show", &machine],
        &["is a machine, not a network"],
    );
    refused(
        &["estimate", "mt-edge", "--profile", &network],
        &["is no machine"],
    );
}

#[test]
fn a_space_of_ones_own_needs_no_rust() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let pyramid = "name = \"mine\"\ndescription = \"Narrow pyramids\"\ndecodes = \"pyramid\"\n\
                   constraints = [\"width * 2 <= 16 * cells\"]\n[[group]]\nname = \"pyramid\"\n\
                   decision = [{ name = \"width\", int = { min = 8, max = 64, step = 8 } },\n\
                   { name = \"cells\", one_of = [2, 4] }]\n";
    fs::write(&path, pyramid).unwrap();
    let file = path.to_str().unwrap();
    let size = record(&["space", "size", file, "--json"]);
    assert_eq!(size["size"], "6");
    let model = format!("{file}/width24cells4");
    let shown = record(&["model", "show", &model, "--json"]);
    assert_eq!(shown["genome"], "mine/width24cells4");
    refused(
        &["space", "check", file, "mine/width64cells2"],
        &[
            "width * 2 <= 16 * cells",
            "pyramid.width = 64, pyramid.cells = 2",
        ],
    );
    fs::write(
        &path,
        pyramid
            .replace("cells\", one_of", "cels\", one_of")
            .replace("16 * cells", "64"),
    )
    .unwrap();
    refused(
        &["space", "check", file],
        &["mine.toml:3:11", "pyramid.cels"],
    );
}

#[test]
fn unknown_spaces_and_genomes_are_refused() {
    refused(&["space", "show", "resnet"], &["resnet", "mobiledet"]);
    refused(
        &["space", "show", "ednas/half"],
        &["half", "late-separable"],
    );
    refused(&["space", "sample", "ednas", "--count", "0"], &["--count"]);
    refused(
        &["space", "check", "pyramid", "pyramid/w96c4,d9"],
        &["`d9`"],
    );
    refused(&["space", "check", "pyramid", "{"], &["JSON"]);
    refused(
        &[
            "space",
            "mutate",
            "pyramid",
            "{\"pyramid.width\": 96, \"pyramid.cells\": 4}",
        ],
        &["head.depth", "missing"],
    );
    refused(&["model", "show", "pyramid/w97c4,d2"], &["pyramid", "w97"]);
}

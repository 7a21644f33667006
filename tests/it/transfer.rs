//! What `ednas transfer` refuses before any worker starts.

use std::fs;

use super::commands::{record, refused};

fn transfer_refused(arguments: &[&str], parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = ["--output", out.to_str().unwrap()];
    refused(&[&["transfer"], arguments, &out].concat(), parts);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    transfer_refused(&[], &["nothing to compare", "--joint", "--search-trials"]);
    transfer_refused(&["--seg", "resnet"], &["resnet", "neither the journal"]);
    transfer_refused(
        &["--seg", "nowhere.journal"],
        &["nowhere.journal", "neither the journal"],
    );
    transfer_refused(
        &["--normals", "ednas-t6"],
        &["--normals is given", "--tasks"],
    );
    transfer_refused(&["--seg", "ednas-t6", "--steps", "0"], &["--steps is 0"]);
    transfer_refused(&["--seg", "ednas-t6", "--batch", "1"], &["batch_size is 1"]);
    transfer_refused(
        &["--seg", "ednas-t6", "--train-samples", "3000"],
        &["--train-samples is 3000, expected 1 to 2975"],
    );
    transfer_refused(&["--seg", "ednas-t6", "--profile", "corral"], &["corral"]);
    transfer_refused(&["--seg", "ednas-t6", "--seeds", "0"], &["--seeds"]);
}

#[test]
fn a_journal_of_other_tasks_or_without_an_outcome_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let journal = journal.to_str().unwrap();
    let search = ["search", "--size", "128", "--json", "--trials", "5"];
    record(&[&search[..], &["--tasks", "depth", "--journal", journal]].concat());
    transfer_refused(
        &["--seg", journal],
        &["is of a search for [\"depth\"], expected one for seg"],
    );

    let text = fs::read_to_string(journal).unwrap();
    let opening: Vec<&str> = text.lines().take(2).collect();
    let empty = folder.path().join("empty.journal");
    fs::write(&empty, format!("{}\n", opening.join("\n"))).unwrap();
    transfer_refused(&["--depth", empty.to_str().unwrap()], &["empty.journal"]);
}

#[test]
fn a_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let out = file.to_str().unwrap();
    refused(
        &["transfer", "--seg", "ednas-t6", "--output", out],
        &["cannot make the folder", "file"],
    );
}

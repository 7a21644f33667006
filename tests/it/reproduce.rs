//! `ednas reproduce` without training: the backbones, and what is refused.

use super::commands::{ednas, record, refused};

#[test]
fn the_backbones_are_those_of_the_paper() {
    let found = record(&["reproduce", "table6-7", "--json"]);
    assert_eq!(found["schema"], "ednas.reproduce.backbones/1");
    let block = &found["backbones"][0]["blocks"][1];
    assert_eq!(
        (block["layer"].as_str(), &block["kernel"]),
        (Some("IBN"), &5.into())
    );
    // Speeds are simulated, and are not all as printed; what is counted is.
    let facts = found["facts"].as_array().unwrap();
    let counted = facts
        .iter()
        .filter(|fact| !fact["fact"].as_str().unwrap().ends_with("speed"));
    let counted: Vec<bool> = counted
        .map(|fact| fact["holds"].as_bool().unwrap())
        .collect();
    assert_eq!(counted, [true; 6], "{found}");
    let output = ednas(&["reproduce", "table6-7"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("FusedIBN") && text.contains("printed 4.3: as printed"),
        "{text}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    refused(&["reproduce", "table8"], &["table8", "table6-7"]);
    refused(
        &["reproduce", "table2", "--data", "kitti"],
        &["'kitti'", "scenes"],
    );
    refused(&["reproduce", "table2", "--lambda=-1"], &["--lambda is -1"]);
    refused(&["reproduce", "table2", "--seeds", "0"], &["--seeds"]);
    refused(&["reproduce", "table2", "--size", "100"], &["128"]);
    refused(
        &["reproduce", "table5", "--seg", "nothing"],
        &["nothing", "neither the journal"],
    );
}

//! The clock of a journal, which never runs backwards.

use super::*;

/// All time stamps of a journal in the order of its lines.
fn stamps(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let parts = text.split(r#"":"20"#).skip(1);
    parts
        .map(|part| format!("20{}", part.split('"').next().unwrap()))
        .collect()
}

#[test]
fn a_clock_that_was_set_back_stands_still() {
    let (_folder, path, _) = sample();
    let before = stamps(&path);
    assert!(before.is_sorted() && before.len() == 7);
    // The machine was in the year 2099 when the last trial ended.
    let text = fs::read_to_string(&path).unwrap();
    let latest = before.last().unwrap();
    let future = format!("2099{}", &latest[4..]);
    fs::write(&path, text.replace(latest, &future)).unwrap();
    let space = space();
    let mut journal = Journal::open(&path, &space, &header(&space, 7))
        .unwrap()
        .journal;
    journal
        .propose(&genome([1, 1]), "toy/k5,e6", Some(0))
        .unwrap();
    journal.finish(2, &complete(1.0, 1.0, 1.0)).unwrap();
    let after = stamps(&path);
    assert!(after.is_sorted(), "{after:?}");
    assert_eq!(after[after.len() - 2..], [future.clone(), future]);
}

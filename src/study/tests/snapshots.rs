//! Snapshots: equal to a rebuild, and of no use to any other journal.

use std::io::Write;

use super::*;

/// A sample journal with a snapshot after its second trial, and the state it keeps.
fn with_snapshot() -> (tempfile::TempDir, PathBuf) {
    let (folder, path, _) = sample();
    let space = space();
    let opened = Journal::open(&path, &space, &header(&space, 7)).unwrap();
    let (mut journal, history) = (opened.journal, opened.history);
    let state = (
        String::from("population"),
        vec![0.1 + 0.2, f64::MIN_POSITIVE],
    );
    journal.snapshot(&history, &state).unwrap();
    journal
        .propose(&genome([0, 1]), "toy/k3,e6", Some(1))
        .unwrap();
    journal
        .reach(
            4,
            Rung {
                step: 10,
                value: 0.5,
            },
        )
        .unwrap();
    journal.finish(2, &complete(3.0, 2.0, 1.0)).unwrap();
    (folder, path)
}

fn snapshot_of(path: &Path) -> PathBuf {
    snapshot::path_beside(path)
}

fn open(path: &Path) -> Opened {
    let space = space();
    Journal::open(path, &space, &header(&space, 7)).unwrap()
}

#[test]
fn a_snapshot_equals_a_rebuild_and_keeps_the_controller() {
    let (_folder, path) = with_snapshot();
    let resumed = open(&path);
    assert_eq!(resumed.snapshot, SnapshotUse::Used { trials: 4 });
    let state: (String, Vec<f64>) = resumed.controller.as_ref().unwrap().read().unwrap();
    assert_eq!(
        state,
        ("population".into(), vec![0.1 + 0.2, f64::MIN_POSITIVE])
    );
    assert_eq!(resumed.controller.unwrap().read::<u8>(), None);
    drop(resumed.journal);
    assert_eq!(
        read(&path).unwrap().snapshot,
        SnapshotUse::Used { trials: 4 }
    );
    fs::remove_file(snapshot_of(&path)).unwrap();
    let rebuilt = open(&path);
    assert_eq!(rebuilt.snapshot, SnapshotUse::Absent);
    assert_eq!(rebuilt.history, resumed.history);
    assert_eq!(rebuilt.history.trials().len(), 5);
    assert_eq!(rebuilt.history.distinct(), resumed.history.distinct());
}

#[test]
fn lines_are_counted_on_behind_a_snapshot() {
    let (_folder, path) = with_snapshot();
    let count = fs::read_to_string(&path).unwrap().lines().count();
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"nonsense\n").unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains(&format!("line {}", count + 1)), "{error}");
}

#[track_caller]
fn check_ignored(path: &Path, expected: &str) {
    let opened = open(path);
    let reason = expected.to_owned();
    assert_eq!(opened.snapshot, SnapshotUse::Ignored { reason });
    assert_eq!(opened.controller, None);
    assert_eq!(opened.history.trials().len(), 5);
}

#[test]
fn a_snapshot_that_is_cut_or_changed_anywhere_is_ignored() {
    let (_folder, path) = with_snapshot();
    let bytes = fs::read(snapshot_of(&path)).unwrap();
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 0x20;
        fs::write(snapshot_of(&path), &changed).unwrap();
        let opened = open(&path);
        assert!(
            matches!(opened.snapshot, SnapshotUse::Ignored { .. }),
            "byte {index}"
        );
        drop(opened);
        fs::write(snapshot_of(&path), &bytes[..index]).unwrap();
        let opened = open(&path);
        assert!(
            matches!(opened.snapshot, SnapshotUse::Ignored { .. }),
            "cut at {index}"
        );
        assert_eq!(opened.history.trials().len(), 5);
    }
    check_ignored(&path, "it is damaged");
}

#[test]
fn a_snapshot_of_another_journal_is_ignored() {
    let (folder, path) = with_snapshot();
    // The same settings, but other trials.
    let other = folder.path().join("other.journal");
    let mut journal = open(&other).journal;
    for _ in 0..5 {
        journal.propose(&genome([0, 0]), "toy/k3,e3", None).unwrap();
    }
    drop(journal);
    fs::copy(snapshot_of(&path), snapshot_of(&other)).unwrap();
    check_ignored(&other, "it belongs to another journal");
    fs::write(
        snapshot_of(&other),
        "something else, and long enough for a first line",
    )
    .unwrap();
    check_ignored(&other, "it is of another version of ednas, or no snapshot");
}

#[test]
fn snapshots_come_after_64_mebibytes_and_then_after_an_eighth() {
    let (mebi, gibi) = (1 << 20, 1 << 30);
    assert!(!journal::is_due(64 * mebi - 1, 0));
    assert!(journal::is_due(64 * mebi, 0));
    assert!(!journal::is_due(gibi + 127 * mebi, gibi));
    assert!(journal::is_due(gibi + 128 * mebi, gibi));
}

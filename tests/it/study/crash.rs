//! Kills, full disks and second writers: what a journal survives.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use ednas::study::{Journal, StudyError, read};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::writer::Study;

/// Where a process that plays the search writes.
const JOURNAL: &str = "EDNAS_TEST_JOURNAL";

/// Not a test by itself: the search of the tests below, in a process of its own, which ends when
/// the disk is full.
#[test]
#[ignore = "started by other tests, to be killed"]
fn searching() {
    let Some(path) = std::env::var_os(JOURNAL).map(PathBuf::from) else {
        return;
    };
    let study = Study::of_reward("mobiledet", 9);
    let opened = study.open(&path);
    let (mut journal, mut history) = (opened.journal, opened.history);
    for number in history.unfinished().collect::<Vec<_>>() {
        study.finish(&mut journal, &mut history, number);
    }
    for number in history.trials().len().. {
        let genome = study.genome(number);
        let written = journal
            .propose(&genome, &study.space.text(&genome), None)
            .and_then(|()| journal.finish(number, &study.outcome(number)));
        if let Err(error) = written {
            assert!(matches!(error, StudyError::Full { .. }), "{error}");
            assert!(!error.is_bad_input());
            println!("{error}");
            return;
        }
    }
}

/// The search as a process; `limit` is a line of shell before it.
fn search(journal: &Path, limit: &str) -> Child {
    let this = std::env::current_exe().unwrap();
    Command::new("sh")
        .args(["-c", &format!("{limit} exec \"$0\" \"$@\"")])
        .arg(this)
        .args([
            "--exact",
            "study::crash::searching",
            "--ignored",
            "--nocapture",
        ])
        .env(JOURNAL, journal)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Checks that the trials are those of an uninterrupted search, all finished but the last.
#[track_caller]
fn check_whole(study: &Study, journal: &Path) -> usize {
    let history = read(journal).unwrap().history;
    let count = history.trials().len();
    for (number, trial) in history.trials().iter().enumerate() {
        assert_eq!(trial.genome, study.genome(number));
        let expected = Some(study.outcome(number));
        let in_flight = number + 1 == count && trial.outcome.is_none();
        assert!(trial.outcome == expected || in_flight, "trial {number}");
    }
    count
}

#[test]
fn a_killed_search_loses_nothing_but_the_trial_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let study = Study::of_reward("mobiledet", 9);
    let mut before = 0;
    for round in 0..5 {
        let mut child = search(&journal, "");
        while fs::metadata(&journal).map_or(0, |m| m.len()) < 200_000 * (round + 1) {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the search ended by itself"
            );
            thread::sleep(Duration::from_millis(3));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let count = check_whole(&study, &journal);
        assert!(count > before, "{before} {count}");
        before = count;
    }
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    // No file may grow beyond 200 blocks: 100 or 200 KiB, as the shell counts.
    let child = search(&journal, "trap '' XFSZ; ulimit -f 200;");
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("what was recorded before is whole: make room"),
        "{said}"
    );
    let bytes = fs::read(&journal).unwrap();
    assert_eq!(bytes.last(), Some(&b'\n'));
    let study = Study::of_reward("mobiledet", 9);
    let count = check_whole(&study, &journal);
    assert!(count > 10, "{count}");
    // There is room again.
    let mut child = search(&journal, "");
    while fs::metadata(&journal).unwrap().len() < 2 * u64::try_from(bytes.len()).unwrap() {
        thread::sleep(Duration::from_millis(3));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(check_whole(&study, &journal) > count);
}

#[test]
fn two_searches_cannot_write_one_journal() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let mut child = search(&journal, "");
    while fs::metadata(&journal).map_or(0, |m| m.len()) < 100_000 {
        thread::sleep(Duration::from_millis(3));
    }
    let study = Study::of_reward("mobiledet", 9);
    let error = Journal::open(&journal, &study.space, &study.header).unwrap_err();
    assert!(error.is_bad_input());
    assert!(
        error.to_string().contains("in use by another search"),
        "{error}"
    );
    // Reading is no writing.
    check_whole(&study, &journal);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_journal_cut_anywhere_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("search.journal");
    let study = Study::of_reward("mobiledet", 9);
    let whole = study.write(&journal, 12);
    let bytes = fs::read(&journal).unwrap();
    let first = String::from_utf8_lossy(&bytes)
        .find("{\"op_code\":4,")
        .unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let anywhere = (0..300).map(|_| rng.random_range(first..bytes.len()));
    let cuts = (bytes.len() - 400..=bytes.len()).chain(anywhere);
    for length in cuts.collect::<Vec<_>>() {
        fs::write(&journal, &bytes[..length]).unwrap();
        let opened = study.open(&journal);
        let kept = length - opened.torn_bytes;
        assert_eq!(fs::read(&journal).unwrap(), bytes[..kept]);
        assert!(kept == length || !bytes[kept..length].contains(&b'\n'));
        let trials = opened.history.trials();
        for (trial, of_whole) in trials.iter().zip(whole.trials()) {
            assert_eq!(trial.genome, of_whole.genome);
            assert!(trial.outcome == of_whole.outcome || trial.outcome.is_none());
        }
        // Every trial but the last one on the way has its outcome.
        assert!(opened.history.unfinished().all(|n| n + 1 == trials.len()));
    }
}

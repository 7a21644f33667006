//! Workers that are shell scripts: everything that can go wrong with a process.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use super::*;
use crate::train::training::tests::training;

const READY: &str = r#"echo '{"event":"ready","protocol":"ednas.worker/1"}'"#;

fn script(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("ednas-train");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// A job without evaluation, so that scripts need to score nothing.
fn job() -> TrainJob {
    let mut training = training();
    training.data.validation = 0;
    TrainJob {
        id: 4,
        training,
        threads: 1,
        checkpoint: "a.safetensors".into(),
        state_every_s: 30.0,
        resume: false,
        stop_at: None,
        state: None,
    }
}

fn start(binary: &Path) -> Result<Worker, WorkerError> {
    Worker::start(binary, Limits::default())
}

/// What comes of the job when the worker is `body`, and how many events were watched.
fn train(body: &str, stop: bool) -> (Result<Outcome, WorkerError>, usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut worker = start(&script(folder.path(), body)).unwrap();
    let mut watched = 0;
    let result = worker.train(&job(), &mut |_| watched += 1, &AtomicBool::new(stop));
    (result, watched)
}

#[test]
fn a_missing_binary_is_said_with_the_remedy() {
    let error = start(Path::new("/nowhere/ednas-train")).unwrap_err();
    let text = error.to_string();
    assert!(error.is_setup());
    assert!(
        text.contains("/nowhere/ednas-train") && text.contains("make build"),
        "{text}"
    );
}

#[test]
fn a_binary_that_cannot_load_its_library_is_said_in_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let body = "echo 'libtorch_cpu.so: cannot open shared object file' >&2; exit 127";
    let error = start(&script(folder.path(), body)).unwrap_err();
    let text = error.to_string();
    assert!(error.is_setup());
    assert!(
        text.contains("libtorch_cpu.so: cannot open") && text.contains("127"),
        "{text}"
    );
}

#[test]
fn another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let body = r#"echo '{"event":"ready","protocol":"ednas.worker/0"}'; cat"#;
    let text = start(&script(folder.path(), body)).unwrap_err().to_string();
    assert!(
        text.contains("speaks ednas.worker/0, expected ednas.worker/1"),
        "{text}"
    );
}

#[test]
fn events_are_watched_until_the_job_is_done() {
    let body = format!(
        r#"{READY}
        read job
        echo '{{"event":"started","id":1,"step":0}}'
        echo '{{"event":"progress","id":1,"step":1,"steps":1,"loss":1,"images_per_s":2,"eta_s":0}}'
        echo '{{"event":"done","id":1,"steps":100,"losses":{{}},"scores":{{}},"images_per_s":2,"checkpoint":"a"}}'
        cat"#
    );
    let (result, watched) = train(&body, false);
    let outcome = result.unwrap();
    assert_eq!((outcome.id, outcome.steps, watched), (4, 100, 2));
}

#[test]
fn a_failed_job_is_no_end_of_the_worker() {
    let failed = |id: u64| {
        let reason = "the seg loss is NaN at step 3";
        format!(r#"read job; echo '{{"event":"failed","id":{id},"reason":"{reason}"}}'"#)
    };
    let folder = tempfile::tempdir().unwrap();
    let body = format!("{READY}; {}; {}; cat", failed(1), failed(2));
    let mut worker = start(&script(folder.path(), &body)).unwrap();
    for _ in 0..2 {
        let result = worker.train(&job(), &mut |_| (), &AtomicBool::new(false));
        let error = result.unwrap_err();
        assert!(matches!(error, WorkerError::Failed { id: 4, .. }));
        assert_eq!(error.to_string(), "job 4: the seg loss is NaN at step 3");
    }
}

#[test]
fn a_worker_that_dies_names_its_job_and_its_last_words() {
    let (result, _) = train(
        &format!("{READY}; read job; echo 'out of memory' >&2; kill -9 $$"),
        false,
    );
    let error = result.unwrap_err();
    assert!(matches!(error, WorkerError::Died { id: 4, .. }));
    let text = error.to_string();
    assert!(
        text.contains("signal: 9") && text.contains("out of memory"),
        "{text}"
    );
}

#[test]
fn a_stop_ends_a_worker_that_is_busy() {
    let start = Instant::now();
    let (result, _) = train(&format!("{READY}; exec sleep 60"), true);
    assert!(matches!(result, Err(WorkerError::Stopped)));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn words_that_are_no_event_end_the_worker() {
    let (result, _) = train(&format!("{READY}; read job; echo hello; cat"), false);
    let error = result.unwrap_err();
    assert!(matches!(error, WorkerError::Nonsense { id: 4, .. }));
    let text = error.to_string();
    assert!(text.contains(r#""hello""#), "{text}");
}

//! Fleets: pools of processes, well-behaved and otherwise.
#![cfg(unix)]

mod ray;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ednas::space::ednas::{FusedDefinition, Upsampling};
use ednas::task::Task;
use ednas::train::protocol::Outcome;
use ednas::train::{DataChoice, Event, Judged, Recipe, TrainJob, Training, WorkerError};
use ednas::validate::metrics::Metric;
use ednas::workers::{Counts, Fleet, Pool, PoolSettings};
use kernels::op::Coordinates;

use super::foreign::python;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program that answers jobs as their names say, in `folder`.
fn fake_worker(folder: &Path) -> PathBuf {
    let path = folder.join("ednas-train");
    let script = root().join("tests/python/fake_worker.py");
    let text = format!(
        "#!/bin/sh\nexec {} {}\n",
        python(root()).display(),
        script.display()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The job called `what`, whose score is `1 + seed`.
fn job(folder: &Path, what: &str, seed: u64) -> TrainJob {
    TrainJob {
        id: 40 + seed,
        training: Training {
            network: what.to_owned(),
            fused: FusedDefinition::default(),
            tasks: vec![Task::Depth],
            height: 128,
            width: 128,
            classes: ednas::task::SEGMENTATION_CLASSES,
            upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
            data: DataChoice {
                name: "scenes".to_owned(),
                seed: 1,
                train: 2,
                validation: 1,
                judged_on: Judged::Validation,
            },
            recipe: Recipe::of_steps(2),
            seed,
            start: None,
            inherit: None,
        },
        threads: 1,
        checkpoint: folder.join(format!("{seed}.safetensors")),
        state_every_s: 30.0,
        resume: false,
        stop_at: None,
        state: None,
    }
}

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn settings(binary: PathBuf, workers: usize) -> PoolSettings {
    PoolSettings {
        workers: count(workers),
        threads: count(1),
        time_limit: None,
        memory_limit_mib: None,
        retries: 1,
        binary,
    }
}

fn train(fleet: &dyn Fleet, job: &TrainJob) -> Result<Outcome, WorkerError> {
    fleet.train(job, &mut |_| (), &AtomicBool::new(false))
}

/// How often the job was begun, by any worker.
fn begun(job: &TrainJob) -> usize {
    let mut path = job.checkpoint.clone().into_os_string();
    path.push(".begun");
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

/// What a fresh pool of one worker says to a job called `what`, which is then followed by a good
/// one; and what it counted.
fn misbehaving(what: &str, change: impl Fn(&mut PoolSettings)) -> (String, usize, Counts) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(fake_worker(folder.path()), 1);
    change(&mut settings);
    let pool = Pool::start(settings).unwrap();
    let bad = job(folder.path(), what, 1);
    let error = train(&pool, &bad).unwrap_err();
    assert!(!error.is_setup(), "{error}");
    let good = train(&pool, &job(folder.path(), "ok", 2)).unwrap();
    assert_eq!((good.id, good.scores[&Metric::AbsoluteError]), (42, 3.0));
    (error.to_string(), begun(&bad), pool.counts())
}

#[test]
fn what_is_not_of_the_protocol_fails_its_trial_alone() {
    let cases = [
        ("garbage", "\"Epoch 1: loss 0.5\""),
        ("bytes", "expected value"),
        ("endless", "\"xxxx"),
        ("nan", "NaN"),
        ("null", "invalid type: null"),
        ("huge", "number out of range"),
        ("unscored", "it gave no AbsE"),
        ("short", "it did 1 steps, expected 2"),
        ("unknown", "a job 77 that it never got"),
        ("again", "twice"),
    ];
    for (what, said) in cases {
        let (error, begun, counts) = misbehaving(what, |_| ());
        assert!(
            error.starts_with("job 41: the worker does not keep"),
            "{error}"
        );
        assert!(error.contains(said), "{what}: {error}");
        let expected = Counts {
            answered: 2,
            retried: 0,
            replaced: 1,
        };
        assert_eq!((begun, counts), (1, expected), "{what}");
    }
}

#[test]
fn a_worker_that_ends_is_replaced_and_its_job_tried_once_more() {
    let cases = [
        ("die", "signal: 9"),
        ("half", "signal: 9"),
        ("exit", "exit status: 1: no space left on device"),
        ("close", "it closed its output and went on running"),
    ];
    for (what, said) in cases {
        let (error, begun, counts) = misbehaving(what, |_| ());
        assert!(error.contains("in the middle of job 41"), "{error}");
        assert!(error.contains(said), "{what}: {error}");
        let expected = Counts {
            answered: 2,
            retried: 1,
            replaced: 2,
        };
        assert_eq!((begun, counts), (2, expected), "{what}");
    }
    let (_, begun, _) = misbehaving("die", |settings| settings.retries = 3);
    assert_eq!(begun, 4);
    let (_, begun, _) = misbehaving("die", |settings| settings.retries = 0);
    assert_eq!(begun, 1);
}

#[test]
fn a_job_that_fails_leaves_its_worker_alone() {
    let (error, begun, counts) = misbehaving("fail", |_| ());
    assert_eq!(error, "job 41: the loss is NaN");
    assert_eq!((begun, counts.replaced), (1, 0));
    let (error, begun, counts) = misbehaving("refuse", |_| ());
    assert_eq!(error, "job 41: unknown field");
    assert_eq!((begun, counts.replaced), (1, 0));
}

#[test]
fn limits_end_a_trial_and_its_worker() {
    let begin = Instant::now();
    let (error, begun, counts) = misbehaving("hang", |settings| {
        settings.time_limit = Some(Duration::from_secs(2));
    });
    assert_eq!(error, "job 41: not done within its 2 s");
    assert_eq!((begun, counts.retried, counts.replaced), (1, 0, 1));
    let (error, begun, counts) = misbehaving("hog", |settings| {
        settings.memory_limit_mib = Some(200);
    });
    assert!(
        error.contains("MiB of memory, it may take 200 MiB"),
        "{error}"
    );
    assert_eq!((begun, counts.retried, counts.replaced), (1, 0, 1));
    assert!(begin.elapsed() < Duration::from_secs(40));
}

#[test]
fn a_second_answer_counts_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(settings(fake_worker(folder.path()), 1)).unwrap();
    for seed in 0..20 {
        let outcome = train(&pool, &job(folder.path(), "twice", seed)).unwrap();
        let found = (
            outcome.id,
            outcome.images_per_s,
            outcome.scores[&Metric::AbsoluteError],
        );
        assert_eq!(found, (40 + seed, 100.0, 1.0 + seed as f64));
    }
    assert_eq!(pool.counts().replaced, 0);
}

#[test]
fn a_worker_that_died_once_is_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(settings(fake_worker(folder.path()), 1)).unwrap();
    let job = job(folder.path(), "die-once", 3);
    let mut started = 0;
    let mut watch = |event: &Event| {
        assert_eq!(event.id(), Some(43));
        started += usize::from(matches!(event, Event::Started { .. }));
    };
    let outcome = pool.train(&job, &mut watch, &AtomicBool::new(false));
    assert_eq!(outcome.unwrap().scores[&Metric::AbsoluteError], 4.0);
    assert_eq!((started, begun(&job)), (2, 2));
    let expected = Counts {
        answered: 1,
        retried: 1,
        replaced: 1,
    };
    assert_eq!(pool.counts(), expected);
}

#[test]
fn more_jobs_than_workers_wait_for_a_free_one() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(settings(fake_worker(folder.path()), 2)).unwrap();
    thread::scope(|scope| {
        for seed in 0..6 {
            let (pool, folder) = (&pool, folder.path());
            scope.spawn(move || {
                let outcome = train(pool, &job(folder, "ok:0.2", seed)).unwrap();
                assert_eq!(outcome.scores[&Metric::AbsoluteError], 1.0 + seed as f64);
            });
        }
    });
    assert_eq!(pool.counts().answered, 6);
    let process = |seed| {
        let path = folder.path().join(format!("{seed}.safetensors.begun"));
        fs::read_to_string(path).unwrap()
    };
    let processes: BTreeSet<String> = (0..6).map(process).collect();
    assert_eq!(processes.len(), 2, "{processes:?}");
}

#[test]
fn a_stop_ends_those_that_work_and_those_that_wait() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(settings(fake_worker(folder.path()), 1)).unwrap();
    let stop = AtomicBool::new(false);
    let begin = Instant::now();
    thread::scope(|scope| {
        for seed in 0..2 {
            let (pool, stop, folder) = (&pool, &stop, folder.path());
            scope.spawn(move || {
                let result = pool.train(&job(folder, "hang", seed), &mut |_| (), stop);
                assert!(matches!(result, Err(WorkerError::Stopped)), "{result:?}");
            });
        }
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
    });
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn no_process_outlives_its_pool() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(settings(fake_worker(folder.path()), 1)).unwrap();
    train(&pool, &job(folder.path(), "ok", 0)).unwrap();
    let pid = fs::read_to_string(folder.path().join("0.safetensors.begun")).unwrap();
    let process = Path::new("/proc").join(pid.trim());
    assert!(process.exists());
    drop(pool);
    assert!(!process.exists());
}

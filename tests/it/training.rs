//! The training worker as the command line uses it: real steps, at the smallest size.
#![cfg(feature = "train")]

mod command;
mod fine_tuning;
mod legs;
mod methods;
mod orphans;
mod reproduce;
mod search;
mod transfer;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ednas::space::ednas::{FusedDefinition, Upsampling};
use ednas::task::Task;
use ednas::train::protocol::Outcome;
use ednas::train::{
    DataChoice, Event, Judged, Limits, Precision, Recipe, TrainJob, Training, Worker, WorkerError,
};
use ednas::train::{find_worker, restore};
use kernels::op::Coordinates;

fn worker() -> Worker {
    Worker::start(
        Path::new(env!("CARGO_BIN_EXE_ednas-train")),
        Limits::default(),
    )
    .unwrap()
}

fn job(checkpoint: &Path, steps: usize) -> TrainJob {
    TrainJob {
        id: 1,
        training: Training {
            network: "mt-edge".to_owned(),
            fused: FusedDefinition::default(),
            tasks: Task::ALL.to_vec(),
            height: 128,
            width: 128,
            classes: ednas::task::SEGMENTATION_CLASSES,
            upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
            data: DataChoice {
                name: "scenes".to_owned(),
                seed: 1,
                train: 4,
                validation: 2,
                judged_on: Judged::Validation,
            },
            recipe: Recipe {
                batch_size: 2,
                ..Recipe::of_steps(steps)
            },
            seed: 1,
            start: None,
            inherit: None,
        },
        threads: 1,
        checkpoint: checkpoint.to_owned(),
        state_every_s: 30.0,
        resume: false,
        stop_at: None,
        state: None,
    }
}

fn train(job: &TrainJob) -> Result<Outcome, WorkerError> {
    worker().train(job, &mut |_| (), &AtomicBool::new(false))
}

#[test]
fn training_lowers_the_loss_and_leaves_a_checkpoint_that_fills_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    let mut losses = Vec::new();
    let outcome = worker()
        .train(
            &job(&path, 12),
            &mut |event| {
                if let Event::Progress { loss, .. } = event {
                    losses.push(*loss);
                }
            },
            &AtomicBool::new(false),
        )
        .unwrap();
    assert!(losses.last().unwrap() < &(losses[0] * 0.8), "{losses:?}");
    assert_eq!(outcome.steps, 12);
    assert_eq!(outcome.scores.len(), 8, "{:?}", outcome.scores);

    let restored = restore(&path).unwrap();
    assert_eq!(restored.record.job, job(&path, 12).training);
    assert!(restored.ranges.is_none());
}

#[test]
fn the_same_job_gives_the_same_bytes_again() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a", "b"].map(|name| folder.path().join(name));
    let mut worker = worker();
    let [a, b] = paths.each_ref().map(|path| {
        let job = job(path, 2);
        worker
            .train(&job, &mut |_| (), &AtomicBool::new(false))
            .unwrap();
        fs::read(path).unwrap()
    });
    assert!(a == b, "two runs of one job differ");
}

#[test]
fn a_run_that_was_stopped_resumes_to_the_same_bytes() {
    // Enough for several progress events, which come twice a second.
    const STEPS: usize = 24;
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    train(&job(&whole, STEPS)).unwrap();

    let mut first = job(&parts, STEPS);
    first.state_every_s = 0.0;
    let stop = AtomicBool::new(false);
    let mut told = 0;
    let mut watch = |event: &Event| {
        told += usize::from(matches!(event, Event::Progress { .. }));
        stop.store(told == 2, Ordering::Relaxed);
    };
    let result = worker().train(&first, &mut watch, &stop);
    assert!(matches!(result, Err(WorkerError::Stopped)), "{result:?}");
    assert!(!parts.exists(), "an unfinished run has no checkpoint");

    let mut rest = job(&parts, STEPS);
    rest.resume = true;
    let mut resumed_at = 0;
    worker()
        .train(
            &rest,
            &mut |event| {
                if let Event::Started { step, .. } = event {
                    resumed_at = *step;
                }
            },
            &AtomicBool::new(false),
        )
        .unwrap();
    assert!((1..STEPS).contains(&resumed_at), "resumed at {resumed_at}");
    assert!(fs::read(&whole).unwrap() == fs::read(&parts).unwrap());
}

#[test]
fn a_job_that_is_done_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    let first = train(&job(&path, 1)).unwrap();
    let mut again = job(&path, 1);
    again.resume = true;
    let second = train(&again).unwrap();
    assert_eq!(second.scores, first.scores);
    assert_eq!(second.images_per_s, 0.0);
}

#[test]
fn a_loss_that_is_no_number_fails_the_job_and_not_the_worker() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    let mut bad = job(&path, 8);
    bad.training.recipe.learning_rate_max = 1e30;
    let mut worker = worker();
    let go = AtomicBool::new(false);
    let text = worker
        .train(&bad, &mut |_| (), &go)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("loss is") && text.contains("at step"),
        "{text}"
    );
    assert!(!path.exists());
    worker.train(&job(&path, 1), &mut |_| (), &go).unwrap();
}

#[test]
fn jobs_that_make_no_sense_are_refused_with_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let mut worker = worker();
    let mut refusal = |change: &dyn Fn(&mut TrainJob)| {
        let mut job = job(&folder.path().join("a"), 1);
        change(&mut job);
        let go = AtomicBool::new(false);
        worker
            .train(&job, &mut |_| (), &go)
            .unwrap_err()
            .to_string()
    };
    let text = refusal(&|job| job.training.network = "resnet".to_owned());
    assert!(text.contains("expected one of ednas-t6"), "{text}");
    let text = refusal(&|job| job.training.height = 100);
    assert!(text.contains("multiples of 128"), "{text}");
    let text = refusal(&|job| job.training.data.name = "nowhere".to_owned());
    assert!(text.contains("known: scenes"), "{text}");
    let text = refusal(&|job| job.training.data.train = 0);
    assert!(text.contains("data.train is 0"), "{text}");
    let text = refusal(&|job| job.training.recipe.batch_size = 1);
    assert!(text.contains("batch_size is 1"), "{text}");
    let text = refusal(&|job| job.training.network = "st-edge".to_owned());
    assert!(text.contains("3 networks"), "{text}");
}

#[test]
fn a_stop_in_the_middle_ends_the_worker() {
    let folder = tempfile::tempdir().unwrap();
    let stop = AtomicBool::new(false);
    let job = job(&folder.path().join("a"), 10_000);
    let mut watch = |event: &Event| {
        if matches!(event, Event::Progress { .. }) {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let result = worker().train(&job, &mut watch, &stop);
    assert!(matches!(result, Err(WorkerError::Stopped)), "{result:?}");
}

#[test]
fn the_worker_is_looked_for_beside_this_program() {
    let text = find_worker().unwrap_err().to_string();
    assert!(
        text.contains("deps/ednas-train") && text.contains("make build"),
        "{text}"
    );
}

//! Trainings in legs, and trainings that begin with the weights of another network.

use std::path::PathBuf;

use ednas::fingerprint::fingerprint;
use ednas::train::weights::roles;
use ednas::train::{Arithmetic, Inherit, Start, Weights, read_checkpoint};

use super::*;

/// A job of one head, which is quick.
fn quick(checkpoint: &Path, steps: usize) -> TrainJob {
    let mut job = job(checkpoint, steps);
    job.training.tasks = vec![Task::Depth];
    job
}

/// The leg of a training of `steps` steps that ends after `last`.
fn leg(folder: &Path, steps: usize, last: usize) -> TrainJob {
    TrainJob {
        stop_at: Some(last),
        state: Some(folder.join("legs.state")),
        resume: true,
        ..quick(&folder.join(format!("leg{last}.safetensors")), steps)
    }
}

#[test]
fn legs_end_where_the_whole_training_does() {
    const STEPS: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.safetensors");
    let of_whole = train(&quick(&whole, STEPS)).unwrap();
    let mut scores = Vec::new();
    for last in [0, 2, 3] {
        let leg = leg(folder.path(), STEPS, last);
        let outcome = train(&leg).unwrap();
        assert_eq!(outcome.steps, last);
        let restored = restore(&leg.checkpoint).unwrap();
        assert_eq!(restored.record.step, Some(last));
        // Asked again, it only evaluates.
        let again = train(&leg).unwrap();
        assert_eq!((again.images_per_s, &again.scores), (0.0, &outcome.scores));
        scores.push(outcome.scores);
    }
    assert!(scores[0] != scores[1] && scores[1] != scores[2]);
    let last = leg(folder.path(), STEPS, 10 * STEPS);
    let outcome = train(&last).unwrap();
    assert_eq!((outcome.steps, outcome.scores), (STEPS, of_whole.scores));
    assert!(fs::read(&whole).unwrap() == fs::read(&last.checkpoint).unwrap());
    assert!(!last.state_path().exists());
}

/// Its slow twin: every step's weights, averaged here.
#[test]
fn an_average_is_that_of_the_weights_after_each_step() {
    const STEPS: usize = 4;
    let [plain, averaged] = [(), ()].map(|()| tempfile::tempdir().unwrap());
    let after = |job: &TrainJob| {
        train(job).unwrap();
        read_checkpoint(&job.checkpoint).unwrap().0
    };
    let of_steps: Vec<_> = (0..=STEPS)
        .map(|last| after(&leg(plain.path(), STEPS, last)))
        .collect();
    let averaging = |mut job: TrainJob| {
        job.training.recipe.average = Some(0.2);
        job
    };
    let job = averaging(quick(&averaged.path().join("whole"), STEPS));
    let found = after(&job);
    let recipe = &job.training.recipe;
    let graph = job.training.graph().unwrap();
    let mut moved = 0;
    for (id, _) in roles(&graph)
        .into_iter()
        .filter(|(_, role)| role.is_trained())
    {
        let name = &graph[id].name;
        let values = |weights: &Weights| -> Vec<f64> {
            let values = weights.get(name).unwrap().values.iter();
            values.copied().map(f64::from).collect()
        };
        let mut average = values(&of_steps[0]);
        for (step, weights) in of_steps[1..].iter().enumerate() {
            let kept = recipe.kept_of_average(step).unwrap();
            for (mean, value) in average.iter_mut().zip(values(weights)) {
                *mean = kept * *mean + (1.0 - kept) * value;
            }
        }
        for (found, expected) in values(&found).iter().zip(&average) {
            assert!(
                (found - expected).abs() < 1e-5,
                "{name}: {found}, expected {expected}"
            );
        }
        moved += usize::from(values(&found) != values(&of_steps[STEPS]));
    }
    assert!(moved > 0, "the average is the last step's weights");

    train(&averaging(leg(averaged.path(), STEPS, 2))).unwrap();
    let last = averaging(leg(averaged.path(), STEPS, STEPS));
    train(&last).unwrap();
    assert!(fs::read(&job.checkpoint).unwrap() == fs::read(&last.checkpoint).unwrap());
}

#[test]
fn a_leg_that_was_killed_resumes_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let whole = leg(folder.path(), 100, 12);
    train(&whole).unwrap();
    let bytes = fs::read(&whole.checkpoint).unwrap();
    fs::remove_file(&whole.checkpoint).unwrap();
    fs::remove_file(whole.state_path()).unwrap();

    let parts = TrainJob {
        state_every_s: 0.0,
        ..whole.clone()
    };
    let stop = AtomicBool::new(false);
    let mut watch = |event: &Event| {
        let moved = matches!(event, Event::Progress { .. });
        stop.fetch_or(moved, Ordering::Relaxed);
    };
    let result = worker().train(&parts, &mut watch, &stop);
    assert!(matches!(result, Err(WorkerError::Stopped)), "{result:?}");
    train(&parts).unwrap();
    assert!(fs::read(&whole.checkpoint).unwrap() == bytes);
}

#[test]
fn a_leg_behind_its_state_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    train(&leg(folder.path(), 8, 3)).unwrap();
    let text = train(&leg(folder.path(), 8, 2)).unwrap_err().to_string();
    assert!(text.contains("3 steps on, expected 2 at most"), "{text}");
}

/// A trained network, and its outcome.
fn parent(folder: &Path) -> (PathBuf, Outcome) {
    let path = folder.join("parent.safetensors");
    let outcome = train(&quick(&path, 3)).unwrap();
    (path, outcome)
}

fn child(folder: &Path, parent: &Path, steps: usize) -> TrainJob {
    let mut job = quick(&folder.join("child.safetensors"), steps);
    job.training.seed = 9;
    job.training.inherit = Some(Inherit::from(parent).unwrap());
    job
}

#[test]
fn a_child_of_the_same_shapes_begins_as_its_parent_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (parent, of_parent) = parent(folder.path());
    let mut job = child(folder.path(), &parent, 4);
    job.stop_at = Some(0);
    let outcome = train(&job).unwrap();
    assert_eq!(outcome.inherited, Some(1.0));
    assert_eq!(outcome.scores, of_parent.scores);
    let [own, parents] = [&job.checkpoint, &parent].map(|path| read_checkpoint(path).unwrap().0);
    assert!(own == parents);
    // From there on it is trained, without asking for its parent again.
    fs::remove_file(&parent).unwrap();
    job.stop_at = None;
    job.resume = true;
    let outcome = train(&job).unwrap();
    assert_eq!((outcome.steps, outcome.inherited), (4, None));
    assert_ne!(outcome.scores, of_parent.scores);
}

#[test]
fn a_child_of_other_shapes_takes_a_part() {
    let folder = tempfile::tempdir().unwrap();
    let (parent, _) = parent(folder.path());
    let mut job = child(folder.path(), &parent, 1);
    job.training.network = "ednas-t7".to_owned();
    let share = train(&job).unwrap().inherited.unwrap();
    assert!((0.1..0.9).contains(&share), "{share}");
}

#[test]
fn parents_that_cannot_be_inherited_from_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (parent, _) = parent(folder.path());
    let job = child(folder.path(), &parent, 1);
    let refusal = |change: &dyn Fn(&mut TrainJob)| {
        let mut job = job.clone();
        change(&mut job);
        train(&job).unwrap_err().to_string()
    };
    let start = Start {
        checkpoint: parent.clone(),
        fingerprint: fingerprint(fs::read(&parent).unwrap()),
        arithmetic: Arithmetic::Float,
    };
    let text = refusal(&|job| job.training.start = Some(start.clone()));
    assert!(text.contains("both `start` and `inherit`"), "{text}");
    let text = refusal(&|job| job.training.inherit.as_mut().unwrap().fingerprint.clear());
    assert!(text.contains("the file has changed"), "{text}");

    let tuned = folder.path().join("tuned.safetensors");
    let mut tuning = quick(&tuned, 1);
    tuning.training.start = Some(start);
    train(&tuning).unwrap();
    let text = refusal(&|job| job.training.inherit = Some(Inherit::from(&tuned).unwrap()));
    assert!(text.contains("no batch norms any more"), "{text}");
    fs::remove_file(&parent).unwrap();
    let text = refusal(&|_| ());
    assert!(text.contains("parent.safetensors: No such file"), "{text}");
}

//! Methods as the command line trains them: real steps, at the smallest size.

use super::*;

/// A training of two tasks by `network`.
fn of(network: &str, checkpoint: &Path, steps: usize) -> TrainJob {
    let mut job = job(checkpoint, steps);
    job.training.network = network.to_owned();
    job.training.tasks = vec![Task::Segmentation, Task::Depth];
    job
}

#[test]
fn every_method_is_trained_and_restored() {
    let folder = tempfile::tempdir().unwrap();
    for network in [
        "cross-stitch-edge",
        "sluice-edge",
        "nddr-cnn-edge",
        "mtan-edge",
        "adashare-edge:seg=111111110,depth=011111111",
        "den-edge:seg=444444443322114,depth=222222223322334",
    ] {
        let path = folder.path().join("a.safetensors");
        let outcome = train(&of(network, &path, 2)).unwrap();
        assert_eq!(outcome.decided, None);
        assert_eq!(outcome.scores.len(), 4, "{network}");
        let restored = restore(&path).unwrap();
        assert_eq!(restored.graph.outputs.len(), 2, "{network}");
    }
}

/// A search for a policy ends with a network, and resumes to the same bytes.
#[test]
fn a_policy_is_searched_for_in_legs_as_in_one_go() {
    for network in ["adashare-edge", "den-edge"] {
        searched_for_in_legs(network);
    }
}

fn searched_for_in_legs(network: &str) {
    const STEPS: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let at_once = train(&of(network, &whole, STEPS)).unwrap();
    let decided = at_once.decided.clone().unwrap();
    assert!(decided.starts_with(&format!("{network}:seg=")), "{decided}");

    let mut leg = of(network, &parts, STEPS);
    leg.stop_at = Some(4);
    leg.resume = true;
    train(&leg).unwrap();
    leg.stop_at = None;
    let in_legs = train(&leg).unwrap();
    assert_eq!(in_legs.decided, at_once.decided);
    assert!(fs::read(&whole).unwrap() == fs::read(&parts).unwrap());
    // It is done, and says again what was decided.
    assert_eq!(train(&leg).unwrap().decided, at_once.decided);

    let mut next = of(&decided, &folder.path().join("next"), 1);
    next.training.recipe.unit_rate = 1.0;
    assert_eq!(train(&next).unwrap().decided, None);
}

#[test]
fn a_rate_of_units_and_weights_of_tasks_change_what_is_trained() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |change: &dyn Fn(&mut Recipe)| {
        let path = folder.path().join("a");
        let mut job = of("cross-stitch-edge", &path, 1);
        change(&mut job.training.recipe);
        train(&job).unwrap();
        restore(&path).unwrap().graph
    };
    let usual = bytes(&|_| ());
    assert_eq!(bytes(&|_| ()), usual);
    assert_ne!(bytes(&|recipe| recipe.unit_rate = 10.0), usual);
    let weights = |recipe: &mut Recipe| {
        recipe.task_weights.insert(Task::Depth, 1.0);
    };
    assert_ne!(bytes(&weights), usual);
}

/// A batch in parts has the gradients of its parts' mean, and mixed precision nearly those of single.
#[test]
fn parts_and_mixed_precision_train_as_the_whole_does() {
    let folder = tempfile::tempdir().unwrap();
    let losses = |name: &str, change: &dyn Fn(&mut Recipe)| {
        let mut job = of("mt-edge", &folder.path().join(name), 2);
        job.training.recipe.batch_size = 4;
        change(&mut job.training.recipe);
        train(&job).unwrap().losses
    };
    let usual = losses("usual", &|_| ());
    let parts = losses("parts", &|recipe| recipe.parts = 2.try_into().unwrap());
    let mixed = losses("mixed", &|recipe| recipe.precision = Precision::Mixed);
    for other in [parts, mixed] {
        assert_ne!(other, usual);
        for (task, loss) in &other {
            let apart = (loss / usual[task] - 1.0).abs();
            assert!(apart < 0.2, "{task}: {loss}, expected {}", usual[task]);
        }
    }
}

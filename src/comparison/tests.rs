//! Runs are done once, failures are kept apart, and gains are those of the means.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use kernels::op::Coordinates;
use kernels::work::Precision;

use super::*;
use crate::price::Pricer;
use crate::space::ednas::{FusedDefinition, Upsampling};
use crate::space::{Model, SpaceFile};
use crate::task::Task;
use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::train::worker::WorkerError;
use crate::train::{DataChoice, DepthLoss, Judged, Recipe, Training};
use crate::validate::metrics::{Metric, Scores, delta_t};
use crate::workers::{Counts, Fleet};

/// Scores by network, tasks and seed; stops after `left` jobs.
struct FakeFleet {
    left: Mutex<usize>,
    trained: Mutex<Vec<(String, Vec<Task>, u64)>>,
}

impl FakeFleet {
    fn of(left: usize) -> Self {
        Self {
            left: Mutex::new(left),
            trained: Mutex::default(),
        }
    }
}

fn scores(training: &Training) -> Scores {
    let base = if training.network == "mt-edge" {
        10.0
    } else {
        12.0
    };
    let apart = if training.tasks.len() == 1 { 1.0 } else { 0.0 };
    let metrics = Metric::ALL.into_iter();
    let own = metrics.filter(|m| training.tasks.contains(&m.task()));
    own.map(|m| (m, base + apart + training.seed as f64))
        .collect()
}

impl Fleet for FakeFleet {
    fn workers(&self) -> NonZeroUsize {
        NonZeroUsize::new(2).unwrap()
    }

    fn train(
        &self,
        job: &TrainJob,
        watch: &mut dyn FnMut(&Event),
        stop: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        let mut left = self.left.lock().unwrap();
        if *left == 0 || stop.load(Ordering::Relaxed) {
            stop.store(true, Ordering::Relaxed);
            return Err(WorkerError::Stopped);
        }
        *left -= 1;
        watch(&Event::Started {
            id: job.id,
            step: 0,
            attempt: None,
        });
        let training = &job.training;
        if training.network == "bad" {
            let reason = "the loss is NaN".to_owned();
            return Err(WorkerError::Failed { id: job.id, reason });
        }
        std::fs::write(&job.checkpoint, "weights").unwrap();
        let seen = (
            training.network.clone(),
            training.tasks.clone(),
            training.seed,
        );
        self.trained.lock().unwrap().push(seen);
        Ok(Outcome {
            id: job.id,
            steps: job.last_step(),
            losses: BTreeMap::new(),
            scores: scores(training),
            images_per_s: 1.0,
            checkpoint: job.checkpoint.clone(),
            inherited: None,
            decided: (training.network == "open").then(|| "decided".to_owned()),
        })
    }

    fn counts(&self) -> Counts {
        Counts::default()
    }
}

fn protocol(folder: &Path) -> Protocol {
    let tasks = vec![Task::Segmentation, Task::Depth];
    Protocol {
        training: Training {
            network: String::new(),
            fused: FusedDefinition::default(),
            tasks: tasks.clone(),
            height: 128,
            width: 128,
            classes: crate::task::SEGMENTATION_CLASSES,
            upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
            data: DataChoice {
                name: "scenes".to_owned(),
                seed: 1,
                train: 2,
                validation: 1,
                judged_on: Judged::Validation,
            },
            recipe: Recipe::of_steps(5),
            seed: 4,
            start: None,
            inherit: None,
        },
        tasks,
        seeds: 2,
        threads: 1,
        state_every_s: 1.0,
        folder: folder.to_owned(),
    }
}

fn entrants(found: &str) -> Vec<Entrant> {
    let entrant = |name: &str, network: &str, alone| Entrant {
        name: name.to_owned(),
        network: network.to_owned(),
        alone,
        recipe: Recipe::of_steps(5),
        over: 0,
    };
    vec![
        entrant("ST edge", "mt-edge", true),
        entrant("MT edge", "mt-edge", false),
        entrant("joint", found, false),
    ]
}

fn go(protocol: &Protocol, runs: &mut [Run], fleet: &FakeFleet) -> anyhow::Result<bool> {
    train_all(protocol, runs, fleet, &|_, _| {}, &AtomicBool::new(false))
}

#[test]
fn what_is_done_is_not_done_again_and_weights_do_not_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (protocol, entrants) = (protocol(folder.path()), entrants("ednas-t6"));
    let mut runs = protocol.runs(&entrants).unwrap();
    // Two seeds of a network per task, of one for both, and of the find.
    assert_eq!(runs.len(), 2 * 4);
    let first = FakeFleet::of(3);
    assert!(!go(&protocol, &mut runs, &first).unwrap());
    let mut again = protocol.runs(&entrants).unwrap();
    assert_eq!(again.iter().filter(|run| run.outcome.is_some()).count(), 3);
    let second = FakeFleet::of(100);
    assert!(go(&protocol, &mut again, &second).unwrap());
    assert_eq!(second.trained.lock().unwrap().len(), 5);
    let third = FakeFleet::of(0);
    let mut all = protocol.runs(&entrants).unwrap();
    assert!(go(&protocol, &mut all, &third).unwrap());
    assert_eq!(all, again);
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert!(
        files
            .into_iter()
            .all(|file| file.unwrap().path().extension().unwrap() == "json")
    );
    // Another recipe is another training.
    let longer: Vec<Entrant> = entrants
        .into_iter()
        .map(|entrant| Entrant {
            recipe: Recipe::of_steps(6),
            ..entrant
        })
        .collect();
    assert!(
        protocol
            .runs(&longer)
            .unwrap()
            .iter()
            .all(|run| run.outcome.is_none())
    );
}

#[test]
fn a_network_that_a_training_decides_on_is_trained_next() {
    let folder = tempfile::tempdir().unwrap();
    let (protocol, entrants) = (protocol(folder.path()), entrants("open"));
    let mut runs = protocol.runs(&entrants).unwrap();
    let fleet = FakeFleet::of(100);
    assert!(go(&protocol, &mut runs, &fleet).unwrap());
    let trained = fleet.trained.lock().unwrap();
    let names = trained.iter().map(|(network, ..)| &**network);
    assert_eq!(names.clone().filter(|name| *name == "open").count(), 2);
    assert_eq!(names.filter(|name| *name == "decided").count(), 2);
    let known = protocol.runs(&entrants).unwrap();
    let outcomes = known.iter().filter(|run| run.training.network == "open");
    let decided = outcomes.filter_map(|run| run.outcome.as_ref()?.decided.as_deref());
    assert_eq!(decided.collect::<Vec<_>>(), ["decided"; 2]);
    assert!(known.iter().all(|run| run.outcome.is_some()));
}

#[test]
fn equal_finds_are_trained_once() {
    let folder = tempfile::tempdir().unwrap();
    let protocol = protocol(folder.path());
    let mut entrants = entrants("ednas-t6");
    entrants.push(Entrant {
        name: "NAS-depth -> MT".to_owned(),
        ..entrants[2].clone()
    });
    let mut runs = protocol.runs(&entrants).unwrap();
    let fleet = FakeFleet::of(100);
    assert!(go(&protocol, &mut runs, &fleet).unwrap());
    assert_eq!((runs.len(), fleet.trained.lock().unwrap().len()), (10, 8));
    let compared = compare(&entrants, &runs).unwrap();
    assert_eq!(compared[2], compared[3]);
}

/// Segmentation alone has no depth loss: the row with JAReD trains what the row without trained.
#[test]
fn a_depth_loss_makes_no_second_training_without_depth() {
    let folder = tempfile::tempdir().unwrap();
    let protocol = protocol(folder.path());
    let [row, jared] = [DepthLoss::L1, DepthLoss::Jared { lambda: 0.1 }].map(|depth_loss| {
        let row = entrants("ednas-t6").swap_remove(0);
        let recipe = Recipe {
            depth_loss,
            ..row.recipe
        };
        Entrant { recipe, ..row }
    });
    assert!(row.alone);
    let mut runs = protocol.runs(&[row, jared]).unwrap();
    let fleet = FakeFleet::of(100);
    assert!(go(&protocol, &mut runs, &fleet).unwrap());
    let trained = fleet.trained.lock().unwrap();
    let count = |task| {
        trained
            .iter()
            .filter(|(_, tasks, _)| *tasks == [task])
            .count()
    };
    let counts = [count(Task::Segmentation), count(Task::Depth)];
    assert_eq!(counts, [2, 4]);
}

#[test]
fn a_training_that_fails_is_named_and_the_others_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (protocol, entrants) = (protocol(folder.path()), entrants("bad"));
    let mut runs = protocol.runs(&entrants).unwrap();
    let error = go(&protocol, &mut runs, &FakeFleet::of(100)).unwrap_err();
    let words = format!("{error:#}");
    assert!(
        words.contains("training bad for seg,depth with seed 4"),
        "{words}"
    );
    assert!(words.contains("the loss is NaN"), "{words}");
    let kept = protocol.runs(&entrants).unwrap();
    assert!(kept.iter().filter(|run| run.outcome.is_some()).count() >= 3);
}

#[test]
fn a_result_of_something_else_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let (protocol, entrants) = (protocol(folder.path()), entrants("ednas-t6"));
    let mut runs = protocol.runs(&entrants).unwrap();
    go(&protocol, &mut runs, &FakeFleet::of(1)).unwrap();
    let file = std::fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    std::fs::write(file.path(), "{}").unwrap();
    let error = protocol.runs(&entrants).unwrap_err().to_string();
    assert!(error.contains("remove it"), "{error}");
}

#[test]
fn gains_are_those_of_the_means_and_sigmas_those_of_the_seeds() {
    let folder = tempfile::tempdir().unwrap();
    let (protocol, entrants) = (protocol(folder.path()), entrants("ednas-t6"));
    let mut runs = protocol.runs(&entrants).unwrap();
    go(&protocol, &mut runs, &FakeFleet::of(100)).unwrap();
    let compared = compare(&entrants, &runs).unwrap();
    // Seeds 4 and 5: 10 + 1 + 4 and 10 + 1 + 5 per task alone; 12 + 4 and 12 + 5 for the find.
    let baseline = &compared[0];
    assert_eq!(baseline.metrics.len(), 4);
    assert_eq!(baseline.metrics[&Metric::MeanIou].mean, 15.5);
    assert!((baseline.metrics[&Metric::MeanIou].sigma - 0.5_f64.sqrt()).abs() < 1e-12);
    assert_eq!(baseline.gain.total, 0.0);
    let all = |value: f64| -> Scores {
        baseline
            .metrics
            .keys()
            .map(|&metric| (metric, value))
            .collect()
    };
    assert_eq!(compared[2].gain, delta_t(&all(16.5), &all(15.5)).unwrap());
    let of = |value| delta_t(&all(value), &all(15.5)).unwrap().total;
    assert_eq!(compared[2].total(), Spread::of(&[of(16.0), of(17.0)]));
}

/// A network that has learned nothing may get nothing right: the table must not be lost with it.
#[test]
fn a_metric_that_is_0_in_the_baseline_has_no_gain() {
    let folder = tempfile::tempdir().unwrap();
    let protocol = protocol(folder.path());
    let entrants = entrants("ednas-t6");
    let mut runs = protocol.runs(&entrants).unwrap();
    go(&protocol, &mut runs, &FakeFleet::of(100)).unwrap();
    for run in &mut runs {
        let scores = &mut run.outcome.as_mut().unwrap().scores;
        let missed = scores.get_mut(&Metric::MeanIou);
        missed.into_iter().for_each(|miou| *miou = 0.0);
    }
    let compared = compare(&entrants, &runs).unwrap();
    for row in &compared {
        assert_eq!(row.metrics[&Metric::MeanIou].mean, 0.0);
        let gains: Vec<Metric> = row.gain.metrics.iter().map(|&(metric, _)| metric).collect();
        assert_eq!(
            gains,
            [
                Metric::PixelAccuracy,
                Metric::AbsoluteError,
                Metric::RelativeError
            ]
        );
        assert!(row.total().mean.is_finite());
    }
}

#[test]
fn networks_per_task_cost_their_sum() {
    let protocol = protocol(Path::new("."));
    let options = crate::space::ednas::NetworkOptions {
        size: [128, 128],
        tasks: protocol.tasks.clone(),
        classes: crate::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    };
    let machine = hwmodels::profile::Profile::named("coral-edgetpu").unwrap();
    let all = entrants("ednas-t6");
    let costs: Vec<Costs> = all
        .iter()
        .map(|e| costs(&e.network, e.alone, &machine, &options).unwrap())
        .collect();
    let [apart, together, _] = costs[..] else {
        panic!()
    };
    let ratio = apart.flops as f64 / together.flops as f64;
    assert!((1.2..2.0).contains(&ratio), "{ratio}");
    assert!(apart.parameters > together.parameters);
    assert!(apart.latency_ms.unwrap() > together.latency_ms.unwrap());

    // A search prices the same network alike.
    let (file, genome) = SpaceFile::genome(
        &Model::parse("ednas-t6", FusedDefinition::default())
            .unwrap()
            .genome,
    )
    .unwrap();
    let pricer = Pricer::new(&file, vec![machine], options, Precision::Int8).unwrap();
    let priced = pricer.price(&genome).unwrap();
    let found = costs[2].latency_ms.unwrap();
    assert!((found - priced.together.latency_ms).abs() < 1e-9);
    assert_eq!(costs[2].parameters, priced.parameters);
}

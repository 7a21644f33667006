//! Trained evaluations with a fleet that trains nothing: legs, inherited weights, files.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hwmodels::profile::Profile;
use kernels::op::Coordinates;
use kernels::work::Precision;
use serde_json::json;

use super::*;
use crate::price::Pricer;
use crate::report::Console;
use crate::search::{
    Cheaper, Controller, Draws, Event, Evolution, Finished, Goal, INHERITED, Plan, Reward, Rungs,
    TaskMetrics, search,
};
use crate::space::SpaceFile;
use crate::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use crate::study::{History, Outcome, Pace};
use crate::task::Task;
use crate::train::protocol::{self, TrainJob};
use crate::train::worker::WorkerError;
use crate::train::{
    CheckpointRecord, DataChoice, Judged, Recipe, Training, Weights, write_checkpoint,
};
use crate::validate::metrics::Metric;
use crate::workers::{Counts, Fleet};

/// A job as it was done.
#[derive(Debug)]
struct Done {
    trial: u64,
    last_step: usize,
    /// Of the recipe.
    steps: usize,
    /// The share of the weights that were the parent's.
    inherited: Option<f64>,
}

/// Leaves an untrained checkpoint, and scores by the network's text and the steps.
#[derive(Default)]
struct FakeFleet {
    /// Jobs that may still be done; all where absent.
    left: Option<AtomicUsize>,
    done: Mutex<Vec<Done>>,
}

impl Fleet for FakeFleet {
    fn workers(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn train(
        &self,
        job: &TrainJob,
        _: &mut dyn FnMut(&protocol::Event),
        stop: &AtomicBool,
    ) -> Result<protocol::Outcome, WorkerError> {
        let take = |left: usize| left.checked_sub(1);
        if let Some(left) = &self.left
            && left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_err()
        {
            stop.store(true, Ordering::Relaxed);
            return Err(WorkerError::Stopped);
        }
        let training = &job.training;
        let graph = training.graph().unwrap();
        let mut weights = Weights::initial(&graph, training.seed);
        let parent = training.inherit.as_ref();
        let inherited = parent.map(|parent| parent.give(&mut weights).unwrap());
        let record = CheckpointRecord::new(
            training,
            &crate::data::Contents::street(),
            job.last_step(),
            None,
        );
        write_checkpoint(&job.checkpoint, &weights, &json!(record)).unwrap();
        self.done.lock().unwrap().push(Done {
            trial: job.id,
            last_step: job.last_step(),
            steps: training.recipe.steps,
            inherited,
        });
        let letters = training.network.bytes().map(f64::from).sum::<f64>() % 97.0;
        let score = (1.0 + letters) * (job.last_step() as f64).sqrt();
        Ok(protocol::Outcome {
            id: job.id,
            steps: job.last_step(),
            losses: BTreeMap::new(),
            scores: BTreeMap::from([(Metric::MeanIou, score), (Metric::PixelAccuracy, score)]),
            images_per_s: 1.0,
            checkpoint: job.checkpoint.clone(),
            inherited,
            decided: None,
        })
    }

    fn counts(&self) -> Counts {
        Counts::default()
    }
}

fn pricer() -> Pricer {
    let options = NetworkOptions {
        size: [128, 128],
        tasks: vec![Task::Segmentation],
        classes: crate::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    };
    let machines = vec![Profile::named("coral-edgetpu").unwrap()];
    let space = SpaceFile::named("ednas").unwrap();
    Pricer::new(&space, machines, options, Precision::Int8).unwrap()
}

fn plan(pricer: &Pricer, cheaper: Cheaper, trials: usize) -> Plan<'_> {
    let metrics = vec![TaskMetrics::standard(Task::Segmentation)];
    Plan {
        space: pricer.space(),
        controller: Controller::Evolution(Evolution {
            population: 3,
            tournament: 2,
            draws: Draws::WithReplacement,
        }),
        seed: 5,
        initial: Vec::new(),
        workers: NonZeroUsize::MIN,
        trials,
        goal: Goal {
            limits: vec!["parameters=3e6".parse().unwrap()],
            ..Reward::new(metrics, 3.0).into()
        },
        cheaper,
        pace: Pace::EachOutcome,
        settings: BTreeMap::new(),
    }
}

fn job(folder: &Path, cheaper: &Cheaper) -> Job {
    Job {
        training: Training {
            network: String::new(),
            fused: FusedDefinition::default(),
            tasks: vec![Task::Segmentation],
            height: 128,
            width: 128,
            classes: crate::task::SEGMENTATION_CLASSES,
            upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
            data: DataChoice {
                name: "scenes".to_owned(),
                seed: 1,
                train: 2,
                validation: 1,
                judged_on: Judged::Validation,
            },
            recipe: Recipe::of_steps(90),
            seed: 1,
            start: None,
            inherit: None,
        },
        space: "ednas".to_owned(),
        threads: 1,
        state_every_s: 30.0,
        folder: folder.to_owned(),
        inherit_steps: cheaper.inherit_steps,
    }
}

/// Runs `plan` in `folder`; the most files of weights that lay there at a time.
fn run(plan: &Plan, pricer: &Pricer, fleet: &FakeFleet, folder: &Path) -> (Finished, usize) {
    let evaluator = Trained {
        pricer,
        goal: &plan.goal,
        fleet,
        job: job(folder, &plan.cheaper),
        console: Console::default(),
    };
    let stop = AtomicBool::new(false);
    let most = AtomicUsize::new(0);
    let finished = search(
        plan,
        &folder.join("study.journal"),
        &stop,
        |_, candidate| {
            most.fetch_max(checkpoints(folder), Ordering::Relaxed);
            evaluator.evaluate(candidate, &stop)
        },
        |event| {
            if let Event::Outlived { number } = event {
                evaluator.forget(number).unwrap();
            }
        },
    );
    (finished.unwrap(), most.into_inner())
}

fn checkpoints(folder: &Path) -> usize {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
        .count()
}

/// What of a history does not depend on the share of the runs.
fn evaluated(history: &History) -> usize {
    history
        .trials()
        .iter()
        .filter(|trial| trial.values().is_some())
        .count()
}

#[test]
fn legs_are_trained_to_their_rungs_and_infeasible_ones_not_at_all() {
    let pricer = pricer();
    let cheaper = Cheaper {
        rungs: Some(Rungs::new(vec![10, 30], &[NonZeroUsize::new(2).unwrap()]).unwrap()),
        ..Cheaper::default()
    };
    let plan = plan(&pricer, cheaper, 14);
    let folder = tempfile::tempdir().unwrap();
    let fleet = FakeFleet::default();
    let (finished, most) = run(&plan, &pricer, &fleet, folder.path());
    let done = fleet.done.into_inner().unwrap();
    let history = finished.history;
    for (number, trial) in history.trials().iter().enumerate() {
        let legs = done
            .iter()
            .filter(|leg| leg.trial == number as u64)
            .map(|leg| leg.last_step);
        let mut expected: Vec<usize> = trial.rungs.iter().map(|rung| rung.step).collect();
        if trial.is_complete() {
            expected.push(90);
        }
        assert_eq!(legs.collect::<Vec<_>>(), expected, "{number}");
    }
    let is = |of: fn(&Outcome) -> bool| {
        history
            .trials()
            .iter()
            .filter(|t| t.outcome.as_ref().is_some_and(of))
            .count()
    };
    assert!(is(|o| matches!(o, Outcome::Infeasible { .. })) > 0);
    assert!(is(|o| matches!(o, Outcome::Stopped { .. })) > 0);
    assert_eq!((checkpoints(folder.path()), most), (0, 1));
}

#[test]
fn a_trial_that_is_taken_up_again_goes_on_from_its_own_weights() {
    let pricer = pricer();
    let rungs = Rungs::new(vec![10, 30], &[NonZeroUsize::new(2).unwrap()]).unwrap();
    let cheaper = Cheaper {
        rungs: Some(rungs.promoting()),
        ..Cheaper::default()
    };
    let plan = plan(&pricer, cheaper, 30);
    let folder = tempfile::tempdir().unwrap();
    let fleet = FakeFleet::default();
    let (finished, _) = run(&plan, &pricer, &fleet, folder.path());
    let done = fleet.done.into_inner().unwrap();
    let history = finished.history;
    let numbers = 0..history.trials().len();
    let continued: Vec<usize> = numbers
        .clone()
        .filter_map(|n| history.continued_by(n))
        .collect();
    assert!(!continued.is_empty());
    let mut waiting = 0;
    for origin in numbers
        .clone()
        .filter(|&n| history.continued_by(n).is_none())
    {
        let legs = done.iter().filter(|leg| leg.trial == origin as u64);
        let legs: Vec<usize> = legs.map(|leg| leg.last_step).collect();
        let whole = [10, 30, 90];
        assert_eq!(
            legs,
            whole[..legs.len()],
            "each leg once, in one file: {origin}"
        );
        waiting += usize::from(legs.len() == 1 || legs.len() == 2);
    }
    let started = continued.iter().map(|&n| history.origin(n) as u64);
    let jobs = done.iter().map(|leg| leg.trial);
    assert!(started.clone().all(|n| jobs.clone().any(|job| job == n)));
    assert_eq!(
        checkpoints(folder.path()),
        waiting,
        "of those that may go on"
    );
}

#[test]
fn children_inherit_and_only_the_weights_of_parents_to_be_stay() {
    let pricer = pricer();
    let cheaper = Cheaper {
        inherit_steps: Some(20),
        ..Cheaper::default()
    };
    let plan = plan(&pricer, cheaper, 16);
    let folder = tempfile::tempdir().unwrap();
    let fleet = FakeFleet::default();
    let (finished, most) = run(&plan, &pricer, &fleet, folder.path());
    let done = fleet.done.into_inner().unwrap();
    let mut heirs = 0;
    for leg in &done {
        let trial = &finished.history.trials()[usize::try_from(leg.trial).unwrap()];
        let expected = if trial.parent.is_some() { 20 } else { 90 };
        assert_eq!((leg.last_step, leg.steps), (expected, expected), "{leg:?}");
        assert_eq!(trial.metric(INHERITED), leg.inherited, "{leg:?}");
        let is_heir = |share| (0.3..=1.0).contains(&share);
        heirs += usize::from(leg.inherited.is_some_and(is_heir));
    }
    assert!(heirs > 4, "{done:?}");
    // The population, and the trial that has just ended.
    assert!(most <= 4, "{most}");

    // Cut off in the middle and gone on with, the same comes out.
    let folder = tempfile::tempdir().unwrap();
    let few = FakeFleet {
        left: Some(AtomicUsize::new(7)),
        ..FakeFleet::default()
    };
    let (cut, _) = run(&plan, &pricer, &few, folder.path());
    assert!(evaluated(&cut.history) < evaluated(&finished.history));
    let (resumed, _) = run(&plan, &pricer, &FakeFleet::default(), folder.path());
    assert_eq!(resumed.history, finished.history);
}

#[test]
fn lost_weights_of_a_parent_end_the_search_with_the_remedy() {
    let pricer = pricer();
    let cheaper = Cheaper {
        inherit_steps: Some(20),
        ..Cheaper::default()
    };
    let plan = plan(&pricer, cheaper.clone(), 16);
    let folder = tempfile::tempdir().unwrap();
    let evaluator = Trained {
        pricer: &pricer,
        goal: &plan.goal,
        fleet: &FakeFleet::default(),
        job: job(folder.path(), &cheaper),
        console: Console::default(),
    };
    let stop = AtomicBool::new(false);
    let error = search(
        &plan,
        &folder.path().join("study.journal"),
        &stop,
        |_, candidate| {
            let found = evaluator.evaluate(candidate, &stop);
            evaluator.forget(candidate.number).unwrap();
            found
        },
        |_| {},
    );
    let words = format!("{:#}", error.unwrap_err());
    assert!(words.contains("inherits the weights of trial"), "{words}");
    assert!(words.contains("another --journal"), "{words}");
}

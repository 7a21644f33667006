//! Candidates priced and trained by a fleet that only counts.

mod cheaper;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hwmodels::profile::Profile;
use kernels::work::Precision;

use super::*;
use crate::deploy::Target;
use crate::price::Pricer;
use crate::report::Console;
use crate::search::{Aim, Goal};
use crate::space::ednas::NetworkOptions;
use crate::space::{Genome, SpaceFile};
use crate::task::Task;
use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::train::worker::WorkerError;
use crate::train::{DataChoice, Judged, Recipe, Training};
use crate::validate::metrics::Metric;
use crate::workers::{Counts, Fleet};

/// Answers every job at once, as it was told to.
struct Told {
    answer: fn(&TrainJob) -> Result<Outcome, WorkerError>,
    trained: AtomicUsize,
}

impl Fleet for Told {
    fn workers(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn train(
        &self,
        job: &TrainJob,
        _: &mut dyn FnMut(&Event),
        _: &AtomicBool,
    ) -> Result<Outcome, WorkerError> {
        self.trained.fetch_add(1, Ordering::Relaxed);
        (self.answer)(job)
    }

    fn counts(&self) -> Counts {
        Counts::default()
    }
}

fn done(job: &TrainJob) -> Result<Outcome, WorkerError> {
    assert!(job.training.graph().is_ok(), "{}", job.training.network);
    Ok(Outcome {
        id: job.id,
        steps: 1,
        losses: [].into(),
        scores: [(Metric::MeanIou, 0.25)].into(),
        images_per_s: 1.0,
        checkpoint: job.checkpoint.clone(),
        inherited: None,
        decided: None,
    })
}

fn options() -> NetworkOptions {
    let machine = Profile::named("coral-edgetpu").unwrap();
    NetworkOptions {
        size: [128, 128],
        tasks: vec![Task::Segmentation],
        classes: crate::task::SEGMENTATION_CLASSES,
        upsampling: Target::of(&machine).upsampling,
    }
}

fn pricer() -> Pricer {
    let machine = Profile::named("coral-edgetpu").unwrap();
    let file = SpaceFile::named("pyramid").unwrap();
    Pricer::new(&file, vec![machine], options(), Precision::Int8).unwrap()
}

fn goal(limits: &[&str]) -> Goal {
    Goal {
        aim: Aim::Objectives(vec!["maximize:mIoU".parse().unwrap()]),
        limits: limits.iter().map(|limit| limit.parse().unwrap()).collect(),
    }
}

fn job() -> Job {
    Job {
        training: Training {
            network: String::new(),
            fused: Default::default(),
            tasks: options().tasks,
            height: 128,
            width: 128,
            classes: crate::task::SEGMENTATION_CLASSES,
            upsampling: options().upsampling,
            data: DataChoice {
                name: "scenes".into(),
                seed: 0,
                train: 8,
                validation: 2,
                judged_on: Judged::Validation,
            },
            recipe: Recipe::of_steps(1),
            seed: 0,
            start: None,
            inherit: None,
        },
        space: "pyramid".into(),
        threads: 1,
        state_every_s: 30.0,
        folder: PathBuf::from("nowhere"),
        inherit_steps: None,
    }
}

fn candidate(pricer: &Pricer) -> Candidate {
    let genome: Genome = pricer.space().genomes().next().unwrap();
    Candidate {
        number: 3,
        text: pricer.space().text(&genome),
        genome,
        parent: None,
        origin: 3,
        hurdles: Vec::new(),
        rungs: Vec::new(),
    }
}

/// What is found of the first genome, and how many trainings that took.
fn evaluated(
    limits: &[&str],
    answer: fn(&TrainJob) -> Result<Outcome, WorkerError>,
) -> (anyhow::Result<Evaluation>, usize) {
    let fleet = Told {
        answer,
        trained: AtomicUsize::new(0),
    };
    let pricer = pricer();
    let trained = Trained {
        pricer: &pricer,
        goal: &goal(limits),
        fleet: &fleet,
        job: job(),
        console: Console::default(),
    };
    let found = trained.evaluate(&candidate(&pricer), &AtomicBool::new(false));
    (found, fleet.trained.into_inner())
}

#[test]
fn what_is_within_the_limits_is_trained_and_keeps_its_price() {
    let (found, trained) = evaluated(&["parameters=1e9"], done);
    let Ok(Evaluation::Measured {
        latency_ms,
        metrics,
    }) = found
    else {
        panic!("{found:?}");
    };
    assert_eq!((trained, metrics["mIoU"]), (1, 0.25));
    let pricer = pricer();
    let priced =
        Simulated { pricer: &pricer }.evaluate(&candidate(&pricer), &AtomicBool::new(false));
    let Ok(Evaluation::Measured {
        latency_ms: alone,
        metrics: known,
    }) = priced
    else {
        panic!("{priced:?}");
    };
    assert!((latency_ms - alone).abs() < f64::EPSILON);
    assert!(
        known
            .iter()
            .all(|(name, value)| metrics[name].total_cmp(value).is_eq())
    );
}

#[test]
fn what_is_beyond_a_limit_is_never_trained() {
    let (found, trained) = evaluated(&["parameters=1000"], done);
    assert_eq!(trained, 0);
    let Ok(Evaluation::Infeasible { reason }) = found else {
        panic!("{found:?}");
    };
    assert!(
        reason.starts_with("over the limit: parameters asked "),
        "{reason}"
    );
    assert!(reason.ends_with(", allowed 1000"), "{reason}");
}

#[test]
fn a_training_that_fails_costs_its_trial_and_a_broken_machine_the_search() {
    let (found, _) = evaluated(&[], |job| {
        let reason = "the loss is NaN at step 3".to_owned();
        Err(WorkerError::Failed { id: job.id, reason })
    });
    let reason = "job 3: the loss is NaN at step 3".to_owned();
    assert_eq!(found.unwrap(), Evaluation::Failed { reason });
    let (found, _) = evaluated(&[], |_| Err(WorkerError::Stopped));
    assert_eq!(found.unwrap(), Evaluation::Interrupted);
    let (found, _) = evaluated(&[], |_| {
        Err(WorkerError::Missing {
            searched: "here".into(),
        })
    });
    assert!(found.unwrap_err().to_string().contains("make build"));
}

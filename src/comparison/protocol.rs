//! Which trainings there are, and doing them: several at a time, and none twice.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::fingerprint::fingerprint;
use crate::report::{remove_if_there, write_atomically};
use crate::task::Task;
use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::train::worker::WorkerError;
use crate::train::{Recipe, Training};
use crate::workers::Fleet;

/// What a file of a finished training says it is.
const SCHEMA: &str = "ednas.comparison.training/1";

/// A network of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Entrant {
    /// What its row is called.
    pub name: String,
    /// A named network, or the text of a genome.
    pub network: String,
    /// Whether it is one network per task.
    pub alone: bool,
    /// How it is trained.
    pub recipe: Recipe,
    /// The entrant, by its place, that its gains are over.
    pub over: usize,
}

/// What the trainings of all of them have in common.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// The tasks; at least one.
    pub tasks: Vec<Task>,
    /// The training, but for network, tasks, recipe and seed; its seed is the first one.
    pub training: Training,
    /// Trainings of each network, with seeds one after the other; at least 1.
    pub seeds: u64,
    /// Threads of each training.
    pub threads: usize,
    /// How often a training keeps its state, in seconds.
    pub state_every_s: f64,
    /// Where results lie: what is done there is not done again.
    pub folder: PathBuf,
}

/// A training of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which entrant it is of.
    pub entrant: usize,
    /// Which of the seeds, from 0.
    pub turn: u64,
    /// What is trained.
    pub training: Training,
    /// What came of it; nothing before.
    pub outcome: Option<Outcome>,
}

/// A training that came to no end.
#[derive(Debug, thiserror::Error)]
#[error("training {network} for {tasks} with seed {seed}")]
pub struct ComparisonError {
    network: String,
    tasks: String,
    seed: u64,
    source: WorkerError,
}

#[derive(Serialize, Deserialize)]
struct Finished {
    schema: String,
    training: Training,
    threads: usize,
    outcome: Outcome,
}

impl Protocol {
    /// The trainings, those that are done with their outcomes.
    ///
    /// # Errors
    /// When a file of the folder cannot be read.
    pub fn runs(&self, entrants: &[Entrant]) -> anyhow::Result<Vec<Run>> {
        let mut runs = Vec::new();
        for turn in 0..self.seeds {
            for (index, entrant) in entrants.iter().enumerate() {
                let sets: Vec<Vec<Task>> = match entrant.alone {
                    true => self.tasks.iter().map(|&task| vec![task]).collect(),
                    false => vec![self.tasks.clone()],
                };
                for tasks in sets {
                    let training = Training {
                        network: entrant.network.clone(),
                        recipe: entrant.recipe.clone().for_tasks(&tasks),
                        tasks,
                        seed: self.training.seed + turn,
                        ..self.training.clone()
                    };
                    let outcome = self.known(&training)?;
                    runs.push(Run {
                        entrant: index,
                        turn,
                        training,
                        outcome,
                    });
                }
            }
        }
        Ok(runs)
    }

    /// The outcome of a training that is done.
    fn known(&self, training: &Training) -> anyhow::Result<Option<Outcome>> {
        let path = self.path(training, "json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context(path.display().to_string()),
        };
        let known = serde_json::from_slice::<Finished>(&text).ok();
        let known = known.filter(|known| known.schema == SCHEMA && known.training == *training);
        match known {
            Some(known) => Ok(Some(known.outcome)),
            None => anyhow::bail!(
                "{} is not the result of a training that this version wrote; remove it, and the \
                 network is trained again",
                path.display()
            ),
        }
    }

    /// The file of a training: named by what decides its outcome.
    fn path(&self, training: &Training, ending: &str) -> PathBuf {
        let text = serde_json::to_string(training).expect("a training is plain data");
        let name = fingerprint(format!("{text} {}", self.threads));
        self.folder.join(format!("{name}.{ending}"))
    }

    fn job(&self, id: usize, training: &Training) -> TrainJob {
        TrainJob {
            id: id as u64,
            training: training.clone(),
            threads: self.threads,
            checkpoint: self.path(training, "safetensors"),
            state_every_s: self.state_every_s,
            resume: true,
            stop_at: None,
            state: None,
        }
    }

    /// Keeps an outcome; the weights have served their end.
    fn keep(&self, training: &Training, outcome: &Outcome) -> anyhow::Result<()> {
        let finished = Finished {
            schema: SCHEMA.to_owned(),
            training: training.clone(),
            threads: self.threads,
            outcome: outcome.clone(),
        };
        let mut text = serde_json::to_string_pretty(&finished).context("a result is plain data")?;
        text.push('\n');
        write_atomically(&self.path(training, "json"), text.as_bytes())?;
        remove_if_there(&self.path(training, "safetensors"))
    }
}

/// The runs that are still to be done, equal ones once.
#[must_use]
pub fn open(runs: &[Run]) -> Vec<usize> {
    let first = |run: usize| runs.iter().position(|r| r.training == runs[run].training);
    (0..runs.len())
        .filter(|&run| runs[run].outcome.is_none() && first(run) == Some(run))
        .collect()
}

/// Has the runs done that are not, those whose first training decides on a network to the end of that
/// network's own, equal ones once; `watch` is told of the steps that a run has done.
/// `false` when `stop` was set before the end: what is done is kept.
///
/// # Errors
/// [`ComparisonError`] for the first training that fails, and when an outcome cannot be kept.
pub fn train_all(
    protocol: &Protocol,
    runs: &mut [Run],
    fleet: &dyn Fleet,
    watch: &(dyn Fn(usize, usize) + Sync),
    stop: &AtomicBool,
) -> anyhow::Result<bool> {
    let open = open(runs);
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Mutex<Vec<(usize, anyhow::Result<Outcome>)>> = Mutex::default();
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let Some(&run) = open.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            let steps = |step: usize| watch(run, step);
            let outcome = train(protocol, (run, &runs[run].training), fleet, &steps, stop);
            failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((run, outcome));
        }
    };
    thread::scope(|scope| {
        for _ in 0..fleet.workers().get().min(open.len()) {
            scope.spawn(work);
        }
    });
    for (run, outcome) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
        match outcome {
            Ok(outcome) => {
                let training = runs[run].training.clone();
                let equal = runs.iter_mut().filter(|run| run.training == training);
                equal.for_each(|run| run.outcome = Some(outcome.clone()));
            }
            Err(error) if is_stop(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(runs.iter().all(|run| run.outcome.is_some()))
}

fn is_stop(error: &anyhow::Error) -> bool {
    let worker = error.downcast_ref::<ComparisonError>();
    worker.is_some_and(|error| matches!(error.source, WorkerError::Stopped))
}

fn train(
    protocol: &Protocol,
    (run, training): (usize, &Training),
    fleet: &dyn Fleet,
    watch: &dyn Fn(usize),
    stop: &AtomicBool,
) -> anyhow::Result<Outcome> {
    let see = |event: &Event| {
        if let Event::Started { step, .. } | Event::Progress { step, .. } = event {
            watch(*step);
        }
    };
    let do_one = |training: &Training| {
        let job = protocol.job(run, training);
        let tasks: Vec<&str> = training.tasks.iter().map(|task| task.name()).collect();
        let outcome = fleet.train(&job, &mut |event: &Event| see(event), stop);
        outcome.map_err(|source| ComparisonError {
            network: training.network.clone(),
            tasks: tasks.join(","),
            seed: training.seed,
            source,
        })
    };
    let mut outcome = do_one(training)?;
    if let Some(network) = outcome.decided {
        // What was learned so far is which network it shall be.
        let decided = Training {
            network: network.clone(),
            ..training.clone()
        };
        outcome = Outcome {
            decided: Some(network),
            ..do_one(&decided)?
        };
        remove_if_there(&protocol.path(&decided, "safetensors"))?;
    }
    protocol.keep(training, &outcome)?;
    watch(training.recipe.steps);
    Ok(outcome)
}

impl ComparisonError {
    /// Whether no other training can be done either.
    #[must_use]
    pub fn is_setup(&self) -> bool {
        self.source.is_setup()
    }
}

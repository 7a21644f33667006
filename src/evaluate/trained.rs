//! Candidates that are priced, held against the limits, and trained: in one go, or a leg at a time,
//! from random weights or from their parent's.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

use super::Evaluator;
use crate::price::Pricer;
use crate::report::train::show;
use crate::report::{Console, remove_if_there};
use crate::search::{Candidate, Evaluation, Goal, INHERITED};
use crate::train::inherit::inherit;
use crate::train::protocol::TrainJob;
use crate::train::worker::WorkerError;
use crate::train::{Inherit, Training, Weights, read_checkpoint};
use crate::workers::Fleet;

/// What all trainings of a search have in common.
#[derive(Clone, Debug)]
pub struct Job {
    /// The training, of any network.
    pub training: Training,
    /// The space as it was given, which stands in front of every genome.
    pub space: String,
    /// Threads of each training.
    pub threads: usize,
    /// How often a training keeps its state, in seconds.
    pub state_every_s: f64,
    /// Where weights lie as long as they are needed.
    pub folder: PathBuf,
    /// The steps of candidates that start from their parent's weights; all start from random ones
    /// where absent.
    pub inherit_steps: Option<usize>,
}

/// Prices candidates and has those within the limits trained.
pub struct Trained<'a> {
    /// What they are priced by.
    pub pricer: &'a Pricer,
    /// Whose limits they are held against before training.
    pub goal: &'a Goal,
    /// Who trains them.
    pub fleet: &'a dyn Fleet,
    /// How.
    pub job: Job,
    /// Where a bar shows each training that runs.
    pub console: Console,
}

impl Evaluator for Trained<'_> {
    fn evaluate(&self, candidate: &Candidate, stop: &AtomicBool) -> anyhow::Result<Evaluation> {
        let measures = match self.pricer.price(&candidate.genome) {
            Ok(measures) => measures,
            Err(why) => {
                let reason = why.to_string();
                return Ok(Evaluation::Infeasible { reason });
            }
        };
        let mut metrics = measures.metrics();
        if let Some(refused) = self.goal.refuse(&metrics) {
            return Ok(refused);
        }
        let job = self.job.of(candidate)?;
        if let Some(parent) = &job.training.inherit {
            let share = inherited(&job.training, parent)?;
            metrics.insert(INHERITED.to_owned(), share);
        }
        let what = format!("trial {}", candidate.number);
        let bar = self.console.bar(&what, job.last_step() as u64);
        let trained = self.fleet.train(&job, &mut |event| show(&bar, event), stop);
        bar.finish_and_clear();
        match trained {
            Ok(outcome) => {
                let scores = outcome.scores.iter();
                metrics.extend(scores.map(|(metric, &value)| (metric.name().to_owned(), value)));
                Ok(Evaluation::Measured {
                    latency_ms: measures.together.latency_ms,
                    metrics,
                })
            }
            Err(WorkerError::Stopped) => Ok(Evaluation::Interrupted),
            Err(error) if error.is_setup() => Err(error.into()),
            Err(error) => Ok(Evaluation::Failed {
                reason: error.to_string(),
            }),
        }
    }

    fn forget(&self, number: usize) -> anyhow::Result<()> {
        let job = self.job.bare(number);
        remove_if_there(&job.checkpoint)?;
        remove_if_there(&job.state_path())
    }
}

impl Job {
    /// The job that trains a candidate to its next hurdle, or to the end.
    fn of(&self, candidate: &Candidate) -> anyhow::Result<TrainJob> {
        let body = candidate.text.rsplit('/').next().unwrap_or_default();
        let mut job = self.bare(candidate.origin);
        job.training.network = format!("{}/{body}", self.space);
        job.stop_at = candidate.hurdle().map(|hurdle| hurdle.step);
        if let (Some(steps), Some(parent)) = (self.inherit_steps, candidate.parent) {
            job.training.recipe.steps = steps;
            let checkpoint = self.checkpoint(parent);
            let inherit = Inherit::from(&checkpoint).map_err(|error| {
                anyhow!(
                    "trial {} inherits the weights of trial {parent}, {}, which cannot be read \
                     ({error}); put the folder back, or begin a search with another --journal",
                    candidate.number,
                    checkpoint.display()
                )
            })?;
            job.training.inherit = Some(inherit);
        }
        Ok(job)
    }

    /// A job without a network.
    fn bare(&self, number: usize) -> TrainJob {
        TrainJob {
            id: number as u64,
            training: self.training.clone(),
            threads: self.threads,
            checkpoint: self.checkpoint(number),
            state_every_s: self.state_every_s,
            resume: true,
            stop_at: None,
            state: None,
        }
    }

    /// Where the weights of a trial are.
    fn checkpoint(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{number:06}.safetensors"))
    }
}

/// The share of the weights of `training` that come from the checkpoint of `parent`. The worker
/// says it too, but not of a training that it resumes; the shapes alone decide it.
fn inherited(training: &Training, parent: &Inherit) -> anyhow::Result<f64> {
    let (weights, _) = read_checkpoint(&parent.checkpoint)?;
    let graph = training.graph()?;
    let mut own = Weights::initial(&graph, training.seed);
    Ok(inherit(&mut own, &weights))
}

//! Candidates that are priced, held against the limits, and trained for a few steps.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::Context;

use super::Evaluator;
use crate::price::Pricer;
use crate::search::{Candidate, Evaluation, Goal};
use crate::train::Training;
use crate::train::protocol::TrainJob;
use crate::train::worker::WorkerError;
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
    /// Where weights lie until they are measured.
    pub folder: PathBuf,
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
        let job = self.job.of(candidate);
        match self.fleet.train(&job, &mut |_| {}, stop) {
            Ok(outcome) => {
                // The journal keeps the metrics; a candidate's weights are not used again.
                forget(&job)?;
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
}

impl Job {
    /// The job that trains a candidate.
    fn of(&self, candidate: &Candidate) -> TrainJob {
        let body = candidate.text.rsplit('/').next().unwrap_or_default();
        let file = format!("{:06}.safetensors", candidate.number);
        TrainJob {
            id: candidate.number as u64,
            training: Training {
                network: format!("{}/{body}", self.space),
                ..self.training.clone()
            },
            threads: self.threads,
            checkpoint: self.folder.join(file),
            state_every_s: self.state_every_s,
            resume: true,
            stop_at: None,
            state: None,
        }
    }
}

/// Removes the weights of a finished training.
fn forget(job: &TrainJob) -> anyhow::Result<()> {
    match fs::remove_file(&job.checkpoint) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let path = job.checkpoint.display();
            Err(error).with_context(|| format!("cannot remove {path}"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

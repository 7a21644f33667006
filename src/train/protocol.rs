//! What a training worker is told and what it answers: one JSON object per line.
//!
//! The worker first says [`Event::Ready`] with the protocol it speaks. Then, for every
//! [`TrainJob`] on its standard input, in order, it answers with [`Event::Started`], any number
//! of [`Event::Progress`], and one [`Event::Done`] or [`Event::Failed`]. A failed job does not
//! end the worker; the end of its input does, and at once, whatever it is doing, that nobody can
//! read its answers any more. `docs/workers.md` has all of it for the authors of other workers.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::training::Training;
use crate::task::Task;
use crate::validate::metrics::Scores;

/// The name and version of the protocol.
pub const PROTOCOL: &str = "ednas.worker/1";

/// One network to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainJob {
    /// Comes back in every event. Of the caller's choice: it names the job in messages, while what
    /// is sent to a worker is numbered 1, 2, 3 and so on, so that no two of its jobs are mistaken.
    pub id: u64,
    /// What is trained.
    pub training: Training,
    /// Threads of the computation. Results are equal for equal numbers.
    pub threads: usize,
    /// Where the trained weights go. The state to resume from stands beside it.
    pub checkpoint: PathBuf,
    /// How often that state is written, in seconds; 0 writes it after every step.
    pub state_every_s: f64,
    /// Go on from that state, when there is one of the same training.
    pub resume: bool,
    /// The steps after which this leg of the training ends: it is evaluated there, and its state
    /// is kept for a later leg. The recipe stays that of the whole training, its learning rate
    /// too, so that going on is the same as never having stopped. All steps where absent or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_at: Option<usize>,
    /// Where the state stands; beside the checkpoint, as `CHECKPOINT.state`, where absent. Legs
    /// with a checkpoint each share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<PathBuf>,
}

impl TrainJob {
    /// The steps that are done when the job is.
    #[must_use]
    pub fn last_step(&self) -> usize {
        let steps = self.training.recipe.steps;
        self.stop_at.map_or(steps, |last| last.min(steps))
    }

    /// Where the state stands.
    #[must_use]
    pub fn state_path(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(|| {
            let mut path = self.checkpoint.clone().into_os_string();
            path.push(".state");
            path.into()
        })
    }

    /// The job as a worker reads it, without the end of the line.
    #[must_use]
    pub(crate) fn line(&self) -> String {
        serde_json::to_string(self).expect("a job is plain data")
    }
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The worker waits for jobs.
    Ready {
        /// [`PROTOCOL`].
        protocol: String,
        /// How many jobs it does at a time, their events mixed; one where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jobs: Option<NonZeroUsize>,
    },
    /// A job began.
    Started {
        /// The job.
        id: u64,
        /// The steps that are done already, when it was resumed.
        step: usize,
        /// Which attempt at the job this is, from 1, where another worker had it before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attempt: Option<NonZeroUsize>,
    },
    /// A job goes on; about twice a second, and after its last step.
    Progress {
        /// The job.
        id: u64,
        /// Steps done.
        step: usize,
        /// The steps after which it ends.
        steps: usize,
        /// The weighted sum of the losses in the last step.
        loss: f64,
        /// Since the job began or was resumed.
        images_per_s: f64,
        /// Until the last step.
        eta_s: f64,
    },
    /// A job ended; its checkpoint is written.
    Done(Outcome),
    /// A job cannot be done.
    Failed {
        /// The job; absent when the line could not be read.
        id: Option<u64>,
        /// What is wrong, where, and what to do.
        reason: String,
    },
}

impl Event {
    /// The job that it is about.
    #[must_use]
    pub const fn id(&self) -> Option<u64> {
        match self {
            Self::Ready { .. } => None,
            Self::Started { id, .. } | Self::Progress { id, .. } => Some(*id),
            Self::Done(outcome) => Some(outcome.id),
            Self::Failed { id, .. } => *id,
        }
    }

    /// The same event, about the job that whoever asked calls `job`.
    #[must_use]
    pub(crate) fn of(mut self, job: u64) -> Self {
        match &mut self {
            Self::Ready { .. } => {}
            Self::Started { id, .. } | Self::Progress { id, .. } => *id = job,
            Self::Done(outcome) => outcome.id = job,
            Self::Failed { id, .. } => *id = Some(job),
        }
        self
    }
}

/// What a finished job is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The job.
    pub id: u64,
    /// Steps done.
    pub steps: usize,
    /// Per task, its loss in the last step, before weighting; empty when no step was left to do.
    pub losses: BTreeMap<Task, f64>,
    /// The metrics on the validation samples; empty without evaluation.
    pub scores: Scores,
    /// Training speed, since the job began or was resumed; 0 when no step was left to do.
    pub images_per_s: f64,
    /// Where the weights are.
    pub checkpoint: PathBuf,
    /// The share of the values that were inherited, 0 to 1; absent where there was nobody to
    /// inherit from, and in a job that was resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited: Option<f64>,
    /// The network that the training decided on, by name: it is to be trained next. Absent where
    /// nothing was left to decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::training::tests::training;
    use crate::validate::metrics::Metric;

    fn job() -> TrainJob {
        TrainJob {
            id: 7,
            training: training(),
            threads: 2,
            checkpoint: "runs/a.safetensors".into(),
            state_every_s: 30.0,
            resume: false,
            stop_at: None,
            state: None,
        }
    }

    #[test]
    fn a_job_is_one_line_and_comes_back() {
        let line = serde_json::to_string(&job()).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<TrainJob>(&line).unwrap(), job());
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let line = serde_json::to_string(&job()).unwrap();
        let line = line.replacen("\"id\"", "\"epochs\":3,\"id\"", 1);
        let error = serde_json::from_str::<TrainJob>(&line).unwrap_err();
        assert!(error.to_string().contains("epochs"), "{error}");
    }

    #[test]
    fn events_read_as_they_are_documented() {
        let event = Event::Failed {
            id: Some(2),
            reason: "no".to_owned(),
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(line, r#"{"event":"failed","id":2,"reason":"no"}"#);
        let done = Event::Done(Outcome {
            id: 2,
            steps: 1,
            losses: BTreeMap::from([(Task::Depth, 0.5)]),
            scores: Scores::from([(Metric::MeanIou, 25.0)]),
            images_per_s: 3.0,
            checkpoint: "a".into(),
            inherited: None,
            decided: None,
        });
        let line = serde_json::to_string(&done).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), done);
    }
}

//! What a line of a worker means to whoever waits for one of its jobs.

use crate::train::protocol::{Event, Outcome, TrainJob};
use crate::validate::metrics::Metric;

/// The longest part of a worker's words that a message repeats.
const QUOTED_CHARS: usize = 200;

/// What a line means to the job that is waited for.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The job goes on.
    Goes(Event),
    /// It is done.
    Done(Outcome),
    /// It cannot be done; why.
    Failed(String),
    /// About a job that was answered before: a second answer counts for nothing.
    Late,
    /// Not of the protocol; what was said and what was expected.
    Nonsense(String),
}

/// Reads `line` as an answer to `job`, the latest of the jobs that its worker got; these have the
/// ids 1, 2, 3 and so on.
pub(crate) fn answer(line: &str, job: &TrainJob) -> Answer {
    let event: Event = match serde_json::from_str(line) {
        Ok(event) => event,
        Err(error) => return Answer::Nonsense(format!("it said {} ({error})", quoted(line))),
    };
    match event.id() {
        Some(id) if (1..job.id).contains(&id) => return Answer::Late,
        Some(id) if id != job.id => {
            let problem = format!("it spoke of a job {id} that it never got: {}", quoted(line));
            return Answer::Nonsense(problem);
        }
        Some(_) | None => {}
    }
    match event {
        Event::Started { .. } | Event::Progress { .. } => Answer::Goes(event),
        Event::Done(outcome) => match outcome_problem(&outcome, job) {
            None => Answer::Done(outcome),
            Some(problem) => Answer::Nonsense(problem),
        },
        Event::Failed { reason, .. } => Answer::Failed(reason),
        Event::Ready { .. } => Answer::Nonsense(format!("it said {} twice", quoted(line))),
    }
}

/// What is wrong with `outcome` as that of `job`, if anything.
fn outcome_problem(outcome: &Outcome, job: &TrainJob) -> Option<String> {
    let (done, asked) = (outcome.steps, job.last_step());
    if done != asked {
        return Some(format!("it did {done} steps, expected {asked}"));
    }
    if let Some((metric, value)) = outcome.scores.iter().find(|(_, v)| !v.is_finite()) {
        return Some(format!("its {} is {value}", metric.name()));
    }
    let scored = job.training.data.validation > 0;
    let asked = |metric: &Metric| scored && job.training.tasks.contains(&metric.task());
    let mut missing = Metric::ALL.into_iter().filter(asked);
    let missing = missing.find(|metric| !outcome.scores.contains_key(metric))?;
    Some(format!("it gave no {}", missing.name()))
}

/// The beginning of `line`, in quotation marks.
fn quoted(line: &str) -> String {
    let mut text: String = line.chars().take(QUOTED_CHARS).collect();
    if text.len() < line.len() {
        text.push('…');
    }
    format!("{text:?}")
}

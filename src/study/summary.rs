//! What people ask of a study: the best trial, the Pareto front, and how many trials ended how.

use super::history::History;
use super::trial::{ACCURACY, LATENCY_MS, Outcome};

/// How many trials ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Evaluated to the end.
    pub complete: usize,
    /// Stopped on the way.
    pub stopped: usize,
    /// Networks that the machine cannot run.
    pub infeasible: usize,
    /// Evaluations that went wrong.
    pub failed: usize,
    /// Proposed, without an outcome yet.
    pub unfinished: usize,
}

/// A study at a glance; trials are given by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The trial with the highest reward, the earliest of equals.
    pub best: Option<usize>,
    /// Trials that no other beats in both accuracy and latency, from fast to slow. Of equals, the
    /// earliest.
    pub front: Vec<usize>,
    /// How the trials ended.
    pub counts: Counts,
}

impl Summary {
    /// The summary of `history`.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let mut summary = Self::default();
        let mut best_reward = f64::NEG_INFINITY;
        for (number, trial) in history.trials().iter().enumerate() {
            match &trial.outcome {
                Some(Outcome::Complete { .. }) => {
                    summary.counts.complete += 1;
                    let reward = trial.reward().unwrap_or(f64::NEG_INFINITY);
                    if reward > best_reward {
                        best_reward = reward;
                        summary.best = Some(number);
                    }
                }
                Some(Outcome::Stopped { .. }) => summary.counts.stopped += 1,
                Some(Outcome::Infeasible { .. }) => summary.counts.infeasible += 1,
                Some(Outcome::Failed { .. }) => summary.counts.failed += 1,
                None => summary.counts.unfinished += 1,
            }
        }
        summary.front = front(history);
        summary
    }
}

fn front(history: &History) -> Vec<usize> {
    let mut points: Vec<(f64, f64, usize)> = history
        .trials()
        .iter()
        .enumerate()
        .filter_map(|(number, t)| Some((t.metric(LATENCY_MS)?, t.metric(ACCURACY)?, number)))
        .collect();
    points.sort_by(|a, b| {
        a.0.total_cmp(&b.0)
            .then(b.1.total_cmp(&a.1))
            .then(a.2.cmp(&b.2))
    });
    let mut best_accuracy = f64::NEG_INFINITY;
    points.retain(|&(_, accuracy, _)| {
        let better = accuracy > best_accuracy;
        best_accuracy = best_accuracy.max(accuracy);
        better
    });
    points.into_iter().map(|(_, _, number)| number).collect()
}

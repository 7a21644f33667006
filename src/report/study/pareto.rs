//! The front of a study: `ednas study pareto`.

use std::path::Path;

use serde::Serialize;

use super::{ObjectiveRecord, TrialRecord, table};
use crate::study::{Recorded, pareto_front};

/// `ednas.study.pareto/1`: the trials that no other beats.
#[derive(Clone, Debug, Serialize)]
pub struct ParetoRecord {
    /// `ednas.study.pareto/1`.
    pub schema: &'static str,
    /// The journal's path, as it was given.
    pub journal: String,
    /// What the front is over: the objectives, or accuracy and latency behind a reward.
    pub objectives: Vec<ObjectiveRecord>,
    /// How many trials were compared.
    pub compared: usize,
    /// The trials on the front, the best in the first objective first.
    pub front: Vec<TrialRecord>,
}

impl ParetoRecord {
    /// The front of the journal at `path`.
    #[must_use]
    pub fn new(path: &Path, recorded: &Recorded) -> Self {
        let objectives = recorded.header.trade_off(&recorded.history);
        let front = pareto_front(&recorded.history, &objectives).into_iter();
        let trials = recorded.history.trials().iter();
        Self {
            schema: "ednas.study.pareto/1",
            journal: path.display().to_string(),
            objectives: objectives.iter().map(ObjectiveRecord::new).collect(),
            compared: trials.filter(|trial| trial.is_complete()).count(),
            front: front
                .map(|number| TrialRecord::new(recorded, &objectives, number))
                .collect(),
        }
    }

    /// The front as a table.
    #[must_use]
    pub fn text(&self) -> String {
        let over: Vec<String> = self
            .objectives
            .iter()
            .map(|o| format!("{} {}", o.direction, o.name))
            .collect();
        let rows = self.front.iter().map(|trial| (String::new(), trial));
        format!(
            "{}: {} of {} complete trials are on the front\n\n{}\n",
            over.join(", "),
            self.front.len(),
            self.compared,
            table(&self.objectives, rows)
        )
    }
}

//! What the trainings of a search took and what was saved, as a record and as text.

use std::fmt::Write;
use std::num::NonZeroUsize;

use serde::Serialize;

use crate::search::predict::Kind;
use crate::search::{Account, Finished, Plan, TRUSTED_FROM};
use crate::study::Direction;

/// The trainings of a search, in steps.
#[derive(Clone, Debug, Serialize)]
pub struct TrainingRecord {
    /// Trials that were trained, to the end or not.
    pub trained: usize,
    /// Steps that were trained.
    pub steps: usize,
    /// Steps that training all of these trials to the end from random weights would have taken.
    pub full_steps: usize,
    /// The share of the steps that was saved, 0 to 1.
    pub saved_share: f64,
    /// What every rung did; empty without rungs.
    pub rungs: Vec<RungRecord>,
    /// Trials that started from their parent's weights.
    pub heirs: usize,
    /// The share of their weights that these inherited, in the mean; `null` where nobody did.
    pub inherited_share: Option<f64>,
    /// The predictor at the end; `null` without one.
    pub predictor: Option<PredictorRecord>,
}

/// What a rung did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RungRecord {
    /// Training steps.
    pub step: usize,
    /// Trials that got there.
    pub reached: usize,
    /// Trials that were stopped there.
    pub stopped: usize,
}

/// How a predictor ranks what it has not seen, fitted to the whole study.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PredictorRecord {
    /// Proposals per trial.
    pub candidates: usize,
    /// `ridge` or `trees`; `null` with too few trials for any.
    pub kind: Option<&'static str>,
    /// Kendall's tau out of bag; `null` with too few trials.
    pub rank_correlation: Option<f64>,
    /// The correlation above which its ranking counts.
    pub trusted_from: f64,
}

impl TrainingRecord {
    pub(super) fn new(plan: &Plan, finished: &Finished, steps: NonZeroUsize) -> Self {
        let directions = plan.goal.directions();
        let direction = directions.first().copied().unwrap_or(Direction::Maximize);
        let study = (plan.space, &finished.history, plan.seed);
        let account = Account::of(study, &plan.cheaper, steps, direction);
        let rungs = account.stops.iter().map(|stops| RungRecord {
            step: stops.step,
            reached: stops.reached,
            stopped: stops.stopped,
        });
        let predictor = account.predictor.as_ref();
        Self {
            trained: account.trained,
            steps: account.steps,
            full_steps: account.full_steps,
            saved_share: account.saved_share(),
            rungs: rungs.collect(),
            heirs: account.heirs,
            inherited_share: account.inherited,
            predictor: plan.cheaper.candidates.map(|candidates| PredictorRecord {
                candidates: candidates.get(),
                kind: predictor.map(|p| match p.kind() {
                    Kind::Ridge => "ridge",
                    Kind::Trees => "trees",
                }),
                rank_correlation: predictor.map(|p| p.rank_correlation()),
                trusted_from: TRUSTED_FROM,
            }),
        }
    }

    /// One line per saving.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "training: {} trials, {} steps; all of them to the end from random weights: {} steps; \
             saved {:.1} %\n",
            self.trained,
            self.steps,
            self.full_steps,
            100.0 * self.saved_share
        );
        for rung in &self.rungs {
            let _ = writeln!(
                text,
                "  rung at {} steps: {} reached it, {} were stopped there",
                rung.step, rung.reached, rung.stopped
            );
        }
        if let Some(share) = self.inherited_share {
            let _ = writeln!(
                text,
                "  weights: {} trials started from their parent's, {:.1} % of them in the mean",
                self.heirs,
                100.0 * share
            );
        }
        if let Some(predictor) = &self.predictor {
            text += &predictor.text();
        }
        text + "\n"
    }
}

impl PredictorRecord {
    fn text(&self) -> String {
        let (Some(kind), Some(tau)) = (self.kind, self.rank_correlation) else {
            return "  predictor: too few trials with values to fit one\n".to_owned();
        };
        let verdict = match tau > self.trusted_from {
            true => format!("picked one of {} proposals", self.candidates),
            false => "not trusted, the first proposal stood".to_owned(),
        };
        format!(
            "  predictor: {kind}, rank correlation out of bag {tau:.2} at the end (counts above {}); {verdict}\n",
            self.trusted_from
        )
    }
}

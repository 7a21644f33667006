//! Which limits the candidates of a study die of, and how close the closest came.

use std::collections::BTreeMap;
use std::fmt;

use super::limit::{Violation, violations};
use crate::study::{History, Outcome};

/// Outcomes, counted by what the limits did to them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Trials with an outcome.
    pub trials: usize,
    /// Trials that the limits and the machine let live, evaluated or not.
    pub feasible: usize,
    /// Trials that the machine could not run.
    pub unrunnable: usize,
    /// The last reason of those.
    pub unrunnable_reason: Option<String>,
    /// By the limited measurement, the trials that were beyond it.
    pub killed: BTreeMap<String, Killed>,
    /// The trial that was beyond the limits by the least in all.
    pub closest: Option<Vec<Violation>>,
}

/// Trials beyond one limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Killed {
    /// How many.
    pub trials: usize,
    /// The least that one of them asked for.
    pub closest: Violation,
}

impl Tally {
    /// The tally of `history`.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let mut tally = Self::default();
        let outcomes = history.trials().iter().filter_map(|t| t.outcome.as_ref());
        outcomes.for_each(|outcome| tally.count(outcome));
        tally
    }

    /// Counts one more outcome.
    pub fn count(&mut self, outcome: &Outcome) {
        self.trials += 1;
        match outcome {
            Outcome::Complete { .. } | Outcome::Stopped { .. } | Outcome::Failed { .. } => {
                self.feasible += 1;
            }
            Outcome::Infeasible { reason } => match violations(reason) {
                Some(violations) => self.kill(violations),
                None => {
                    self.unrunnable += 1;
                    self.unrunnable_reason = Some(reason.clone());
                }
            },
        }
    }

    /// Whether no candidate lived.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.trials > 0 && self.feasible == 0
    }

    fn kill(&mut self, violations: Vec<Violation>) {
        for violation in &violations {
            let killed = self.killed.entry(violation.metric.clone());
            let killed = killed.or_insert_with(|| Killed {
                trials: 0,
                closest: violation.clone(),
            });
            killed.trials += 1;
            if violation.asked < killed.closest.asked {
                killed.closest = violation.clone();
            }
        }
        let total = |all: &[Violation]| all.iter().map(Violation::excess).sum::<f64>();
        let is_closer = |closest: &Vec<Violation>| total(&violations) < total(closest);
        if self.closest.as_ref().is_none_or(is_closer) {
            self.closest = Some(violations);
        }
    }
}

impl fmt::Display for Tally {
    /// One line per limit: how many it kills, and the closest miss.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "of {} candidates, {} are feasible",
            self.trials, self.feasible
        )?;
        for Killed { trials, closest } in self.killed.values() {
            let Violation {
                metric,
                asked,
                allowed,
            } = closest;
            write!(
                f,
                "\n  {metric}={allowed} kills {trials}; the closest asks for {asked:.6}, {:.2} % too much",
                closest.excess() * 100.0
            )?;
        }
        if let Some(reason) = &self.unrunnable_reason {
            let unrunnable = self.unrunnable;
            write!(
                f,
                "\n  the machine cannot run {unrunnable}, the last because: {reason}"
            )?;
        }
        match &self.closest {
            Some(violations) if self.killed.len() > 1 => {
                let all: Vec<String> = violations.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "\n  the closest to all limits at once: {}",
                    all.join("; ")
                )
            }
            Some(_) | None => Ok(()),
        }
    }
}

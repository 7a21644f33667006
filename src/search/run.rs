//! The coordinator: proposes, hands out, records; the only writer of the journal.
//!
//! Trial n is proposed once trials 0 to n - W have outcomes, so at most W run at a time and no
//! proposal depends on which of them is faster. Outcomes reach the journal as they arrive.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;

use super::controller::Ask;
use super::plan::{Candidate, Ending, Evaluation, Event, Finished, Plan};
use super::reward::Reward;
use crate::study::{ACCURACY, History, Journal, LATENCY_MS, Outcome};

/// A finished evaluation on its way to the coordinator: the trial's number and what was found.
type Report = (usize, Result<Evaluation>);

/// Runs `plan`, or continues it where the journal at `journal_path` ends.
///
/// `evaluate` is called on W threads with the worker's index (below W) and a candidate; a panic in
/// it fails that trial only. `observe` is called on the calling thread. Once `stop` is set nothing
/// new is started; `evaluate` may watch it too, to return [`Evaluation::Interrupted`] early.
///
/// # Errors
/// When the journal cannot be opened, continued or written, or `evaluate` returns an error: that
/// ends the search (no other candidate would fare better), and the journal can be continued.
pub fn search(
    plan: &Plan,
    journal_path: &Path,
    stop: &AtomicBool,
    evaluate: impl Fn(usize, &Candidate) -> Result<Evaluation> + Sync,
    mut observe: impl FnMut(Event),
) -> Result<Finished> {
    let opened = Journal::open(journal_path, plan.space, &plan.header())?;
    let (journal, history) = (opened.journal, opened.history);
    observe(Event::Opened {
        history: &history,
        torn_bytes: opened.torn_bytes,
    });

    let (to_workers, jobs) = mpsc::channel();
    let (to_coordinator, reports) = mpsc::channel();
    let (jobs, evaluate) = (&Mutex::new(jobs), &evaluate);
    thread::scope(|scope| {
        for worker in 0..plan.workers.get() {
            let to_coordinator = to_coordinator.clone();
            scope.spawn(move || work(worker, jobs, &to_coordinator, evaluate));
        }
        let unfinished = history.unfinished().collect();
        let coordinator = Coordinator {
            plan,
            journal,
            history,
            unfinished,
            settled: 0,
            exhausted: false,
            to_workers,
        };
        coordinator.run(&reports, stop, &mut observe)
    })
}

struct Coordinator<'a> {
    plan: &'a Plan<'a>,
    journal: Journal,
    history: History,
    /// Trials that an earlier run proposed but did not finish.
    unfinished: VecDeque<usize>,
    /// Trials from the first that all have outcomes.
    settled: usize,
    exhausted: bool,
    to_workers: Sender<Candidate>,
}

impl Coordinator<'_> {
    fn run(
        mut self,
        reports: &Receiver<Report>,
        stop: &AtomicBool,
        observe: &mut impl FnMut(Event),
    ) -> Result<Finished> {
        let (mut running, mut interrupted, mut error) = (0, false, None);
        loop {
            while running < self.plan.workers.get()
                && !interrupted
                && error.is_none()
                && !stop.load(Ordering::Relaxed)
                && self.start_next(observe)?
            {
                running += 1;
            }
            if running == 0 {
                break;
            }
            let (number, evaluation) = reports
                .recv()
                .expect("a worker outlives the trial it was given");
            running -= 1;
            match evaluation {
                Ok(evaluation) => match outcome(&self.plan.reward, evaluation) {
                    Some(outcome) => self.record(number, outcome, observe)?,
                    None => interrupted = true,
                },
                Err(e) => error = error.or(Some(e)),
            }
        }
        match error {
            Some(error) => Err(error),
            None => Ok(Finished {
                ending: self.ending(),
                history: self.history,
            }),
        }
    }

    /// Hands out the next trial; `false` when there is none now.
    fn start_next(&mut self, observe: &mut impl FnMut(Event)) -> Result<bool> {
        let (number, again) = match self.unfinished.pop_front() {
            Some(number) => (number, true),
            None => match self.propose()? {
                Some(number) => (number, false),
                None => return Ok(false),
            },
        };
        let genome = self.history.trials()[number].genome.clone();
        let text = self.plan.space.text(&genome);
        let candidate = Candidate {
            number,
            genome,
            text,
        };
        observe(Event::Started {
            candidate: &candidate,
            again,
        });
        self.to_workers
            .send(candidate)
            .expect("workers wait until the coordinator ends");
        Ok(true)
    }

    /// Proposes the next trial, when there shall be one and what it may see is settled.
    fn propose(&mut self) -> Result<Option<usize>> {
        let number = self.history.trials().len();
        let visible = (number + 1).saturating_sub(self.plan.workers.get());
        let trials = &self.history.trials()[self.settled..];
        self.settled += trials.iter().take_while(|t| t.outcome.is_some()).count();
        if number >= self.plan.trials || self.settled < visible {
            return Ok(None);
        }
        let genome = match self.plan.initial.get(number) {
            Some(genome) => genome.clone(),
            None => {
                let (space, seed) = (self.plan.space, self.plan.seed);
                let ask = Ask {
                    space,
                    seed,
                    history: &self.history,
                    visible,
                };
                let Some(genome) = self.plan.controller.propose(&ask) else {
                    self.exhausted = true;
                    return Ok(None);
                };
                genome
            }
        };
        self.journal
            .propose(&genome, &self.plan.space.text(&genome), None)?;
        Ok(Some(self.history.propose(genome, None)))
    }

    fn record(
        &mut self,
        number: usize,
        outcome: Outcome,
        observe: &mut impl FnMut(Event),
    ) -> Result<()> {
        self.journal.finish(number, &outcome)?;
        observe(Event::Done {
            number,
            outcome: &outcome,
        });
        self.history.finish(number, outcome);
        Ok(())
    }

    fn ending(&self) -> Ending {
        if self.history.unfinished().next().is_some() {
            Ending::Stopped
        } else if self.history.trials().len() >= self.plan.trials {
            Ending::Complete
        } else if self.exhausted {
            Ending::Exhausted
        } else {
            Ending::Stopped
        }
    }
}

/// What an evaluation is to the study; `None` when it was interrupted.
pub(super) fn outcome(reward: &Reward, evaluation: Evaluation) -> Option<Outcome> {
    match evaluation {
        Evaluation::Measured {
            latency_ms,
            mut metrics,
        } => Some(match reward.score(latency_ms, &metrics) {
            Ok(score) => {
                metrics.insert(ACCURACY.into(), score.accuracy);
                metrics.insert(LATENCY_MS.into(), latency_ms);
                Outcome::Complete {
                    values: vec![score.reward],
                    metrics: metrics.into(),
                }
            }
            Err(e) => Outcome::Failed {
                reason: e.to_string(),
            },
        }),
        Evaluation::Infeasible { reason } => Some(Outcome::Infeasible { reason }),
        Evaluation::Failed { reason } => Some(Outcome::Failed { reason }),
        Evaluation::Interrupted => None,
    }
}

/// Evaluates candidates until the coordinator has no more.
fn work(
    worker: usize,
    jobs: &Mutex<Receiver<Candidate>>,
    to_coordinator: &Sender<Report>,
    evaluate: &(impl Fn(usize, &Candidate) -> Result<Evaluation> + Sync),
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(candidate) = job else { return };
        // A panic is a defect of the evaluation; the trials beside it must not be lost to it.
        let evaluation = catch_unwind(AssertUnwindSafe(|| evaluate(worker, &candidate)));
        let evaluation = evaluation.unwrap_or_else(|_| {
            Ok(Evaluation::Failed {
                reason: "the evaluation panicked".to_owned(),
            })
        });
        if to_coordinator.send((candidate.number, evaluation)).is_err() {
            return;
        }
    }
}

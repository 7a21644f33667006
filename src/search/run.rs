//! The coordinator: asks a search, has candidates evaluated, records; the only writer of the
//! journal.
//!
//! One worker evaluates on the coordinator's own thread, several on threads of theirs. Outcomes reach
//! the journal as they arrive.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;

use super::ask_tell::{Search, Snapshot};
use super::candidate::Candidate;
use super::goal::{Goal, Tally};
use super::plan::{Ending, Evaluation, Event, Finished, Plan};
use crate::study::{Journal, Outcome, Rung, Trial};

/// Trials without a feasible one after which a search says so.
const HOPELESS: usize = 200;

/// Trials without a feasible one after which a search is given up.
const GIVEN_UP: usize = 2_000;

/// A finished evaluation on its way to the coordinator.
type Report = (Candidate, Result<Evaluation>);

/// Runs `plan`, or continues it where the journal at `journal_path` ends.
///
/// `evaluate` is called with the worker's index (below W) and a candidate, on W threads where W is
/// above 1; a panic in it fails that trial only. `observe` is called on the calling thread. Once
/// `stop` is set nothing new is started; `evaluate` may watch it too, to return
/// [`Evaluation::Interrupted`] early.
///
/// # Errors
/// When the controller cannot take the goal, the journal cannot be opened, continued or written, or
/// `evaluate` returns an error: that ends the search (no other candidate would fare better), and the
/// journal can be continued.
pub fn search(
    plan: &Plan,
    journal_path: &Path,
    stop: &AtomicBool,
    evaluate: impl Fn(usize, &Candidate) -> Result<Evaluation> + Sync,
    mut observe: impl FnMut(Event),
) -> Result<Finished> {
    let search = plan.search()?;
    let opened = Journal::open(journal_path, plan.space, &plan.header())?;
    observe(Event::Opened {
        history: &opened.history,
        torn_bytes: opened.torn_bytes,
    });
    let (tally, recorded) = (Tally::of(&opened.history), opened.history.trials().len());
    let evaluated = opened.history.trials().iter().enumerate();
    let evaluated = evaluated.filter(|(_, trial)| plan.inherits() && trial.values().is_some());
    let weights = evaluated.map(|(number, _)| number).collect();
    let search = search.resumed(opened.history);
    let kept = opened.controller.and_then(|state| state.read::<Snapshot>());
    let coordinator = Coordinator {
        plan,
        journal: opened.journal.paced(plan.pace),
        tally,
        recorded,
        weights,
        search: match kept {
            Some(snapshot) => search.restored(snapshot),
            None => search,
        },
        stop,
        observe,
    };
    match plan.workers.get() {
        1 => coordinator.run_here(&evaluate),
        workers => coordinator.run_on(workers, &evaluate),
    }
}

struct Coordinator<'a, Observe> {
    plan: &'a Plan<'a>,
    journal: Journal,
    tally: Tally,
    /// Trials that the journal knows to be proposed.
    recorded: usize,
    /// Trials whose weights may still be inherited; empty where nobody inherits.
    weights: BTreeSet<usize>,
    search: Search,
    stop: &'a AtomicBool,
    observe: Observe,
}

impl<Observe: FnMut(Event)> Coordinator<'_, Observe> {
    /// Evaluates one candidate after another.
    fn run_here(
        mut self,
        evaluate: &impl Fn(usize, &Candidate) -> Result<Evaluation>,
    ) -> Result<Finished> {
        while let Some(mut candidate) = self.next()? {
            loop {
                let evaluation = survived(0, &candidate, evaluate)?;
                match self.record(candidate, evaluation)? {
                    After::Leg(further) => candidate = further,
                    After::Outcome => break,
                    After::Interruption => return Ok(self.finish()),
                }
            }
        }
        Ok(self.finish())
    }

    /// Evaluates on `workers` threads.
    fn run_on(
        self,
        workers: usize,
        evaluate: &(impl Fn(usize, &Candidate) -> Result<Evaluation> + Sync),
    ) -> Result<Finished> {
        let (to_workers, jobs) = mpsc::channel();
        let (to_coordinator, reports) = mpsc::channel();
        let jobs = &Mutex::new(jobs);
        thread::scope(|scope| {
            for worker in 0..workers {
                let to_coordinator = to_coordinator.clone();
                scope.spawn(move || work(worker, jobs, &to_coordinator, evaluate));
            }
            self.coordinate(workers, to_workers, &reports)
        })
    }

    /// Keeps the workers busy until nothing is left; they end when `to_workers` is dropped.
    fn coordinate(
        mut self,
        workers: usize,
        to_workers: Sender<Candidate>,
        reports: &Receiver<Report>,
    ) -> Result<Finished> {
        let (mut running, mut goes_on, mut error) = (0, true, None);
        loop {
            while goes_on && running < workers {
                let Some(candidate) = self.next()? else { break };
                send(&to_workers, candidate);
                running += 1;
            }
            if running == 0 {
                break;
            }
            let (candidate, evaluation) = reports
                .recv()
                .expect("a worker outlives the trial it was given");
            running -= 1;
            match evaluation.map(|evaluation| self.record(candidate, evaluation)) {
                Ok(recorded) => match recorded? {
                    After::Leg(further) if goes_on => {
                        send(&to_workers, further);
                        running += 1;
                    }
                    After::Leg(_) | After::Outcome => {}
                    After::Interruption => goes_on = false,
                },
                Err(e) => {
                    goes_on = false;
                    error = error.or(Some(e));
                }
            }
        }
        drop(to_workers);
        match error {
            Some(error) => Err(error),
            None => Ok(self.finish()),
        }
    }

    /// The next candidate, in the journal; nothing when there is none now.
    fn next(&mut self) -> Result<Option<Candidate>> {
        let is_done = self.search.history().trials().len() >= self.plan.trials;
        let is_over = is_done && !self.search.has_unfinished();
        if is_over || self.is_given_up() || self.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let Some(candidate) = self.search.ask() else {
            return Ok(None);
        };
        let again = candidate.number < self.recorded;
        if !again {
            self.journal
                .propose(&candidate.genome, &candidate.text, candidate.parent)?;
        }
        (self.observe)(Event::Started {
            candidate: &candidate,
            again,
        });
        Ok(Some(candidate))
    }

    /// Records what was found of a trial.
    fn record(&mut self, candidate: Candidate, evaluation: Evaluation) -> Result<After> {
        let number = candidate.number;
        let Some(outcome) = outcome(&self.plan.goal, evaluation) else {
            return Ok(After::Interruption);
        };
        let outcome = match self.climb(candidate, outcome)? {
            Ok(outcome) => outcome,
            Err(further) => return Ok(After::Leg(further)),
        };
        if self.search.tell(number, outcome).is_none() {
            return Ok(After::Outcome);
        }
        let outcome = self.search.outcome(number);
        let outcome = outcome.expect("the trial was just told of");
        self.journal.finish(number, outcome)?;
        self.tally.count(outcome);
        (self.observe)(Event::Done { number, outcome });
        if self.journal.is_snapshot_due() {
            self.journal
                .snapshot(self.search.history(), &self.search.snapshot())?;
        }
        if self.tally.is_hopeless() && self.tally.trials == HOPELESS {
            (self.observe)(Event::Hopeless { tally: &self.tally });
        }
        self.release(number);
        Ok(After::Outcome)
    }

    /// What becomes of a candidate with this outcome: where that is the value at a hurdle, it is
    /// stopped there, or goes on, which is the error.
    fn climb(
        &mut self,
        mut candidate: Candidate,
        outcome: Outcome,
    ) -> Result<Result<Outcome, Candidate>> {
        let (hurdle, value) = match (candidate.hurdle(), &outcome) {
            (Some(hurdle), Outcome::Complete { values, .. }) => match values[..] {
                [value] if value.is_finite() => (hurdle, value),
                _ => return Ok(Ok(outcome)),
            },
            (None | Some(_), _) => return Ok(Ok(outcome)),
        };
        let step = hurdle.step;
        let known = candidate.rungs.iter().find(|known| known.step == step);
        // What the journal says stands: a trial that was cut off at a hurdle that it did not pass may
        // be worth something else now, on another machine.
        let rung = match known {
            Some(&known) => known,
            None => {
                let rung = Rung { step, value };
                self.journal.reach(candidate.number, rung)?;
                self.search.reach(candidate.number, rung);
                candidate.rungs.push(rung);
                rung
            }
        };
        if hurdle.lets_pass(rung.value) {
            return Ok(Err(candidate));
        }
        Ok(Ok(match outcome {
            Outcome::Complete { values, metrics } => Outcome::Stopped { values, metrics },
            Outcome::Stopped { .. } | Outcome::Infeasible { .. } | Outcome::Failed { .. } => {
                outcome
            }
        }))
    }

    /// Says whose weights are not needed any more, now that `number` has ended.
    fn release(&mut self, number: usize) {
        let history = self.search.history();
        if !self.plan.inherits() {
            let stopped = matches!(self.search.outcome(number), Some(Outcome::Stopped { .. }));
            if !(stopped && self.plan.promotes()) {
                let number = history.origin(number);
                (self.observe)(Event::Outlived { number });
            }
            return;
        }
        let trial = history.trials().get(number);
        match trial.and_then(Trial::values) {
            Some(_) => {
                self.weights.insert(number);
            }
            // Nobody descends from it.
            None => (self.observe)(Event::Outlived { number }),
        }
        let (outlived, weights) = std::mem::take(&mut self.weights)
            .into_iter()
            .partition(|&number| self.search.is_outlived(number));
        self.weights = weights;
        let outlived: BTreeSet<usize> = outlived;
        for number in outlived {
            (self.observe)(Event::Outlived { number });
        }
    }

    fn is_given_up(&self) -> bool {
        self.tally.is_hopeless() && self.tally.trials >= GIVEN_UP
    }

    fn finish(self) -> Finished {
        let history = self.search.history();
        let ending = if self.is_given_up() {
            Ending::Hopeless
        } else if history.unfinished().next().is_some() {
            Ending::Stopped
        } else if history.trials().len() >= self.plan.trials {
            Ending::Complete
        } else if self.search.is_exhausted() {
            Ending::Exhausted
        } else {
            Ending::Stopped
        };
        Finished {
            ending,
            tally: self.tally,
            history: self.search.into_history(),
        }
    }
}

/// What comes after an evaluation.
enum After {
    /// The next leg of the same training.
    Leg(Candidate),
    /// The trial has ended.
    Outcome,
    /// Nothing: the search is to stop.
    Interruption,
}

fn send(to_workers: &Sender<Candidate>, candidate: Candidate) {
    let sent = to_workers.send(candidate);
    sent.expect("workers wait until the coordinator ends");
}

/// What an evaluation is to the study; `None` when it was interrupted.
pub(super) fn outcome(goal: &Goal, evaluation: Evaluation) -> Option<Outcome> {
    match evaluation {
        Evaluation::Measured {
            latency_ms,
            metrics,
        } => Some(goal.judge(latency_ms, metrics)),
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
        let evaluation = survived(worker, &candidate, evaluate);
        if to_coordinator.send((candidate, evaluation)).is_err() {
            return;
        }
    }
}

/// What `evaluate` finds. A panic is a defect of the evaluation; the trials beside it must not be
/// lost to it.
fn survived(
    worker: usize,
    candidate: &Candidate,
    evaluate: &impl Fn(usize, &Candidate) -> Result<Evaluation>,
) -> Result<Evaluation> {
    let evaluation = catch_unwind(AssertUnwindSafe(|| evaluate(worker, candidate)));
    evaluation.unwrap_or_else(|_| {
        Ok(Evaluation::Failed {
            reason: "the evaluation panicked".to_owned(),
        })
    })
}

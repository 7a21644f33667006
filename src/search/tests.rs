//! Controllers and the search loop: replay, resume, survival, and evolution against random search.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::bail;

use super::controller::{Ask, Told};
use super::*;
use crate::space::{Choice, Decision, Genome, Space, Value};
use crate::study::{Counts, History, Metrics, Outcome, Pace, Summary};

mod asking;
mod cheaper;
mod climbing;
mod limits;
mod pareto;

fn space(decisions: usize) -> Space {
    let decision = |index: usize| {
        let choices = (0..4)
            .map(|c| Choice::new(Value::Int(c), format!("v{c}")))
            .collect();
        Decision::one_of(format!("g{index:02}"), "d", choices)
    };
    Space::new("toy", (0..decisions).map(decision).collect()).unwrap()
}

fn plan(space: &Space, controller: Controller, workers: usize, trials: usize) -> Plan<'_> {
    Plan {
        space,
        controller,
        seed: 3,
        initial: vec![space.genome(vec![1; space.decisions().len()]).unwrap()],
        workers: NonZeroUsize::new(workers).unwrap(),
        trials,
        goal: toy_reward().into(),
        cheaper: Cheaper::default(),
        pace: Pace::EachOutcome,
        settings: BTreeMap::new(),
    }
}

fn toy_reward() -> Reward {
    let metrics = vec![WeightedMetric {
        name: "fit".into(),
        weight: 1.0,
    }];
    let name = "toy".into();
    Reward::new(vec![TaskMetrics { name, metrics }], 1.0)
}

fn small_evolution() -> Controller {
    Controller::Evolution(Evolution {
        population: 6,
        tournament: 3,
        draws: Draws::WithReplacement,
    })
}

/// Every controller, small enough to come out of its first phase within a short search.
fn small_controllers() -> [Controller; 6] {
    [
        small_evolution(),
        Controller::Random(Random),
        Controller::Evolution(Evolution {
            population: 6,
            tournament: 3,
            draws: Draws::WithoutReplacement,
        }),
        Controller::Ppo(Ppo {
            batch: 4,
            ..Ppo::default()
        }),
        Controller::Nsga2(Nsga2 {
            population: 5,
            ..Nsga2::default()
        }),
        Controller::Local(Local),
    ]
}

/// A separable objective: every decision has its own best choice, all count alike.
fn fit(genome: &Genome) -> f64 {
    let distance = |(index, &choice): (usize, &usize)| choice.abs_diff(index % 4);
    let distance: usize = genome.choices().iter().enumerate().map(distance).sum();
    1.0 / (1.0 + f64::from(u32::try_from(distance).unwrap()))
}

fn measured(fit: f64) -> anyhow::Result<Evaluation> {
    let metrics = BTreeMap::from([("fit".to_owned(), fit)]);
    Ok(Evaluation::Measured {
        latency_ms: 1.0,
        metrics,
    })
}

/// Measures well, but some genomes are infeasible, fail, or measure nothing.
fn evaluate(candidate: &Candidate) -> anyhow::Result<Evaluation> {
    match candidate.genome.choices().iter().sum::<usize>() % 7 {
        0 => Ok(Evaluation::Infeasible {
            reason: "too wide".into(),
        }),
        1 => Ok(Evaluation::Failed {
            reason: "lost".into(),
        }),
        2 => measured(f64::NAN),
        _ => measured(fit(&candidate.genome)),
    }
}

fn run(plan: &Plan, path: &Path) -> Finished {
    let stop = AtomicBool::new(false);
    search(
        plan,
        path,
        &stop,
        |_, candidate| evaluate(candidate),
        |_| {},
    )
    .unwrap()
}

/// The obvious twin: one trial after the other, the controller's state replayed from the first trial
/// for each, on outcomes up to n - W only.
fn twin(plan: &Plan) -> History {
    let mut history = History::default();
    for number in 0..plan.trials {
        let visible = (number + 1).saturating_sub(plan.workers.get());
        let (genome, parent) = match plan.initial.get(number) {
            Some(genome) => (genome.clone(), None),
            None => {
                let proposal = proposal(plan, &history, visible);
                (proposal.genome, proposal.parent)
            }
        };
        let candidate = Candidate {
            number,
            genome: genome.clone(),
            text: String::new(),
            parent,
            origin: number,
            hurdles: Vec::new(),
            rungs: Vec::new(),
        };
        history.propose(genome, parent);
        history.finish(
            number,
            run::outcome(&plan.goal, evaluate(&candidate).unwrap()).unwrap(),
        );
    }
    history
}

/// What the controller of `plan` proposes after `history`, of which it sees some outcomes.
fn proposal(plan: &Plan, history: &History, visible: usize) -> Proposal {
    let mut state = plan.controller.start(plan.space);
    for number in 0..visible {
        let saw = |number: usize| match number < plan.initial.len() {
            true => 0,
            false => (number + 1).saturating_sub(plan.workers.get()),
        };
        let directions = plan.goal.directions();
        state.tell(&Told::new((plan.space, history), number, saw, &directions));
    }
    let ask = Ask {
        space: plan.space,
        seed: plan.seed,
        history,
        turn: 0,
    };
    state.ask(&ask).unwrap()
}

#[test]
fn workers_of_any_speed_propose_what_the_replay_rule_says() {
    let space = space(8);
    let mut histories = Vec::new();
    for controller in small_controllers() {
        for workers in [1, 2, 4] {
            let folder = tempfile::tempdir().unwrap();
            let plan = plan(&space, controller, workers, 40);
            let running = AtomicUsize::new(0);
            let evaluate = |worker: usize, candidate: &Candidate| {
                assert!(worker < workers);
                assert!(running.fetch_add(1, Ordering::SeqCst) < workers);
                let delay_ms = candidate.number * 7 % 5;
                std::thread::sleep(Duration::from_millis(u64::try_from(delay_ms).unwrap()));
                running.fetch_sub(1, Ordering::SeqCst);
                evaluate(candidate)
            };
            let stop = AtomicBool::new(false);
            let path = folder.path().join("study.journal");
            let finished = search(&plan, &path, &stop, evaluate, |_| {}).unwrap();
            assert_eq!(finished.ending, Ending::Complete);
            assert_eq!(finished.history, twin(&plan));
            histories.push(finished.history);
        }
    }
    // What a worker may not see yet does change an evolution, and does not change random search.
    assert_ne!(histories[0], histories[2]);
    assert_eq!(histories[3], histories[5]);
}

#[test]
fn a_search_killed_in_any_line_resumes_as_if_it_had_not_been() {
    // What is left after a cut depends on the whole lines only: the journal's own tests cut at
    // every byte, here every line is cut in the middle.
    let space = space(3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    for workers in [1, 2] {
        let plan = plan(&space, small_evolution(), workers, 9);
        let _ = fs::remove_file(&path);
        let whole = run(&plan, &path).history;
        let text = fs::read_to_string(&path).unwrap();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            fs::write(&path, &text[..start + line.len() / 2]).unwrap();
            let resumed = run(&plan, &path);
            assert_eq!(resumed.ending, Ending::Complete);
            assert_eq!(resumed.history, whole, "cut in the line {line}");
            start += line.len();
        }
    }
}

#[test]
fn a_stopped_search_starts_nothing_new_and_resumes() {
    let space = space(8);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let plan = plan(&space, small_evolution(), 2, 30);
    let stop = AtomicBool::new(false);
    let started = AtomicUsize::new(0);
    let evaluate_until_stop = |_, candidate: &Candidate| {
        started.fetch_add(1, Ordering::SeqCst);
        match candidate.number {
            ..10 => evaluate(candidate),
            10 => {
                stop.store(true, Ordering::SeqCst);
                evaluate(candidate)
            }
            11.. => Ok(Evaluation::Interrupted),
        }
    };
    let stopped = search(&plan, &path, &stop, evaluate_until_stop, |_| {}).unwrap();
    assert_eq!(stopped.ending, Ending::Stopped);
    assert!(started.into_inner() <= 12);
    let mut again = Vec::new();
    let observe = |event: Event| {
        if let Event::Started {
            candidate,
            again: true,
        } = event
        {
            again.push(candidate.number);
        }
    };
    let go = AtomicBool::new(false);
    let resumed = search(&plan, &path, &go, |_, c| evaluate(c), observe).unwrap();
    assert_eq!(resumed.history, twin(&plan));
    assert_eq!(again, stopped.history.unfinished().collect::<Vec<_>>());
}

#[test]
fn bad_candidates_are_recorded_and_survived() {
    let space = space(8);
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(&space, small_evolution(), 2, 20);
    let evaluate = |_, candidate: &Candidate| match candidate.number % 5 {
        0 => Ok(Evaluation::Infeasible {
            reason: "needs 9 MiB, there are 8".into(),
        }),
        1 => Ok(Evaluation::Failed {
            reason: "lost".into(),
        }),
        2 => measured(f64::NAN),
        3 => panic!("a defect"),
        _ => measured(fit(&candidate.genome)),
    };
    let stop = AtomicBool::new(false);
    let path = folder.path().join("study.journal");
    let history = search(&plan, &path, &stop, evaluate, |_| {})
        .unwrap()
        .history;
    let counts = Counts {
        stopped: 0,
        complete: 4,
        infeasible: 4,
        failed: 12,
        unfinished: 0,
    };
    assert_eq!(Summary::of(&history).counts, counts);
    let reason = |number: usize| match &history.trials()[number].outcome {
        Some(Outcome::Failed { reason }) => reason.clone(),
        other => format!("{other:?}"),
    };
    assert_eq!(
        [reason(1), reason(2), reason(3)],
        ["lost", "`fit` is NaN", "the evaluation panicked"]
    );
}

#[test]
fn an_error_of_the_evaluation_ends_the_search_and_keeps_the_journal() {
    let space = space(8);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let plan = plan(&space, small_evolution(), 2, 20);
    let stop = AtomicBool::new(false);
    let broken = |_, candidate: &Candidate| {
        if candidate.number >= 5 {
            bail!("ednas-train is gone")
        } else {
            evaluate(candidate)
        }
    };
    let error = search(&plan, &path, &stop, broken, |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "ednas-train is gone");
    assert_eq!(run(&plan, &path).history, twin(&plan));
}

#[test]
fn a_small_space_is_tried_once_and_whole() {
    let space = space(2);
    for controller in small_controllers() {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(&space, controller, 3, 100);
        let finished = run(&plan, &folder.path().join("study.journal"));
        assert_eq!(finished.ending, Ending::Exhausted);
        assert_eq!(finished.history.trials().len(), 16);
        assert_eq!(finished.history.distinct(), 16);
    }
}

#[test]
fn a_proposal_ignores_outcomes_it_may_not_see() {
    let space = space(8);
    let history = |hidden_reward: f64| {
        let mut history = twin(&plan(&space, small_evolution(), 1, 20));
        for choice in [2, 3] {
            let number = history.propose(space.genome(vec![choice; 8]).unwrap(), None);
            let metrics = Metrics::default();
            history.finish(
                number,
                Outcome::Complete {
                    values: vec![hidden_reward],
                    metrics,
                },
            );
        }
        history
    };
    let (low, high) = (history(0.0), history(1e9));
    let propose = |history: &History, visible: usize| {
        // So many draws that every trial alive is in the tournament.
        let greedy = Controller::Evolution(Evolution {
            population: 6,
            tournament: 60,
            draws: Draws::WithReplacement,
        });
        proposal(&plan(&space, greedy, 1, 20), history, visible)
    };
    assert_eq!(propose(&low, 20), propose(&high, 20));
    assert_ne!(propose(&low, 22), propose(&high, 22));
}

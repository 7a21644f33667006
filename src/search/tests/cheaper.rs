//! Rungs and the predictor: the rule read plainly, replay, resume, and a synthetic study of both.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::study::{Direction, Rung, Trial};

mod cut_off;

/// Steps of a whole training.
const STEPS: usize = 81;

fn rungs(keep_one_in: usize) -> Rungs {
    Rungs::new(vec![9, 27], &[NonZeroUsize::new(keep_one_in).unwrap()]).unwrap()
}

fn cheaper(rungs: Option<Rungs>, candidates: Option<usize>) -> Cheaper {
    Cheaper {
        rungs,
        candidates: candidates.map(|k| NonZeroUsize::new(k).unwrap()),
        inherit_steps: None,
    }
}

/// What a genome's hash is worth, evenly spread over 0 to 1.
fn spread(genome: &Genome, salt: u64) -> f64 {
    let mut hash = salt ^ 0x9e37_79b9_7f4a_7c15;
    for &choice in genome.choices() {
        hash = (hash ^ choice as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 29;
    }
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// A synthetic learning curve: genomes of a better end may learn slower, and every measurement has
/// noise of its own.
fn curve(genome: &Genome, step: usize) -> f64 {
    let pace = 8.0 + 24.0 * spread(genome, 1);
    let learned = 1.0 - (-(step as f64) / pace).exp();
    let noise = 0.03 * (spread(genome, 2 + step as u64) - 0.5);
    end(genome) * learned + noise
}

/// What the curve of a genome tends to: mostly separable, a fifth of it not.
fn end(genome: &Genome) -> f64 {
    0.3 + 0.5 * fit(genome).powf(0.5) + 0.1 * spread(genome, 7)
}

fn step_of(candidate: &Candidate) -> usize {
    candidate.hurdle().map_or(STEPS, |hurdle| hurdle.step)
}

fn trained(candidate: &Candidate) -> anyhow::Result<Evaluation> {
    if candidate.genome.choices()[0] == 3 {
        let reason = "over the limit".to_owned();
        return Ok(Evaluation::Infeasible { reason });
    }
    measured(curve(&candidate.genome, step_of(candidate)))
}

/// The rule as its documentation states it: a trial goes on when fewer than floor((k + 1) / eta) of
/// the k that it sees are better, and always where that is 0.
fn goes_on(visible: &[Trial], rung: Rung, eta: usize) -> bool {
    let others = visible.iter().flat_map(|trial| &trial.rungs);
    let others = others.filter(|other| other.step == rung.step);
    let seen = others.clone().count();
    let better = others.filter(|other| other.value > rung.value).count();
    let kept = (seen + 1) / eta;
    kept == 0 || better < kept
}

#[test]
fn trials_stop_where_the_plain_rule_stops_them() {
    for (controller, workers, eta) in [
        (Controller::Random(Random), 1, 3),
        (Controller::Random(Random), 4, 2),
        (small_evolution(), 3, 4),
    ] {
        let space = space(6);
        let plan = Plan {
            cheaper: cheaper(Some(rungs(eta)), None),
            ..plan(&space, controller, workers, 90)
        };
        let history = run(&plan, |_| {});
        let mut stopped = 0;
        for (number, trial) in history.trials().iter().enumerate() {
            let visible = &history.trials()[..(number + 1).saturating_sub(workers)];
            let passed = |rung: &&Rung| goes_on(visible, **rung, eta);
            let passes = trial.rungs.iter().take_while(passed).count();
            match &trial.outcome {
                Some(Outcome::Complete { .. }) => {
                    assert_eq!((passes, trial.rungs.len()), (2, 2), "{number}");
                }
                Some(Outcome::Stopped { values, .. }) => {
                    stopped += 1;
                    assert_eq!(passes + 1, trial.rungs.len(), "{number}");
                    assert_eq!(values[0], trial.rungs[passes].value);
                }
                Some(Outcome::Infeasible { .. }) => assert!(trial.rungs.is_empty()),
                other => panic!("{number}: {other:?}"),
            }
        }
        assert!(stopped > 20, "{stopped}");
    }
}

/// What is to be taken up again after `trials`, of which the first `visible` are seen, as the
/// documentation states it: of the highest rung that has one, the best of the trials stopped there
/// that are among the best floor(k / eta), that nobody took up.
fn due(trials: &[Trial], visible: usize, steps: &[usize], eta: usize) -> Option<usize> {
    let taken_up = |number: usize| {
        let continues = |t: &Trial| t.parent == Some(number) && t.genome == trials[number].genome;
        trials.iter().any(continues)
    };
    let of_rung = |&step: &usize| {
        let at = |number: &usize| trials[*number].rungs.iter().find(|r| r.step == step);
        let mut there: Vec<usize> = (0..visible).filter(|n| at(n).is_some()).collect();
        there.sort_by(|a, b| at(b).unwrap().value.total_cmp(&at(a).unwrap().value));
        there.truncate(there.len() / eta);
        there.into_iter().find(|&number| {
            let trial = &trials[number];
            let is_stopped = matches!(trial.outcome, Some(Outcome::Stopped { .. }));
            let is_last = trial.rungs.last().unwrap().step == step;
            is_stopped && is_last && !taken_up(number)
        })
    };
    steps.iter().rev().find_map(of_rung)
}

#[test]
fn trials_are_taken_up_again_where_the_plain_rule_takes_them_up() {
    for (controller, workers, eta) in [
        (Controller::Random(Random), 1, 3),
        (Controller::Random(Random), 4, 2),
        (small_evolution(), 3, 4),
    ] {
        let space = space(6);
        let plan = Plan {
            cheaper: cheaper(Some(rungs(eta).promoting()), None),
            ..plan(&space, controller, workers, 120)
        };
        let history = run(&plan, |_| {});
        let trials = history.trials();
        let (mut continued, mut whole) = (0, 0);
        for number in plan.initial.len()..trials.len() {
            let visible = (number + 1).saturating_sub(workers);
            let expected = due(&trials[..number], visible, &[9, 27], eta);
            assert_eq!(history.continued_by(number), expected, "{number}");
            continued += usize::from(expected.is_some());
            whole += usize::from(trials[number].is_complete());
            let before = expected.map_or(0, |n| trials[n].rungs.last().unwrap().step);
            assert!(trials[number].rungs.iter().all(|rung| rung.step > before));
        }
        assert!(continued > 5 && whole > 2, "{continued}, {whole}");
    }
}

#[test]
fn each_rung_may_keep_a_share_of_its_own() {
    let one_in = |eta: usize| NonZeroUsize::new(eta).unwrap();
    let each = Rungs::new(vec![9, 27], &[one_in(2), one_in(4)]).unwrap();
    let trial = |value: f64| Trial {
        genome: space(1).genome(vec![0]).unwrap(),
        parent: None,
        rungs: [9, 27].map(|step| Rung { step, value }).to_vec(),
        outcome: None,
    };
    let visible = [5.0, 1.0, 3.0, 4.0, 2.0, 6.0, 7.0].map(trial).to_vec();
    let bars = each.hurdles(&visible, Direction::Maximize);
    let bars: Vec<Bar> = bars.iter().map(|hurdle| hurdle.bar).collect();
    assert_eq!(bars, [Bar::Least(4.0), Bar::Least(6.0)]);
    let error = Rungs::new(vec![9, 27], &[one_in(2); 3]).unwrap_err();
    assert!(error.to_string().contains("there are 3 shares"), "{error}");
}

/// Runs `plan`, each evaluation slowed down as `slow` does.
fn run(plan: &Plan, slow: impl Fn(&Candidate) + Sync) -> History {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let evaluate = |_: usize, candidate: &Candidate| {
        slow(candidate);
        trained(candidate)
    };
    let stop = AtomicBool::new(false);
    let finished = search(plan, &path, &stop, evaluate, |_| {}).unwrap();
    assert_eq!(finished.history, crate::study::read(&path).unwrap().history);
    finished.history
}

#[test]
fn the_speed_of_workers_changes_nothing() {
    let space = space(6);
    for cheaper in [
        cheaper(Some(rungs(3)), None),
        cheaper(Some(rungs(2).promoting()), Some(3)),
        cheaper(None, Some(4)),
        cheaper(Some(rungs(2)), Some(4)),
    ] {
        let plan = Plan {
            cheaper,
            ..plan(&space, small_evolution(), 3, 60)
        };
        let slow = |candidate: &Candidate| {
            let odd = spread(&candidate.genome, step_of(candidate) as u64);
            std::thread::sleep(Duration::from_millis(3).mul_f64(odd));
        };
        assert_eq!(run(&plan, |_| {}), run(&plan, slow));
    }
}

#[test]
fn the_weights_of_a_trial_without_values_are_not_kept_for_heirs() {
    let space = space(6);
    let plan = Plan {
        cheaper: Cheaper {
            inherit_steps: Some(20),
            ..Cheaper::default()
        },
        ..plan(&space, small_evolution(), 1, 40)
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let mut outlived = Vec::new();
    let evaluate = |_: usize, candidate: &Candidate| trained(candidate);
    let finished = search(&plan, &path, &AtomicBool::new(false), evaluate, |event| {
        if let Event::Outlived { number } = event {
            outlived.push(number);
        }
    });
    let history = finished.unwrap().history;
    let trials = history.trials().iter().enumerate();
    let mut without = trials
        .filter(|(_, trial)| trial.values().is_none())
        .peekable();
    assert!(without.peek().is_some());
    assert!(without.all(|(number, _)| outlived.contains(&number)));
}

#[test]
fn kept_snapshots_and_replays_choose_alike() {
    for rungs in [rungs(2), rungs(3).promoting()] {
        replayed_and_restored(rungs);
    }
}

fn replayed_and_restored(rungs: Rungs) {
    let space = space(6);
    let plan = Plan {
        cheaper: cheaper(Some(rungs), Some(5)),
        ..plan(&space, small_evolution(), 2, 60)
    };
    let drive = |search: &mut Search, trials: usize| {
        while search.has_unfinished() || search.history().trials().len() < trials {
            let mut candidate = search.ask().unwrap();
            let number = candidate.number;
            let outcome = loop {
                let value = curve(&candidate.genome, step_of(&candidate));
                let values = vec![value];
                let metrics = Metrics::default();
                let Some(hurdle) = candidate.hurdle() else {
                    break Outcome::Complete { values, metrics };
                };
                let rung = Rung {
                    step: hurdle.step,
                    value,
                };
                search.reach(number, rung);
                candidate.rungs.push(rung);
                if !hurdle.lets_pass(value) {
                    break Outcome::Stopped { values, metrics };
                }
            };
            search.tell(number, outcome);
        }
    };
    let mut whole = plan.search().unwrap();
    drive(&mut whole, 60);
    for cut in [3, 13, 14, 29, 47] {
        let mut before = plan.search().unwrap();
        drive(&mut before, cut);
        let replayed = plan.search().unwrap().resumed(before.history().clone());
        let restored = replayed.clone().restored(before.snapshot());
        for mut search in [replayed, restored, before] {
            drive(&mut search, 60);
            assert_eq!(search.history(), whole.history());
        }
    }
}

#[test]
fn bars_fall_where_less_is_better() {
    let trial = |value: f64| Trial {
        genome: space(1).genome(vec![0]).unwrap(),
        parent: None,
        rungs: vec![Rung { step: 9, value }],
        outcome: None,
    };
    let visible: Vec<Trial> = [5.0, 1.0, 3.0, 4.0, 2.0].map(trial).to_vec();
    let bar = |direction| rungs(3).hurdles(&visible, direction)[0];
    assert_eq!(bar(Direction::Minimize).bar, Bar::Least(2.0));
    assert_eq!(bar(Direction::Maximize).bar, Bar::Least(4.0));
    assert!(bar(Direction::Minimize).lets_pass(2.0));
    assert!(!bar(Direction::Minimize).lets_pass(2.1));
    let few = |rungs: Rungs| rungs.hurdles(&visible[..1], Direction::Maximize)[0].bar;
    assert_eq!(few(rungs(3)), Bar::Open);
    assert_eq!(few(rungs(3).promoting()), Bar::Closed);
}

#[test]
fn what_cannot_be_ranked_or_inherited_is_refused_with_the_remedy() {
    let space = space(2);
    let refused = |controller, goal: Goal, cheaper| {
        let plan = Plan {
            goal,
            cheaper,
            ..plan(&space, controller, 1, 2)
        };
        plan.search().unwrap_err().to_string()
    };
    let both = Goal {
        aim: Aim::Objectives(vec![
            "maximize:fit".parse().unwrap(),
            "minimize:latency_ms".parse().unwrap(),
        ]),
        limits: Vec::new(),
    };
    let random = Controller::Random(Random);
    let error = refused(random, both, cheaper(Some(rungs(3)), None));
    assert!(error.contains("there are 2"), "{error}");
    let inherits = Cheaper {
        inherit_steps: Some(3),
        ..Cheaper::default()
    };
    let error = refused(random, toy_reward().into(), inherits);
    assert!(error.contains("--controller evolution"), "{error}");
    let share = Rungs::new(vec![9], &[NonZeroUsize::MIN]).unwrap_err();
    assert!(share.to_string().contains("one in 2 or more"));
    for wrong in [vec![], vec![0, 3], vec![3, 3], vec![9, 3]] {
        assert!(Rungs::new(wrong, &[NonZeroUsize::new(3).unwrap()]).is_err());
    }
}

/// What a search on the synthetic curves spends and finds.
struct Found {
    steps: usize,
    /// What the best complete trial tends to.
    end: f64,
}

/// Random search on the synthetic curves until `budget` steps are spent.
fn synthetic(seed: u64, budget: usize, cheaper: Cheaper) -> Found {
    let space = space(8);
    let plan = Plan {
        seed,
        cheaper,
        initial: Vec::new(),
        ..plan(&space, Controller::Random(Random), 1, 0)
    };
    let mut search = plan.search().unwrap();
    let mut steps = 0;
    while steps < budget {
        let mut candidate = search.ask().unwrap();
        let number = candidate.number;
        let continued = search.history().continued_by(number);
        let stopped = continued.and_then(|n| search.history().trials()[n].rungs.last());
        let mut done = stopped.map_or(0, |rung| rung.step);
        let outcome = loop {
            let step = step_of(&candidate);
            steps += step - done;
            done = step;
            let value = curve(&candidate.genome, step);
            let (values, metrics) = (vec![value], Metrics::default());
            let Some(hurdle) = candidate.hurdle() else {
                break Outcome::Complete { values, metrics };
            };
            let rung = Rung { step, value };
            search.reach(number, rung);
            candidate.rungs.push(rung);
            if !hurdle.lets_pass(value) {
                break Outcome::Stopped { values, metrics };
            }
        };
        search.tell(number, outcome);
    }
    let best = search.best().unwrap();
    let end = end(&search.history().trials()[best].genome);
    Found { steps, end }
}

#[test]
fn synthetic_curves_a_third_of_the_steps_finds_the_winner_of_all_of_them() {
    let full = 60 * STEPS;
    let mut wins = [0; 3];
    let mut ratios = [const { Vec::new() }; 3];
    for seed in 0..20 {
        let all = synthetic(seed, full, Cheaper::default());
        let kinds = [
            cheaper(Some(rungs(3)), None),
            cheaper(Some(rungs(3)), Some(16)),
            cheaper(Some(rungs(3).promoting()), None),
        ];
        for (kind, cheaper) in kinds.into_iter().enumerate() {
            let third = synthetic(seed, full / 3 - STEPS, cheaper);
            assert!(
                third.steps * 3 <= all.steps,
                "{} of {}",
                third.steps,
                all.steps
            );
            wins[kind] += usize::from(third.end >= all.end);
            ratios[kind].push(third.end / all.end);
        }
    }
    for ratios in &mut ratios {
        ratios.sort_by(f64::total_cmp);
    }
    println!("wins {wins:?} of 20, ratios {ratios:?}");
    assert!(ratios[1][9] >= 1.0, "{:?}", ratios[1]);
    assert!(ratios[0][9] >= 0.98, "{:?}", ratios[0]);
    assert!(ratios[2][9] >= 0.98, "{:?}", ratios[2]);
}

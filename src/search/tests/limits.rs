//! Searches under limits: what is beyond one never gets evaluated, and limits that nothing keeps end
//! a search.

use super::*;

fn limited(most: f64) -> Goal {
    Goal {
        aim: Aim::Reward(toy_reward()),
        limits: vec![Limit {
            metric: "latency_ms".into(),
            most,
        }],
    }
}

/// The slower, the better: latency is the number of choices above 0.
fn latency_ms(genome: &Genome) -> f64 {
    let above = genome.choices().iter().filter(|&&c| c > 0).count();
    f64::from(u32::try_from(above + 1).unwrap())
}

/// Prices, refuses, and only then measures.
fn priced(goal: &Goal, candidate: &Candidate, trained: &AtomicUsize) -> Evaluation {
    let latency_ms = latency_ms(&candidate.genome);
    let known = BTreeMap::from([("latency_ms".to_owned(), latency_ms)]);
    if let Some(refused) = goal.refuse(&known) {
        return refused;
    }
    trained.fetch_add(1, Ordering::Relaxed);
    Evaluation::Measured {
        latency_ms,
        metrics: BTreeMap::from([("fit".to_owned(), fit(&candidate.genome))]),
    }
}

fn run_limited(most: f64, controller: Controller, trials: usize) -> (Finished, usize, Vec<String>) {
    let space = space(8);
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan {
        goal: limited(most),
        initial: Vec::new(),
        ..plan(&space, controller, 1, trials)
    };
    let trained = AtomicUsize::new(0);
    let mut said = Vec::new();
    let finished = search(
        &plan,
        &folder.path().join("study.journal"),
        &AtomicBool::new(false),
        |_, candidate| Ok(priced(&plan.goal, candidate, &trained)),
        |event| {
            if let Event::Hopeless { tally } = event {
                said.push(tally.to_string());
            }
        },
    );
    (finished.unwrap(), trained.into_inner(), said)
}

#[test]
fn a_candidate_beyond_a_limit_is_never_evaluated() {
    for controller in small_controllers() {
        let (finished, trained, said) = run_limited(6.0, controller, 150);
        let mut feasible = 0;
        for trial in finished.history.trials() {
            match trial.outcome.as_ref().unwrap() {
                Outcome::Complete { .. } => {
                    assert!(latency_ms(&trial.genome) <= 6.0);
                    feasible += 1;
                }
                Outcome::Infeasible { reason } => {
                    let asked = latency_ms(&trial.genome);
                    let expected = format!("over the limit: latency_ms asked {asked}, allowed 6");
                    assert_eq!(*reason, expected);
                }
                Outcome::Stopped { .. } | Outcome::Failed { .. } => panic!("{trial:?}"),
            }
        }
        assert_eq!((trained, finished.tally.feasible), (feasible, feasible));
        assert!(feasible > 0 && feasible < 150, "{}", controller.name());
        assert!(said.is_empty());
    }
}

#[test]
fn limits_that_nothing_keeps_are_said_early_and_given_up() {
    let (finished, trained, said) = run_limited(0.5, small_evolution(), 10_000);
    assert_eq!(finished.ending, Ending::Hopeless);
    assert_eq!(trained, 0);
    assert_eq!(finished.history.trials().len(), 2_000);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("of 200 candidates, 0 are feasible\n  latency_ms=0.5 kills 200;"));
    let killed = &finished.tally.killed["latency_ms"];
    let closest = finished.history.trials().iter();
    let closest = closest
        .map(|t| latency_ms(&t.genome))
        .min_by(f64::total_cmp);
    assert_eq!(Some(killed.closest.asked), closest);
    assert_eq!(killed.trials, 2_000);
}

#[test]
fn nsga2_finds_its_way_into_narrow_limits() {
    // One genome in 65,536 keeps the limit, and none of the first generation does.
    let controller = Controller::Nsga2(Nsga2 {
        population: 20,
        ..Nsga2::default()
    });
    let (finished, trained, _) = run_limited(1.0, controller, 1_000);
    assert_eq!((trained, finished.tally.feasible), (1, 1));
    let first = finished.history.trials().iter().take(20);
    assert!(
        first
            .map(|t| latency_ms(&t.genome))
            .all(|latency| latency > 1.0)
    );
}

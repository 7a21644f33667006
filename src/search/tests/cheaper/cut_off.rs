//! Searches with rungs that are cut off and gone on with.

use super::*;

#[test]
fn a_search_cut_off_anywhere_goes_on_as_if_it_had_not_been_and_measures_nothing_twice() {
    let space = space(6);
    let random = Controller::Random(Random);
    for (controller, rungs) in [
        (small_evolution(), rungs(3)),
        (random, rungs(3)),
        (small_evolution(), rungs(2).promoting()),
        (random, rungs(3).promoting()),
    ] {
        let plan = Plan {
            cheaper: cheaper(Some(rungs), Some(3)),
            ..plan(&space, controller, 2, 50)
        };
        let whole = run(&plan, |_| {});
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.journal");
        let begun: Mutex<BTreeMap<(usize, usize), usize>> = Mutex::default();
        for evaluations in [1, 5, 2, 17, 9, 1000] {
            let left = AtomicUsize::new(evaluations);
            let evaluate = |_: usize, candidate: &Candidate| {
                let spent =
                    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
                if spent.is_err() {
                    return Ok(Evaluation::Interrupted);
                }
                let place = (candidate.origin, step_of(candidate));
                *begun.lock().unwrap().entry(place).or_default() += 1;
                trained(candidate)
            };
            let stop = AtomicBool::new(false);
            let finished = search(&plan, &path, &stop, evaluate, |_| {}).unwrap();
            if finished.ending == Ending::Complete {
                assert_eq!(finished.history, whole);
            }
        }
        assert_eq!(crate::study::read(&path).unwrap().history, whole);
        assert!(
            begun
                .into_inner()
                .unwrap()
                .values()
                .all(|&times| times == 1)
        );
    }
}

#[test]
fn a_trial_cut_off_between_its_last_rung_and_its_outcome_is_stopped_there() {
    let space = space(6);
    let plan = Plan {
        cheaper: cheaper(Some(rungs(3)), None),
        ..plan(&space, Controller::Random(Random), 1, 40)
    };
    let whole = run(&plan, |_| {});
    let stopped = |trial: &Trial| matches!(trial.outcome, Some(Outcome::Stopped { .. }));
    let number = whole.trials().iter().position(stopped).unwrap();
    let mut cut = History::default();
    for trial in &whole.trials()[..number] {
        let at = cut.propose(trial.genome.clone(), trial.parent);
        trial.rungs.iter().for_each(|&rung| cut.reach(at, rung));
        cut.finish(at, trial.outcome.clone().unwrap());
    }
    let trial = &whole.trials()[number];
    cut.propose(trial.genome.clone(), trial.parent);
    trial.rungs.iter().for_each(|&rung| cut.reach(number, rung));
    let mut search = plan.search().unwrap().resumed(cut);
    let candidate = search.ask().unwrap();
    let last = trial.rungs.last().unwrap();
    assert_eq!(candidate.hurdle().map(|h| h.step), Some(last.step));
    assert!(!candidate.hurdle().unwrap().lets_pass(last.value));
}

/// It is evaluated again for its metrics, maybe by another machine, which finds it worth more.
#[test]
fn a_rung_in_the_journal_stands_whatever_another_machine_finds() {
    let space = space(6);
    let plan = Plan {
        cheaper: cheaper(Some(rungs(3)), None),
        ..plan(&space, Controller::Random(Random), 1, 40)
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.journal");
    let stop = AtomicBool::new(false);
    let on = |better: f64| {
        let evaluate = move |_: usize, candidate: &Candidate| {
            let mut found = trained(candidate)?;
            if let Evaluation::Measured { metrics, .. } = &mut found {
                metrics.values_mut().for_each(|fit| *fit += better);
            }
            Ok(found)
        };
        search(&plan, &path, &stop, evaluate, |_| {})
            .unwrap()
            .history
    };
    let whole = on(0.0);
    let stopped = |trial: &Trial| matches!(trial.outcome, Some(Outcome::Stopped { .. }));
    let number = whole.trials().iter().position(stopped).unwrap();
    let rungs = &whole.trials()[number].rungs;
    let text = fs::read_to_string(&path).unwrap();
    let line = format!("\"trial_id\":{number},\"step\":");
    let reached = text.rfind(&line).unwrap();
    let end = reached + text[reached..].find('\n').unwrap() + 1;
    fs::write(&path, &text[..end]).unwrap();
    let resumed = on(1.0);
    assert_eq!(&resumed.trials()[number].rungs, rungs);
    assert!(stopped(&resumed.trials()[number]));
}

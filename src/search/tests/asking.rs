//! Asking and telling by hand: order does not matter, snapshots are replays, nonsense is survived.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::study::Direction;

fn workers(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn complete(value: f64) -> Outcome {
    Outcome::Complete {
        values: vec![value],
        metrics: Metrics::default(),
    }
}

/// An outcome of every kind, from the genome alone.
fn told(genome: &Genome) -> Outcome {
    match genome.choices().iter().sum::<usize>() % 7 {
        0 => Outcome::Infeasible {
            reason: "over the limit: latency_ms asked 3, allowed 2".into(),
        },
        1 => Outcome::Failed {
            reason: "lost".into(),
        },
        _ => complete(fit(genome)),
    }
}

/// Runs `search` to `trials` trials; of those in flight, `pick` says which one ends next.
fn drive(search: &mut Search, trials: usize, mut pick: impl FnMut(usize) -> usize) {
    let mut flying: Vec<Candidate> = Vec::new();
    loop {
        while search.has_unfinished() || search.history().trials().len() < trials {
            let Some(candidate) = search.ask() else { break };
            flying.push(candidate);
        }
        if flying.is_empty() {
            return;
        }
        let candidate = flying.swap_remove(pick(flying.len()));
        assert!(
            search
                .tell(candidate.number, told(&candidate.genome))
                .is_some()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn snapshots_and_replays_go_on_as_if_nothing_had_been(
        which in 0..6_usize,
        count in 1..5_usize,
        cut in 0..60_usize,
        seed in 0..1000_u64,
        picks in prop::collection::vec(0..100_usize, 200),
    ) {
        let space = space(4);
        let controller = small_controllers()[which];
        let begin = || Search::new(space.clone(), controller, seed, workers(count));
        let mut picks = picks.into_iter().cycle();
        let mut any = |flying: usize| picks.next().unwrap() % flying;
        let mut whole = begin();
        drive(&mut whole, 60, |_| 0);

        let mut before = begin();
        drive(&mut before, cut, &mut any);
        // One more candidate is on its way when the search is cut off.
        let lost = before.ask();
        let text = serde_json::to_string(&before.snapshot()).unwrap();
        let kept: Snapshot = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&kept, &before.snapshot());

        let replayed = begin().resumed(before.history().clone());
        let restored = replayed.clone().restored(kept);
        for mut search in [replayed, restored] {
            prop_assert_eq!(search.has_unfinished(), lost.is_some());
            drive(&mut search, 60, &mut any);
            prop_assert_eq!(search.history(), whole.history());
            // What is told of when the next candidate is asked for is not told of before.
            let mut whole = whole.clone();
            prop_assert_eq!(search.ask(), whole.ask());
            prop_assert_eq!(search.snapshot(), whole.snapshot());
        }
    }
}

#[test]
fn what_was_never_asked_for_or_comes_twice_changes_nothing() {
    let mut search = Search::new(space(3), small_evolution(), 1, workers(2));
    assert_eq!(search.tell(0, complete(1.0)), None);
    let candidate = search.ask().unwrap();
    assert_eq!(
        search.tell(candidate.number, complete(1.0)),
        Some(&complete(1.0))
    );
    assert_eq!(search.tell(candidate.number, complete(2.0)), None);
    assert_eq!(search.history().trials()[0].reward(), Some(1.0));
}

#[test]
fn values_that_are_no_numbers_are_failures() {
    for controller in small_controllers() {
        let mut search = Search::new(space(4), controller, 1, workers(1));
        for number in 0..40 {
            let candidate = search.ask().unwrap();
            assert_eq!(candidate.number, number);
            let values = match number % 4 {
                0 => vec![f64::NAN],
                1 => vec![f64::INFINITY],
                2 => vec![],
                _ => vec![f64::NAN, 1.0],
            };
            let metrics = Metrics::default();
            let outcome = search.tell(number, Outcome::Complete { values, metrics });
            let Some(Outcome::Failed { reason }) = outcome else {
                panic!("{outcome:?}");
            };
            let expected = [
                "a value is NaN",
                "a value is inf",
                "expected 1 values, found 0",
                "expected 1 values, found 2",
            ];
            assert_eq!(reason, expected[number % 4]);
        }
        assert_eq!(search.best(), None);
    }
}

#[test]
fn a_candidate_waits_for_the_outcomes_it_may_depend_on() {
    let mut search = Search::new(space(4), small_evolution(), 1, workers(3));
    let numbers: Vec<usize> = (0..3).map(|_| search.ask().unwrap().number).collect();
    assert_eq!(numbers, [0, 1, 2]);
    assert!(search.ask().is_none());
    search.tell(2, complete(1.0));
    assert!(search.ask().is_none());
    search.tell(0, complete(1.0));
    assert_eq!(search.ask().unwrap().number, 3);
    assert!(!search.is_exhausted());
}

#[test]
fn one_objective_too_many_is_refused_with_the_remedy() {
    let both = vec![Direction::Maximize, Direction::Minimize];
    for controller in small_controllers() {
        let search = Search::new(space(2), controller, 1, workers(1));
        match (
            controller.is_multi_objective(),
            search.with_directions(both.clone()),
        ) {
            (true, found) => assert!(found.is_ok()),
            (false, Err(error)) => {
                let error = error.to_string();
                assert!(error.starts_with(controller.name()), "{error}");
                assert!(error.contains("--controller nsga2"), "{error}");
            }
            (false, Ok(_)) => panic!("{} took two objectives", controller.name()),
        }
    }
}

#[test]
fn a_space_is_tried_to_its_last_genome_and_no_further() {
    for controller in small_controllers() {
        let mut search = Search::new(space(4), controller, 9, workers(1));
        let mut seen = BTreeSet::new();
        while let Some(candidate) = search.ask() {
            assert!(seen.insert(candidate.genome.clone()), "{}", candidate.text);
            search.tell(candidate.number, told(&candidate.genome));
        }
        assert!(search.is_exhausted());
        assert_eq!(seen.len(), 256, "{}", controller.name());
    }
}

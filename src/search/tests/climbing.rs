//! Every controller against random search on rewards in closed form.

use super::*;
use crate::study::Direction;

/// Trials of a search.
const TRIALS: usize = 1_000;
/// Seeds that a median is taken over.
const SEEDS: u64 = 20;

/// A space like the paper's: 16 blocks of an operator, a kernel, a multiplier and an expansion.
fn blocks() -> Space {
    let decision = |index: usize| {
        let count = if index % 4 == 2 { 4 } else { 2 };
        let choices = (0..count)
            .map(|c| Choice::new(Value::Int(c), format!("v{c}")))
            .collect();
        Decision::one_of(
            format!("b{:02}", index / 4),
            format!("d{}", index % 4),
            choices,
        )
    };
    Space::new("blocks", (0..64).map(decision).collect()).unwrap()
}

/// Higher is better, 1 at most: every decision has a best choice, and neighbors of unequal kinds
/// disturb one another, so that decisions cannot be set one by one.
fn closed_form(genome: &Genome) -> f64 {
    let choices = genome.choices();
    let alone = choices.iter().enumerate().map(|(at, &choice)| {
        let best = (at * 7 + 3) % 2;
        f64::from(u8::from(choice == best))
    });
    let together = choices.windows(2).enumerate().map(|(at, pair)| {
        let agrees = (pair[0] + pair[1] + at).is_multiple_of(2);
        f64::from(u8::from(agrees))
    });
    (alone.sum::<f64>() / 64.0 + together.sum::<f64>() / 63.0) / 2.0
}

fn best_of(controller: Controller, seed: u64) -> f64 {
    let mut search = Search::new(blocks(), controller, seed, NonZeroUsize::MIN);
    for _ in 0..TRIALS {
        let candidate = search.ask().unwrap();
        let values = vec![closed_form(&candidate.genome)];
        let metrics = Metrics::default();
        search.tell(candidate.number, Outcome::Complete { values, metrics });
    }
    let best = search.best().unwrap();
    search.history().trials()[best].reward().unwrap()
}

fn medians() -> Vec<(String, f64, Vec<f64>)> {
    let controllers = [
        ("random", Controller::Random(Random)),
        ("evolution", Controller::Evolution(Evolution::default())),
        (
            "evolution, without replacement",
            Controller::Evolution(Evolution {
                draws: Draws::WithoutReplacement,
                ..Evolution::default()
            }),
        ),
        ("local", Controller::Local(Local)),
        ("nsga2", Controller::Nsga2(Nsga2::default())),
        ("ppo", Controller::Ppo(Ppo::default())),
    ];
    let of = |(name, controller): (&str, Controller)| {
        let mut bests: Vec<f64> = (0..SEEDS).map(|seed| best_of(controller, seed)).collect();
        bests.sort_by(f64::total_cmp);
        let median = f64::midpoint(bests[bests.len() / 2 - 1], bests[bests.len() / 2]);
        (name.to_owned(), median, bests)
    };
    controllers.into_iter().map(of).collect()
}

#[test]
fn every_controller_beats_random_search_in_the_median() {
    let medians = medians();
    for (name, median, bests) in &medians {
        println!(
            "{name:32} {median:.4}  {:.4} to {:.4}",
            bests[0],
            bests[bests.len() - 1]
        );
    }
    let (_, random, random_bests) = &medians[0];
    for (name, median, _) in &medians[1..] {
        assert!(median > random, "{name}: {median}, random: {random}");
    }
    // Evolution is beyond doubt: its worst seed beats the best of random search.
    assert!(medians[1].2[0] > random_bests[random_bests.len() - 1]);
}

#[test]
fn minimizing_is_maximizing_the_opposite() {
    for controller in small_controllers() {
        let run = |direction: Direction, sign: f64| {
            let search = Search::new(space(6), controller, 4, NonZeroUsize::MIN);
            let mut search = search.with_directions(vec![direction]).unwrap();
            for _ in 0..80 {
                let candidate = search.ask().unwrap();
                let values = vec![sign * fit(&candidate.genome)];
                let metrics = Metrics::default();
                search.tell(candidate.number, Outcome::Complete { values, metrics });
            }
            let genomes = search.history().trials().iter();
            let genomes: Vec<Genome> = genomes.map(|t| t.genome.clone()).collect();
            (search.best(), genomes)
        };
        assert_eq!(
            run(Direction::Maximize, 1.0),
            run(Direction::Minimize, -1.0)
        );
    }
}

#[test]
fn a_climb_ends_on_a_top_and_begins_elsewhere() {
    let space = space(3);
    let mut search = Search::new(
        space.clone(),
        Controller::Local(Local),
        2,
        NonZeroUsize::MIN,
    );
    let mut starts = Vec::new();
    while let Some(candidate) = search.ask() {
        let Some(parent) = candidate.parent else {
            starts.push(candidate.number);
            search.tell(candidate.number, complete(&candidate.genome));
            continue;
        };
        let parent = &search.history().trials()[parent].genome;
        assert!(space.neighbors(parent).any(|near| near == candidate.genome));
        search.tell(candidate.number, complete(&candidate.genome));
    }
    assert!(starts.len() > 1, "{starts:?}");
    // Before a climb begins elsewhere, no neighbor of the best so far is left.
    let trials = search.history().trials();
    let before = &trials[..starts[1]];
    let top = before
        .iter()
        .max_by(|a, b| a.reward().unwrap().total_cmp(&b.reward().unwrap()));
    for near in space.neighbors(&top.unwrap().genome) {
        assert!(before.iter().any(|trial| trial.genome == near));
    }
}

/// Workers that are many draw starts while the last neighbors are in work, one of which may be better.
#[test]
fn a_climb_is_left_for_a_start_that_is_better_or_knew_its_top() {
    let space = space(4);
    let mut state = Controller::Local(Local).start(&space);
    let mut history = History::default();
    for (choice, parent, saw, value, top) in [
        (0, None, 0, 0.5, 0),
        (1, Some(0), 1, 0.7, 1),
        (2, None, 1, 0.6, 1),
        (3, None, 1, 0.8, 3),
        (4, Some(1), 2, 0.9, 3),
        (5, None, 4, 0.1, 5),
        (6, Some(5), 6, 0.05, 5),
        // Trial 6 is taken up again, and is worth more at its end.
        (6, Some(6), 6, 0.3, 6),
    ] {
        let genome = space.genome(vec![choice / 4, choice % 4, 0, 0]).unwrap();
        let number = history.propose(genome, parent);
        let (values, metrics) = (vec![value], Metrics::default());
        history.finish(number, Outcome::Complete { values, metrics });
        let of_study = (&space, &history);
        state.tell(&Told::new(
            of_study,
            number,
            |_| saw,
            &[Direction::Maximize],
        ));
        let tops = (0..=number).filter(|&number| state.can_be_parent(number));
        assert_eq!(tops.collect::<Vec<_>>(), [top], "after trial {number}");
    }
}

fn complete(genome: &Genome) -> Outcome {
    Outcome::Complete {
        values: vec![fit(genome)],
        metrics: Metrics::default(),
    }
}

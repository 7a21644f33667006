//! Fronts against their definition, and NSGA-II against all genomes of a small space.

use proptest::prelude::*;

use super::super::pareto::{END, crowding, dominates, fronts};
use super::*;
use crate::study::Direction;

fn is_beaten(at: usize, among: &[usize], points: &[Vec<f64>]) -> bool {
    among
        .iter()
        .any(|&other| dominates(&points[other], &points[at]))
}

proptest! {
    #[test]
    fn fronts_are_peeled_off_one_by_one(
        points in prop::collection::vec(prop::collection::vec(0..5_u8, 3), 0..40),
    ) {
        let points: Vec<Vec<f64>> = points
            .into_iter()
            .map(|point| point.into_iter().map(f64::from).collect())
            .collect();
        let mut left: Vec<usize> = (0..points.len()).collect();
        let mut expected = Vec::new();
        while !left.is_empty() {
            let front: Vec<usize> =
                left.iter().copied().filter(|&at| !is_beaten(at, &left, &points)).collect();
            left.retain(|at| !front.contains(at));
            expected.push(front);
        }
        let found = fronts(points.len(), |a, b| dominates(&points[a], &points[b]));
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn crowded_points_have_the_least_room() {
    let points: [&[f64]; 5] = [
        &[0.0, 10.0],
        &[1.0, 9.0],
        &[2.0, 8.0],
        &[7.0, 3.0],
        &[10.0, 0.0],
    ];
    let room = crowding(&points);
    assert_eq!((room[0], room[4]), (END, END));
    assert!((room[1] - 0.4).abs() < 1e-12, "{room:?}");
    assert!((room[2] - 1.2).abs() < 1e-12, "{room:?}");
    assert!((room[3] - 1.6).abs() < 1e-12, "{room:?}");
    assert_eq!(crowding(&[]), Vec::<f64>::new());
}

/// Two objectives that pull apart: the sum of the choices, and of what they lack with weights that
/// make some trades better than others.
fn both(genome: &Genome) -> Vec<f64> {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap());
    let choices = genome.choices().iter().enumerate();
    let up: usize = choices
        .clone()
        .map(|(at, choice)| choice * (1 + at % 3))
        .sum();
    let cost: usize = choices
        .map(|(at, choice)| choice * choice * (1 + at % 2))
        .sum();
    vec![number(up), number(cost)]
}

#[test]
fn nsga2_finds_most_of_the_true_front() {
    let directions = vec![Direction::Maximize, Direction::Minimize];
    let space = space(8);
    let points: std::collections::BTreeSet<[u64; 2]> = space
        .genomes()
        .map(|genome| {
            both(&genome)
                .into_iter()
                .map(f64::to_bits)
                .collect::<Vec<_>>()
        })
        .map(|bits| [bits[0], bits[1]])
        .collect();
    let points: Vec<Vec<f64>> = points
        .into_iter()
        .map(|bits| bits.into_iter().map(f64::from_bits).collect())
        .collect();
    let beats = |a: &Vec<f64>, b: &Vec<f64>| a[0] >= b[0] && a[1] <= b[1] && a != b;
    let is_best = |p: &&Vec<f64>| !points.iter().any(|other| beats(other, p));
    let truth: Vec<&Vec<f64>> = points.iter().filter(is_best).collect();

    let settings = Nsga2 {
        population: 40,
        ..Nsga2::default()
    };
    let found = |controller: Controller| {
        let search = Search::new(space.clone(), controller, 5, NonZeroUsize::MIN);
        let mut search = search.with_directions(directions.clone()).unwrap();
        for _ in 0..2_000 {
            let candidate = search.ask().unwrap();
            let values = both(&candidate.genome);
            let metrics = Metrics::default();
            search.tell(candidate.number, Outcome::Complete { values, metrics });
        }
        let trials = search.history().trials().iter();
        let met: Vec<&[f64]> = trials.filter_map(|trial| trial.values()).collect();
        truth
            .iter()
            .filter(|best| met.contains(&best.as_slice()))
            .count()
    };
    let evolved = found(Controller::Nsga2(settings));
    let random = found(Controller::Random(Random));
    // 65,536 genomes, of which 2,000 are tried.
    assert!(
        evolved * 10 >= truth.len() * 8,
        "{evolved} of {}",
        truth.len()
    );
    assert!(evolved > 2 * random, "{evolved}, random search {random}");
}

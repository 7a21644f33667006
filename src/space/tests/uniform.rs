//! Sampling is uniform over genomes, not over paths: chi-square against the enumeration.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::twin::decisions;
use crate::space::{Constraint, Space, SpaceFile};

fn check_uniform(space: &Space) {
    check_uniform_at(space, 200);
}

/// Refuses a sampler whose chi-square is over six standard deviations from what uniform draws
/// give: one in a billion for these seeds, and far below what drawing by path would show.
fn check_uniform_at(space: &Space, draws_each: u32) {
    let mut counts: BTreeMap<Vec<usize>, usize> =
        space.genomes().map(|g| (g.choices().to_vec(), 0)).collect();
    let mut rng = Pcg64Mcg::seed_from_u64(17);
    for _ in 0..draws_each as usize * counts.len() {
        let genome = space.sample(&mut rng);
        *counts.get_mut(genome.choices()).expect("it was enumerated") += 1;
    }
    let square = |&count: &usize| {
        let difference = f64::from(u32::try_from(count.abs_diff(draws_each as usize)).unwrap());
        difference * difference / f64::from(draws_each)
    };
    let chi_square: f64 = counts.values().map(square).sum();
    let freedom = f64::from(u32::try_from(counts.len() - 1).unwrap());
    let deviation = (chi_square - freedom).abs() / (2.0 * freedom).sqrt();
    println!(
        "{}: chi-square {chi_square:.1} over {freedom} degrees of freedom, {deviation:.2} standard \
         deviations",
        space.name()
    );
    assert!(
        deviation < 6.0,
        "{chi_square} over {freedom} degrees of freedom"
    );
}

#[test]
fn choices_weigh_as_much_as_what_hangs_on_them() {
    // One choice of the first decision stands alone, two bring decisions, one of them two deep.
    let parts = [
        (3, None),
        (4, Some((0, 1))),
        (3, Some((0, 2))),
        (5, Some((2, 1))),
    ];
    let space = Space::new("conditional", decisions(&parts)).unwrap();
    assert_eq!(space.size(), Some(1 + 4 + (5 + 2)));
    check_uniform(&space);
}

#[test]
fn constraints_leave_the_rest_equally_likely() {
    let parts = [(4, None), (4, None), (3, Some((0, 3))), (4, None)];
    let decisions = decisions(&parts);
    let texts = ["sum(d*) <= 9", "if d0 == 4 then d1 < d3"];
    let read = |text: &str| Constraint::parse(text, "", &decisions).unwrap();
    let constraints = texts.map(read).to_vec();
    let space = Space::constrained("constrained", decisions, constraints).unwrap();
    assert!(
        space.size().is_some_and(|size| (20..100).contains(&size)),
        "{:?}",
        space.size()
    );
    check_uniform(&space);
}

#[test]
fn free_spaces_and_those_that_ship_are_uniform() {
    check_uniform(&Space::new("free", decisions(&[(4, None), (3, None), (5, None)])).unwrap());
    check_uniform(&SpaceFile::named("pyramid").unwrap().space);
}

#[test]
fn ten_million_draws_are_uniform() {
    let space = SpaceFile::named("pyramid").unwrap().space;
    let draws_each = 10_000_000 / 216 + 1;
    assert_eq!(space.size(), Some(216));
    check_uniform_at(&space, draws_each);
}

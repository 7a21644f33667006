//! What ensembles learn, how honest their rank correlation is, and what they refuse.

use super::*;
use crate::search::seeds;
use crate::space::ednas::{FusedDefinition, space};
use crate::space::{Genome, Space};

fn sampled(space: &Space, count: usize, seed: u64) -> Vec<Genome> {
    let mut rng = seeds::of_trial(seed, 0);
    (0..count).map(|_| space.sample(&mut rng)).collect()
}

/// Every decision counts by itself, some more than others.
fn separable(genome: &Genome) -> f64 {
    let choices = genome.choices().iter().enumerate();
    choices
        .map(|(index, &choice)| real(choice) * (1.0 + real(index % 5)))
        .sum()
}

/// Only whether two decisions agree counts.
fn entangled(genome: &Genome) -> f64 {
    let agree = |a: usize, b: usize| f64::from(genome.choices()[a] % 2 == genome.choices()[b] % 2);
    3.0 * agree(0, 1) + separable(genome) / 1e3
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

fn fitted(space: &Space, genomes: &[Genome], value: fn(&Genome) -> f64) -> Ensemble {
    let evaluated: Vec<_> = genomes.iter().map(|g| (g, value(g))).collect();
    Ensemble::fit(space, &evaluated, 7).unwrap()
}

/// The rank correlation on genomes that nobody has seen.
fn on_fresh(space: &Space, ensemble: &Ensemble, value: fn(&Genome) -> f64) -> f64 {
    let pairs: Vec<_> = sampled(space, 400, 99)
        .iter()
        .map(|g| (ensemble.predict(g).mean, value(g)))
        .collect();
    kendall_tau(&pairs)
}

#[test]
fn sums_over_decisions_are_learned_by_ridge_regression() {
    let space = space(FusedDefinition::default());
    let ensemble = fitted(&space, &sampled(&space, 150, 1), separable);
    assert_eq!(ensemble.kind(), Kind::Ridge);
    let fresh = on_fresh(&space, &ensemble, separable);
    assert!(fresh > 0.7, "{fresh}");
    let claimed = ensemble.rank_correlation();
    assert!((claimed - fresh).abs() < 0.12, "{claimed} against {fresh}");
}

#[test]
fn decisions_that_depend_on_one_another_are_learned_by_trees() {
    let space = space(FusedDefinition::default());
    let few = Space::new("few", space.decisions()[..8].to_vec()).unwrap();
    let ensemble = fitted(&few, &sampled(&few, 300, 2), entangled);
    assert_eq!(ensemble.kind(), Kind::Trees);
    let fresh = on_fresh(&few, &ensemble, entangled);
    assert!(fresh > 0.4, "{fresh}");
}

#[test]
fn noise_has_no_rank_correlation() {
    let space = space(FusedDefinition::default());
    let genomes = sampled(&space, 200, 3);
    let noise = sampled(&space, 200, 4);
    let values = noise.iter().map(separable);
    let evaluated: Vec<_> = genomes.iter().zip(values).collect();
    let ensemble = Ensemble::fit(&space, &evaluated, 7).unwrap();
    assert!(ensemble.rank_correlation().abs() < 0.15);
}

#[test]
fn the_same_seed_gives_the_same_predictions() {
    let space = space(FusedDefinition::default());
    let genomes = sampled(&space, 40, 5);
    let [a, b] = [0, 0].map(|_| fitted(&space, &genomes, separable));
    for genome in &genomes {
        assert_eq!(a.predict(genome), b.predict(genome));
    }
}

#[test]
fn too_little_to_learn_from_is_no_ensemble() {
    let space = space(FusedDefinition::default());
    let genomes = sampled(&space, 40, 6);
    let fit = |count: usize, value: f64| {
        let evaluated: Vec<_> = genomes[..count].iter().map(|g| (g, value)).collect();
        Ensemble::fit(&space, &evaluated, 7).is_some()
    };
    assert!(!fit(40, 1.0), "all values are equal");
    assert!(!fit(40, f64::NAN), "no value is finite");
    assert!(!fit(0, 1.0));
    let few: Vec<_> = genomes[..11].iter().map(|g| (g, separable(g))).collect();
    assert!(Ensemble::fit(&space, &few, 7).is_none());
}

#[test]
fn both_solutions_of_the_ridge_regression_are_the_same() {
    let rows: Vec<Vec<f64>> = (0..6)
        .map(|r| (0..4).map(|c| real((r * 7 + c * c * 3) % 5)).collect())
        .collect();
    let values: Vec<f64> = (0..6).map(|r| real(r * r % 7)).collect();
    let wide: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| [row.clone(), vec![0.0; 8]].concat())
        .collect();
    let all: Vec<usize> = (0..6).collect();
    let tall = ridge::Ridge::fit(&rows, &values, &all, 0.5).unwrap();
    let wide_fit = ridge::Ridge::fit(&wide, &values, &all, 0.5).unwrap();
    for (row, wide_row) in rows.iter().zip(&wide) {
        assert!((tall.value(row) - wide_fit.value(wide_row)).abs() < 1e-9);
    }
}

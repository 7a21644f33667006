//! Constraints that cannot be counted: a bound instead of a size, and genomes that still keep them.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::space::{Choice, Constraint, Count, Decision, Space, SpaceError, Value};

/// 24 decisions whose values, square roots of primes cut to six places, hardly ever add up alike.
fn roots(constraint: &str) -> Result<Space, SpaceError> {
    let primes = (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0));
    let roots: Vec<f64> = primes
        .map(|prime| format!("{:.6}", f64::from(prime).sqrt()).parse().unwrap())
        .take(24 * 4)
        .collect();
    let decision = |index: usize| {
        let values = roots.iter().skip(index).step_by(24);
        let choices = values.map(|&v| Choice::new(Value::Float(v), format!("{v}")));
        Decision::one_of(format!("g{index}"), "root", choices.collect())
    };
    let decisions: Vec<Decision> = (0..24).map(decision).collect();
    let constraint = Constraint::parse(constraint, "", &decisions)?;
    Space::constrained("roots", decisions, vec![constraint])
}

#[test]
fn a_bound_is_said_to_be_one_and_genomes_keep_the_constraint() {
    let space = roots("sum(root) <= 350").unwrap();
    let Count::AtMost(bound, probe) = space.count() else {
        panic!("{:?} is no bound", space.count());
    };
    assert_eq!(bound, num_bigint::BigUint::from(4_u32).pow(24));
    assert!((0.01..0.99).contains(&probe.share()), "{probe:?}");
    assert_eq!(space.size(), None);
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    for _ in 0..50 {
        let (a, b) = (space.sample(&mut rng), space.sample(&mut rng));
        let child = space.mutate(&a, &mut rng).unwrap();
        assert_ne!(a, child);
        for genome in [&a, &b, &child, &space.cross(&a, &b, &mut rng)] {
            assert_eq!(space.genome(genome.choices().to_vec()).as_ref(), Ok(genome));
        }
        let near: Vec<_> = space.neighbors(&a).collect();
        assert!(near.len() <= 24 * 3 && near.iter().all(|genome| space.keeps(genome)));
    }
}

#[test]
fn nearly_empty_spaces_are_refused() {
    let error = roots("sum(root) == 350.123456").unwrap_err();
    assert!(matches!(error, SpaceError::NearlyEmpty { .. }), "{error}");
}

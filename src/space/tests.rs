//! Spaces and genomes: size, sampling, mutation, text and JSON round trips, refusals.

mod entangled;
mod twin;
mod uniform;

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::ednas::{self, FusedDefinition};
use super::{Choice, Decision, Genome, Space, SpaceError, Value};

fn small_space(counts: &[usize]) -> Space {
    let decision = |(index, &count): (usize, &usize)| {
        let choices =
            (0..count).map(|c| Choice::new(Value::Int(i64::try_from(c).unwrap()), format!("v{c}")));
        Decision::one_of(
            format!("group{}", index / 2),
            format!("d{index}"),
            choices.collect(),
        )
    };
    Space::new("small", counts.iter().enumerate().map(decision).collect()).unwrap()
}

fn differences(a: &Genome, b: &Genome) -> usize {
    a.choices()
        .iter()
        .zip(b.choices())
        .filter(|(a, b)| a != b)
        .count()
}

proptest! {
    #[test]
    fn mutation_changes_exactly_one_decision_and_stays_inside(
        counts in prop::collection::vec(1_usize..5, 1..12),
        seed: u64,
    ) {
        let space = small_space(&counts);
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let parent = space.sample(&mut rng);
        match space.mutate(&parent, &mut rng) {
            None => prop_assert_eq!(space.size(), Some(1)),
            Some(child) => {
                prop_assert_eq!(differences(&parent, &child), 1);
                prop_assert!(space.genome(child.choices().to_vec()).is_ok());
            }
        }
    }

    #[test]
    fn text_and_json_read_back(seed: u64, first_block in 0_usize..=16) {
        let fused = match first_block {
            0 => FusedDefinition::Full,
            first_block => FusedDefinition::LateSeparable { first_block },
        };
        let space = ednas::space(fused);
        let genome = space.sample(&mut Pcg64Mcg::seed_from_u64(seed));
        prop_assert_eq!(&space.parse(&space.text(&genome)).unwrap(), &genome);
        prop_assert_eq!(&space.from_json(&space.to_json(&genome)).unwrap(), &genome);
        let json = serde_json::to_string(&space.to_json(&genome)).unwrap();
        prop_assert_eq!(&space.from_json(&serde_json::from_str(&json).unwrap()).unwrap(), &genome);
    }

    #[test]
    fn no_text_makes_the_parser_panic(body in "[fi35x.01e6,/]{0,60}") {
        let space = ednas::space(FusedDefinition::Full);
        if let Ok(genome) = space.parse(&format!("ednas/full/{body}")) {
            prop_assert_eq!(space.text(&genome), format!("ednas/full/{body}"));
        }
    }
}

#[test]
fn mutation_reaches_every_neighbor_about_equally() {
    let space = small_space(&[2, 1, 4]);
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let parent = space.genome(vec![1, 0, 2]).unwrap();
    let mut counts = BTreeMap::new();
    for _ in 0..6000 {
        *counts
            .entry(space.mutate(&parent, &mut rng).unwrap())
            .or_insert(0) += 1;
    }
    // One neighbor through the first decision (half the draws), three through the last.
    let counts: Vec<i32> = counts.into_values().collect();
    assert_eq!(counts.len(), 4);
    for (count, expected) in counts.into_iter().zip([3000, 1000, 1000, 1000]) {
        assert!((count - expected).abs() < 200, "{count} of {expected}");
    }
}

#[test]
fn sampling_is_uniform_over_the_whole_space() {
    let space = small_space(&[2, 3]);
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    let mut counts = BTreeMap::new();
    for _ in 0..6000 {
        *counts.entry(space.sample(&mut rng)).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 6);
    assert!(
        counts.values().all(|&count| i32::abs(count - 1000) < 150),
        "{counts:?}"
    );
}

#[test]
fn size_is_exact_or_absent() {
    assert_eq!(ednas::space(FusedDefinition::Full).size(), Some(1 << 79));
    assert_eq!(small_space(&[2, 3, 1]).size(), Some(6));
    assert_eq!(small_space(&[2; 127]).size(), Some(1 << 127));
    assert_eq!(small_space(&[2; 128]).size(), None);
}

#[test]
fn fingerprints_tell_spaces_apart() {
    let default = ednas::space(FusedDefinition::default());
    assert_eq!(
        default.fingerprint(),
        ednas::space_named("ednas").unwrap().fingerprint()
    );
    assert_ne!(
        default.fingerprint(),
        ednas::space(FusedDefinition::Full).fingerprint()
    );
    assert_ne!(
        small_space(&[2, 3]).fingerprint(),
        small_space(&[2, 2]).fingerprint()
    );
    // A changed fingerprint orphans every journal: it must be meant.
    expect!["52d4a9440efe6710"].assert_eq(&default.fingerprint());
}

fn check_refusal<T: std::fmt::Debug>(result: Result<T, SpaceError>, expected: Expect) {
    expected.assert_eq(&result.unwrap_err().to_string());
}

#[test]
fn texts_outside_the_space_are_refused_by_block() {
    let space = ednas::space(FusedDefinition::default());
    let rest = ",i3x1e6".repeat(13);
    let parse = |blocks: &str| space.parse(&format!("ednas/late-separable:9/{blocks}{rest}"));
    check_refusal(
        parse("f3x1,i7x1e6,i3x1e6"),
        expect!["block02 is `i7x1e6`: `7x1e6` is no kernel; allowed: 3, 5"],
    );
    check_refusal(
        parse("f3x1,i3x1e6,i3x1.25e6"),
        expect!["block03 is `i3x1.25e6`: `.25e6` is no expansion; allowed: e3, e6"],
    );
    check_refusal(
        parse("f3x1,i3x1,i3x1e6"),
        expect!["block02 is `i3x1`: `` is no expansion; allowed: e3, e6"],
    );
    check_refusal(
        parse("f3x1e6,i3x1e6,i3x1e6"),
        expect!["block01 is `f3x1e6`: nothing may follow its last choice, found `e6`"],
    );
    check_refusal(
        parse("f3x1,i3x1e6"),
        expect![
            "the genome has 15 comma-separated parts, the space `ednas/late-separable:9` has 16 (the last is `block16`)"
        ],
    );
    check_refusal(
        space.parse("ednas/full/f3x1"),
        expect![
            "a genome of the space `ednas/full` was given where the space is `ednas/late-separable:9`"
        ],
    );
    check_refusal(
        space.parse("f3x1"),
        expect![
            "`f3x1` is not a genome: expected a space's name, a slash and its groups, such as `ednas/late-separable:9/f3x1,i5x1.5e6,...`"
        ],
    );
    check_refusal(
        ednas::space_named("ednas/late-separable:17"),
        expect![
            "unknown fused definition `late-separable:17`: expected `full` or `late-separable:N` with N from 1 to 16"
        ],
    );
    check_refusal(
        ednas::space_named("nasbench"),
        expect![
            "unknown space `nasbench`: expected `ednas`, `ednas/full` or `ednas/late-separable:N` with N from 1 to 16"
        ],
    );
}

#[test]
fn values_and_indices_outside_the_space_are_refused() {
    let space = small_space(&[2, 3]);
    let json = |text: &str| space.from_json(&serde_json::from_str(text).unwrap());
    check_refusal(
        json(r#"{"group0.d0": 1}"#),
        expect!["decision `group0.d1` is missing; allowed: 0, 1, 2"],
    );
    check_refusal(
        json(r#"{"group0.d0": 1, "group0.d1": 3}"#),
        expect!["decision `group0.d1` is 3; allowed: 0, 1, 2"],
    );
    check_refusal(
        json(r#"{"group0.d0": 1, "group0.d1": 2, "x": 0}"#),
        expect!["the space `small` has no decision `x`"],
    );
    check_refusal(
        space.genome(vec![0]),
        expect!["the genome makes 1 choices, the space `small` has 2 decisions"],
    );
    check_refusal(
        space.genome(vec![0, 3]),
        expect!["decision `group0.d1`: choice 3 does not exist, there are 3 (from 0)"],
    );
}

#[test]
fn malformed_spaces_are_refused() {
    let choice = |n, short: &str| Choice::new(Value::Int(n), short);
    let space = |choices: Vec<Choice>| {
        let decision = Decision::one_of("g", "d", choices);
        Space::new("s", vec![decision.clone(), decision])
    };
    check_refusal(
        Space::new("s", vec![]),
        expect!["the space `s` has no decision"],
    );
    check_refusal(space(vec![]), expect!["decision `g.d` has no choice"]);
    check_refusal(
        space(vec![choice(1, "a"), choice(1, "b")]),
        expect!["decision `g.d` has the same choice twice"],
    );
    check_refusal(
        space(vec![choice(1, "a,b")]),
        expect!["decision `g.d` has a spelling that is empty or holds a comma or a slash"],
    );
    check_refusal(
        space(vec![choice(1, "a")]),
        expect!["decision `g.d` appears twice"],
    );
}

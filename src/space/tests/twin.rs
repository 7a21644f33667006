//! Small spaces with conditions and constraints against the obvious twin: all combinations, tried
//! one by one.

use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::space::{
    Choice, Condition, Constraint, Count, Decision, Genome, Space, SpaceError, Value,
};

/// Choices of a decision, and the earlier decision and choice that it hangs on.
pub(super) type Part = (usize, Option<(usize, usize)>);

/// Decisions `d0`, `d1`, ... with the values 1, 2, ..., some hanging on earlier ones.
pub(super) fn decisions(parts: &[Part]) -> Vec<Decision> {
    let decision = |(index, &(count, when)): (usize, &Part)| {
        let values = 1..=i64::try_from(count).unwrap();
        let choices = values.map(|v| Choice::new(Value::Int(v), format!("{}{v}", letter(index))));
        let decision = Decision::one_of(
            format!("g{}", index / 3),
            format!("d{index}"),
            choices.collect(),
        );
        let earlier = when.filter(|_| index > 0);
        match earlier {
            Some((at, choice)) => {
                let at = at % index;
                let choice = choice % parts[at].0;
                decision.when(Condition {
                    decision: at,
                    choice,
                })
            }
            None => decision,
        }
    };
    parts.iter().enumerate().map(decision).collect()
}

fn letter(index: usize) -> char {
    char::from(b'a' + u8::try_from(index).unwrap())
}

fn constraints(texts: &[String], decisions: &[Decision]) -> Vec<Constraint> {
    let read = |text: &String| Constraint::parse(text, "", decisions).unwrap();
    texts.iter().map(read).collect()
}

/// A space that has genomes, and all its genomes by the twin.
fn space(decisions: &[Decision], texts: &[String]) -> Option<(Space, Vec<Vec<usize>>)> {
    let constraints = constraints(texts, decisions);
    let all = every_genome(decisions, &constraints);
    let space = Space::constrained("small", decisions.to_vec(), constraints);
    if all.is_empty() {
        assert!(
            matches!(space, Err(SpaceError::Contradiction { .. })),
            "{space:?}"
        );
        return None;
    }
    Some((space.unwrap(), all))
}

/// All combinations in order, without those in which an idle decision is not 0 or a constraint is
/// broken.
fn every_genome(decisions: &[Decision], constraints: &[Constraint]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for decision in decisions {
        let longer = all.iter().flat_map(|choices: &Vec<usize>| {
            let next = 0..decision.choices.len();
            next.map(move |choice| [&choices[..], &[choice]].concat())
        });
        all = longer.collect();
    }
    all.retain(|choices| {
        let idle_is_zero =
            (0..choices.len()).all(|i| is_made(decisions, i, choices) || choices[i] == 0);
        let taken = |i: usize| is_made(decisions, i, choices).then(|| choices[i]);
        idle_is_zero && constraints.iter().all(|c| c.holds(&taken))
    });
    all
}

fn is_made(decisions: &[Decision], index: usize, choices: &[usize]) -> bool {
    decisions[index].when.is_none_or(|on| {
        is_made(decisions, on.decision, choices) && choices[on.decision] == on.choice
    })
}

/// The decisions made in both genomes, differently.
fn differences(decisions: &[Decision], a: &[usize], b: &[usize]) -> usize {
    let made = |i: usize| is_made(decisions, i, a) && is_made(decisions, i, b);
    (0..a.len()).filter(|&i| made(i) && a[i] != b[i]).count()
}

fn constraint(count: usize) -> impl Strategy<Value = String> {
    let d = move || 0..count;
    let n = || 1..5_i32;
    let comparison = prop::sample::select(vec!["<=", "<", "==", "!=", ">=", ">"]);
    prop_oneof![
        (comparison.clone(), 1..20_i32).prop_map(|(c, n)| format!("sum(d*) {c} {n}")),
        (d(), comparison.clone(), d()).prop_map(|(a, c, b)| format!("d{a} {c} d{b}")),
        (d(), d(), comparison.clone(), -4..9_i32).prop_map(|(a, b, c, n)| format!(
            "2 * d{a} - d{b} {c} {}",
            n.to_string().replace('-', "0 - ")
        )),
        (d(), comparison, n(), d(), d()).prop_map(|(a, c, n, x, y)| format!(
            "if d{a} {c} {n} and d{x} > 1 then d{y} in [1] and sum(d{x}) < 3"
        )),
        (d(), d()).prop_map(|(a, b)| format!("if d{a} not in [1] then d{b} == 1")),
    ]
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let when = prop::option::of((0..6_usize, 0..4_usize));
    prop::collection::vec((1..4_usize, when), 1..7)
}

fn case() -> impl Strategy<Value = (Vec<Decision>, Vec<String>)> {
    parts().prop_flat_map(|parts| {
        let texts = prop::collection::vec(constraint(parts.len()), 0..4);
        (Just(decisions(&parts)), texts)
    })
}

proptest! {
    #[test]
    fn counts_and_lists_are_the_twins((decisions, texts) in case()) {
        let Some((space, all)) = space(&decisions, &texts) else { return Ok(()) };
        prop_assert_eq!(space.count(), Count::Exact(all.len().into()));
        let listed: Vec<Vec<usize>> = space.genomes().map(|g| g.choices().to_vec()).collect();
        prop_assert_eq!(&listed, &all);
        for (rank, choices) in all.iter().enumerate() {
            prop_assert_eq!(space.diagram().rank(choices), rank.into());
        }
    }

    #[test]
    fn only_the_twins_genomes_are_accepted((decisions, texts) in case()) {
        let Some((space, all)) = space(&decisions, &texts) else { return Ok(()) };
        for choices in every_genome(&decisions, &[]) {
            prop_assert_eq!(space.genome(choices.clone()).is_ok(), all.contains(&choices));
        }
    }

    #[test]
    fn neighbors_are_all_that_differ_in_one_decision((decisions, texts) in case()) {
        let Some((space, all)) = space(&decisions, &texts) else { return Ok(()) };
        for choices in &all {
            let genome = space.genome(choices.clone()).unwrap();
            let mut near: Vec<Vec<usize>> =
                space.neighbors(&genome).map(|g| g.choices().to_vec()).collect();
            near.sort();
            let others = all.iter().filter(|o| differences(&decisions, choices, o) == 1);
            prop_assert_eq!(near, others.cloned().collect::<Vec<_>>());
        }
    }

    #[test]
    fn mutation_always_changes_and_never_leaves((decisions, texts) in case(), seed: u64) {
        let Some((space, all)) = space(&decisions, &texts) else { return Ok(()) };
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let parent = space.sample(&mut rng);
        let Some(child) = space.mutate(&parent, &mut rng) else {
            prop_assert_eq!(all.len(), 1);
            return Ok(());
        };
        prop_assert_ne!(&child, &parent);
        prop_assert!(all.contains(&child.choices().to_vec()));
        if space.neighbors(&parent).next().is_some() {
            prop_assert_eq!(differences(&decisions, parent.choices(), child.choices()), 1);
        }
    }

    #[test]
    fn children_take_every_decision_from_a_parent((decisions, texts) in case(), seed: u64) {
        let Some((space, all)) = space(&decisions, &texts) else { return Ok(()) };
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let (a, b) = (space.sample(&mut rng), space.sample(&mut rng));
        let child = space.cross(&a, &b, &mut rng);
        prop_assert!(all.contains(&child.choices().to_vec()));
        for index in 0..decisions.len() {
            let from = |parent: &Genome| {
                is_made(&decisions, index, parent.choices())
                    && parent.choices()[index] == child.choices()[index]
            };
            prop_assert!(!is_made(&decisions, index, child.choices()) || from(&a) || from(&b));
        }
    }

    #[test]
    fn texts_and_json_read_back((decisions, texts) in case()) {
        let Some((space, all)) = space(&decisions, &texts) else { return Ok(()) };
        for choices in all {
            let genome = space.genome(choices).unwrap();
            prop_assert_eq!(space.read(&space.text(&genome)), Ok(genome.clone()));
            let json = serde_json::to_string(&space.to_json(&genome)).unwrap();
            prop_assert_eq!(space.read(&json), Ok(genome));
        }
    }

    #[test]
    fn hostile_texts_are_refused_or_read_exactly((decisions, texts) in case(), body in "[a-g1-4,]{0,12}") {
        let Some((space, _)) = space(&decisions, &texts) else { return Ok(()) };
        let text = format!("small/{body}");
        if let Ok(genome) = space.parse(&text) {
            prop_assert_eq!(space.text(&genome), text);
        }
    }

    #[test]
    fn joined_spaces_keep_their_conditions_and_constraints((decisions, texts) in case()) {
        let Some((second, all)) = space(&decisions, &texts) else { return Ok(()) };
        let choices = vec![Choice::new(Value::Int(1), "1"), Choice::new(Value::Int(2), "2")];
        let first = Space::new("first", vec![Decision::one_of("first", "z", choices)]).unwrap();
        let joined = first.joined("both", &second).unwrap();
        let expected = [0, 1].into_iter().flat_map(|z| all.iter().map(move |rest| [&[z], &rest[..]].concat()));
        let listed = joined.genomes().map(|g| g.choices().to_vec());
        prop_assert_eq!(listed.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
}

//! The gradient against finite differences, and a policy that learns what is rewarded.

use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::space::{Choice, Condition, Decision, Value};

/// Three decisions, the last of which hangs on the first.
fn space() -> Space {
    let choices = |count: i64| {
        (0..count)
            .map(|c| Choice::new(Value::Int(c), format!("v{c}")))
            .collect()
    };
    let condition = Condition {
        decision: 0,
        choice: 1,
    };
    let decisions = vec![
        Decision::one_of("a", "x", choices(2)),
        Decision::one_of("b", "x", choices(4)),
        Decision::one_of("c", "x", choices(3)).when(condition),
    ];
    Space::new("toy", decisions).unwrap()
}

fn policy(logits: &[f64]) -> Policy {
    let mut policy = Policy::uniform(&space());
    policy.logits_mut().copy_from_slice(logits);
    policy
}

proptest! {
    #[test]
    fn the_gradient_is_the_slope_of_the_objective(
        before in prop::collection::vec(-1.0..1.0_f64, 9),
        step in prop::collection::vec(-0.5..0.5_f64, 9),
        taken in prop::collection::vec((0..2_usize, 0..4_usize, 0..3_usize, -2.0..2.0_f64), 1..8),
    ) {
        let samples = taken.into_iter().map(|(a, b, c, advantage)| Sample {
            taken: vec![Some(a), Some(b), (a == 1).then_some(c)],
            advantage,
        });
        let surrogate = Surrogate {
            before: policy(&before).chances(),
            samples: samples.collect(),
            clip: 0.2,
            entropy: 0.05,
        };
        let now: Vec<f64> = before.iter().zip(&step).map(|(b, s)| b + s).collect();
        let gradient = surrogate.gradient(&policy(&now));
        const STEP: f64 = 1e-6;
        for at in 0..now.len() {
            let moved = |by: f64| {
                let mut logits = now.clone();
                logits[at] += by;
                surrogate.value(&policy(&logits))
            };
            let slope = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            // The objective has corners where a ratio meets its clip; a step across one is no test.
            let left = (moved(0.0) - moved(-STEP)) / STEP;
            let right = (moved(STEP) - moved(0.0)) / STEP;
            if (left - right).abs() < 1e-3 {
                prop_assert!((slope - gradient[at]).abs() < 1e-5, "{slope} {}", gradient[at]);
            }
        }
    }

    #[test]
    fn chances_are_the_softmax_of_every_decision(
        logits in prop::collection::vec(-30.0..30.0_f64, 9),
    ) {
        let chances = policy(&logits).chances();
        for (start, shares) in chances.decisions() {
            let of = &logits[start..start + shares.len()];
            let sum: f64 = of.iter().map(|z| z.exp()).sum();
            for (z, share) in of.iter().zip(shares) {
                prop_assert!((z.exp() / sum - share).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn draws_follow_the_chances_and_leave_idle_decisions_out() {
    let logits = [0.0, 1.0, 0.0, 0.5, -0.5, 0.0, 2.0, 0.0, 0.0];
    let chances = policy(&logits).chances();
    let space = space();
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut counts = [0.0; 9];
    const DRAWS: u32 = 40_000;
    for _ in 0..DRAWS {
        let choices = chances.draw(&space, &mut rng);
        counts[choices[0]] += 1.0;
        counts[2 + choices[1]] += 1.0;
        match choices[0] {
            0 => assert_eq!(choices[2], 0),
            _ => counts[6 + choices[2]] += 1.0,
        }
    }
    let total = f64::from(DRAWS);
    for (start, shares) in chances.decisions() {
        let made = if start == 6 { counts[1] } else { total };
        for (at, share) in shares.iter().enumerate() {
            let found = counts[start + at] / made;
            assert!((found - share).abs() < 0.01, "{found} {share}");
        }
    }
}

#[test]
fn what_is_rewarded_becomes_likely() {
    let mut learner = Learner::new(Ppo::default(), &space());
    for number in 0..400 {
        let (a, b) = (number % 2, number / 2 % 4);
        learner.batch.push(Tried {
            taken: vec![Some(a), Some(b), (a == 1).then_some(0)],
            reward: (number % 3 > 0)
                .then(|| f64::from(u8::from(a == 1)) + f64::from(u8::from(b == 2))),
        });
        if learner.batch.len() == learner.settings.batch {
            let batch = std::mem::take(&mut learner.batch);
            learner.learn(batch);
        }
    }
    let chances = learner.policy.chances();
    let shares: Vec<&[f64]> = chances.decisions().map(|(_, shares)| shares).collect();
    assert!(shares[0][1] > 0.8, "{shares:?}");
    assert!(shares[1][2] > 0.8, "{shares:?}");
}

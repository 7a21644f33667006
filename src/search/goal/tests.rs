//! Limits, objectives and capacity: spelled, read back, held against measurements.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn measured(values: &[(&str, f64)]) -> BTreeMap<String, f64> {
    values
        .iter()
        .map(|&(name, value)| (name.to_owned(), value))
        .collect()
}

fn goal(aim: Aim, limits: &[&str]) -> Goal {
    let limits = limits.iter().map(|limit| limit.parse().unwrap()).collect();
    Goal { aim, limits }
}

fn latency_goal(limits: &[&str]) -> Goal {
    goal(
        Aim::Objectives(vec!["minimize:latency_ms".parse().unwrap()]),
        limits,
    )
}

#[test]
fn limits_are_read_strictly() {
    let check = |text: &str, expected: Expect| {
        expected.assert_eq(
            &text
                .parse::<Limit>()
                .map_or_else(|e| e.to_string(), |l| l.to_string()),
        );
    };
    check("latency_ms=5", expect!["latency_ms=5"]);
    check("parameters=4e6", expect!["parameters=4000000"]);
    check(
        "latency_ms@coral-edgetpu=0.5",
        expect!["latency_ms@coral-edgetpu=0.5"],
    );
    check(
        "latency_ms",
        expect!["`latency_ms` is no limit; expected METRIC=NUMBER, such as `latency_ms=5`"],
    );
    check(
        "mIoU=5",
        expect![
            "`mIoU` cannot be limited; known before training are latency_ms, energy_mj, peak_memory_kib, area_mm2, parameters and macs, each alone or with a profile, as in `latency_ms@coral-edgetpu`"
        ],
    );
    check(
        "latency_ms=nan",
        expect!["the limit of latency_ms is `nan`; expected a number above 0"],
    );
    check(
        "latency_ms=-1",
        expect!["the limit of latency_ms is `-1`; expected a number above 0"],
    );
    check(
        "latency_ms=fast",
        expect!["the limit of latency_ms is `fast`; expected a number above 0"],
    );
}

#[test]
fn objectives_are_read_strictly() {
    for text in ["maximize:mIoU", "minimize:latency_ms@a"] {
        assert_eq!(text.parse::<Objective>().unwrap().to_string(), text);
    }
    for text in ["mIoU", "max:mIoU", "maximize:", ""] {
        assert!(text.parse::<Objective>().is_err(), "{text}");
    }
}

#[test]
fn every_limit_that_is_exceeded_is_named() {
    let goal = latency_goal(&["latency_ms=5", "parameters=1e6", "energy_mj=9"]);
    let measured = measured(&[("parameters", 2e6), ("energy_mj", 9.0)]);
    let outcome = goal.judge(7.5, measured);
    let reason = "over the limit: latency_ms asked 7.5, allowed 5; parameters asked 2000000, allowed 1000000";
    assert_eq!(
        outcome,
        Outcome::Infeasible {
            reason: reason.into()
        }
    );
    assert_eq!(limit::excess(reason), Some(1.5));
    assert_eq!(limit::excess("needs 9 MiB, there are 8"), None);
}

#[test]
fn a_limit_on_what_was_not_measured_is_a_failure() {
    let goal = latency_goal(&["area_mm2=5"]);
    let reason = "the metric `area_mm2` was not measured; measured: latency_ms".to_owned();
    assert_eq!(goal.judge(1.0, BTreeMap::new()), Outcome::Failed { reason });
    let goal = latency_goal(&["energy_mj=5"]);
    let reason = "`energy_mj` is NaN".to_owned();
    assert_eq!(
        goal.judge(1.0, measured(&[("energy_mj", f64::NAN)])),
        Outcome::Failed { reason }
    );
}

#[test]
fn measurements_that_are_no_numbers_have_no_value() {
    let aims = [
        Aim::Objectives(vec!["maximize:mIoU".parse().unwrap()]),
        Aim::Capacity(Capacity::new(2.0)),
    ];
    for aim in aims {
        for (latency_ms, miou) in [(1.0, f64::NAN), (1.0, f64::INFINITY), (f64::NAN, 1.0)] {
            let measured = measured(&[("mIoU", miou), ("macs", 1e6)]);
            let outcome = goal(aim.clone(), &[]).judge(latency_ms, measured);
            assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
        }
    }
}

#[test]
fn capacity_counts_macs_up_to_the_target_and_less_beyond() {
    let capacity = Capacity::new(4.0);
    let value = |latency_ms| {
        capacity
            .score(latency_ms, &measured(&[("macs", 8e6)]))
            .unwrap()
    };
    assert_eq!([value(1.0), value(4.0), value(8.0)], [8.0, 8.0, 4.0]);
}

#[test]
fn the_settings_of_a_goal_are_kept() {
    let kept = |goal: &Goal| serde_json::to_string(&goal.to_json()).unwrap();
    expect![[r#"{"limits":["energy_mj=3"],"objectives":["latency_ms"]}"#]]
        .assert_eq(&kept(&latency_goal(&["energy_mj=3"])));
    expect![[
        r#"{"capacity":{"latency_target_ms":2.0,"p":0.0,"q":-1.0},"limits":null,"objectives":["capacity"]}"#
    ]]
    .assert_eq(&kept(&goal(Aim::Capacity(Capacity::new(2.0)), &[])));
}

#[test]
fn a_tally_says_what_kills_and_how_close_the_closest_came() {
    let goal = latency_goal(&["latency_ms=2", "parameters=1e6"]);
    let mut tally = Tally::default();
    for (latency_ms, parameters) in [(3.0, 5e5), (1.0, 1.5e6), (2.2, 1.1e6)] {
        tally.count(&goal.judge(latency_ms, measured(&[("parameters", parameters)])));
    }
    assert!(tally.is_hopeless());
    tally.count(&Outcome::Infeasible {
        reason: "needs 9 MiB, there are 8".into(),
    });
    expect![[r"
        of 4 candidates, 0 are feasible
          latency_ms=2 kills 2; the closest asks for 2.200000, 10.00 % too much
          parameters=1000000 kills 2; the closest asks for 1100000.000000, 10.00 % too much
          the machine cannot run 1, the last because: needs 9 MiB, there are 8
          the closest to all limits at once: latency_ms asked 2.2, allowed 2; parameters asked 1100000, allowed 1000000"]]
    .assert_eq(&tally.to_string());
    tally.count(&goal.judge(1.0, measured(&[("parameters", 5e5)])));
    assert!(!tally.is_hopeless());
}

proptest! {
    #[test]
    fn a_reason_reads_back_to_the_bit(
        asked in prop::collection::vec(prop::num::f64::POSITIVE, 1..4),
        allowed in prop::num::f64::POSITIVE,
    ) {
        let violation = |asked: f64| Violation { metric: "energy_mj@a b".into(), asked, allowed };
        let violations: Vec<Violation> = asked.into_iter().map(violation).collect();
        prop_assert_eq!(limit::violations(&limit::reason(&violations)), Some(violations));
    }
}

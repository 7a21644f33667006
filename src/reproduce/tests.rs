//! The printed tables agree with themselves, rows are what the paper says, claims are judged by
//! intervals.

use std::collections::BTreeMap;

use super::interval::varies_less;
use super::*;
use crate::comparison::Compared;
use crate::train::DepthLoss;
use crate::validate::metrics::{Direction, Metric, Scores, delta_t};

fn scores(table: Table, row: &Row) -> Scores {
    let metrics = table.metrics().iter().copied();
    metrics.zip(row.printed.scores.iter().copied()).collect()
}

/// The paper works with more digits than it prints.
#[test]
fn printed_gains_follow_from_printed_metrics() {
    let mut seen = 0;
    for table in Table::ALL {
        let rows = table.rows();
        for row in &rows {
            assert_eq!(row.printed.scores.len(), table.metrics().len());
            let Some(total) = row.printed.total else {
                continue;
            };
            // Prior methods stand over their own baseline in the paper, the first row.
            let over = match (table, row.printed.speed, row.printed.name) {
                (Table::Two, None, _) => 0,
                (Table::Four, _, name) if !name.contains("EDNAS") => 0,
                _ => row.over,
            };
            let gain = delta_t(&scores(table, row), &scores(table, &rows[over])).unwrap();
            let apart = (gain.total - total).abs();
            assert!(apart < 0.35, "{table} {}: {}", row.printed.name, gain.total);
            seen += 1;
        }
    }
    assert_eq!(seen, 7 + 3 + 3 + 8 + 6);
}

#[test]
fn claims_are_about_trained_rows_over_one_baseline() {
    for table in Table::ALL {
        let rows = table.rows();
        assert!(!table.claims().is_empty());
        for claim in table.claims() {
            let [better, than] = [claim.better, claim.than].map(|place| &rows[place]);
            assert!(better.network.is_some() && than.network.is_some());
            assert_eq!(better.over, than.over, "{table}: {}", claim.words);
            assert_ne!(claim.better, claim.than);
        }
        for (place, row) in rows.iter().enumerate() {
            let baseline = &rows[row.over];
            assert_eq!(baseline.over, row.over, "{table} row {place}");
            assert!(row.network.is_none() || baseline.network.is_some());
        }
    }
}

#[test]
fn recipes_are_those_of_the_rows() {
    let rows = Table::Five.rows();
    let [first, fast, strong] = [0, 1, 2].map(|row| rows[row].recipe(10, 4, 0.2));
    assert_eq!(
        (first.learning_rate_max, first.depth_loss),
        (3e-4, DepthLoss::L1)
    );
    assert_eq!(
        (fast.learning_rate_max, fast.depth_loss),
        (1e-2, DepthLoss::L1)
    );
    let jared = DepthLoss::Jared { lambda: 0.2 };
    assert_eq!((strong.learning_rate_max, strong.depth_loss), (1e-2, jared));
    assert_eq!((strong.steps, strong.batch_size), (10, 4));
}

#[test]
fn tables_are_spelled_as_they_are_printed() {
    for table in Table::ALL {
        assert_eq!(table.to_string().parse(), Ok(table));
    }
    let error = "table8".parse::<Table>().unwrap_err().to_string();
    assert!(
        error.contains("table8") && error.contains("table6-7"),
        "{error}"
    );
}

/// By hand: t of 2 degrees is 4.3027, of 1 is 12.7062.
#[test]
fn intervals_are_student_s() {
    let interval = Interval::of(&[1.0, 2.0, 3.0]).unwrap();
    assert_eq!(interval.mean, 2.0);
    assert!((interval.half_width.unwrap() - 4.302_652_7 / 3.0_f64.sqrt()).abs() < 1e-6);
    assert!(!interval.is_above_zero() && !interval.is_below_zero());
    let pair = Interval::of(&[1.0, 1.2]).unwrap();
    assert!((pair.half_width.unwrap() - 12.706_204_7 * 0.1).abs() < 1e-6);
    assert!(Interval::of(&[-3.0, -3.1, -2.9]).unwrap().is_below_zero());
    assert_eq!(Interval::of(&[1.0]).unwrap().half_width, None);
    assert_eq!(Interval::of(&[]), None);
}

#[test]
fn what_varies_less_is_seen_where_there_are_enough_pairs() {
    let wide = [1.0, -2.0, 3.0, -1.5, 2.5, -3.0, 0.5, 1.5];
    let narrow = wide.map(|value| 0.1 * value + 0.01 * value * value);
    assert!(varies_less(&narrow, &wide).unwrap().is_above_zero());
    assert!(varies_less(&wide, &narrow).unwrap().is_below_zero());
    assert_eq!(varies_less(&wide[..2], &narrow[..2]), None);
    // Sums and differences correlate with t = 2.618 of 3 degrees, whose quantile is 3.182.
    let (calm, restless) = ([1.0, 2.0, 4.0, 3.0, 2.5], [2.0, 1.0, 6.0, 7.0, 1.5]);
    let interval = varies_less(&calm, &restless).unwrap();
    assert!((interval.mean - 0.912_274_6).abs() < 1e-6);
    assert!((interval.half_width.unwrap() - 1.059_749_0).abs() < 1e-6);
    let one = [1.0; 8];
    assert_eq!(varies_less(&one, &one), None);
}

/// An entrant whose metrics in every seed are the baseline's times `factors`, better above 1.
fn compared(factors: &[f64]) -> Compared {
    let metrics = &Metric::ALL[..4];
    let baseline: Scores = metrics.iter().map(|&metric| (metric, 10.0)).collect();
    let scores: Vec<Scores> = factors
        .iter()
        .map(|factor| {
            let score = |metric: Metric| match metric.direction() {
                Direction::HigherIsBetter => 10.0 * factor,
                Direction::LowerIsBetter => 10.0 / factor,
            };
            metrics
                .iter()
                .map(|&metric| (metric, score(metric)))
                .collect()
        })
        .collect();
    let gains: Vec<_> = scores
        .iter()
        .map(|scores| delta_t(scores, &baseline).unwrap())
        .collect();
    Compared {
        metrics: BTreeMap::new(),
        gain: gains[0].clone(),
        gains,
        scores,
    }
}

#[test]
fn claims_hold_do_not_hold_or_are_not_shown() {
    let [low, high, noisy] = [
        compared(&[1.0, 1.01, 0.99]),
        compared(&[1.2, 1.21, 1.19]),
        compared(&[1.3, 0.8, 1.0]),
    ];
    let claim = |better, than| Claim {
        words: "one is better",
        quantity: Quantity::Total,
        better,
        than,
    };
    let claims = [claim(1, 0), claim(0, 1), claim(2, 0), claim(3, 0)];
    let judged = judge(&claims, &[Some(&low), Some(&high), Some(&noisy), None]);
    let verdicts: Vec<Verdict> = judged.iter().map(|judged| judged.verdict).collect();
    // Nothing is said of rows that were not trained.
    let expected = [Verdict::Held, Verdict::DidNotHold, Verdict::NotShown];
    assert_eq!(verdicts, expected);

    let lower = Claim {
        quantity: Quantity::Metric(Metric::RelativeError),
        ..claim(1, 0)
    };
    let [judged] = judge(&[lower], &[Some(&low), Some(&high)])[..] else {
        panic!("both rows are there")
    };
    assert_eq!(judged.verdict, Verdict::Held);
    assert!((judged.support.unwrap().mean - (10.0 - 10.0 / 1.2)).abs() < 0.01);

    let single = [compared(&[1.0]), compared(&[1.2])];
    let [judged] = judge(&[claim(1, 0)], &[Some(&single[0]), Some(&single[1])])[..] else {
        panic!("both rows are there")
    };
    assert_eq!(judged.verdict, Verdict::NotShown);
}

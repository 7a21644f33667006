//! Figures against their obvious twins, and rules of thumb against exhaustive search.

use proptest::prelude::*;

use super::statistics::{kendall_tau, median, quantile, r_squared, spearman};
use super::*;

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9)
}

/// Tau of values without ties: of all pairs, those ordered alike less the others.
fn obvious_tau(pairs: &[(f64, f64)]) -> f64 {
    let (mut alike, mut all) = (0.0, 0.0);
    for i in 0..pairs.len() {
        for j in 0..i {
            let rising_x = pairs[i].0 > pairs[j].0;
            let rising_y = pairs[i].1 > pairs[j].1;
            alike += if rising_x == rising_y { 1.0 } else { -1.0 };
            all += 1.0;
        }
    }
    alike / all
}

/// Spearman's formula for values without ties.
fn obvious_spearman(pairs: &[(f64, f64)]) -> f64 {
    let rank = |value: f64, of: fn(&(f64, f64)) -> f64| {
        pairs.iter().filter(|pair| of(pair) < value).count() as f64
    };
    let squares = pairs.iter().map(|pair| {
        let apart = rank(pair.0, |p| p.0) - rank(pair.1, |p| p.1);
        apart * apart
    });
    let n = pairs.len() as f64;
    1.0 - 6.0 * squares.sum::<f64>() / (n * (n * n - 1.0))
}

/// Distinct numbers in some order.
fn distinct(count: usize) -> impl Strategy<Value = Vec<f64>> {
    let numbers: Vec<f64> = (0..count).map(|n| (n * n + 1) as f64).collect();
    Just(numbers).prop_shuffle()
}

proptest! {
    #[test]
    fn orders_of_distinct_values(
        (x, y) in (2_usize..14).prop_flat_map(|n| (distinct(n), distinct(n)))
    ) {
        let pairs: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
        prop_assert!(close(kendall_tau(&pairs), obvious_tau(&pairs)));
        prop_assert!(close(spearman(&pairs), obvious_spearman(&pairs)));
    }

    #[test]
    fn quantiles_keep_their_share(values in prop::collection::vec(0.0..100.0_f64, 1..40), share in 0.0..=1.0_f64) {
        let found = quantile(&values, share).unwrap();
        let below = values.iter().filter(|v| **v < found).count() as f64;
        let not_above = values.iter().filter(|v| **v <= found).count() as f64;
        let place = share * (values.len() - 1) as f64;
        prop_assert!(below <= place + 1.0 && not_above >= place - 1e-9, "{found}");
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = ((sorted.len() - 1) / 2, sorted.len() / 2);
        prop_assert!(close(median(&values), sorted[low].midpoint(sorted[high])));
    }
}

#[test]
fn ties_and_few_values() {
    // By hand: 4 pairs ordered alike, 1 not, 1 tied in x: 3 / sqrt(5 * 6).
    let tied = [(1.0, 1.0), (2.0, 3.0), (2.0, 2.0), (3.0, 2.5)];
    assert!(close(kendall_tau(&tied), 3.0 / 30_f64.sqrt()));
    // Ranks 1, 2.5, 2.5, 4 and 1, 4, 2, 3: 4 / sqrt(4.5 * 5) after centering.
    assert!(close(spearman(&tied), 3.0 / 22.5_f64.sqrt()));
    assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
    for few in [&[][..], &[(1.0, 2.0)], &[(1.0, 2.0), (1.0, 3.0)]] {
        assert_eq!((kendall_tau(few), spearman(few)), (None, None), "{few:?}");
        assert_eq!(r_squared(few), None, "{few:?}");
    }
    assert_eq!(median(&[]), None);
    assert!(close(r_squared(&[(1.0, 1.0), (3.0, 3.0)]), 1.0));
    assert!(close(r_squared(&[(1.0, 2.0), (3.0, 2.0)]), 0.0));
}

#[test]
fn scores_are_of_relative_errors() {
    let pair = |measured_ms, predicted_ms| Pair {
        measured_ms,
        predicted_ms,
    };
    let score = Score::of(&[pair(1.0, 1.1), pair(10.0, 8.0), pair(100.0, 140.0)]);
    assert!(close(score.median_ape, 20.0) && close(score.p90_ape, 36.0));
    assert!(close(score.mape, 70.0 / 3.0) && close(score.bias_percent, 10.0));
    assert!(close(score.kendall_tau, 1.0));
    let one = Score::of(&[pair(2.0, 3.0)]);
    assert!(close(one.median_ape, 50.0) && close(one.p90_ape, 50.0));
    assert_eq!((one.kendall_tau, one.r2, one.r2_log), (None, None, None));
    assert_eq!(Score::of(&[]), Score::default());
}

fn judged(machine: &str, network: &str, macs: u64, bytes: u64, measured_ms: f64) -> Judged {
    Judged {
        machine: machine.to_owned(),
        network: network.to_owned(),
        macs,
        bytes,
        measured_ms,
    }
}

/// The sum of the absolute relative errors.
fn loss(pairs: &[Pair]) -> f64 {
    pairs.iter().map(|pair| pair.ape() / 100.0).sum()
}

/// The best roofline on a fine grid of all three numbers.
fn obvious_roofline(rows: &[Judged]) -> f64 {
    let steps = |most: f64| (0..=24).map(move |n| most * f64::from(n) / 24.0);
    let millions = |count: u64| count as f64 / 1e6;
    let most = rows.iter().map(|row| row.measured_ms).fold(0.0, f64::max);
    let per = |of: fn(&Judged) -> u64| {
        let rates = rows.iter().map(|row| row.measured_ms / millions(of(row)));
        rates.fold(0.0, f64::max)
    };
    let mut best = f64::INFINITY;
    for constant in steps(most) {
        for mac in steps(per(|row| row.macs)) {
            for byte in steps(per(|row| row.bytes)) {
                let said = |row: &Judged| {
                    constant + (mac * millions(row.macs)).max(byte * millions(row.bytes))
                };
                let error = |row: &Judged| (said(row) / row.measured_ms - 1.0).abs();
                best = rows.iter().map(error).sum::<f64>().min(best);
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_rule_on_a_grid_is_better(
        rows in prop::collection::vec((1_u64..50, 1_u64..50, 0.5..40.0_f64), 2..7)
    ) {
        let rows: Vec<Judged> = rows
            .into_iter()
            .map(|(macs, bytes, ms)| judged("m", "n", macs * 1_000_000, bytes * 1_000_000, ms))
            .collect();
        let found = loss(&Baseline::fitted(Kind::Roofline, &rows));
        prop_assert!(found <= obvious_roofline(&rows) * 1.02 + 1e-9, "{found}");
        for kind in [Kind::Macs, Kind::Bytes] {
            prop_assert!(found <= loss(&Baseline::fitted(kind, &rows)) + 1e-9);
        }
    }
}

#[test]
fn rules_have_numbers_of_their_own_for_every_machine() {
    let mut rows = Vec::new();
    for (machine, constant, mac) in [("slow", 5.0, 2.0), ("fast", 1.0, 0.5)] {
        for (network, mmacs) in [("a", 10), ("b", 20), ("c", 40), ("d", 80), ("e", 160)] {
            let ms = constant + mac * mmacs as f64;
            rows.push(judged(machine, network, mmacs * 1_000_000, 1, ms));
        }
    }
    assert!(loss(&Baseline::fitted(Kind::Macs, &rows)) < 1e-6);
    let left_out = Baseline::left_out(Kind::Macs, &rows).unwrap();
    assert!(loss(&left_out) < 1e-2, "{}", loss(&left_out));
    // One odd network moves nothing but itself; leaving it out, it is not foreseen.
    rows.push(judged("fast", "odd", 10_000_000, 1, 60.0));
    let fitted = Baseline::fitted(Kind::Macs, &rows);
    let foreseen = Baseline::left_out(Kind::Macs, &rows).unwrap();
    assert!(
        (foreseen[10].predicted_ms - 6.0).abs() < 1e-3,
        "{:?}",
        foreseen[10]
    );
    assert!(loss(&fitted[..10]) < 1e-6, "{fitted:?}");
    assert_eq!(Baseline::left_out(Kind::Macs, &rows[..2]), None);
    let rule = Baseline::fit(Kind::Macs, &rows.iter().collect::<Vec<_>>());
    let elsewhere = judged("elsewhere", "a", 10_000_000, 1, 1.0);
    assert!(rule.predict(&elsewhere) > 0.0 && rule.kind() == Kind::Macs);
}

#[test]
fn repeats_are_of_the_same() {
    let of = |name: &str| vec![name.to_owned()];
    let rows = [
        ("a", 1.0),
        ("b", 10.0),
        ("a", 3.0),
        ("c", 5.0),
        ("a", 2.0),
        ("b", 11.0),
    ];
    let repeats = Repeats::of(rows.iter().map(|(name, ms)| (of(name), *ms)));
    let names: Vec<_> = repeats
        .spreads
        .iter()
        .map(|s| (s.of[0].as_str(), s.rows))
        .collect();
    assert_eq!(names, [("a", 3), ("b", 2)]);
    assert!((repeats.spreads[0].percent() - 100.0).abs() < 1e-9);
    // Distances: 50, 0, 50 and 4.76 twice.
    assert!(close(repeats.median_deviation_percent, 100.0 / 21.0));
    assert_eq!(repeats.find(&of("c")), None);
    assert_eq!(Repeats::of(std::iter::empty()), Repeats::default());
}

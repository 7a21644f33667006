//! What predictions of networks rest on that were left out, and how much each row counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::ThreadPoolBuilder;

use super::machine::{TRUE, all, cases, exactly, guessed, setting};
use crate::calibrate::weights::weights;
use crate::calibrate::{LeftOut, Part, Setting, Told, fit, validate, written};
use crate::compare::Pair;
use crate::measured::Case;

/// By row: the network, its family, and what a fit without its part says, milliseconds.
fn predictions(setting: &Setting, part: Part) -> Vec<(String, String, f64)> {
    let validation = validate(setting, part, || ()).unwrap();
    assert_eq!(validation.fits, setting.parts(part).len());
    let cases = setting.cases().iter().zip(validation.predicted);
    cases
        .map(|(case, pair)| {
            let predicted = pair.unwrap().predicted_ms;
            (
                case.network().to_owned(),
                case.family().to_owned(),
                predicted,
            )
        })
        .collect()
}

#[test]
fn what_is_left_out_is_not_seen() {
    let honest = setting(&guessed(), exactly);
    let changed = setting(&guessed(), |case, ms| match case.network() {
        "film" => 1.5 * ms,
        _ => ms,
    });
    for (part, seen) in [
        (Part::Network, BTreeSet::from(["film"])),
        (Part::Family, BTreeSet::from(["film", "photo"])),
    ] {
        let (before, after) = (predictions(&honest, part), predictions(&changed, part));
        let mut same = BTreeSet::new();
        for (before, after) in before.iter().zip(&after) {
            if before.2.to_bits() == after.2.to_bits() {
                same.insert(before.0.as_str());
            }
        }
        assert!(seen.is_subset(&same), "{part:?}: {same:?}");
        assert!(same.len() < 8, "{part:?}: all predictions are the same");
    }
}

#[test]
fn a_true_machine_predicts_what_was_left_out() {
    let setting = setting(&guessed(), exactly);
    let validation = validate(&setting, Part::Network, || ()).unwrap();
    let left_out = LeftOut::of(setting.cases(), &validation.predicted, |_| true).unwrap();
    assert!(left_out.rows.median_ape.unwrap() < 2.0, "{left_out:?}");
}

#[test]
fn one_network_leaves_nothing_to_predict() {
    let mut cases = cases(TRUE, exactly);
    cases.truncate(1);
    let setting = Setting::new(TRUE, "tiny.toml", cases).unwrap();
    for part in [Part::Network, Part::Family] {
        assert!(validate(&setting, part, || ()).is_none());
    }
}

#[test]
fn same_rows_same_bytes_on_any_number_of_threads() {
    let run = || {
        let setting = setting(&guessed(), |case, ms| match case.network() {
            "deep" => 1.2 * ms,
            _ => ms,
        });
        let fit = fit(&setting, &all(&setting));
        let told = Told {
            data: "board.csv".to_owned(),
            date: "2026-11-24".to_owned(),
            residual: "1 %".to_owned(),
        };
        let text = written(&setting, &fit, &told).unwrap();
        let validation = validate(&setting, Part::Family, || ()).unwrap();
        format!("{text}{fit:?}{validation:?}")
    };
    let on = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(run)
    };
    assert_eq!(on(1), on(4));
}

/// A row of `network`, or of a stack of its family.
fn row(network: &str, is_stack: bool) -> Case {
    let mut case = cases(TRUE, exactly).swap_remove(0);
    case.measurement.network = Some(network.to_owned());
    case.measurement.family = Some(network.to_owned());
    if is_stack {
        let text = "family,net,h,w,cin,cout,layers,input_bytes,output_bytes,latency_ms\n\
                    dense_stack,relu,1,1,8,8,2,8,8,1\n";
        let read = crate::measured::read_text(text, "stacks.csv").unwrap();
        case.measurement.stack.clone_from(&read[0].stack);
    }
    Case {
        model: Arc::clone(&case.model),
        ..case
    }
}

#[test]
fn rows_of_one_network_count_as_fewer_than_they_are() {
    let rows = [
        vec![row("rare", false)],
        vec![row("often", false); 9],
        vec![row("stack", true); 4],
    ];
    let weights = weights(&rows.concat());
    assert!((weights[0] - 1.0).abs() < 1e-12);
    let nine = &weights[1..10];
    let sum: f64 = nine.iter().sum();
    assert!(1.0 < sum && sum < 9.0, "{sum}");
    assert!(
        nine.iter()
            .all(|weight| weight.to_bits() == nine[0].to_bits())
    );
    let stacks = &weights[10..];
    assert!(
        stacks
            .iter()
            .all(|weight| 0.0 < *weight && *weight < weights[0])
    );
}

/// Figures of networks whose rows are off by `percents`, a network each.
fn off_by(percents: &[f64]) -> LeftOut {
    let rows: Vec<Case> = (0..percents.len())
        .map(|index| row(&format!("n{index}"), false))
        .collect();
    let pair = |percent: &f64| {
        Some(Pair {
            measured_ms: 1.0,
            predicted_ms: 1.0 + percent / 100.0,
        })
    };
    let pairs: Vec<Option<Pair>> = percents.iter().map(pair).collect();
    LeftOut::of(&rows, &pairs, |_| true).unwrap()
}

#[test]
fn intervals_are_of_the_networks_and_always_the_same() {
    let interval = |percents: &[f64]| off_by(percents).median;
    assert_eq!(interval(&[3.0]), None);
    let same = interval(&[4.0; 5]).unwrap();
    assert!((same.low - 4.0).abs() < 1e-9 && (same.high - 4.0).abs() < 1e-9);
    let spread = [1.0, 2.0, 3.0, 4.0, 50.0];
    let found = interval(&spread).unwrap();
    assert_eq!(Some(found), interval(&spread));
    assert!(1.0 <= found.low && found.low < 3.0 && 3.0 < found.high && found.high <= 50.0);
    // More networks tell more.
    let more = interval(&spread.repeat(20)).unwrap();
    assert!(more.high - more.low < found.high - found.low);
}

#[test]
fn rows_that_do_not_count_or_do_not_run_are_in_no_figure() {
    let rows = [row("a", false), row("b", false), row("c", true)];
    let pair = |predicted_ms| {
        Some(Pair {
            measured_ms: 1.0,
            predicted_ms,
        })
    };
    let pairs = [pair(1.1), None, pair(3.0)];
    let is_network = |case: &Case| case.measurement.stack.is_none();
    let found = LeftOut::of(&rows, &pairs, is_network).unwrap();
    assert!((found.rows.median_ape.unwrap() - 10.0).abs() < 1e-9);
    assert_eq!(LeftOut::of(&rows, &pairs, |_| false), None);
}

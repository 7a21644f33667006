//! What a fit finds, what it leaves as it was, and what it says of that.

use levenberg_marquardt::LeastSquaresProblem;
use nalgebra::DVector;

use super::machine::{TRUE, all, cases, exactly, guessed, machine, number, setting, with_free};
use crate::calibrate::problem::Problem;
use crate::calibrate::{Fate, Fit, Setting, fit};
use crate::measured::estimate;

/// The free numbers that some row reads, as they are on the board.
const TRUTH: [(&str, f64); 5] = [
    ("link.input_mb_per_s", 100.0),
    ("link.output_mb_per_s", 50.0),
    ("overheads.inference_us", 200.0),
    ("throughput.conv", 200.0),
    ("modes.slow.link.input_mb_per_s", 10.0),
];

fn fitted(setting: &Setting) -> Fit {
    fit(setting, &all(setting))
}

/// How far the fit is from the truth, in the number that it is furthest from, as a logarithm.
fn farthest(setting: &Setting, fit: &Fit) -> f64 {
    let off = TRUTH.map(|(path, truth)| (number(setting, fit, path).0 / truth).ln().abs());
    off.into_iter().fold(0.0, f64::max)
}

#[test]
fn numbers_of_the_board_are_found_from_a_guess() {
    let setting = setting(&guessed(), exactly);
    let fit = fitted(&setting);
    for (path, _) in TRUTH {
        let (_, fate) = number(&setting, &fit, path);
        assert!(
            matches!(fate, Fate::Fitted(doubt) if doubt < 0.5),
            "{path}: {fate:?}"
        );
    }
    assert!(farthest(&setting, &fit) < 0.03, "{:?}", fit.values);
}

#[test]
fn numbers_that_are_right_stay_where_they_are() {
    let setting = setting(TRUE, exactly);
    let fit = fitted(&setting);
    assert!(farthest(&setting, &fit) < 0.001, "{:?}", fit.values);
}

#[test]
fn an_outlier_moves_little() {
    // Counted by its square, one of three rows that is ten times too slow moves them by ln(10) / 3.
    const MOST: f64 = 0.1;
    let thrice = vec![cases(&guessed(), exactly); 3].concat();
    for spoiled in 0..thrice.len() / 3 {
        let mut rows = thrice.clone();
        rows[spoiled].measurement.latency_ms *= 10.0;
        let setting = Setting::new(&guessed(), "tiny.toml", rows).unwrap();
        let fit = fitted(&setting);
        assert!(
            farthest(&setting, &fit) < MOST,
            "row {spoiled}: {:?}",
            fit.values
        );
    }
}

#[test]
fn numbers_without_effect_stay_and_are_told_so() {
    let free = "\"host.operator_us\" = [0.1, 100.0]\n\
                \"overheads.inference_us\" = [1.0, 10000.0]\n\
                \"link.input_mb_per_s\" = [1.0, 10000.0]";
    let setting = setting(&with_free(&guessed(), free), exactly);
    let fit = fitted(&setting);
    for (path, value) in [
        ("host.operator_us", 5.0),
        ("modes.idle.link.input_mb_per_s", 40.0),
    ] {
        assert_eq!(
            number(&setting, &fit, path),
            (value, Fate::NoEffect),
            "{path}"
        );
    }
    let (_, fate) = number(&setting, &fit, "overheads.inference_us");
    assert!(matches!(fate, Fate::Fitted(_)), "{fate:?}");
}

#[test]
fn a_number_that_others_hide_stays_and_is_told_so() {
    // Every inference has as many transfers, so that their cost and that of the inference are one.
    let transfer = "\"link.transfer_us\" = [0.01, 100.0]";
    let alone = setting(&with_free(TRUE, transfer), exactly);
    let (_, fate) = number(&alone, &fitted(&alone), "link.transfer_us");
    assert!(matches!(fate, Fate::Fitted(_)), "{fate:?}");

    let both = format!("{transfer}\n\"overheads.inference_us\" = [1.0, 10000.0]");
    let text = with_free(TRUE, &both).replace("transfer_us = 5.0", "transfer_us = 3.0");
    let hidden = setting(&text, exactly);
    let fit = fitted(&hidden);
    assert_eq!(
        number(&hidden, &fit, "link.transfer_us"),
        (3.0, Fate::Untold)
    );
    let (inference_us, _) = number(&hidden, &fit, "overheads.inference_us");
    assert!((inference_us - 204.0).abs() < 1.0, "{inference_us}");
}

#[test]
fn a_number_that_stops_to_matter_is_not_put_back() {
    let convs =
        "entries = [{ in_c = 8, macs_per_cycle = 100.0 }, { in_c = 32, macs_per_cycle = 200.0 }]";
    let fast = TRUE.replace(convs, "entries = [{ macs_per_cycle = 100000.0 }]");
    let slow = TRUE.replace(convs, "entries = [{ macs_per_cycle = 20.0 }]");
    let free = "\"link.input_mb_per_s\" = [1.0, 10000.0]\n\"throughput.conv\" = [1.0, 10000.0]";
    let setting = setting(&with_free(&slow, free), |case, _| {
        let modes: Vec<&str> = case.machine.modes.iter().map(String::as_str).collect();
        let estimate = estimate(&machine(&fast, &modes).profile, &case.model).unwrap();
        estimate.latency_ms()
    });
    let (rate, fate) = number(&setting, &fitted(&setting), "throughput.conv");
    assert!(
        rate > 1000.0 && matches!(fate, Fate::Fitted(_)),
        "{rate}, {fate:?}"
    );
}

#[test]
fn bounds_hold_whatever_was_measured() {
    let text = with_free(
        &guessed(),
        "\"link.input_mb_per_s\" = [20.0, 300.0]\n\
         \"overheads.inference_us\" = [70.0, 90.0]\n\
         \"throughput.conv\" = [500.0, 700.0]",
    );
    for factor in [1e-4, 0.3, 3.0, 1e4] {
        let setting = setting(&text, |_, ms| factor * ms);
        for (number, value) in setting.numbers().iter().zip(fitted(&setting).values) {
            let [low, high] = number.bounds;
            assert!((low..=high).contains(&value), "{}: {value}", number.path());
        }
    }
}

#[test]
fn derivatives_are_plain_differences() {
    let setting = setting(&guessed(), exactly);
    let rows = all(&setting);
    let active: Vec<usize> = (0..setting.numbers().len()).collect();
    let mut problem = Problem::new(&setting, &rows, active, setting.start());
    let start = problem.params();
    for shift in [0.0, -0.6, 0.4] {
        let at = start.add_scalar(shift);
        problem.set_params(&at);
        let jacobian = problem.jacobian().unwrap();
        assert_eq!(jacobian.nrows(), problem.residuals().unwrap().len());
        for column in 0..at.len() {
            let plain = plain_differences(&mut problem, &at, column);
            let told = jacobian.column(column);
            let worst = (&plain - told).amax();
            assert!(
                worst < 0.01 * plain.amax(),
                "number {column}: {worst}, {plain}"
            );
        }
    }
}

/// How residuals change with number `column`, to both sides of `at`.
fn plain_differences(problem: &mut Problem<'_>, at: &DVector<f64>, column: usize) -> DVector<f64> {
    const STEP: f64 = 0.01;
    let mut residuals = |step: f64| {
        let mut beside = at.clone();
        beside[column] += step;
        problem.set_params(&beside);
        problem.residuals().unwrap()
    };
    (residuals(STEP) - residuals(-STEP)) / (2.0 * STEP)
}

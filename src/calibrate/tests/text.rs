//! The fitted profile as text.

use expect_test::expect;

use super::machine::{TRUE, all, cases, exactly, guessed, measurement, setting};
use crate::calibrate::{Setting, Told, fit, written};

fn told(data: &str, date: &str) -> Told {
    Told {
        data: data.to_owned(),
        date: date.to_owned(),
        residual: "2.5 % median error".to_owned(),
    }
}

/// The profile fitted to exact measurements, as text.
fn calibrated(text: &str, told: &Told) -> String {
    let setting = setting(text, exactly);
    written(&setting, &fit(&setting, &all(&setting)), told).unwrap()
}

#[test]
fn only_fitted_numbers_and_their_sources_change() {
    let guessed = guessed();
    let text = calibrated(&guessed, &told("board.csv", "2026-11-24"));
    let lines = guessed.lines().zip(text.lines());
    let changed = lines.filter(|(before, after)| before != after);
    let keys: Vec<&str> = changed
        .map(|(before, _)| before.split(" = ").next().unwrap())
        .collect();
    let expected = [
        "source",
        "input_mb_per_s",
        "output_mb_per_s",
        "source",
        "inference_us",
        "source",
        "entries",
        "link",
    ];
    assert_eq!(keys, expected);
    assert_eq!(guessed.lines().count(), text.lines().count());
    let sources: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("fitted: "))
        .collect();
    let [link, overheads, conv, slow] = sources.as_slice() else {
        panic!("{sources:?}");
    };
    expect![[r#"source = "fitted: input_mb_per_s, output_mb_per_s to board.csv, 2026-11-24, 2.5 % median error; before: assumed: a cable""#]]
        .assert_eq(link);
    assert!(
        overheads.contains("fitted: inference_us to board.csv"),
        "{overheads}"
    );
    assert!(conv.contains("fitted: conv to board.csv"), "{conv}");
    assert!(slow.contains("before: assumed: a thin cable") && slow.ends_with("# from a drawer"));
    for comment in ["# A board on a desk.", "# as bought"] {
        assert!(text.contains(comment), "{comment}");
    }
}

#[test]
fn rates_of_a_table_keep_their_shares() {
    let text = calibrated(&guessed(), &told("board.csv", "2026-11-24"));
    let line = text
        .lines()
        .find(|line| line.starts_with("entries = [{ in_c = 8"));
    let rate = |part: &str| -> f64 { part.split(" }").next().unwrap().parse().unwrap() };
    let rates: Vec<f64> = line
        .unwrap()
        .split("macs_per_cycle = ")
        .skip(1)
        .map(rate)
        .collect();
    assert!((rates[1] / rates[0] - 2.0).abs() < 1e-3, "{rates:?}");
}

#[test]
fn a_second_fit_replaces_what_the_first_said() {
    let first = calibrated(&guessed(), &told("old.csv", "2025-01-01"));
    assert_eq!(first.matches("old.csv").count(), 4);
    let second = calibrated(&first, &told("new.csv", "2026-11-24"));
    assert_eq!(
        (
            second.matches("old.csv").count(),
            second.matches("new.csv").count()
        ),
        (0, 4)
    );
    assert_eq!(second.matches("before: assumed: a cable").count(), 1);
    assert_eq!(second.matches("before: ").count(), 4);
}

#[test]
fn the_numbers_written_are_those_of_the_fit() {
    let before = setting(&guessed(), exactly);
    let fitted = fit(&before, &all(&before));
    let text = written(&before, &fitted, &told("board.csv", "2026-11-24")).unwrap();
    let after = setting(&text, exactly);
    for (value, written) in fitted.values.iter().zip(after.start()) {
        assert!((written / value - 1.0).abs() < 1e-4, "{value}, {written}");
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let (nothing, _) = TRUE.split_once("[calibration.free]").unwrap();
    let refused = Setting::new(nothing, "tiny.toml", cases(TRUE, exactly)).unwrap_err();
    let message = refused.to_string();
    assert!(message.contains("[calibration.free]"), "{message}");

    let small = TRUE.replace(
        "narrow = { source = \"assumed: a test\", bytes = 8388608 }",
        "narrow = { source = \"assumed: a test\", bytes = 16 }",
    );
    let mut rows = cases(TRUE, exactly);
    let mut cramped = cases(&small, exactly);
    rows[3].machine = cramped.remove(3).machine;
    let refused = Setting::new(&small, "tiny.toml", rows).unwrap_err();
    let message = refused.to_string();
    let place = measurement(3, "", "").place.to_string();
    assert!(
        message.contains(&place) && message.contains("memory.narrow"),
        "{message}"
    );
}

//! The fit: which numbers the measurements tell, and what they say.

use levenberg_marquardt::LevenbergMarquardt;

use super::problem::Problem;
use super::setting::Setting;

/// Rounds in which outliers are weighed anew.
const ROUNDS: usize = 3;
/// A round ends when the sum of squares falls by less than this share.
const TOLERANCE: f64 = 1e-4;
/// Evaluations of a round, by number that is fitted.
const PATIENCE: usize = 8;
/// A number of which measurements leave more of what was unknown before than this is not fitted.
const DOUBT_MAX: f64 = 0.95;

/// Free numbers, fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The free numbers, in their order.
    pub values: Vec<f64>,
    /// What became of each.
    pub fates: Vec<Fate>,
}

/// What became of a free number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// It was fitted; measurements leave this share of what was unknown before, 0 to 1.
    Fitted(f64),
    /// No latency changes with it, so it stays.
    NoEffect,
    /// Measurements do not tell it from the others, or hardly; it stays.
    Untold,
}

/// Fits the free numbers to `rows`, indices of cases.
#[must_use]
pub fn fit(setting: &Setting, rows: &[usize]) -> Fit {
    let start = setting.start();
    let effects = |number: &usize| rows.iter().any(|row| setting.depends(*row, *number));
    let active: Vec<usize> = (0..start.len()).filter(effects).collect();
    let before = Problem::new(setting, rows, active, start.clone());
    let doubts_before = before.doubts();
    let first = solved(before);
    let mut fates = vec![Fate::NoEffect; start.len()];
    let mut told = Vec::new();
    let doubts = doubts_before.into_iter().zip(first.doubts());
    for (number, (before, after)) in first.active().iter().zip(doubts) {
        fates[*number] = fate(before, after);
        if matches!(fates[*number], Fate::Fitted(_)) {
            told.push(*number);
        }
    }
    let mut values = first.values().to_vec();
    for (number, fate) in fates.iter().enumerate() {
        if !matches!(fate, Fate::Fitted(_)) {
            values[number] = start[number];
        }
    }
    let second = solved(Problem::new(setting, rows, told, values));
    Fit {
        values: second.values().to_vec(),
        fates,
    }
}

/// What becomes of a number by its doubts before and after. One that measurements told to go where it
/// does not matter any more is not put back where it does.
fn fate(before: Option<f64>, after: Option<f64>) -> Fate {
    match (before, after) {
        (None, None) => Fate::NoEffect,
        (before, after) => {
            let after = after.unwrap_or(1.0);
            if before.unwrap_or(1.0).min(after) < DOUBT_MAX {
                Fate::Fitted(after)
            } else {
                Fate::Untold
            }
        }
    }
}

fn solved(problem: Problem<'_>) -> Problem<'_> {
    let solver = LevenbergMarquardt::new()
        .with_ftol(TOLERANCE)
        .with_xtol(TOLERANCE)
        .with_gtol(TOLERANCE)
        .with_patience(PATIENCE);
    let mut problem = problem;
    for _ in 0..ROUNDS {
        if problem.active().is_empty() {
            break;
        }
        problem.reweigh();
        (problem, _) = solver.minimize(problem);
    }
    problem
}

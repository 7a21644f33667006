//! An extremely randomized regression tree: values by regions, for decisions that depend on one
//! another.
//!
//! Source: Geurts et al., "Extremely randomized trees": thresholds are drawn, not searched; the best
//! of as many draws as the square root of the columns splits.

use rand::{Rng, RngExt};

/// Rows that a leaf keeps at least.
const LEAF_ROWS_MIN: usize = 3;

/// A fitted tree.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// The mean of the rows that end here.
    Leaf(f64),
    /// Rows whose `column` is below `threshold` go left.
    Split {
        column: usize,
        threshold: f64,
        sides: Box<[Self; 2]>,
    },
}

/// Where rows part, and how much that takes off their squared error.
struct Cut {
    column: usize,
    threshold: f64,
    gain: f64,
}

impl Tree {
    /// A tree over the rows given by `picked`, which may repeat.
    pub(super) fn fit(
        rows: &[Vec<f64>],
        values: &[f64],
        picked: &[usize],
        rng: &mut impl Rng,
    ) -> Self {
        let Some(cut) = best_cut(rows, values, picked, rng) else {
            return Self::Leaf(mean(values, picked));
        };
        let below = |&&row: &&usize| rows[row][cut.column] < cut.threshold;
        let (left, right): (Vec<&usize>, Vec<&usize>) = picked.iter().partition(below);
        let sides = [left, right].map(|side| {
            let side: Vec<usize> = side.into_iter().copied().collect();
            Self::fit(rows, values, &side, rng)
        });
        Self::Split {
            column: cut.column,
            threshold: cut.threshold,
            sides: Box::new(sides),
        }
    }

    /// The value of a row.
    pub(super) fn value(&self, row: &[f64]) -> f64 {
        match self {
            Self::Leaf(value) => *value,
            Self::Split {
                column,
                threshold,
                sides,
            } => sides[usize::from(row[*column] >= *threshold)].value(row),
        }
    }
}

/// The best of some drawn cuts; `None` where no draw parts the rows well.
fn best_cut(
    rows: &[Vec<f64>],
    values: &[f64],
    picked: &[usize],
    rng: &mut impl Rng,
) -> Option<Cut> {
    let width = rows.first()?.len();
    if picked.len() < 2 * LEAF_ROWS_MIN {
        return None;
    }
    let mut best: Option<Cut> = None;
    for _ in 0..width.isqrt().max(1) {
        let column = rng.random_range(0..width);
        let among = || picked.iter().map(|&row| rows[row][column]);
        let low = among().fold(f64::INFINITY, f64::min);
        let high = among().fold(f64::NEG_INFINITY, f64::max);
        if low >= high {
            continue;
        }
        let threshold = rng.random_range(low..high).next_up();
        let Some(gain) = gain(values, picked, |row| rows[row][column] < threshold) else {
            continue;
        };
        if best.as_ref().is_none_or(|best| gain > best.gain) {
            best = Some(Cut {
                column,
                threshold,
                gain,
            });
        }
    }
    best
}

/// How much less squared error two means leave than one; `None` where a side is too small.
fn gain(values: &[f64], picked: &[usize], below: impl Fn(usize) -> bool) -> Option<f64> {
    let (left, right): (Vec<usize>, Vec<usize>) = picked.iter().partition(|&&row| below(row));
    if left.len().min(right.len()) < LEAF_ROWS_MIN {
        return None;
    }
    let error = |side: &[usize]| {
        let mean = mean(values, side);
        let squares = side.iter().map(|&row| (values[row] - mean).powi(2));
        squares.sum::<f64>()
    };
    Some(error(picked) - error(&left) - error(&right))
}

/// The mean over `picked`; 0 over nothing.
fn mean(values: &[f64], picked: &[usize]) -> f64 {
    let count = picked.iter().fold(0.0, |count, _| count + 1.0);
    let sum: f64 = picked.iter().map(|&row| values[row]).sum();
    if count > 0.0 { sum / count } else { 0.0 }
}

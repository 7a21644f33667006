//! Our figures beside those that others publish for the same machines.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod every;
mod k210;
mod layers;
mod numbers;
mod tpu;
mod vela;

/// How far `ours` is from `theirs`, in percent of theirs; below 0 where ours is less.
fn percent(ours: u64, theirs: u64) -> f64 {
    100.0 * (ours as f64 / theirs as f64 - 1.0)
}

/// The middle of the magnitudes of `errors`: the mean of two for an even number of them.
fn median(errors: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = errors.map(f64::abs).collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

//! The range of the least mean squared error.
//!
//! A value outside a range errs by its distance from the nearer end. A value inside errs by a part
//! of a step that is as likely as any other: by `step^2 / 12` in the mean square, where
//! `step = (high - low) / 255`; zeros are exact. Every pair of edges around 0 is tried.

use std::ops;

use super::super::histogram::{BINS, Histogram};
use super::super::ranges::Range;

/// Steps of an 8-bit grid.
const STEPS: f64 = 255.0;

/// The range of the least error; the widest of several.
pub(super) fn range(histogram: &Histogram) -> Range {
    let [below_zero, above_zero] = histogram.edges_around_zero();
    let below: Vec<f64> = (0..=below_zero)
        .map(|edge| cut(histogram, 0..edge, edge))
        .collect();
    let above: Vec<f64> = (above_zero..=BINS)
        .map(|edge| cut(histogram, edge..BINS, edge))
        .collect();
    let mut before = vec![0_u64; BINS + 1];
    for (edge, count) in histogram.counts.iter().enumerate() {
        before[edge + 1] = before[edge] + count;
    }
    let mut least = (f64::INFINITY, [0, BINS]);
    for low in 0..=below_zero {
        for high in (above_zero..=BINS).rev() {
            let inside = before[high].saturating_sub(before[low]);
            let outside = below[low] + above[high - above_zero];
            let error = outside + rounding(histogram, [low, high], inside);
            if error < least.0 {
                least = (error, [low, high]);
            }
        }
    }
    histogram.range(least.1)
}

/// The squared errors of the values in `bins`, which become the one at `edge`.
fn cut(histogram: &Histogram, bins: ops::Range<usize>, edge: usize) -> f64 {
    let end = histogram.edge(edge);
    let error = |bin: usize| histogram.counts[bin] as f64 * (histogram.center(bin) - end).powi(2);
    bins.map(error).sum()
}

/// The squared errors of `inside` values between two edges.
fn rounding(histogram: &Histogram, [low, high]: [usize; 2], inside: u64) -> f64 {
    let step = (histogram.edge(high) - histogram.edge(low)) / STEPS;
    inside as f64 * step * step / 12.0
}

//! The range that holds a share of the values.
//!
//! Of `n` values, `floor(n (100 - share) / 200)` may lie outside at each end. Ends are edges of
//! bins, and neither crosses 0.

use super::super::histogram::{BINS, Histogram};
use super::super::ranges::Range;

/// The narrowest range that leaves out at most half of `100 - share` percent at each end.
pub(super) fn range(histogram: &Histogram, share: f64) -> Range {
    let values = histogram.zeros + histogram.counts.iter().sum::<u64>();
    let outside_max = outside_max(values, share);
    let [below_zero, above_zero] = histogram.edges_around_zero();
    let outside = |counts: &mut dyn Iterator<Item = &u64>| {
        let mut outside = 0;
        let fits = |&&count: &&u64| {
            outside += count;
            outside <= outside_max
        };
        counts.take_while(fits).count()
    };
    let low = outside(&mut histogram.counts[..below_zero].iter());
    let high = outside(&mut histogram.counts[above_zero..].iter().rev());
    histogram.range([low, BINS - high])
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count less than the number of values, rounded down"
)]
pub(super) fn outside_max(values: u64, share: f64) -> u64 {
    (values as f64 * (100.0 - share) / 200.0) as u64
}

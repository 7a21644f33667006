//! The range whose quantized distribution diverges least from the true one, as TensorRT defines it.
//!
//! For a range, `p` is the distribution over its bins, where the end bins also take what lies
//! outside. `q` is what an 8-bit grid leaves of it: the bins are merged to 256 levels, and the
//! count of a level, without what lies outside, is spread evenly over those of its bins that `p`
//! has values in. The range with the least `sum p ln(p / q)` is chosen, of those that hold at
//! least 256 bins; the widest of several.
//!
//! Ranges shrink towards 0 from both ends at once, and an end that is nearer to 0 stays until the
//! other has come as near. Zeros are left out: no grid changes them.
//!
//! DIFFERENCE: onnxruntime merges to 128 levels and puts the bins that are left over when levels
//! do not come out even into the last level; here levels differ by a bin.

use super::super::histogram::{BINS, Histogram};
use super::super::ranges::Range;

/// Values of an 8-bit grid.
const LEVELS: usize = 256;

/// The range of the least divergence.
pub(super) fn range(histogram: &Histogram) -> Range {
    let sums = Sums::of(histogram);
    let mut least = (f64::INFINITY, [0, BINS]);
    for window in windows(histogram) {
        let divergence = sums.divergence(window);
        if divergence < least.0 {
            least = (divergence, window);
        }
    }
    histogram.range(least.1)
}

/// The ranges to try as pairs of edges, the widest first.
pub(super) fn windows(histogram: &Histogram) -> impl Iterator<Item = [usize; 2]> {
    let [below_zero, above_zero] = histogram.edges_around_zero();
    let sides = [below_zero, BINS - above_zero];
    let widest = sides[0].max(sides[1]);
    (0..=widest)
        .rev()
        .map(move |bins| {
            let [below, above] = sides.map(|side| side.min(bins));
            [below_zero - below, above_zero + above]
        })
        .take_while(|[low, high]| high - low >= LEVELS)
}

/// The bins of a level of a window of `bins` bins, counted from the start of the window.
const fn level(bins: usize, level: usize) -> [usize; 2] {
    [level * bins / LEVELS, (level + 1) * bins / LEVELS]
}

/// Sums over the bins before each edge, so that a level costs no more than a bin.
pub(super) struct Sums {
    counts: Vec<u64>,
    /// Values before each edge.
    values: Vec<u64>,
    /// Bins with values before each edge.
    filled: Vec<u32>,
    /// `n ln n` of the counts before each edge.
    entropy: Vec<f64>,
}

impl Sums {
    pub(super) fn of(histogram: &Histogram) -> Self {
        let counts = histogram.counts.clone();
        let (mut values, mut filled, mut entropy) = (vec![0], vec![0], vec![0.0]);
        for (bin, &count) in counts.iter().enumerate() {
            values.push(values[bin] + count);
            filled.push(filled[bin] + u32::from(count > 0));
            entropy.push(entropy[bin] + n_ln_n(count));
        }
        Self {
            counts,
            values,
            filled,
            entropy,
        }
    }

    /// `sum p ln(p / q)` for the bins between two edges; infinite where `q` is 0 and `p` is not.
    pub(super) fn divergence(&self, [low, high]: [usize; 2]) -> f64 {
        let total = self.values[BINS];
        let inside = self.values[high] - self.values[low];
        if inside == 0 {
            return f64::INFINITY;
        }
        let ends = [
            (low, self.values[low]),
            (high - 1, total - self.values[high]),
        ];
        let mut entropy = self.entropy[high] - self.entropy[low];
        for (bin, outside) in ends {
            let own = self.counts[bin];
            entropy += n_ln_n(own + outside) - n_ln_n(own);
        }
        let mut cross = 0.0;
        for index in 0..LEVELS {
            let [first, last] = level(high - low, index).map(|bin| low + bin);
            let own = self.values[last] - self.values[first];
            let mut all = own;
            let mut filled = self.filled[last] - self.filled[first];
            for (bin, outside) in ends {
                if (first..last).contains(&bin) && outside > 0 {
                    all += outside;
                    filled += u32::from(self.counts[bin] == 0);
                }
            }
            if all > 0 {
                cross += all as f64 * (own as f64 / f64::from(filled)).ln();
            }
        }
        let (total, inside) = (total as f64, inside as f64);
        (entropy - cross) / total - total.ln() + inside.ln()
    }
}

fn n_ln_n(count: u64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    count as f64 * (count as f64).ln()
}

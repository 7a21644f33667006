//! How the values of every activation are spread: counts over equal bins.

use kernels::eval::evaluate_observed;
use kernels::{Data, TensorId, Verified};
use rayon::prelude::*;

use super::error::QuantizeError;
use super::ranges::{Range, Ranges};

/// Bins of a histogram: eight to a step of an 8-bit grid over the same range.
pub const BINS: usize = 2048;

/// How the values of one activation are spread.
///
/// Bins are equal parts of the observed range, widened to hold 0. A value of exactly 0 is in no
/// bin: every grid holds it without error.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    low: f64,
    high: f64,
    /// Values in each bin, from the lowest.
    pub counts: Vec<u64>,
    /// Values of exactly 0.
    pub zeros: u64,
}

impl Histogram {
    /// An empty one over `range`, which is finite.
    #[must_use]
    pub fn over(range: Range) -> Self {
        Self {
            low: f64::from(range.min.min(0.0)),
            high: f64::from(range.max.max(0.0)),
            counts: vec![0; BINS],
            zeros: 0,
        }
    }

    /// Counts values, which lie in the range.
    pub fn add(&mut self, values: &[f32]) {
        let per_unit = BINS as f64 / (self.high - self.low);
        for &value in values {
            if value == 0.0 {
                self.zeros += 1;
            } else {
                self.counts[bin((f64::from(value) - self.low) * per_unit)] += 1;
            }
        }
    }

    /// The value where bin `index` begins, and bin `index - 1` ends; `index` is at most [`BINS`].
    #[must_use]
    pub fn edge(&self, index: usize) -> f64 {
        if index == BINS {
            return self.high;
        }
        self.low + (self.high - self.low) * (index as f64 / BINS as f64)
    }

    /// The value in the middle of bin `index`.
    #[must_use]
    pub fn center(&self, index: usize) -> f64 {
        self.low + (self.high - self.low) * ((index as f64 + 0.5) / BINS as f64)
    }

    /// The last edge at or below 0, and the first at or above it.
    #[must_use]
    pub fn edges_around_zero(&self) -> [usize; 2] {
        let below = (0..=BINS).rev().find(|&i| self.edge(i) <= 0.0);
        let above = (0..=BINS).find(|&i| self.edge(i) >= 0.0);
        [below.unwrap_or(0), above.unwrap_or(BINS)]
    }

    /// The values between two edges, as a range.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the edges lie within a range of single precision"
    )]
    pub fn range(&self, edges: [usize; 2]) -> Range {
        let [min, max] = edges.map(|edge| self.edge(edge) as f32);
        Range { min, max }
    }

    fn merge(mut self, other: &Self) -> Self {
        self.zeros += other.zeros;
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and the index is clamped"
)]
fn bin(position: f64) -> usize {
    (position as usize).min(BINS - 1)
}

/// The histograms of the float activations of one graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Histograms(Vec<Option<Histogram>>);

impl Histograms {
    /// The histogram of an activation; `None` where it is not a float activation of the graph.
    #[must_use]
    pub fn get(&self, id: TensorId) -> Option<&Histogram> {
        self.0.get(id.index())?.as_ref()
    }

    /// A second pass over the images, once the ranges are known: bins that are fixed beforehand
    /// hold exact counts, whose sums do not depend on the order of images or threads.
    ///
    /// `load` gives the graph's inputs for image 0 to `images - 1`; it is called from several
    /// threads.
    ///
    /// # Errors
    ///
    /// [`QuantizeError`] when the graph cannot be run.
    pub fn collect(
        graph: &Verified,
        ranges: &Ranges,
        images: usize,
        load: impl Fn(usize) -> Vec<Data> + Sync,
    ) -> Result<Self, QuantizeError> {
        let empty = || {
            let ids = graph.tensor_ids();
            Self(ids.map(|id| ranges.get(id).map(Histogram::over)).collect())
        };
        let add = |mut all: Self, image: usize| {
            evaluate_observed(graph, &load(image), &mut |id, data| {
                if let (Data::F32(values), Some(histogram)) = (data, &mut all.0[id.index()]) {
                    histogram.add(values);
                }
            })
            .map_err(|error| QuantizeError::Image { image, error })?;
            Ok(all)
        };
        (0..images)
            .into_par_iter()
            .try_fold(empty, add)
            .try_reduce(empty, |a, b| Ok(a.merge(&b)))
    }

    fn merge(self, other: &Self) -> Self {
        let pairs = self.0.into_iter().zip(&other.0);
        let merged = pairs.map(|(a, b)| Some(a?.merge(b.as_ref()?)));
        Self(merged.collect())
    }
}

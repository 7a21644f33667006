//! Calibration: the range of every activation over images.

use kernels::eval::evaluate_observed;
use kernels::{Data, TensorId, Verified};
use rayon::prelude::*;

use super::error::QuantizeError;

/// The smallest and the largest element of an activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The smallest element; NaN when one was NaN.
    pub min: f32,
    /// The largest element; NaN when one was NaN.
    pub max: f32,
}

impl Range {
    /// The range of some elements; `None` without any.
    #[must_use]
    pub fn of(values: &[f32]) -> Option<Self> {
        const LANES: usize = 16;
        let mut lanes = [Self::of_one(*values.first()?); LANES];
        let (chunks, rest) = values.as_chunks::<LANES>();
        let mut any_nan = [false; LANES];
        for chunk in chunks {
            for (lane, &value) in chunk.iter().enumerate() {
                let range = &mut lanes[lane];
                // Comparisons with NaN are false, so that it leaves a range as it is.
                range.min = if value < range.min { value } else { range.min };
                range.max = if value > range.max { value } else { range.max };
                any_nan[lane] |= value.is_nan();
            }
        }
        if any_nan.contains(&true) {
            return Some(Self::of_one(f32::NAN));
        }
        let all = lanes
            .into_iter()
            .chain(rest.iter().copied().map(Self::of_one));
        all.reduce(Self::union)
    }

    const fn of_one(value: f32) -> Self {
        Self {
            min: value,
            max: value,
        }
    }

    /// The range of the elements of both; NaN if either has NaN.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let nan = self.min.is_nan() || other.min.is_nan();
        Self {
            min: if nan {
                f32::NAN
            } else {
                self.min.min(other.min)
            },
            max: if nan {
                f32::NAN
            } else {
                self.max.max(other.max)
            },
        }
    }
}

/// The ranges of the float activations of one graph, or what is chosen of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranges(Vec<Option<Range>>);

impl From<Vec<Option<Range>>> for Ranges {
    /// From the range of every tensor, in the order of the graph.
    fn from(ranges: Vec<Option<Range>>) -> Self {
        Self(ranges)
    }
}

impl Ranges {
    /// The range of an activation; `None` where it is not a float activation of the graph.
    #[must_use]
    pub fn get(&self, id: TensorId) -> Option<Range> {
        self.0.get(id.index()).copied().flatten()
    }

    /// The same with `range` for each of `ids`.
    #[must_use]
    pub fn with(mut self, ids: &[TensorId], range: Range) -> Self {
        for id in ids {
            self.0[id.index()] = Some(range);
        }
        self
    }

    /// What `range` says of each activation of `graph`, by name.
    #[must_use]
    pub fn by_name(graph: &Verified, range: impl Fn(&str) -> Option<Range>) -> Self {
        let tensors = graph.tensors.iter();
        Self(tensors.map(|tensor| range(&tensor.name)).collect())
    }

    /// What one image gives.
    fn observe(graph: &Verified, inputs: &[Data], image: usize) -> Result<Self, QuantizeError> {
        let mut ranges = vec![None; graph.tensors.len()];
        evaluate_observed(graph, inputs, &mut |id, data| {
            if let Data::F32(values) = data {
                ranges[id.index()] = Range::of(values);
            }
        })
        .map_err(|error| QuantizeError::Image { image, error })?;
        Ok(Self(ranges))
    }

    fn union(self, other: &Self) -> Self {
        let pairs = self.0.into_iter().zip(&other.0);
        Self(
            pairs
                .map(|(a, &b)| match (a, b) {
                    (Some(a), Some(b)) => Some(a.union(b)),
                    (a, b) => a.or(b),
                })
                .collect(),
        )
    }
}

/// Runs `graph` over `images` and returns the range of every float activation.
///
/// `load` gives the graph's inputs for image 0 to `images - 1`; it is called from several threads.
/// The result does not depend on their number.
///
/// # Errors
///
/// [`QuantizeError`] without images, when the graph cannot be run, or when an activation is not
/// finite.
pub fn calibrate(
    graph: &Verified,
    images: usize,
    load: impl Fn(usize) -> Vec<Data> + Sync,
) -> Result<Ranges, QuantizeError> {
    let per_image: Vec<Result<Ranges, QuantizeError>> = (0..images)
        .into_par_iter()
        .map(|image| Ranges::observe(graph, &load(image), image))
        .collect();
    let all = per_image.into_iter().reduce(|a, b| Ok(a?.union(&b?)));
    let ranges = all.ok_or(QuantizeError::NoImages)??;
    for id in graph.tensor_ids() {
        if let Some(Range { min, max }) = ranges.get(id)
            && !(min.is_finite() && max.is_finite())
        {
            let tensor = graph[id].name.clone();
            return Err(QuantizeError::Range { tensor, min, max });
        }
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One element after another.
    fn obvious(values: &[f32]) -> Option<Range> {
        let ranges = values.iter().map(|&v| Range { min: v, max: v });
        ranges.reduce(Range::union)
    }

    proptest! {
        #[test]
        fn lanes_find_what_a_walk_finds(
            values in prop::collection::vec(prop_oneof![9 => -2.0_f32..2.0, 1 => Just(f32::NAN), 1 => any::<f32>()], 0..70),
            clean in any::<bool>(),
        ) {
            let values: Vec<f32> = values.into_iter().filter(|v| !clean || !v.is_nan()).collect();
            let bits = |range: Option<Range>| range.map(|r| (r.min.is_nan(), r.min == r.max, r));
            let (found, expected) = (bits(Range::of(&values)), bits(obvious(&values)));
            if expected.is_some_and(|(nan, ..)| nan) {
                prop_assert!(found.is_some_and(|(nan, ..)| nan));
            } else {
                prop_assert_eq!(found, expected);
            }
        }
    }
}

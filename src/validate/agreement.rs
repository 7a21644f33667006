//! How far two runtimes agree on quantized outputs, in steps of the integers.

use std::fmt;

use kernels::{Data, DataType};

/// The differences between two sets of integers under the same quantization.
///
/// Parts that were compared apart, such as images, add up with [`Agreement::merge`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    elements: u64,
    equal: u64,
    within_one: u64,
    within_two: u64,
    steps_sum: u64,
    steps_max: u32,
}

/// Two results that cannot be compared in steps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} against {expected}: expected 8-bit results, or classes, of one type and length")]
pub struct Incomparable {
    /// Type and number of elements.
    found: String,
    /// Type and number of elements.
    expected: String,
}

impl Agreement {
    /// Compares two 8-bit results, or two of classes (`i32`), which have no steps: another class
    /// counts as one.
    ///
    /// # Errors
    ///
    /// [`Incomparable`] when they are of other types, or one has more elements.
    pub fn of(found: &Data, expected: &Data) -> Result<Self, Incomparable> {
        match (found, expected) {
            (Data::I8(a), Data::I8(b)) if a.len() == b.len() => Ok(Self::between(a, b)),
            (Data::U8(a), Data::U8(b)) if a.len() == b.len() => Ok(Self::between(a, b)),
            (Data::I32(a), Data::I32(b)) if a.len() == b.len() => {
                let other = |(a, b): (&i32, &i32)| u8::from(a != b);
                let others: Vec<u8> = a.iter().zip(&**b).map(other).collect();
                Ok(Self::between(&others, &vec![0; others.len()]))
            }
            (
                Data::F32(_) | Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_),
                Data::F32(_) | Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_),
            ) => {
                let text = |data: &Data| format!("{} {}", data.len(), data.dtype());
                Err(Incomparable {
                    found: text(found),
                    expected: text(expected),
                })
            }
        }
    }

    /// Whether [`Agreement::of`] compares results of this type.
    #[must_use]
    pub const fn compares(dtype: DataType) -> bool {
        matches!(dtype, DataType::I8 | DataType::U8 | DataType::I32)
    }

    /// Compares element by element.
    ///
    /// # Panics
    ///
    /// When one has more elements than the other.
    #[must_use]
    pub fn between<T: Copy + Into<i32>>(found: &[T], expected: &[T]) -> Self {
        assert_eq!(found.len(), expected.len(), "two results of one shape");
        let mut agreement = Self::default();
        for (&a, &b) in found.iter().zip(expected) {
            let steps = a.into().abs_diff(b.into());
            agreement.elements += 1;
            agreement.equal += u64::from(steps == 0);
            agreement.within_one += u64::from(steps <= 1);
            agreement.within_two += u64::from(steps <= 2);
            agreement.steps_sum += u64::from(steps);
            agreement.steps_max = agreement.steps_max.max(steps);
        }
        agreement
    }

    /// Both sets together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            elements: self.elements + other.elements,
            equal: self.equal + other.equal,
            within_one: self.within_one + other.within_one,
            within_two: self.within_two + other.within_two,
            steps_sum: self.steps_sum + other.steps_sum,
            steps_max: self.steps_max.max(other.steps_max),
        }
    }

    /// How many elements were compared.
    #[must_use]
    pub const fn elements(&self) -> u64 {
        self.elements
    }

    /// The largest difference, in steps.
    #[must_use]
    pub const fn steps_max(&self) -> u32 {
        self.steps_max
    }

    /// How many elements differ by more than one step.
    #[must_use]
    pub const fn beyond_one(&self) -> u64 {
        self.elements - self.within_one
    }

    /// The mean difference, in steps; `None` when nothing was compared.
    #[must_use]
    pub fn steps_mean(&self) -> Option<f64> {
        self.share(self.steps_sum)
    }

    /// The share of equal elements, 0 to 1; `None` when nothing was compared.
    #[must_use]
    pub fn share_equal(&self) -> Option<f64> {
        self.share(self.equal)
    }

    /// The share of elements that differ by at most one step, 0 to 1; `None` when nothing was
    /// compared.
    #[must_use]
    pub fn share_within_one(&self) -> Option<f64> {
        self.share(self.within_one)
    }

    /// The share of elements that differ by at most two steps, 0 to 1; `None` when nothing was
    /// compared.
    #[must_use]
    pub fn share_within_two(&self) -> Option<f64> {
        self.share(self.within_two)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of elements are far below 2^53"
    )]
    fn share(&self, count: u64) -> Option<f64> {
        (self.elements > 0).then(|| count as f64 / self.elements as f64)
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(mean), Some(equal), Some(within_one)) = (
            self.steps_mean(),
            self.share_equal(),
            self.share_within_one(),
        ) else {
            return f.write_str("nothing compared");
        };
        write!(
            f,
            "max {} steps, mean {mean:.3}, {:.2} % equal, {:.2} % within 1",
            self.steps_max,
            100.0 * equal,
            100.0 * within_one
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_steps() {
        let agreement = Agreement::between(&[0_i8, 5, -128, 7], &[0, 6, 127, 7]);
        assert_eq!(
            agreement.to_string(),
            "max 255 steps, mean 64.000, 50.00 % equal, 75.00 % within 1"
        );
        assert_eq!(Agreement::default().to_string(), "nothing compared");
    }

    #[test]
    fn only_8_bit_results_of_one_length_are_compared() {
        let bytes = |values: &[i8]| Data::I8(values.into());
        let same = Agreement::of(&bytes(&[1, 2, 3]), &bytes(&[1, 4, 6])).unwrap();
        assert_eq!(same.share_within_two(), Some(2.0 / 3.0));
        let longer = Agreement::of(&bytes(&[1, 2]), &bytes(&[1])).unwrap_err();
        assert_eq!(
            longer.to_string(),
            "2 i8 against 1 i8: expected 8-bit results, or classes, of one type and length"
        );
        let classes = |values: &[i32]| Data::I32(values.into());
        let one_other = Agreement::of(&classes(&[3, 18]), &classes(&[3, 0])).unwrap();
        assert_eq!(
            (one_other.steps_max(), one_other.share_equal()),
            (1, Some(0.5))
        );
        assert!(Agreement::of(&Data::F32(vec![0.5].into()), &bytes(&[1])).is_err());
    }

    proptest! {
        #[test]
        fn parts_add_up(pairs in prop::collection::vec(any::<(i8, i8)>(), 0..40), cut in 0..40_usize) {
            let (a, b): (Vec<i8>, Vec<i8>) = pairs.into_iter().unzip();
            let cut = cut.min(a.len());
            let parts = Agreement::between(&a[..cut], &b[..cut])
                .merge(Agreement::between(&a[cut..], &b[cut..]));
            prop_assert_eq!(parts, Agreement::between(&a, &b));
        }
    }
}

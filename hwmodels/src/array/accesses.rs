//! The elements that cross the border of an array in a product, and how they are counted.
//!
//! Counts saturate: a product too large for `u64` counts `u64::MAX`.

/// Elements read into an array and written out of it.
///
/// A read hands one element over the border, whether a row, a column or every cell takes it.
/// Window positions outside the image are handed over as their zero point and count; empty SIMD
/// lanes and rows streamed only to fill `min_rows` do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accesses {
    /// Input elements read.
    pub inputs: u64,
    /// Weights read.
    pub weights: u64,
    /// Partial sums read back, to add to.
    pub partials: u64,
    /// Results and partial sums written.
    pub outputs: u64,
}

/// The product of counts.
pub(super) fn times<const N: usize>(counts: [u64; N]) -> u64 {
    counts.into_iter().fold(1, u64::saturating_mul)
}

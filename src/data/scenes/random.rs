//! Random numbers of one scene: a stream of its own for every seed, split and index.
//!
//! The draws are made from raw 64-bit words here, so that pictures never change with the range
//! algorithm of a library.

use rand::Rng;
use rand_pcg::Pcg64;

use super::SceneKey;
use crate::data::Split;
use crate::random::mix;

/// The stream that one scene is built from.
#[derive(Debug)]
pub(super) struct Stream(Pcg64);

impl Stream {
    /// PCG state from seed and index, PCG stream from the split: no two keys share both.
    pub(super) fn new(key: SceneKey) -> Self {
        let index = u64::try_from(key.index).expect("an index fits in 64 bits");
        let state = u128::from(mix(key.seed)) << 64 | u128::from(mix(index));
        let stream = match key.split {
            Split::Train => 1,
            Split::Validation => 2,
            Split::Calibration => 3,
            Split::Test => 4,
        };
        Self(Pcg64::new(state, stream))
    }

    /// Uniform in `low..high`.
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.fraction()
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f32) -> bool {
        self.fraction() < p
    }

    /// -1 or 1.
    pub(super) fn sign(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// One of `options`, each as likely.
    pub(super) fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        let index = self.0.next_u64() % u64::try_from(options.len()).expect("a length fits");
        options[usize::try_from(index).expect("below a length")]
    }

    /// Uniform in `low..=high`.
    pub(super) fn count(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high - low) + 1;
        low + u32::try_from(self.0.next_u64() % span).expect("below a 32-bit span")
    }

    /// A seed for the noise of one surface.
    pub(super) fn seed(&mut self) -> u32 {
        u32::try_from(self.0.next_u64() >> 32).expect("the upper half has 32 bits")
    }

    /// Uniform in [0, 1) with the 24 bits that f32 holds exactly.
    fn fraction(&mut self) -> f32 {
        let bits = u32::try_from(self.0.next_u64() >> 40).expect("24 bits are left");
        bits as f32 / 16_777_216.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_and_index_has_its_own_stream() {
        let mut first = std::collections::BTreeSet::new();
        for split in Split::ALL {
            for seed in 0..4 {
                for index in 0..500 {
                    first.insert(Stream::new(SceneKey { seed, split, index }).0.next_u64());
                }
            }
        }
        assert_eq!(first.len(), 4 * 4 * 500);
    }

    #[test]
    fn draws_stay_in_range() {
        let mut stream = Stream::new(SceneKey {
            seed: 1,
            split: Split::Train,
            index: 0,
        });
        for _ in 0..10_000 {
            assert!((-2.0..3.0).contains(&stream.range(-2.0, 3.0)));
            assert!((4..=6).contains(&stream.count(4, 6)));
            assert!([7, 8].contains(&stream.pick(&[7, 8])));
        }
    }
}

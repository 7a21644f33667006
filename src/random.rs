//! Seeds of random streams that have nothing to do with one another.

/// The seed of stream `number` of those that follow from `seed`. Neighboring seeds share no stream,
/// so that trainings or trials with seeds one after the other are independent.
#[must_use]
pub const fn seed_of_stream(seed: u64, number: u64) -> u64 {
    mix(mix(seed).wrapping_add(number))
}

/// The finalizer of SplitMix64, a bijection: neighboring numbers become unrelated ones.
#[must_use]
pub(crate) const fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_seeds_share_a_stream() {
        let seeds = (0..100).flat_map(|seed| (0..100).map(move |n| seed_of_stream(seed, n)));
        assert_eq!(seeds.collect::<BTreeSet<_>>().len(), 10_000);
    }

    /// The first output of the published generator with state 0.
    #[test]
    fn mixes_as_published() {
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }
}

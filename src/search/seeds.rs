//! One independent random stream per trial, from the study's seed and the trial's number.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// The random stream of trial `number` in a study seeded with `seed`.
///
/// No state is carried from trial to trial, so a resumed study draws what the uninterrupted one
/// would have drawn.
pub(super) fn of_trial(seed: u64, number: usize) -> Pcg64Mcg {
    let number = u64::try_from(number).expect("trial numbers fit 64 bits");
    Pcg64Mcg::seed_from_u64(mix(mix(seed).wrapping_add(number)))
}

/// The random stream of the `turn`-th proposal for trial `number`; that of the trial itself for the
/// first, so that it is the proposal of a search that makes one.
pub(super) fn of_turn(seed: u64, number: usize, turn: usize) -> Pcg64Mcg {
    let turn = u64::try_from(turn).expect("turns fit 64 bits");
    match turn {
        0 => of_trial(seed, number),
        _ => of_trial(mix(seed ^ mix(turn)), number),
    }
}

/// The finalizer of SplitMix64: neighboring numbers become unrelated ones.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

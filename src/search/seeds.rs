//! One independent random stream per trial, from the study's seed and the trial's number.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::random::{mix, seed_of_stream};

/// The random stream of trial `number` in a study seeded with `seed`.
///
/// No state is carried from trial to trial, so a resumed study draws what the uninterrupted one
/// would have drawn.
pub(super) fn of_trial(seed: u64, number: usize) -> Pcg64Mcg {
    let number = u64::try_from(number).expect("trial numbers fit 64 bits");
    Pcg64Mcg::seed_from_u64(seed_of_stream(seed, number))
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

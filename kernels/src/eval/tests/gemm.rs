//! Blocked products and vector loops against plain loops, to the bit.

use proptest::prelude::*;

use super::Noise;
use crate::eval::gemm::{DEPTH, Panels, Place, Sum, multiply};
use crate::eval::quantized::{Grid, Rounding, low_byte, round};
use crate::op::Fused;

/// As [`multiply`]: every sum by itself, in blocks of [`DEPTH`] products.
fn loops<S: Sum>(rows: &[f32], filters: &[f32], depth: usize, place: Place, sums: &mut [S]) {
    let rows = rows.chunks_exact(depth);
    for (row, sums) in rows.zip(sums.chunks_exact_mut(place.stride)) {
        for (c, filter) in filters.chunks_exact(depth).enumerate() {
            for (row, filter) in row.chunks(DEPTH).zip(filter.chunks(DEPTH)) {
                let mut products = 0.0;
                for (element, weight) in row.iter().zip(filter) {
                    products += element * weight;
                }
                sums[place.first + c] = sums[place.first + c].plus(products);
            }
        }
    }
}

fn sizes() -> impl Strategy<Value = [usize; 4]> {
    let depth = prop_oneof![1..40_usize, 250..260_usize, 500..530_usize];
    (1..12_usize, 1..40_usize, depth, 0..5_usize)
        .prop_map(|(rows, c, k, first)| [rows, c, k, first])
}

/// The result of [`multiply`] and of the loops, of the same operands.
fn both<S: Sum>(sizes: [usize; 4], rows: &[f32], filters: &[f32]) -> [Vec<S>; 2] {
    let [count, channels, depth, first] = sizes;
    let place = Place {
        first,
        stride: first + channels + 1,
    };
    let mut blocked = vec![S::default(); count * place.stride];
    let mut plain = blocked.clone();
    multiply(rows, &Panels::new(filters, depth), place, &mut blocked);
    loops(rows, filters, depth, place, &mut plain);
    [blocked, plain]
}

proptest! {
    #[test]
    fn floats(sizes in sizes(), seed in any::<u64>()) {
        let [rows, channels, depth, _] = sizes;
        let mut noise = Noise(seed);
        let (x, w) = (noise.floats(rows * depth), noise.floats(channels * depth));
        let [blocked, plain] = both::<f32>(sizes, &x, &w);
        let bits = |sums: &[f32]| sums.iter().map(|s| s.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&blocked), bits(&plain));
    }

    #[test]
    fn integers(sizes in sizes(), seed in any::<u64>()) {
        let [rows, channels, depth, _] = sizes;
        let mut noise = Noise(seed);
        let mut whole = |len| -> Vec<f32> {
            (0..len).map(|_| f32::from(noise.byte()) + f32::from(noise.byte())).collect()
        };
        let (x, w) = (whole(rows * depth), whole(channels * depth));
        let [blocked, plain] = both::<i32>(sizes, &x, &w);
        prop_assert_eq!(blocked, plain);
    }

    /// Clamping before rounding, and rounding by moving, change nothing.
    #[test]
    fn rounding(
        steps in prop_oneof![-300.0_f32..300.0, any::<f32>(), (-600_i16..600).prop_map(|x| f32::from(x) / 2.0)],
        zero_point in -128..=127,
        fused in prop_oneof![Just(Fused::None), Just(Fused::Relu), Just(Fused::Relu6)],
    ) {
        prop_assume!(!steps.is_nan());
        let grid = Grid { scale: 0.03, zero_point, lowest: -128, highest: 127 };
        let bounds = grid.bounds(fused);
        let q = round(steps).saturating_add(zero_point).clamp(*bounds.start(), *bounds.end());
        prop_assert_eq!(Rounding::new(grid, fused).byte(steps), low_byte(q));
    }
}

/// Nothing that integers may be is lost: the largest products, as many as `i32` can hold.
#[test]
fn the_largest_integers() {
    let depth = 33_000;
    let (x, w) = (vec![255.0; depth], vec![-255.0; depth]);
    let mut sums = [0_i32];
    let place = Place {
        first: 0,
        stride: 1,
    };
    multiply(&x, &Panels::new(&w, depth), place, &mut sums);
    assert_eq!(sums, [-255 * 255 * 33_000]);
}

//! Resizing against values worked from the formulas.

use proptest::prelude::*;

use super::{Noise, bytes, floats, run_bytes, run_floats};
use crate::eval::{linear_sources, nearest_sources};
use crate::op::{Coordinates, Op, Resize, ResizeMode};

const fn resize(mode: ResizeMode, coordinates: Coordinates, width: usize) -> Op {
    Op::Resize(Resize {
        mode,
        coordinates,
        size: [1, width],
    })
}

fn row(coordinates: Coordinates, width: usize) -> Vec<f32> {
    let x = floats("x", &[1, 1, 3, 1], &[0.0, 4.0, 8.0]);
    run_floats(resize(ResizeMode::Bilinear, coordinates, width), &[x])
}

#[test]
fn nearest() {
    use Coordinates::{AlignCorners, Asymmetric, HalfPixel};
    assert_eq!(nearest_sources(Asymmetric, 2, 4), [0, 0, 1, 1]);
    assert_eq!(nearest_sources(HalfPixel, 2, 4), [0, 0, 1, 1]);
    assert_eq!(nearest_sources(AlignCorners, 2, 4), [0, 0, 1, 1]);
    // Positions 0, 5/3, 10/3; 5/6, 15/6, 25/6; 0, 2, 4.
    assert_eq!(nearest_sources(Asymmetric, 5, 3), [0, 1, 3]);
    assert_eq!(nearest_sources(HalfPixel, 5, 3), [0, 2, 4]);
    assert_eq!(nearest_sources(AlignCorners, 5, 3), [0, 2, 4]);
    // 0, 1/2, 1, 3/2, 2: halves go away from zero.
    assert_eq!(nearest_sources(AlignCorners, 3, 5), [0, 1, 1, 2, 2]);
    assert_eq!(nearest_sources(AlignCorners, 3, 1), [0]);
}

#[test]
fn bilinear() {
    assert_eq!(
        row(Coordinates::Asymmetric, 6),
        [0.0, 2.0, 4.0, 6.0, 8.0, 8.0]
    );
    assert_eq!(
        row(Coordinates::HalfPixel, 6),
        [0.0, 1.0, 3.0, 5.0, 7.0, 8.0]
    );
    assert_eq!(row(Coordinates::AlignCorners, 5), [0.0, 2.0, 4.0, 6.0, 8.0]);
    assert_eq!(row(Coordinates::AlignCorners, 1), [0.0]);
    assert_eq!(row(Coordinates::HalfPixel, 1), [4.0]);
}

#[test]
fn bilinear_in_both_directions() {
    let x = floats("x", &[1, 2, 2, 1], &[0.0, 2.0, 4.0, 6.0]);
    let op = Op::Resize(Resize {
        mode: ResizeMode::Bilinear,
        coordinates: Coordinates::AlignCorners,
        size: [3, 3],
    });
    let expected = [0.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0];
    assert_eq!(run_floats(op, &[x]), expected);
}

/// Halves round up: 0.5 to 1, -0.5 to 0.
#[test]
fn bytes_round_half_up() {
    let op = resize(ResizeMode::Bilinear, Coordinates::AlignCorners, 5);
    let x = bytes("x", &[1, 1, 3, 1], &[-1, 0, 1], 0.5, 7);
    assert_eq!(run_bytes(op, &[x], 0.5, 7), [-1, 0, 0, 1, 1]);
    let op = resize(ResizeMode::Nearest, Coordinates::HalfPixel, 6);
    let x = bytes("x", &[1, 1, 3, 1], &[-1, 0, 1], 0.5, 7);
    assert_eq!(run_bytes(op, &[x], 0.5, 7), [-1, -1, 0, 0, 1, 1]);
}

/// The integer between four corners, `[top left, top right, bottom left, bottom right]`.
fn between(corners: [i8; 4], down: f32, right: f32) -> i8 {
    let [tl, tr, bl, br] = corners.map(i64::from);
    let fixed = |fraction: f32| i64::from(crate::eval::quantized::round(fraction * 2048.0));
    let top = tl * 2048 + (tr - tl) * fixed(right);
    let bottom = bl * 2048 + (br - bl) * fixed(right);
    let mixed = (top * 2048 + (bottom - top) * fixed(down) + (1 << 21)) >> 22;
    i8::try_from(mixed).unwrap()
}

proptest! {
    /// Rows that are widened once give what four corners give pixel by pixel.
    #[test]
    fn bytes_equal_the_corners(
        seed in any::<u64>(),
        coordinates in prop_oneof![
            Just(Coordinates::Asymmetric),
            Just(Coordinates::HalfPixel),
            Just(Coordinates::AlignCorners)
        ],
        [n, h, w, c] in [1..3_usize, 1..6_usize, 1..6_usize, 1..4_usize],
        size in [1..14_usize, 1..14_usize],
    ) {
        let x = Noise(seed).bytes(n * h * w * c);
        let op = Op::Resize(Resize { mode: ResizeMode::Bilinear, coordinates, size });
        let found = run_bytes(op, &[bytes("x", &[n, h, w, c], &x, 0.5, 7)], 0.5, 7);
        let mut expected = Vec::new();
        for image in 0..n {
            for row in linear_sources(coordinates, h, size[0]) {
                for column in linear_sources(coordinates, w, size[1]) {
                    for channel in 0..c {
                        let at = |y, z| x[((image * h + y) * w + z) * c + channel];
                        let corners = [
                            at(row.low, column.low),
                            at(row.low, column.high),
                            at(row.high, column.low),
                            at(row.high, column.high),
                        ];
                        expected.push(between(corners, row.fraction, column.fraction));
                    }
                }
            }
        }
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn sources_stay_inside() {
    for coordinates in [
        Coordinates::Asymmetric,
        Coordinates::HalfPixel,
        Coordinates::AlignCorners,
    ] {
        for (input, output) in (1..20).flat_map(|i| (1..20).map(move |o| (i, o))) {
            let nearest = nearest_sources(coordinates, input, output);
            assert!(nearest.iter().all(|&source| source < input));
            for source in linear_sources(coordinates, input, output) {
                assert!(
                    source.low <= source.high && source.high < input,
                    "{source:?}"
                );
                assert!((0.0..1.0).contains(&source.fraction), "{source:?}");
            }
        }
    }
}

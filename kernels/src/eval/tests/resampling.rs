//! Resizing against values worked from the formulas.

use super::{bytes, floats, run_bytes, run_floats};
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

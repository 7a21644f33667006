//! What every street must keep: bytes, ranges, classes, and normals that fit the depth.

use super::*;
use crate::data::sample::INVERSE_DEPTH_MAX;
use crate::data::{Class, Dataset, VOID};

fn samples(split: Split, count: usize, height: usize, width: usize) -> Vec<Sample> {
    let data = Dataset::open("scenes", height, width, 0).unwrap();
    data.samples(split, &(0..count).collect::<Vec<_>>())
        .unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_and_two_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| samples(Split::Train, 6, 48, 96))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    let alone = Dataset::open("scenes", 48, 96, 0)
        .unwrap()
        .sample(Split::Train, 4)
        .unwrap();
    assert_eq!(one[4], alone);
}

#[test]
fn seeds_splits_and_indices_are_different_streets() {
    let label = |seed, split, index| {
        Dataset::open("scenes", 32, 64, seed)
            .unwrap()
            .sample(split, index)
            .unwrap()
            .label
    };
    let mut seen = std::collections::BTreeSet::new();
    for seed in [0, 1] {
        for split in Split::ALL {
            for index in 0..6 {
                assert!(
                    seen.insert(label(seed, split, index)),
                    "{seed} {split:?} {index}"
                );
            }
        }
    }
}

#[test]
fn all_classes_occur_within_24_images() {
    let mut pixels = [0usize; Class::COUNT];
    for sample in samples(Split::Train, 24, 128, 256) {
        for label in sample.label.into_iter().filter(|&l| l != VOID) {
            pixels[usize::from(label)] += 1;
        }
    }
    let total: usize = pixels.iter().sum();
    for class in Class::ALL {
        let count = pixels[usize::from(class.id())];
        assert!(
            count * 10_000 > total,
            "{} has {count} of {total} pixels",
            class.name()
        );
    }
    let share = |class: Class| pixels[usize::from(class.id())] as f64 / total as f64;
    assert!(
        (0.25..0.5).contains(&share(Class::Road)),
        "{}",
        share(Class::Road)
    );
    assert!(
        (0.01..0.2).contains(&share(Class::Sky)),
        "{}",
        share(Class::Sky)
    );
}

#[test]
fn values_keep_their_ranges() {
    for (height, width) in [(128, 128), (64, 128), (33, 17)] {
        for sample in samples(Split::Validation, 6, height, width) {
            let normals = sample.normal.chunks_exact(3);
            for ((&label, &depth), normal) in sample.label.iter().zip(&sample.depth).zip(normals) {
                assert!(label == VOID || Class::from_id(label).is_some());
                assert!((0.0..=INVERSE_DEPTH_MAX).contains(&depth));
                let length = normal.iter().map(|n| n * n).sum::<f32>().sqrt();
                assert_eq!(depth > 0.0, length > 0.0);
                assert!(length == 0.0 || (length - 1.0).abs() < 1e-4, "{normal:?}");
                assert!(label != Class::Sky.id() || depth == 0.0);
            }
            assert!(sample.rgb.iter().any(|&v| v > 60) && sample.rgb.iter().any(|&v| v < 200));
        }
    }
}

/// Points from inverse depth, their differences along rows and columns, and the cross product.
#[test]
fn normals_agree_with_finite_differences_of_depth() {
    let (height, width) = (128, 256);
    let focal = 1.04 * (2.0 * height as f32 * width as f32).sqrt();
    let mut angles: Vec<f32> = Vec::new();
    for sample in samples(Split::Train, 6, height, width) {
        let point = |row: usize, column: usize| {
            let depth = sample.depth[row * width + column];
            // At the clip the depth is not known any more.
            let known = depth > 0.0 && depth < INVERSE_DEPTH_MAX;
            let x = (column as f32 + 0.5 - width as f32 / 2.0) / focal;
            let y = (row as f32 + 0.5 - height as f32 * 0.46) / focal;
            known.then(|| [x, y, 1.0].map(|v| v * 1.850 / depth))
        };
        for row in 0..height - 1 {
            for column in 0..width - 1 {
                let corner = (
                    point(row, column),
                    point(row, column + 1),
                    point(row + 1, column),
                );
                let (Some(p), Some(right), Some(below)) = corner else {
                    continue;
                };
                let (a, b) = (minus(right, p), minus(below, p));
                let estimate = [
                    b[1] * a[2] - b[2] * a[1],
                    b[2] * a[0] - b[0] * a[2],
                    b[0] * a[1] - b[1] * a[0],
                ];
                let at = (row * width + column) * 3;
                let given = [
                    sample.normal[at],
                    sample.normal[at + 1],
                    sample.normal[at + 2],
                ];
                assert!(dot(given, p) <= 1e-3, "faces away: {given:?}");
                let cosine = dot(estimate, given) / dot(estimate, estimate).sqrt();
                angles.push(cosine.clamp(-1.0, 1.0).acos().to_degrees());
            }
        }
    }
    assert!(angles.len() > 100_000, "{}", angles.len());
    angles.sort_by(f32::total_cmp);
    let median = angles[angles.len() / 2];
    assert!(median < 1.0, "median angle {median} degrees");
}

fn minus(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

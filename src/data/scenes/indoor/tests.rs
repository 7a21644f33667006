//! What every room must keep: bytes, ranges, classes, and normals that face the camera.

use crate::data::{Dataset, Sample, Split, VOID};

fn samples(count: usize, height: usize, width: usize) -> Vec<Sample> {
    let data = Dataset::open("scenes-indoor", height, width, 0).unwrap();
    data.samples(Split::Train, &(0..count).collect::<Vec<_>>())
        .unwrap()
}

#[test]
fn all_classes_occur_within_200_images() {
    let mut shown = [0usize; 40];
    for sample in samples(200, 60, 80) {
        for label in sample.label.into_iter().filter(|&label| label != VOID) {
            shown[usize::from(label)] += 1;
        }
    }
    let total: usize = shown.iter().sum();
    for (class, count) in shown.into_iter().enumerate() {
        assert!(count * 20_000 > total, "class {class}: {count} of {total}");
    }
    assert!(
        shown[0] * 10 > total,
        "walls are large: {} of {total}",
        shown[0]
    );
}

#[test]
fn values_keep_their_ranges_and_normals_face_the_camera() {
    let (height, width) = (96_usize, 128_usize);
    let focal = 0.66 * (2.0 * height as f32 * width as f32).sqrt();
    for sample in samples(8, height, width) {
        let labeled = sample.label.iter().filter(|&&label| label != VOID).count();
        assert!(labeled * 10 > 8 * height * width, "{labeled}");
        for (at, normal) in sample.normal.chunks_exact(3).enumerate() {
            let depth = sample.depth[at];
            assert!((0.0..9.0).contains(&depth), "{depth}");
            assert_eq!(depth > 0.0, sample.label[at] != VOID);
            if depth == 0.0 {
                assert_eq!(normal, [0.0; 3]);
                continue;
            }
            let length = normal.iter().map(|n| n * n).sum::<f32>().sqrt();
            assert!((length - 1.0).abs() < 1e-4, "{normal:?}");
            let x = ((at % width) as f32 + 0.5 - width as f32 / 2.0) / focal;
            let y = ((at / width) as f32 + 0.5 - height as f32 * 0.5) / focal;
            assert!(
                normal[0] * x + normal[1] * y + normal[2] <= 1e-3,
                "{normal:?}"
            );
        }
        assert!(sample.rgb.iter().any(|&v| v > 90) && sample.rgb.iter().any(|&v| v < 200));
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_and_two_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| samples(4, 48, 64))
    };
    assert_eq!(on(1), on(2));
}

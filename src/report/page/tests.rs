//! A page from made-up records: escaped, self-contained, the same twice.

use super::*;
use crate::data::{ClassSet, Dataset, DepthUnit, Sample, Split};
use crate::report::Picture;
use crate::task::Task;
use crate::validate::metrics::{Metric, Scores};

fn scores(values: [f64; 4]) -> Option<Scores> {
    let metrics = [
        Metric::MeanIou,
        Metric::PixelAccuracy,
        Metric::AbsoluteError,
        Metric::RelativeError,
    ];
    Some(metrics.into_iter().zip(values).collect())
}

fn contender(role: Role, name: &str, shift: f64) -> Contender {
    Contender {
        role,
        name: name.to_owned(),
        genome: "late-separable:9|k3e6m1-ibn...".to_owned(),
        params: 3_408_000,
        macs: 149_000_000,
        float: scores([
            31.2 + shift,
            80.1 + shift,
            0.0212 - shift / 1e3,
            0.291 - shift / 100.0,
        ]),
        int8: scores([
            30.4 + shift,
            79.8 + shift,
            0.0219 - shift / 1e3,
            0.301 - shift / 100.0,
        ]),
        latency: Latencies {
            target_simulated_ms: Some(4.31 - shift / 4.0),
            host_simulated_ms: Some(61.0),
            host_measured_ms: Some(57.4),
        },
    }
}

/// 24 trials on two overlapping arcs, without a random number.
fn trials() -> Vec<TrialPoint> {
    (0..24_u32)
        .map(|n| {
            let (x, wave) = (f64::from(n * 7 % 24) / 24.0, f64::from(n * 5 % 11) / 11.0);
            let accuracy = 4.2 + 1.4 * x.sqrt() - 0.5 * wave;
            TrialPoint {
                number: usize::try_from(n).unwrap(),
                genome: format!("genome-{n}"),
                latency_ms: 3.2 + 2.6 * x,
                accuracy,
                reward: accuracy * ((3.2 + 2.6 * x) / 4.31_f64).powf(-0.07),
            }
        })
        .collect()
}

fn layers() -> Vec<LayerTime> {
    let layer = |n: u32| LayerTime {
        name: format!(
            "trunk/block_{:02}/{}",
            n / 3 + 1,
            ["expand", "depthwise", "project"][n as usize % 3]
        ),
        op: ["conv2d", "depthwise_conv2d", "conv2d"][n as usize % 3].to_owned(),
        unit: if n % 11 == 10 {
            "host"
        } else if n % 3 == 1 {
            "vector"
        } else {
            "array"
        }
        .to_owned(),
        bound_by: ["compute", "memory", "link"][n as usize % 7 % 3].to_owned(),
        latency_ms: 0.31 / f64::from(1 + n * 5 % 17),
        macs: 1_000_000 + 7_919 * u64::from(n),
    };
    (0..48).map(layer).collect()
}

fn gallery(sample: &Sample) -> Gallery {
    let (h, w) = (sample.height, sample.width);
    let row = |label: &str, labels: &[u8], depth: &[f32], normals: &[f32]| GalleryRow {
        label: label.to_owned(),
        pictures: vec![
            Picture::labels(h, w, labels, &ClassSet::cityscapes()),
            Picture::depth(h, w, depth, DepthUnit::Inverse),
            Picture::normals(h, w, normals),
        ],
    };
    let guess: Vec<u8> = sample
        .label
        .iter()
        .map(|&l| if l == 11 { 10 } else { l })
        .collect();
    let depth: Vec<f32> = sample.depth.iter().map(|d| d * 0.8 + 0.01).collect();
    Gallery {
        name: "val <0>".to_owned(),
        image: Picture::image(h, w, &sample.rgb),
        tasks: Task::ALL.to_vec(),
        classes: ClassSet::cityscapes(),
        rows: vec![
            row("truth", &sample.label, &sample.depth, &sample.normal),
            row("int8", &guess, &depth, &sample.normal),
        ],
    }
}

fn page(size: usize) -> Page {
    let data = Dataset::open("scenes", size, size, 0).unwrap();
    let fact = |name: &str, value: &str| Fact {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    Page {
        title: "EDNAS for coral-edgetpu".to_owned(),
        subtitle: "24 trials & 2 trainings on scenes, 128x128".to_owned(),
        contenders: vec![
            contender(Role::Baseline, "mt-edge", 0.0),
            contender(Role::Best, "trial 20", 2.1),
        ],
        machines: Machines {
            target: "coral-edgetpu".to_owned(),
            host: "host-tract".to_owned(),
            host_runtime: "tract 0.23.9 (1 thread, median of 50)".to_owned(),
        },
        notes: vec!["tract computes QDQ convolutions in float.".to_owned()],
        search: Some(SearchRecord {
            trials: trials(),
            best: Some(20),
            baseline: Some(0),
            accuracy_label: "accuracy, eq. 6".to_owned(),
            latency_target_ms: Some(4.31),
            infeasible: 2,
            failed: 0,
        }),
        layers: layers(),
        gallery: data
            .samples(Split::Validation, &[0, 1])
            .unwrap()
            .iter()
            .map(gallery)
            .collect(),
        agreement: vec![Agreement {
            pair: "trial 20 int8: tract, ednas kernels".to_owned(),
            output: "seg".to_owned(),
            equal_percent: 97.31,
            steps_max: 2.0,
            steps_mean: 0.031,
        }],
        files: vec![FileEntry {
            name: "model_int8.tflite".to_owned(),
            what: "int8, NHWC".to_owned(),
            bytes: 3_912_004,
        }],
        facts: vec![
            fact("command", "ednas run --seed 0 --profile \"a'b\" <x>"),
            fact("seed", "0"),
        ],
        assumptions: vec![Assumption {
            name: "array.fill_cycles".to_owned(),
            value: "64".to_owned(),
            why: "no public figure".to_owned(),
        }],
    }
}

#[test]
fn the_page_is_escaped_self_contained_and_the_same_twice() {
    let page = page(32);
    let html = html(&page);
    assert_eq!(html, super::html(&page));
    assert!(html.contains("--profile &quot;a&#39;b&quot; &lt;x&gt;"));
    assert!(html.contains("24 trials &amp; 2 trainings") && html.contains("val &lt;0&gt;"));
    assert!(!html.contains("<x>") && !html.contains("http") && !html.contains("<script"));
    assert_eq!(
        html.matches("data:image/png;base64,").count(),
        2 * (1 + 2 * 3)
    );
    for tag in ["section", "table", "tr", "svg", "figure", "div", "span"] {
        let opened =
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn gains_and_errors_are_computed_here() {
    let html = html(&page(32));
    for text in [
        "-12.2 % to mt-edge (4.31 ms)",
        "+6.3 %",
        "2 infeasible, 0 failed",
        "3.73 MiB",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn what_is_not_there_leaves_no_empty_section() {
    let mut page = page(32);
    page.search = None;
    page.layers.clear();
    page.gallery.clear();
    page.agreement.clear();
    page.assumptions.clear();
    let html = html(&page);
    for title in [
        "Search",
        "Latency per layer",
        "Predictions",
        "Agreement",
        "Assumed",
    ] {
        assert!(!html.contains(&format!("<h2>{title}")), "{title}");
    }
    assert!(html.contains("<h2>Accuracy</h2>"));
}

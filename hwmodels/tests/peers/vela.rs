//! Arm Ethos-U beside Arm's compiler Vela 5.2.0: cycles of every layer, model against model.
//!
//! `vela_*.csv` hold the shapes of the layers and the cycles that Vela prints for them
//! (`--verbose-performance`), by profile and mode. The page of tables is written by this test:
//! `UPDATE_EXPECT=1 cargo test -p hwmodels --test peers`.

use std::fmt::Write;

use expect_test::expect_file;
use hwmodels::profile::{ProfileFile, split_modes};

use crate::layers::{Kind, Layer, cycles};
use crate::{median, percent};

/// The networks, and the tables of facts about them.
const NETWORKS: [(&str, &str); 2] = [
    ("MobileNetV2 1.0 224", include_str!("vela_mobilenet_v2.csv")),
    ("DS-CNN for keywords", include_str!("vela_kws.csv")),
];

/// A network and, for each target, Vela's cycles of every layer.
struct Facts {
    layers: Vec<Layer>,
    targets: Vec<(String, Vec<u64>)>,
}

fn facts(text: &str) -> Facts {
    let mut lines = text.lines();
    let targets = lines.next().unwrap().split(',').skip(9);
    let mut targets: Vec<(String, Vec<u64>)> = targets
        .map(|target| (format!("ethos-{target}"), Vec::new()))
        .collect();
    let mut layers = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let count = |at: usize| cells[at].parse::<u64>().unwrap();
        let (rows, columns) = cells[6].split_once('x').unwrap();
        layers.push(Layer {
            name: cells[0].to_owned(),
            kind: match cells[1] {
                "conv" => Kind::Conv,
                "depthwise" => Kind::Depthwise,
                "add" => Kind::Add,
                other => panic!("no such layer: {other}"),
            },
            input: [count(2), count(3), count(4)],
            out_c: count(5),
            kernel: [rows.parse().unwrap(), columns.parse().unwrap()],
            stride: count(7),
            relu6: count(8) == 1,
        });
        for (at, (_, theirs)) in targets.iter_mut().enumerate() {
            theirs.push(count(9 + at));
        }
    }
    Facts { layers, targets }
}

/// Ours for a target as `ethos-u55-128:sram-only`; the mode that a profile has without a name for
/// it is its base.
fn ours(target: &str, layers: &[Layer]) -> (Vec<u64>, u64) {
    let (name, modes) = split_modes(target);
    let file = ProfileFile::named(name).unwrap();
    let known = file.modes();
    let modes: Vec<&str> = modes
        .into_iter()
        .filter(|mode| known.iter().any(|known| known.name == *mode))
        .collect();
    cycles(&file.with_modes(&modes).unwrap(), layers, 1)
}

/// Whether Vela prints no cycles for `layer`, which it chains to the one before it; ours is then
/// fused as well.
fn fused(layer: &Layer, ours: u64, theirs: u64) -> bool {
    assert!(theirs > 0 || ours == 0, "{} takes no time", layer.name);
    theirs == 0
}

/// Medians over the layers of each kind, the layer that is off most, and the whole network.
fn summary(page: &mut String) {
    page.push_str(
        "| network | profile and mode | conv | depthwise | add | all layers | worst layer | whole network |\n\
         |---|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for (network, text) in NETWORKS {
        let Facts { layers, targets } = facts(text);
        for (target, theirs) in &targets {
            let (ours, _) = ours(target, &layers);
            let errors: Vec<(Kind, f64)> = layers
                .iter()
                .zip(ours.iter().zip(theirs))
                .filter(|(layer, (ours, theirs))| !fused(layer, **ours, **theirs))
                .map(|(layer, (ours, theirs))| (layer.kind, percent(*ours, *theirs)))
                .collect();
            let of = |wanted: Option<Kind>| {
                let of_kind = errors
                    .iter()
                    .filter(|(kind, _)| wanted.is_none_or(|w| w == *kind));
                of_kind.map(|(_, error)| *error).collect::<Vec<_>>()
            };
            let cell = |kind| match of(kind) {
                errors if errors.is_empty() => String::new(),
                errors => format!("{:.1} %", median(errors.into_iter())),
            };
            let worst = of(None)
                .into_iter()
                .max_by(|a, b| a.abs().total_cmp(&b.abs()));
            let worst = worst.unwrap();
            let kinds = [
                Some(Kind::Conv),
                Some(Kind::Depthwise),
                Some(Kind::Add),
                None,
            ]
            .map(cell);
            let whole = percent(ours.iter().sum(), theirs.iter().sum());
            writeln!(
                page,
                "| {network} | {target} | {} | {worst:+.1} % | {whole:+.1} % |",
                kinds.join(" | ")
            )
            .unwrap();
        }
    }
}

fn tables(page: &mut String) {
    for (network, text) in NETWORKS {
        let Facts { layers, targets } = facts(text);
        write!(
            page,
            "\n## {network}\n\n| layer | input | output | window |"
        )
        .unwrap();
        for (target, _) in &targets {
            write!(page, " {} |", target.trim_start_matches("ethos-")).unwrap();
        }
        writeln!(page, "\n|---|---|---|---|{}", "---:|".repeat(targets.len())).unwrap();
        let found: Vec<Vec<u64>> = targets
            .iter()
            .map(|(target, _)| ours(target, &layers).0)
            .collect();
        for (at, layer) in layers.iter().enumerate() {
            let [h, w, c] = layer.input;
            let [rows, columns] = layer.kernel;
            let (name, out_c, stride) = (&layer.name, layer.out_c, layer.stride);
            write!(
                page,
                "| {name} | {h} x {w} x {c} | {out_c} | {rows} x {columns} / {stride} |"
            )
            .unwrap();
            for (ours, (_, theirs)) in found.iter().zip(&targets) {
                write!(page, " {} / {} |", ours[at], theirs[at]).unwrap();
            }
            page.push('\n');
        }
    }
}

#[test]
fn every_layer_beside_vela() {
    let mut page = String::from(include_str!("vela_head.md"));
    summary(&mut page);
    tables(&mut page);
    expect_file!["../../../docs/profiles/ethos-u-vela.md"].assert_eq(&page);
}

//! Arm's compiler Vela: the named networks, built for an Ethos-U, land on it whole, and of other
//! forms it leaves to the CPU what `ednas map` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ednas::deploy::{Calibration, Source, TARGETS, Target};
use ednas::quantize::{calibrate, quantize};
use ednas::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use ednas::space::model::{Model, names};
use ednas::task::Task;
use exporters::{Metadata, tflite};
use hwmodels::compile::refusals;
use kernels::Verified;
use kernels::op::Coordinates;
use kernels::work::{Precision, tasks};

use super::accept::left_by_vela;

const SIZE: [usize; 2] = [128, 128];

/// The targets that Vela compiles for; it knows their profiles by the same name
/// (`--accelerator-config`).
fn targets() -> impl Iterator<Item = Target> {
    let names = TARGETS.into_iter().map(|(name, _)| name);
    names
        .filter(|name| name.starts_with("ethos-"))
        .map(|name| Target::named(name).unwrap())
}

/// The network of `model` in int8, with random values.
fn network(model: &str, tasks: &[Task], upsampling: Upsampling) -> Verified {
    let options = NetworkOptions {
        size: SIZE,
        tasks: tasks.to_vec(),
        classes: ednas::task::SEGMENTATION_CLASSES,
        upsampling,
    };
    let fused = FusedDefinition::LateSeparable { first_block: 9 };
    let model = Model::parse(model, fused).unwrap();
    let images = Calibration::of_dataset("scenes", 0, SIZE, 1).unwrap();
    let float = Source::untrained(&model, &options, 0, &images)
        .unwrap()
        .graph;
    let ranges = calibrate(&float, 1, |image| images.samples[image].clone());
    quantize(&float, &ranges.unwrap()).unwrap()
}

/// The tasks that the networks of `model` have.
fn tasks_of(model: &str) -> Vec<Vec<Task>> {
    let all = [Task::Segmentation, Task::Depth, Task::Normals];
    match model {
        "st-edge" => all.map(|task| vec![task]).to_vec(),
        _ => vec![all.to_vec()],
    }
}

/// What Vela leaves to the CPU of `network`, by the name of the result.
fn left_to_the_cpu(network: &Verified, accelerator: &str, folder: &Path) -> BTreeSet<String> {
    let file = folder.join("network.tflite");
    std::fs::write(&file, tflite::write(network, &Metadata::default()).unwrap()).unwrap();
    left_by_vela(&file, accelerator).into_iter().collect()
}

#[test]
fn named_networks_land_on_the_npu_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut built: BTreeMap<String, Vec<Verified>> = BTreeMap::new();
    for target in targets() {
        let accelerator = target.profile.unwrap().name().to_owned();
        for model in names() {
            let form = target.upsampling;
            let build = || {
                tasks_of(model)
                    .iter()
                    .map(|tasks| network(model, tasks, form))
                    .collect()
            };
            let networks = built.entry(format!("{model} {form}")).or_insert_with(build);
            for network in networks {
                let left = left_to_the_cpu(network, &accelerator, folder.path());
                assert!(left.is_empty(), "{model} {form} on {accelerator}: {left:?}");
            }
        }
    }
}

/// One resize of eight with half-pixel centers: only an Ethos-U85 takes it.
#[test]
fn vela_leaves_to_the_cpu_what_the_rules_of_the_profile_say() {
    let folder = tempfile::tempdir().unwrap();
    let form = Upsampling::bilinear(Coordinates::HalfPixel);
    let network = network("mt-edge", &tasks_of("mt-edge")[0], form);
    for (target, expected) in targets().zip([3, 3, 0]) {
        let profile = target.profile.unwrap();
        let list = tasks(&network, Precision::AsIs).unwrap();
        let refused = refusals(&profile, &list);
        let hosted = list.tasks().iter().zip(refused);
        let hosted = hosted.filter(|(_, refusal)| refusal.is_some());
        let hosted: BTreeSet<String> = hosted.map(|(task, _)| task.name.clone()).collect();
        let left = left_to_the_cpu(&network, profile.name(), folder.path());
        assert_eq!(left, hosted, "{}", target.name);
        assert_eq!(left.len(), expected, "{}", target.name);
    }
}

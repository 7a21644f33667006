//! Arm's compiler Vela: the named networks, built for an Ethos-U, land on it whole, and of other
//! forms it leaves to the CPU what `ednas map` says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use ednas::deploy::target::Target;
use ednas::quantize::{calibrate, quantize};
use ednas::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use ednas::space::model::{Model, NAMES};
use ednas::task::Task;
use exporters::{Metadata, tflite};
use hwmodels::compile::refusals;
use kernels::op::Coordinates;
use kernels::work::{Precision, tasks};
use kernels::{Data, Verified, fold};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::foreign::{initialized, python};

/// Targets whose profiles Vela knows by the same name (`--accelerator-config`).
const TARGETS: [&str; 3] = ["ethos-u55", "ethos-u65", "ethos-u85"];

/// The networks of `model` at 128x128 in int8, with random weights, calibrated on noise.
fn networks(model: &str, upsampling: Upsampling) -> Vec<Verified> {
    let options = NetworkOptions {
        size: [128, 128],
        tasks: vec![Task::Segmentation, Task::Depth, Task::Normals],
        upsampling,
    };
    let fused = FusedDefinition::LateSeparable { first_block: 9 };
    let float = Model::parse(model, fused).unwrap().networks(&options);
    float.unwrap().iter().map(quantized).collect()
}

fn quantized(network: &Verified) -> Verified {
    let mut random = Pcg64Mcg::seed_from_u64(5);
    let float = fold(&initialized(network, &mut random));
    let pixels = float[float.inputs[0]].shape.elements();
    let image: Vec<f32> = (0..pixels)
        .map(|_| random.random_range(-1.0..1.0))
        .collect();
    let load = |_| vec![Data::F32(image.as_slice().into())];
    quantize(&float, &calibrate(&float, 1, load).unwrap()).unwrap()
}

/// What Vela leaves to the CPU of `network`, by the name of the result, as its table of operators
/// says; the rest is on the NPU.
fn left_to_the_cpu(network: &Verified, accelerator: &str, folder: &Path) -> Vec<String> {
    let file = folder.join("network.tflite");
    std::fs::write(&file, tflite::write(network, &Metadata::default()).unwrap()).unwrap();
    let vela = python(Path::new(env!("CARGO_MANIFEST_DIR"))).with_file_name("vela");
    let run = Command::new(vela)
        .arg(&file)
        .args(["--accelerator-config", accelerator, "--verbose-performance"])
        .arg("--output-dir")
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}: {said}", network.name);
    let table = csv::Reader::from_path(folder.join("network_per-layer.csv"));
    let rows: Vec<BTreeMap<String, String>> =
        table.unwrap().deserialize().map(Result::unwrap).collect();
    let on = |target: &str| rows.iter().filter(move |row| row["Target"] == target);
    assert_eq!(on("NPU").count() + on("CPU").count(), rows.len(), "{said}");
    assert!(on("NPU").count() > 100, "{said}");
    on("CPU").map(|row| row["Name"].clone()).collect()
}

#[test]
fn named_networks_land_on_the_npu_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut built: BTreeMap<String, Vec<Verified>> = BTreeMap::new();
    for target in TARGETS {
        let target = Target::named(target).unwrap();
        let accelerator = target.profile.unwrap().name().to_owned();
        for model in NAMES {
            let form = target.upsampling;
            let networks = built
                .entry(format!("{model} {form}"))
                .or_insert_with(|| networks(model, form));
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
    let network = networks("mt-edge", form).remove(0);
    for (target, expected) in TARGETS.into_iter().zip([3, 3, 0]) {
        let profile = Target::named(target).unwrap().profile.unwrap();
        let list = tasks(&network, Precision::AsIs).unwrap();
        let refused = refusals(&profile, &list);
        let hosted = list.tasks().iter().zip(refused);
        let hosted = hosted.filter(|(_, refusal)| refusal.is_some());
        let hosted: Vec<&str> = hosted.map(|(task, _)| task.name.as_str()).collect();
        let left = left_to_the_cpu(&network, profile.name(), folder.path());
        assert_eq!(left, hosted, "{target}");
        assert_eq!(left.len(), expected, "{target}");
    }
}

#[test]
fn zz_write_forms() {
    use kernels::op::{Op, ResizeMode};
    use kernels::tensor::{Content, DataType};
    use kernels::{Node, Tensor, TensorId, verify};
    let out = Path::new("/tmp/u85/forms");
    std::fs::create_dir_all(out).unwrap();
    let fused = FusedDefinition::LateSeparable { first_block: 9 };
    for size in [128, 256] {
        for text in ["half_pixel_doubling", "asymmetric", "half_pixel", "nearest_asymmetric", "asymmetric_doubling", "nearest_half_pixel"] {
            let upsampling: Upsampling = text.parse().unwrap();
            for model in NAMES {
                if model == "st-edge" && !matches!(text, "half_pixel_doubling" | "asymmetric" | "half_pixel") {
                    continue;
                }
                let tasks = vec![Task::Segmentation, Task::Depth, Task::Normals];
                let options = NetworkOptions { size: [size, size], tasks, upsampling };
                let float = Model::parse(model, fused).unwrap().networks(&options).unwrap();
                for (at, network) in float.iter().enumerate() {
                    let file = out.join(format!("{model}-{at}.{size}.{text}.tflite"));
                    if file.exists() {
                        continue;
                    }
                    let int8 = quantized(network);
                    let bytes = tflite::write(&int8, &Metadata::default()).unwrap();
                    std::fs::write(&file, bytes).unwrap();
                    if model == "mt-edge" {
                        for dtype in [DataType::I32, DataType::I64] {
                            let mut g = Verified::into_graph(int8.clone());
                            let seg = g.outputs[0];
                            let s = g[seg].shape.to_vec();
                            let id = TensorId::new(g.tensors.len());
                            g.tensors.push(Tensor {
                                name: "classes".into(),
                                shape: s[..3].iter().copied().collect::<Vec<_>>().into(),
                                dtype,
                                quantization: None,
                                content: Content::Computed,
                            });
                            g.nodes.push(Node {
                                name: "argmax".into(),
                                op: Op::ArgMax { axis: 3 },
                                inputs: vec![seg],
                                outputs: vec![id],
                            });
                            g.outputs[0] = id;
                            let g = verify(g).unwrap();
                            let name = format!("argmax_{}-{at}.{size}.{text}.tflite", dtype.name());
                            let bytes = tflite::write(&g, &Metadata::default()).unwrap();
                            std::fs::write(out.join(name), bytes).unwrap();
                        }
                    }
                    let _ = ResizeMode::Nearest;
                }
            }
        }
    }
}

//! `ednas validate`: a bundle in every runtime, and everything that can be wrong with one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ednas::deploy::record::QuantizationRecord;
use ednas::deploy::source::{DataOrigin, Origin};
use ednas::deploy::{Bundle, Calibration, Deployment, Golden, Source, Target, write_bundle};
use ednas::quantize::{calibrate, quantize};
use ednas::task::Task;
use exporters::{Metadata, onnx};
use kernels::op::{Conv2d, Coordinates, Fused, Padding, Resize, ResizeMode};
use kernels::tensor::Content;
use kernels::{Data, DataType, GraphBuilder, Op, TensorId, Verified, fold, verify};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::foreign::python;

/// The side of the images.
const SIZE: usize = 32;

/// A convolution of random weights.
fn conv(
    b: &mut GraphBuilder,
    random: &mut Pcg64Mcg,
    name: &str,
    x: TensorId,
    [inputs, outputs]: [usize; 2],
    (stride, fused): (usize, Fused),
) -> TensorId {
    let reach = (6.0 / (9 * inputs) as f32).sqrt();
    let mut values = |count: usize, reach: f32| {
        let values = (0..count).map(|_| random.random_range(-reach..reach));
        Data::F32(values.collect())
    };
    let weights = values(outputs * 9 * inputs, reach);
    let bias = values(outputs, 0.3);
    let weights = b.constant(
        format!("{name}/weights"),
        [outputs, 3, 3, inputs],
        weights,
        None,
    );
    let bias = b.constant(format!("{name}/bias"), [outputs], bias, None);
    let op = Op::Conv2d(Conv2d {
        stride: [stride; 2],
        dilation: [1; 2],
        padding: Padding {
            top: 1,
            left: 1,
            bottom: 1,
            right: 1,
        },
        groups: 1,
        fused,
    });
    b.push(name, op, &[x, weights, bias]).unwrap()
}

/// Two convolutions, then a head for segmentation and one for depth, resized to the image.
fn network() -> Verified {
    let mut random = Pcg64Mcg::seed_from_u64(5);
    let mut b = GraphBuilder::new("small");
    let image = b.input("image", [1, SIZE, SIZE, 3], DataType::F32);
    let relu6 = Fused::Relu6;
    let x = conv(&mut b, &mut random, "stem", image, [3, 8], (2, relu6));
    let x = conv(&mut b, &mut random, "body", x, [8, 8], (1, relu6));
    for task in [Task::Segmentation, Task::Depth] {
        let name = format!("{task}/head");
        let channels = [8, task.channels(19)];
        let head = conv(&mut b, &mut random, &name, x, channels, (1, Fused::None));
        let resize = Op::Resize(Resize {
            mode: ResizeMode::Bilinear,
            coordinates: Coordinates::Asymmetric,
            size: [SIZE; 2],
        });
        let output = b.push(task.name(), resize, &[head]).unwrap();
        b.output(output);
    }
    fold(&verify(b.finish()).unwrap())
}

/// A bundle of that network in a new folder.
fn bundle() -> TempDir {
    let graph = network();
    let calibration = Calibration::of_dataset("scenes", 0, [SIZE; 2], 4).unwrap();
    let samples = &calibration.samples;
    let ranges = calibrate(&graph, samples.len(), |i| samples[i].clone()).unwrap();
    let int8 = quantize(&graph, &ranges).unwrap();
    let source = Source {
        graph,
        origin: Origin::File {
            name: "small.onnx".to_owned(),
        },
        upsampling: None,
        contents: ednas::data::Contents::street(),
        data: Some(DataOrigin {
            name: "scenes".to_owned(),
            seed: 0,
            size: [SIZE; 2],
            tasks: vec![Task::Segmentation, Task::Depth],
            validation_samples: 8,
        }),
        ranges: None,
    };
    let deployment = Deployment {
        golden: Golden::new(&source.graph, &int8, &samples[0]).unwrap(),
        source: &source,
        int8: &int8,
        quantization: QuantizationRecord {
            method: "min-max".to_owned(),
            calibration: calibration.origin.clone(),
            onnx_activations: "int8".to_owned(),
        },
        target: &Target::named("ethos-u55").unwrap(),
        accuracy: None,
    };
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path(), &Bundle::new(&deployment).unwrap()).unwrap();
    folder
}

/// `ednas validate` of `path`, in the Python that has the runtimes.
fn validate(path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ednas"));
    let python = python(Path::new(env!("CARGO_MANIFEST_DIR")));
    command
        .env("EDNAS_PYTHON", python)
        .arg("validate")
        .arg(path);
    command.args(["--samples", "4", "--runs", "3"]);
    command
}

/// The one record of a command that ended with `code`.
fn record(command: &mut Command, code: i32) -> Value {
    let output = command.arg("--json").output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", errors(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a command says that must end with exit code 2.
fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(output.stdout.is_empty());
    errors(&output)
}

fn names(list: &Value) -> Vec<&str> {
    let names = list.as_array().unwrap().iter();
    names.map(|item| item["name"].as_str().unwrap()).collect()
}

#[test]
fn every_runtime_gives_the_golden_vectors_and_is_timed() {
    let folder = bundle();
    let page = folder.path().join("pages/validation.html");
    let found = record(validate(folder.path()).arg("--page").arg(&page), 0);
    assert_eq!(found["schema"], "ednas.validate/1");
    assert_eq!(found["inputs"], "data set scenes, seed 0, validation split");
    let all = ["kernels", "litert", "onnxruntime", "tract"];
    assert_eq!(names(&found["runtimes"]), all);
    for golden in found["golden"].as_array().unwrap() {
        let exact = ["kernels", "litert"].contains(&golden["runtime"].as_str().unwrap());
        for output in golden["outputs"].as_array().unwrap() {
            let most = output["max_steps"].as_u64().unwrap();
            assert!(most <= u64::from(!exact), "{golden}");
        }
    }
    let pairs = found["agreement"].as_array().unwrap();
    assert_eq!(pairs.len(), 6);
    assert_eq!(pairs[0]["runtime"], "litert");
    assert_eq!(pairs[0]["all"]["equal"], 1.0);
    let elements = 4 * SIZE * SIZE * (19 + 1);
    assert_eq!(pairs[0]["all"]["elements"], elements);
    let accuracy = found["accuracy"].as_array().unwrap();
    assert_eq!(accuracy.len(), 5);
    assert_eq!(accuracy[0]["network"], "float");
    assert_eq!(accuracy[1]["scores"], accuracy[2]["scores"]);
    assert!(accuracy[1]["loss_percent"]["AbsE"].is_number());
    let timed = found["measured"].as_array().unwrap();
    assert_eq!(timed.len(), 8);
    assert!(
        timed
            .iter()
            .all(|m| m["median_ms"].as_f64() >= m["min_ms"].as_f64())
    );
    assert_eq!(found["simulated"][0]["profile"], "ethos-u55-128");
    let text = fs::read_to_string(page).unwrap();
    assert!(text.contains("Do runtimes agree?") && text.ends_with("</html>\n"));
}

#[test]
fn vela_places_every_operator_on_the_npu() {
    let folder = bundle();
    let mut command = validate(folder.path());
    command.args(["--runtime", "kernels", "--compiler", "vela"]);
    let found = record(&mut command, 0);
    let compiled = &found["compiled"][0];
    assert_eq!(compiled["accelerator"], "ethos-u55-128");
    assert_eq!(compiled["system"], "Ethos_U55_High_End_Embedded");
    assert_eq!(compiled["cpu_operators"], 0);
    assert!(compiled["npu_operators"].as_u64().unwrap() > 5);
    assert!(compiled["cycles"].as_f64().unwrap() > 1000.0);
    let mut without_ethos = validate(folder.path());
    without_ethos.args(["--compiler", "vela", "--profile", "coral-edgetpu"]);
    let message = refused(&mut without_ethos);
    assert!(message.contains("add --profile ethos-u55-128"), "{message}");
}

#[test]
fn a_runtime_that_is_not_there_is_an_error_only_when_it_is_named() {
    let folder = bundle();
    let mut named = validate(folder.path());
    named
        .args(["--runtime", "litert"])
        .env("EDNAS_PYTHON", "/no/such/python");
    let message = refused(&mut named);
    for part in ["LiteRT is not there", "/no/such/python", "EDNAS_PYTHON"] {
        assert!(message.contains(part), "{message}");
    }
    let mut unnamed = validate(folder.path());
    unnamed.env("EDNAS_PYTHON", "/no/such/python");
    let found = record(&mut unnamed, 0);
    assert_eq!(found["runtimes"][0]["name"], "kernels");
    let absent = found["absent"].as_array().unwrap();
    let tools = absent.iter().map(|a| a["tool"].as_str().unwrap());
    assert_eq!(tools.collect::<Vec<_>>(), ["LiteRT", "onnxruntime", "Vela"]);
}

/// A Python without packages, and one whose process dies in the middle.
#[cfg(unix)]
#[test]
fn a_missing_package_and_a_crash_are_told_apart() {
    use std::os::unix::fs::PermissionsExt;

    let folder = bundle();
    let script = |text: &str| -> PathBuf {
        let path = folder.path().join("python");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let without = "[ \"$1\" = --version ] && exit 0\n\
                   echo \"ModuleNotFoundError: No module named 'ai_edge_litert'\" >&2; exit 1";
    let mut missing = validate(folder.path());
    missing
        .args(["--runtime", "litert"])
        .env("EDNAS_PYTHON", script(without));
    let message = refused(&mut missing);
    for part in [
        "No module named 'ai_edge_litert'",
        "-m pip install ai-edge-litert",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let dying = "for last; do :; done; [ \"$last\" = --version ] && echo 9.9 && exit 0\nkill -9 $$";
    let mut crash = validate(folder.path());
    crash.args(["--runtime", "litert", "--runtime", "kernels"]);
    crash.env("EDNAS_PYTHON", script(dying));
    let found = record(&mut crash, 1);
    let problem = found["failures"][0]["problem"].as_str().unwrap();
    let expected = "LiteRT on model_int8.tflite was killed by signal 9";
    assert_eq!(problem, expected);
    assert_eq!(found["golden"][0]["runtime"], "kernels");
    assert_eq!(found["passed"], false);
}

#[test]
fn other_bytes_than_the_golden_ones_do_not_pass() {
    let folder = bundle();
    let path = folder.path().join("golden/depth.npy");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.last_mut().unwrap();
    *last = last.wrapping_add(3);
    fs::write(&path, bytes).unwrap();
    let output = validate(folder.path())
        .args(["--runtime", "kernels"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("OTHER BYTES"), "{text}");
    assert!(errors(&output).contains("did not pass"));
}

/// The ONNX file is of a network with other weights in its second layer.
#[test]
fn the_first_layer_that_is_off_is_named() {
    let folder = bundle();
    let path = folder.path().join("model_int8.tflite");
    let graph = exporters::tflite::read(&fs::read(path).unwrap()).unwrap();
    let body = graph.tensor_named("body/weights").unwrap();
    let mut other = graph.into_graph();
    let tensor = &mut other.tensors[body.index()];
    let Content::Constant(Data::I8(weights)) = &tensor.content else {
        panic!("weights are int8");
    };
    let mirrored = weights.iter().map(|w| w.saturating_neg()).collect();
    tensor.content = Content::Constant(Data::I8(mirrored));
    let bytes = onnx::write(&verify(other).unwrap(), &Metadata::default()).unwrap();
    fs::write(folder.path().join("model_int8.onnx"), bytes).unwrap();

    let mut command = validate(folder.path());
    command.args(["--runtime", "kernels", "--runtime", "onnxruntime"]);
    let found = record(&mut command, 0);
    let divergence = &found["divergences"][0];
    assert_eq!(divergence["first_beyond_one"], "body");
    assert_eq!(divergence["first_fault"], "body");
    let layers = divergence["layers"].as_array().unwrap();
    let by_name = |name: &str| layers.iter().find(|layer| layer["tensor"] == name).unwrap();
    assert!(by_name("stem")["max_steps"].as_u64().unwrap() <= 1);
    // A layer behind the fault inherits it and adds no more than its rounding.
    let depth = by_name("depth/head");
    assert!(depth["max_steps"].as_u64().unwrap() > 1);
    assert!(depth["own_max_steps"].as_u64().unwrap() <= 1);
}

#[test]
fn lone_files_are_run_on_noise_and_written_as_the_other_format() {
    let folder = bundle();
    for (name, model) in [
        ("model_int8.tflite", "litert"),
        ("model_int8.onnx", "onnxruntime"),
    ] {
        let mut command = validate(&folder.path().join(name));
        command.args(["--seed", "3"]);
        let found = record(&mut command, 0);
        assert_eq!(found["inputs"], "noise, seed 3");
        assert_eq!(found["golden"], json!([]));
        assert_eq!(found["accuracy"], json!([]));
        for runtime in found["runtimes"].as_array().unwrap() {
            let format = |of: &str| if of == "litert" { "tflite" } else { "onnx" };
            let of = runtime["name"].as_str().unwrap();
            if of != "kernels" {
                let other = format(of) != format(model);
                assert_eq!(runtime["written_here"], other, "{runtime}");
            }
        }
        let exact = &found["agreement"][0];
        assert_eq!(
            (&exact["runtime"], &exact["all"]["equal"]),
            (&json!("litert"), &json!(1.0))
        );
    }
}

#[test]
fn bad_input_says_what_is_wrong_and_where() {
    let says = |spoil: &dyn Fn(&Path), arguments: &[&str], parts: &[&str]| {
        let folder = bundle();
        spoil(folder.path());
        let message = refused(validate(folder.path()).args(arguments));
        for part in parts {
            assert!(message.contains(part), "`{part}` is not in: {message}");
        }
    };
    let write = |name: &'static str, bytes: Vec<u8>| {
        move |folder: &Path| fs::write(folder.join(name), &bytes).unwrap()
    };
    let cut = |name: &'static str| {
        move |folder: &Path| {
            let bytes = fs::read(folder.join(name)).unwrap();
            fs::write(folder.join(name), &bytes[..bytes.len() / 2]).unwrap();
        }
    };
    says(
        &cut("model_int8.tflite"),
        &[],
        &["cannot read model_int8.tflite"],
    );
    says(
        &cut("model_int8.onnx"),
        &[],
        &["cannot read model_int8.onnx"],
    );
    says(&cut("golden/seg.npy"), &[], &["golden/seg.npy"]);
    says(
        &write("model_int8.tflite", Vec::new()),
        &[],
        &["model_int8.tflite is empty"],
    );
    says(
        &write("bundle.json", br#"{"schema": "ednas.bundle/9"}"#.to_vec()),
        &[],
        &["`ednas.bundle/9`", "expected `ednas.bundle/1`"],
    );
    says(
        &|folder| {
            fs::copy(
                folder.join("golden/depth.npy"),
                folder.join("golden/seg.npy"),
            )
            .unwrap();
        },
        &[],
        &[
            "golden/seg.npy is i8 [1, 32, 32, 1]",
            "expected i8 [1, 32, 32, 19] of `seg`",
        ],
    );
    says(
        &|folder| fs::remove_file(folder.join("golden/seg.npy")).unwrap(),
        &[],
        &["golden/seg.npy", "No such file"],
    );
    says(&|_| (), &["--samples", "0"], &["--samples is 0"]);
    says(&|_| (), &["--samples", "501"], &["--samples is 501", "500"]);
    says(
        &|_| (),
        &["--data", "kitti"],
        &["no data set 'kitti'", "scenes"],
    );
    says(
        &|_| (),
        &["--runtime", "tflite"],
        &["`tflite` is not a runtime", "onnxruntime"],
    );
    says(
        &|folder| {
            for name in ["model_int8.tflite", "model_int8.onnx"] {
                fs::remove_file(folder.join(name)).unwrap();
            }
        },
        &[],
        &[
            "has neither model_int8.tflite nor model_int8.onnx",
            "ednas export",
        ],
    );
    let folder = bundle();
    let float = refused(&mut validate(&folder.path().join("model.onnx")));
    assert!(
        float.contains("`image` is f32") && float.contains("ednas export"),
        "{float}"
    );
    let missing = refused(&mut validate(&folder.path().join("nowhere")));
    assert!(
        missing.contains("there is no") && missing.contains("nowhere"),
        "{missing}"
    );
}

#[test]
fn a_page_that_cannot_be_written_is_no_half_page() {
    let folder = bundle();
    let page = folder.path().join("card.md/page.html");
    let mut command = validate(folder.path());
    command.args(["--runtime", "kernels", "--page"]).arg(&page);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors(&output).contains("cannot write"),
        "{}",
        errors(&output)
    );
}

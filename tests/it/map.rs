//! `ednas map` as its users meet it.

use expect_test::expect;
use exporters::{Metadata, tflite};
use kernels::op::{Coordinates, Resize, ResizeMode, Unary};
use kernels::{DataType, GraphBuilder, Op, Quantization, verify};
use serde_json::Value;

use super::commands::{ednas, record, refused};

/// Two activations around a resize that the Coral compiler refuses, and one beside them.
fn file() -> Vec<u8> {
    let mut b = GraphBuilder::new("written as");
    let x = b.input("x", [1, 8, 8, 16], DataType::I8);
    let relu = Op::Unary(Unary::Relu);
    let a = b.push("a", relu.clone(), &[x]).unwrap();
    let resize = Resize {
        mode: ResizeMode::Bilinear,
        coordinates: Coordinates::HalfPixel,
        size: [16, 16],
    };
    let up = b.push("up", Op::Resize(resize), &[a]).unwrap();
    let behind = b.push("behind", relu.clone(), &[up]).unwrap();
    let beside = b.push("beside", relu, &[a]).unwrap();
    for id in [x, a, up, behind, beside] {
        b.tensor_mut(id).quantization = Some(Quantization::per_tensor(0.5, 0));
    }
    b.output(behind);
    b.output(beside);
    tflite::write(&verify(b.finish()).unwrap(), &Metadata::default()).unwrap()
}

#[test]
fn the_listing_says_where_why_and_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.tflite");
    std::fs::write(&path, file()).unwrap();
    let output = ednas(&["map", path.to_str().unwrap(), "--profile", "coral-edgetpu"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    expect![[r#"
        small on coral-edgetpu

        On-chip memory used for caching parameters: 0 B
        On-chip memory remaining for caching parameters: 7.60 MiB
        Off-chip memory used for streaming parameters: 0 B
        Segments on the accelerator: 1
        Operators on the accelerator: 2
        Operators on the host: 2

        operator         count  status
        relu                 2  mapped
        resize_bilinear      1  half_pixel not supported
        relu                 1  after the end of the only segment

        what to change
        - `up`: build the network with align_corners or asymmetric
        - `behind`: it is on the accelerator once `up` is, or where several segments are enabled
    "#]]
    .assert_eq(&text);
}

#[test]
fn the_record_has_every_operator() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.tflite");
    std::fs::write(&path, file()).unwrap();
    let model = path.to_str().unwrap();
    let on = |profile: &str| record(&["map", model, "--json", "--profile", profile]);
    let one = on("coral-edgetpu");
    assert_eq!(one["schema"], "ednas.map/1");
    let network = &one["networks"][0];
    let runs_on = |network: &Value| -> Vec<String> {
        let operators = network["operators"].as_array().unwrap().iter();
        let runs_on = operators.map(|operator| operator["runs_on"].as_str().unwrap().to_owned());
        runs_on.collect()
    };
    let expected = ["accelerator", "host", "host", "accelerator"];
    assert_eq!(runs_on(network), expected);
    assert_eq!(network["segments"], 1);
    assert_eq!(network["cache"]["streamed_bytes"], 0);
    assert_eq!(network["operators"][0]["advice"], Value::Null);

    let several = on("coral-edgetpu:several-segments");
    let network = &several["networks"][0];
    let expected = ["accelerator", "host", "accelerator", "accelerator"];
    assert_eq!(runs_on(network), expected);
    assert_eq!(network["segments"], 2);

    let priced = record(&["estimate", model, "--profile", "coral-edgetpu", "--json"]);
    let layers = priced["layers"].as_array().unwrap();
    let hosted = layers.iter();
    let hosted = hosted.filter(|layer| layer["unit"] == "host" && layer["op"] != "invoke");
    let hosted: Vec<&str> = hosted.map(|l| l["name"].as_str().unwrap()).collect();
    assert_eq!(hosted, ["up", "behind"]);
}

/// What is exported for a machine runs on it.
#[test]
fn own_networks_run_whole_on_the_machines_they_are_made_for() {
    let machines = [
        "coral-edgetpu",
        "ethos-u55-128",
        "ethos-u65-512",
        "ethos-u85-256",
    ];
    for profile in machines {
        for model in ["mt-edge", "ednas-t6"] {
            let record = record(&["map", model, "--json", "--profile", profile]);
            let network = &record["networks"][0];
            assert_eq!(network["host_operators"], 0, "{model} on {profile}");
            assert_eq!(network["segments"], 1);
        }
    }
}

/// A machine without a host says so, and the mapping is there all the same.
#[test]
fn a_machine_without_a_host_is_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.tflite");
    std::fs::write(&path, file()).unwrap();
    let profile = folder.path().join("alone.toml");
    let text = r#"
name = "alone"
description = "A vector unit without a host."
clock = { source = "assumed: a test", mhz = 1.0 }
vector = { source = "assumed: a test", bytes_per_cycle = 4.0 }
[support]
source = "assumed: a test"
operators = ["relu"]
multiple_segments = true
"#;
    std::fs::write(&profile, text).unwrap();
    let [model, profile] = [&path, &profile].map(|path| path.to_str().unwrap());
    let record = record(&["map", model, "--profile", profile, "--json"]);
    let network = &record["networks"][0];
    let reason = network["infeasible"].as_str().unwrap();
    assert!(reason.contains("no [host]"), "{reason}");
    assert_eq!(network["host_operators"], 1);
    assert_eq!(network["cache"], Value::Null);
    refused(
        &["map", "resnet", "--profile", "coral-edgetpu"],
        &["resnet"],
    );
}

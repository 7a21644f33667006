//! `ednas quantize`: files that runtimes take, what was chosen, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use ednas::npy::{self, Array};
use exporters::{Metadata, onnx, tflite};
use kernels::op::{Conv2d, Fused, Padding};
use kernels::{Data, DataType, GraphBuilder, Op, TensorId, Verified, verify};
use serde_json::Value;

use super::commands::{ednas, record, refused};

/// A weight that is nowhere else in the files.
const MARK: f32 = 0.123_456_79;

/// Elements from -0.5 to 0.5 in an order without pattern.
fn elements(len: usize) -> Vec<f32> {
    let element = |i: usize| f32::from(u8::try_from(i * 7919 % 251).unwrap()) / 251.0 - 0.5;
    (0..len).map(element).collect()
}

fn conv(b: &mut GraphBuilder, name: &str, x: TensorId, [input, output]: [usize; 2]) -> TensorId {
    let mut weights = elements(output * 9 * input);
    weights[5] = MARK;
    let w = b.constant(
        format!("{name}.w"),
        [output, 3, 3, input],
        Data::F32(weights.into()),
        None,
    );
    let conv = Op::Conv2d(Conv2d {
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::same([8; 2], [3; 2], [1; 2], [1; 2]),
        groups: 1,
        fused: Fused::Relu6,
    });
    b.push(name, conv, &[x, w]).unwrap()
}

/// A small float network of two layers.
pub(super) fn float() -> Verified {
    let mut b = GraphBuilder::new("small");
    let x = b.input("image", [1, 8, 8, 3], DataType::F32);
    let y = conv(&mut b, "first", x, [3, 16]);
    let y = conv(&mut b, "second", y, [16, 4]);
    b.output(y);
    verify(b.finish()).unwrap()
}

/// Its file, and samples of its input.
pub(super) fn write_float(folder: &Path) {
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes).unwrap();
    let float = float();
    write(
        "model.onnx",
        onnx::write(&float, &Metadata::default()).unwrap(),
    );
    write(
        "model.tflite",
        tflite::write(&float, &Metadata::default()).unwrap(),
    );
    write("samples.npy", samples(vec![5, 8, 8, 3], elements(5 * 192)));
}

fn samples(shape: Vec<usize>, elements: Vec<f32>) -> Vec<u8> {
    let data = Data::F32(elements.into());
    npy::bytes(&Array { shape, data }).unwrap()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_float(folder.path());
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn record(&self, arguments: &[&str]) -> Value {
        let (model, samples) = (self.text("model.onnx"), self.text("samples.npy"));
        let all = ["quantize", &model, "--calibrate", &samples, "--json"];
        record(&[&all, arguments].concat())
    }
}

#[test]
fn every_method_writes_files_and_says_what_it_chose() {
    let folder = Folder::new();
    for method in ["minmax", "percentile:99.9", "mse", "entropy", "auto"] {
        let out = folder.text(method);
        let found = folder.record(&["--method", method, "-o", &out, "--explain"]);
        assert_eq!(found["schema"], "ednas.quantize/1");
        assert_eq!(found["method"], method);
        assert!(
            found["outputs_db"]["second"].as_f64().unwrap() > 5.0,
            "{found}"
        );
        let layers = found["layers"].as_array().unwrap();
        assert_eq!(layers.len(), 2);
        let db = |layer: usize, key: &str| layers[layer][key].as_f64().unwrap();
        assert_eq!(
            db(0, "alone_db"),
            db(0, "accumulated_db"),
            "{method}: the first layer"
        );
        let flat = fs::read(folder.path(method).join("model_int8.tflite")).unwrap();
        let int8 = tflite::read(&flat).unwrap();
        let scale = int8[int8.outputs[0]].quantization.as_ref().unwrap().scales[0];
        let activations = found["activations"].as_array().unwrap();
        let second = activations
            .iter()
            .find(|a| a["tensor"] == "second")
            .unwrap();
        let told: f32 = serde_json::from_value(second["scale"].clone()).unwrap();
        assert_eq!(told, scale);
        assert!(folder.path(method).join("model_int8.onnx").exists());
    }
    assert_eq!(folder.record(&[])["layers"], Value::Array(Vec::new()));
}

/// Both formats hold the same network, and what one gives is what the other does.
#[test]
fn formats_and_threads_change_nothing() {
    let folder = Folder::new();
    let bytes = |model: &str, threads: &str| {
        let out = folder.text(&format!("{model}-{threads}"));
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args(["quantize", &folder.text(model), "-o", &out])
            .args(["--calibrate", &folder.text("samples.npy")])
            .args(["--method", "auto", "--bias-correction"])
            .env("RAYON_NUM_THREADS", threads)
            .status();
        assert!(status.unwrap().success());
        fs::read(Path::new(&out).join("model_int8.tflite")).unwrap()
    };
    let one = bytes("model.tflite", "1");
    assert_eq!(one, bytes("model.tflite", "3"));
    let again = bytes("model.onnx", "2");
    assert_eq!(
        tflite::read(&one).unwrap().nodes,
        tflite::read(&again).unwrap().nodes
    );
}

#[test]
fn people_get_a_table() {
    let folder = Folder::new();
    let output = ednas(&[
        "quantize",
        &folder.text("model.tflite"),
        "--calibrate",
        &folder.text("samples.npy"),
        "--explain",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "model: mse",
        "gathered dB",
        "second",
        "0 .. ",
        "most cost",
        "5 samples",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn bad_input_is_refused_and_nothing_is_written() {
    let folder = Folder::new();
    let model = folder.text("model.onnx");
    let with = |name: &str, bytes: Vec<u8>, parts: &[&str]| {
        fs::write(folder.path(name), bytes).unwrap();
        let out = folder.text("out");
        let samples = folder.text(name);
        refused(
            &["quantize", &model, "--calibrate", &samples, "-o", &out],
            parts,
        );
        assert!(!Path::new(&out).exists());
    };
    let all = |shape: [usize; 4], value: f32| {
        let count = shape.iter().product();
        samples(shape.to_vec(), vec![value; count])
    };
    with(
        "shape.npy",
        all([2, 8, 9, 3], 0.5),
        &["[2, 8, 9, 3]", "`image`"],
    );
    with("none.npy", all([0, 8, 8, 3], 0.5), &["[0, 8, 8, 3]"]);
    with("nan.npy", all([2, 8, 8, 3], f32::NAN), &["`image`", "NaN"]);
    with(
        "same.npy",
        all([2, 8, 8, 3], 0.5),
        &["`image`", "0.5 in every element"],
    );

    let (samples, broken) = (folder.text("samples.npy"), folder.text("broken.onnx"));
    let calibrated = |arguments: &[&str], parts: &[&str]| {
        refused(
            &[&["quantize", "--calibrate", &samples], arguments].concat(),
            parts,
        );
    };
    calibrated(&[&model, "--method", "kl"], &["kl", "entropy"]);
    calibrated(&[&model, "--method", "percentile:12"], &["percentile:12"]);
    let mut bytes = fs::read(&model).unwrap();
    let marks = bytes.windows(4).filter(|four| *four == MARK.to_le_bytes());
    assert_eq!(marks.count(), 2);
    let mark = bytes.windows(4).position(|four| four == MARK.to_le_bytes());
    bytes[mark.unwrap()..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(&broken, bytes).unwrap();
    calibrated(&[&broken], &["first.w", "NaN"]);
    refused(&["quantize", "mt-edge"], &["--untrained"]);
}

//! `ednas data`: a folder of a user, whole and broken, and the sets that are drawn.

use std::fs;
use std::path::Path;

use ednas::data::Sample;
use ednas::report::Picture;

use super::commands::{ednas, record, refused};

/// Rows and columns of the images.
const SIZE: [usize; 2] = [128, 128];

/// A data set in the folder `root`, of `count` samples with three tasks and three classes.
pub(super) fn write_folder(root: &Path, count: usize) {
    for number in 0..count {
        let data = ednas::data::Dataset::open("scenes-indoor", SIZE[0], SIZE[1], 1).unwrap();
        let sample = data.sample(ednas::data::Split::Train, number).unwrap();
        let name = ["first", "second", "third", "fourth"][number];
        write_sample(root, name, &sample);
    }
    let description = "[seg]\nclasses = [\"room\", \"soft\", \"other\"]\n";
    fs::write(root.join("dataset.toml"), description).unwrap();
}

fn write_sample(root: &Path, name: &str, sample: &Sample) {
    let [height, width] = SIZE;
    let put = |folder: &str, end: &str, bytes: &[u8]| {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.{end}")), bytes).unwrap();
    };
    put(
        "images",
        "png",
        &Picture::image(height, width, &sample.rgb).png(),
    );
    let normals = Picture::normals(height, width, &sample.normal);
    put("normals", "png", &normals.png());
    let labels = sample
        .label
        .iter()
        .map(|&l| if l == 255 { l } else { l % 3 });
    put(
        "seg",
        "npy",
        &array("|u1", &[height, width], &labels.collect::<Vec<u8>>()),
    );
    let depth: Vec<u8> = sample.depth.iter().flat_map(|d| d.to_le_bytes()).collect();
    put("depth", "npy", &array("<f4", &[height, width], &depth));
}

/// A `.npy` file as NumPy writes it.
fn array(kind: &str, shape: &[usize; 2], bytes: &[u8]) -> Vec<u8> {
    let [h, w] = shape;
    let head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({h}, {w}), }}");
    let padded = format!("{head:<117}\n");
    let length = u16::try_from(padded.len()).unwrap();
    [
        b"\x93NUMPY\x01\x00",
        &length.to_le_bytes()[..],
        padded.as_bytes(),
        bytes,
    ]
    .concat()
}

fn named(root: &Path) -> String {
    format!("folder:{}", root.display())
}

#[test]
fn a_whole_folder_is_checked_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path(), 2);
    let name = named(folder.path());
    let checked = record(&["data", "check", &name, "--json"]);
    assert_eq!(checked["schema"], "ednas.data-check/1");
    assert_eq!(checked["depth_unit"], "meters");
    let train = &checked["splits"]["train"];
    assert_eq!(
        (&train["samples"], &train["sizes"][0][0]),
        (&2.into(), &128.into())
    );
    assert_eq!(train["problems"].as_array().unwrap().len(), 0);
    assert_eq!(train["classes"][0]["name"], "room");
    let shares = train["classes"].as_array().unwrap().iter();
    let sum: f64 = shares.map(|class| class["share"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");

    let sheet = folder.path().join("sheet.png");
    let path = sheet.to_str().unwrap();
    let show = [
        "data", "show", &name, "--split", "train", "--size", "64", "-o", path, "--json",
    ];
    let shown = record(&show);
    assert_eq!(shown["samples"], 2);
    let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(&sheet).unwrap()));
    let info = decoder.read_info().unwrap();
    // Two rows of four pictures, four pixels apart.
    assert_eq!((info.info().height, info.info().width), (132, 268));
}

#[test]
fn a_broken_folder_ends_with_exit_code_2_and_the_file() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path(), 2);
    let path = folder.path().join("depth/second.npy");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let output = ednas(&["data", "check", &named(folder.path())]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "depth/second.npy: is no whole NumPy array",
        "again",
        "1 samples cannot be used",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    refused(&["data", "check", "kitti"], &["kitti", "folder:DIR"]);
    refused(
        &["data", "check", "folder:/nowhere/at/all"],
        &["dataset.toml: is missing"],
    );
    refused(&["data", "check", "scenes", "--count", "0"], &["--count"]);
    refused(&["data", "show", "--count", "501"], &["has 500"]);
    let arguments = [
        "train",
        "mt-edge",
        "-o",
        "a.safetensors",
        "--scale",
        "3:1",
        "--augment",
    ];
    refused(&arguments, &["scales are 3 to 1"]);
}

#[test]
fn a_network_has_the_classes_that_were_asked_for() {
    let of = |classes: &str| {
        let arguments = [
            "model",
            "show",
            "mt-edge",
            "--tasks",
            "seg",
            "--classes",
            classes,
        ];
        record(&[&arguments[..], &["--json"]].concat())["params"]
            .as_u64()
            .unwrap()
    };
    // A weight for each of 96 channels and a bias.
    assert_eq!(of("40") - of("19"), 21 * 97);
    refused(
        &[
            "model",
            "show",
            "mt-edge",
            "--tasks",
            "seg",
            "--classes",
            "256",
        ],
        &["256 classes", "1 to 255"],
    );
}

#[cfg(feature = "train")]
mod training {
    use super::*;
    use std::process::Command;

    fn train(folder: &Path, data: &str, out: &str, more: &[&str]) -> Vec<u8> {
        let common = [
            "train", "mt-edge", "--data", data, "-o", out, "--steps", "3", "--batch", "2",
        ];
        let samples = ["--train-samples", "4", "--validation-samples", "0"];
        let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args([&common[..], &samples, more].concat())
            .current_dir(folder)
            .env("EDNAS_TRAIN", env!("CARGO_BIN_EXE_ednas-train"))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        fs::read(folder.join(out)).unwrap()
    }

    #[test]
    fn a_network_for_the_classes_of_a_folder_is_trained_and_exported() {
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join("mine");
        write_folder(&mine, 4);
        train(
            folder.path(),
            "folder:mine",
            "a.safetensors",
            &["--tasks", "seg,depth"],
        );
        let arguments = ["export", "a.safetensors", "-o", "out", "--json"];
        let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args(arguments)
            .args(["--calibration-samples", "2"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let model = fs::read(folder.path().join("out/model_int8.onnx")).unwrap();
        let text = String::from_utf8_lossy(&model);
        for part in ["room, soft, other", "depth in meters", "3 scores per pixel"] {
            assert!(text.contains(part), "no `{part}`");
        }
    }

    #[test]
    fn augmented_training_gives_the_same_bytes_again_and_others_than_plain() {
        let folder = tempfile::tempdir().unwrap();
        let run = |out: &str, more: &[&str]| {
            let small = ["--tasks", "depth", "--data-seed", "1"];
            train(
                folder.path(),
                "scenes-indoor",
                out,
                &[&small[..], more].concat(),
            )
        };
        let augmented = run("a.safetensors", &["--augment"]);
        assert_eq!(augmented, run("b.safetensors", &["--augment"]));
        assert_ne!(augmented, run("c.safetensors", &[]));
    }
}

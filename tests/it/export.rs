//! `ednas export`: bundles that every runtime takes, and what is refused.

use std::path::Path;

use ednas::space::ednas::space_named;
use kernels::Data;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde_json::Value;

use super::accept::{self, Export};
use super::commands::{record, refused};

/// The named networks, each for another target, and three random ones.
fn exports() -> Vec<Export> {
    let export = |model: &str, tasks, target| Export {
        model: model.to_owned(),
        tasks,
        target,
        seed: 1,
    };
    let space = space_named("ednas").unwrap();
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let mut genome = || space.text(&space.sample(&mut random));
    vec![
        export("mt-edge", "seg,depth,normals", "coral"),
        export("st-edge", "depth", "ethos-u55"),
        export("ednas-t6", "seg,depth", "ethos-u65"),
        export("ednas-t7", "normals", "ethos-u85"),
        export(&genome(), "seg,depth,normals", "cpu"),
        export(&genome(), "seg,normals", "coral"),
        export(&genome(), "seg", "ethos-u55"),
    ]
}

/// The smallest of the named networks.
const SMALL: [&str; 7] = [
    "export",
    "st-edge",
    "--tasks",
    "depth",
    "--untrained",
    "--size",
    "128",
];

#[test]
fn every_runtime_takes_the_files() {
    let root = tempfile::tempdir().unwrap();
    let mut bundles = Vec::new();
    for (number, export) in exports().iter().enumerate() {
        let bundle = root.path().join(format!("{number}-{}", export.target));
        export.write(&bundle);
        accept::float_files_come_back(&bundle);
        #[cfg(feature = "validate")]
        accept::tract_agrees(&bundle);
        bundles.push(bundle);
    }
    accept::runtimes_agree(&bundles);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let root = tempfile::tempdir().unwrap();
    let [one, many] = ["1", "3"].map(|threads| {
        let folder = root.path().join(threads);
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args([
                "export",
                "st-edge",
                "--tasks",
                "depth",
                "--untrained",
                "--size",
                "128",
                "-o",
            ])
            .arg(&folder)
            .env("RAYON_NUM_THREADS", threads)
            .status();
        assert!(status.unwrap().success());
        folder
    });
    for name in [
        "model.onnx",
        "model_int8.onnx",
        "model_int8.tflite",
        "bundle.json",
        "card.md",
    ] {
        let [a, b] = [&one, &many].map(|folder| std::fs::read(folder.join(name)).unwrap());
        assert!(a == b, "{name} differs");
    }
}

/// A float file of this or any other tool, and samples of its input.
#[test]
fn a_float_file_is_quantized_on_samples() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name).display().to_string();
    let out = path("first");
    record(&[
        "export",
        "st-edge",
        "--tasks",
        "depth",
        "--untrained",
        "--size",
        "128",
        "-o",
        &out,
        "--json",
    ]);
    for model in ["model.onnx", "model.tflite"] {
        let file = root.path().join("first").join(model).display().to_string();
        let samples = format!("{out}/golden/float/image.npy");
        let again = path(model);
        let found = record(&[
            "export",
            &file,
            "--calibrate",
            &samples,
            "--target",
            "coral",
            "-o",
            &again,
            "--json",
        ]);
        assert_eq!(found["schema"], "ednas.bundle/1");
        assert_eq!(found["origin"]["name"], model);
        assert_eq!(found["simulated"][0]["host_operators"], 0);
        accept::runtimes_agree(&[again.into()]);
    }
    refused(
        &[
            "export",
            &format!("{out}/model_int8.tflite"),
            "--calibrate",
            &out,
            "-o",
            &path("x"),
        ],
        &["quantized to i8 already"],
    );
}

#[test]
fn classes_and_unsigned_activations_are_given_on_request() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("classes");
    let found = record(&[
        "export",
        "mt-edge",
        "--tasks",
        "seg",
        "--untrained",
        "--size",
        "128",
        "--argmax",
        "--target",
        "cpu",
        "--activations",
        "uint8",
        "-o",
        out.to_str().unwrap(),
        "--json",
    ]);
    assert_eq!(found["outputs"][0]["dtype"], "i32");
    assert_eq!(found["outputs"][0]["shape"], Value::from(vec![1, 128, 128]));
    accept::runtimes_agree(std::slice::from_ref(&out));
    #[cfg(feature = "validate")]
    accept::tract_agrees(&out);
}

#[test]
fn what_cannot_be_exported_is_refused_with_the_remedy() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("out").display().to_string();
    let export = |arguments: &[&str], parts: &[&str]| {
        refused(&[&["export", "-o", &out], arguments].concat(), parts);
    };
    export(&["mt-edge"], &["`mt-edge` has no values", "--untrained"]);
    export(&["st-edge", "--untrained"], &["2 networks", "--tasks"]);
    export(
        &["mt-edge", "--untrained", "--target", "tpu"],
        &["tpu", "coral", "ethos-u55"],
    );
    export(
        &["mt-edge", "--untrained", "--size", "200"],
        &["multiples of 128"],
    );
    export(&["missing.onnx", "--calibrate", "x.npy"], &["missing.onnx"]);
    export(&["missing.safetensors"], &["missing.safetensors"]);
    let host = [
        "mt-edge",
        "--untrained",
        "--size",
        "128",
        "--profile",
        "kendryte-k210",
    ];
    export(
        &host,
        &["kendryte-k210", "block03/add", "more", "--allow-host"],
    );
    assert!(!Path::new(&out).exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_told_and_what_is_there_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    std::fs::write(&file, "kept").unwrap();
    let out = file.display().to_string();
    refused(
        &[&SMALL[..], &["-o", &out]].concat(),
        &["cannot make the folder", &out],
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
}

/// A file does not fit on the disk any more: a limit on the size of files stands for it.
#[cfg(unix)]
#[test]
fn a_bundle_has_no_arrays_of_the_one_that_was_there() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("out");
    let folder = out.to_str().unwrap();
    let export = |tasks| {
        let options = [
            "--untrained",
            "--size",
            "128",
            "--tasks",
            tasks,
            "-o",
            folder,
        ];
        record(&[&["export", "mt-edge"][..], &options, &["--json"]].concat());
        let own = std::fs::write(out.join("golden/own.npy"), b"kept");
        own.unwrap();
    };
    export("seg,depth");
    assert!(out.join("golden/float/depth.npy").exists());
    export("seg");
    let named = ["seg", "own", "depth"].map(|name| out.join(format!("golden/{name}.npy")).exists());
    assert_eq!(named, [true, true, false]);
    assert!(!out.join("golden/float/depth.npy").exists());
}

#[test]
fn a_full_disk_leaves_the_bundle_that_was_there() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("out");
    let export = |seed: &str, limit: &str| {
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"");
        std::process::Command::new("sh")
            .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_ednas")])
            .args(SMALL)
            .args(["--seed", seed, "-o"])
            .arg(&out)
            .output()
            .unwrap()
    };
    assert!(export("1", "unlimited").status.success());
    let files = || -> std::collections::BTreeMap<_, _> {
        let entries = std::fs::read_dir(&out).unwrap().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files
            .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap()))
            .collect()
    };
    let before = files();
    let output = export("2", "4000");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("cannot write"), "{errors}");
    assert!(files() == before, "a file changed");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), before.len() + 1);
}

/// The runner that a bundle carries, as a user starts it.
#[test]
fn the_runner_in_python_accepts_the_golden_outputs_and_no_others() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("bundle");
    exports()[1].write(&folder);
    let run = || {
        let python = super::foreign::python(Path::new(env!("CARGO_MANIFEST_DIR")));
        std::process::Command::new(python)
            .arg(folder.join("run.py"))
            .output()
            .unwrap()
    };
    let output = run();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let path = folder.join("golden/depth.npy");
    let mut array = ednas::npy::read(&path).unwrap();
    let Data::I8(values) = &array.data else {
        panic!("golden outputs are int8");
    };
    let mut values = values.to_vec();
    values[100] = values[100].wrapping_add(1);
    array.data = Data::I8(values.into());
    std::fs::write(&path, ednas::npy::bytes(&array).unwrap()).unwrap();
    assert!(!run().status.success());
}

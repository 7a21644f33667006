//! The rules of the house, as a test: layering, owners of foreign crates, licenses, first lines.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The crates from left to right; each uses only what stands to its left.
const LAYERS: [&str; 4] = ["hwmodels", "kernels", "exporters", "ednas"];

/// Foreign crates with one owner: the word that names the crate in code, and where it may stand.
const OWNERS: [(&str, &[&str]); 22] = [
    ("tch::", &["src/bin/ednas-train/"]),
    ("tract_onnx::", &["src/validate/", "src/deploy/runner/"]),
    ("ndarray_npy::", &["src/npy.rs", "src/deploy/runner/"]),
    ("prost::", &["exporters/src/onnx/"]),
    ("clap::", &["src/cli/"]),
    (
        "csv::",
        &[
            "src/measured/",
            "src/microbench/",
            "src/report/study/",
            "tests/",
            "hwmodels/tests/",
        ],
    ),
    ("flate2::", &["src/data/files/"]),
    ("hdf5_reader::", &["src/data/files/"]),
    ("zune_jpeg::", &["src/data/files/"]),
    ("hashbrown::", &["src/study/"]),
    ("indicatif::", &["src/report/"]),
    ("postcard::", &["src/study/"]),
    ("similar::", &["src/report/diff/"]),
    ("statrs::", &["src/reproduce/"]),
    (
        "toml::",
        &["hwmodels/src/", "src/data/files/", "src/space/file/"],
    ),
    ("toml_edit::", &["hwmodels/src/profile/"]),
    ("levenberg_marquardt::", &["src/calibrate/"]),
    (
        "multiversion::",
        &["hwmodels/src/array/", "kernels/src/eval/"],
    ),
    ("num_bigint::", &["src/space/"]),
    ("rustix::", &["benches/litert/", "src/bin/ednas-train/"]),
    (
        "rustc_hash::",
        &["hwmodels/src/compile/", "hwmodels/src/quote/"],
    ),
    ("schemars::", &["hwmodels/src/profile/"]),
];

/// What a license expression of a dependency must offer.
const LICENSES: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "0BSD",
    "MPL-2.0",
    "BSL-1.0",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust source file of the repository, relative to its root, sorted.
fn sources() -> Vec<PathBuf> {
    let places = [
        "src",
        "tests",
        "benches",
        "hwmodels",
        "kernels",
        "exporters",
    ];
    let mut folders: Vec<PathBuf> = places.iter().map(|p| root().join(p)).collect();
    let mut files = vec![PathBuf::from("build.rs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    files.sort();
    assert!(files.len() > 30, "found only {} files", files.len());
    files
}

fn text(file: &Path) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_crate_uses_only_what_stands_to_its_left() {
    let metadata = metadata();
    let mut found = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(layer) = LAYERS.iter().position(|l| *l == name) else {
            continue;
        };
        found.insert(name);
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            if let Some(of) = LAYERS.iter().position(|l| *l == used) {
                assert!(of < layer, "{name} may not use {used}");
            }
        }
    }
    assert_eq!(found.len(), LAYERS.len());
}

#[test]
fn every_dependency_is_freely_licensed() {
    for package in metadata()["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let license = package["license"].as_str().unwrap_or("");
        let mut offered = license.split([' ', '/', '(', ')']);
        assert!(
            offered.any(|word| LICENSES.contains(&word)),
            "{name} is licensed under `{license}`"
        );
    }
}

#[test]
fn each_foreign_crate_has_one_owner() {
    for file in sources() {
        if file.ends_with("tests/it/tidy.rs") {
            continue;
        }
        let text = text(&file);
        for (word, owners) in OWNERS {
            let owned = owners.iter().any(|o| file.starts_with(o));
            let used = text.lines().any(|line| uses(line, word));
            assert!(
                !used || owned,
                "{} uses {word}, owned by {owners:?}",
                file.display()
            );
        }
    }
}

/// Whether a line of code names the crate `word`, as a path and not as the end of a longer name.
fn uses(line: &str, word: &str) -> bool {
    let code = line.split("//").next().unwrap_or("");
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    })
}

#[test]
fn every_file_says_first_what_it_is() {
    for file in sources() {
        let text = text(&file);
        let first = text.lines().next().unwrap_or("");
        assert!(
            first.starts_with("//! ") && first.len() > 12,
            "{}: `{first}`",
            file.display()
        );
    }
}

#[test]
fn every_file_fits_in_the_head() {
    for file in sources() {
        let lines = text(&file).lines().count();
        assert!(lines <= 500, "{} has {lines} lines", file.display());
    }
}

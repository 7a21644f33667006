//! What is said of files that are missing, cut, or hold what they must not.

use std::fs;
use std::path::Path;

use kernels::Data;

use super::write::{self, PIXELS, SIZE};
use crate::data::check::{Checked, check};
use crate::data::{Dataset, Split};

fn opened(kind: &str, root: &Path) -> Result<Dataset, String> {
    let name = format!("{kind}:{}", root.display());
    Dataset::open(&name, 16, 16, 0).map_err(|error| error.to_string())
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write::folder(folder.path());
    folder
}

fn checked(folder: &tempfile::TempDir) -> Checked {
    let data = opened("folder", folder.path()).unwrap();
    check(&data, Split::Train, usize::MAX, || ())
}

/// The one problem of the training split after `change`, which must name `file` and every part.
fn problem(file: &str, change: impl FnOnce(&Path), parts: &[&str]) {
    let folder = folder();
    change(&folder.path().join(file));
    let checked = checked(&folder);
    let [problem] = &checked.problems[..] else {
        panic!("{:?}", checked.problems);
    };
    for part in [&[file][..], parts].concat() {
        assert!(problem.contains(part), "{problem}: no `{part}`");
    }
    assert_eq!(checked.samples, 2);
    assert_eq!(checked.tally.pixels, PIXELS as u64, "the other is counted");
}

#[test]
fn a_label_out_of_range_is_named_with_its_pixel() {
    let stranger = |path: &Path| {
        let mut labels = vec![1; PIXELS];
        labels[2 * SIZE[1] + 5] = 2;
        labels[3 * SIZE[1]] = 77;
        write::gray(path, &labels);
    };
    let parts = [
        "label 2 at row 2, column 5",
        "2 pixels",
        "0 to 1, or 9 for no class",
    ];
    problem("seg/a.png", stranger, &parts);
}

#[test]
fn depth_must_be_finite_and_positive() {
    for (value, word) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (-1.0, "-1")] {
        let folder = folder();
        fs::remove_file(folder.path().join("depth/a.png")).unwrap();
        let mut depth = vec![1.0_f32; PIXELS];
        depth[SIZE[1] + 3] = value;
        let path = folder.path().join("depth/a.npy");
        write::array(&path, &SIZE, Data::F32(depth.into()));
        let problems = checked(&folder).problems;
        let expected = format!("depth {word} at row 1, column 3");
        assert!(
            problems.len() == 1 && problems[0].contains(&expected),
            "{problems:?}"
        );
    }
}

#[test]
fn cut_files_are_found_wherever_they_end() {
    for file in ["images/a.png", "seg/b.png", "depth/a.png", "normals/b.npy"] {
        let folder = folder();
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        for length in [0, 1, 20, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            let problems = checked(&folder).problems;
            assert_eq!(problems.len(), 1, "{file} of {length} bytes");
            assert!(
                problems[0].contains(file) && problems[0].contains("again"),
                "{problems:?}"
            );
        }
    }
}

#[test]
fn a_cut_jpeg_file_is_found_wherever_it_ends() {
    let folder = folder();
    fs::remove_file(folder.path().join("images/a.png")).unwrap();
    let path = folder.path().join("images/a.jpg");
    for length in 0..write::JPEG.len() {
        fs::write(&path, &write::JPEG[..length]).unwrap();
        let problems = checked(&folder).problems;
        assert_eq!(problems.len(), 1, "{length} bytes");
        assert!(problems[0].contains("no whole JPEG"), "{problems:?}");
    }
}

/// A few bytes that say they are four thousand million pixels.
#[test]
fn a_jpeg_file_is_not_decoded_beyond_what_an_image_has() {
    let folder = folder();
    fs::remove_file(folder.path().join("images/a.png")).unwrap();
    let mut bytes = write::JPEG.to_vec();
    let frame = bytes
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    bytes[frame + 5..frame + 9].fill(0xff);
    fs::write(folder.path().join("images/a.jpg"), &bytes).unwrap();
    let problems = checked(&folder).problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("[65535, 65535]"), "{problems:?}");
}

#[test]
fn files_of_a_sample_have_one_size_and_the_right_shape() {
    let smaller = |path: &Path| {
        let small = tempfile::tempdir().unwrap();
        let at = small.path().join("depth.npy");
        write::array(&at, &[4, 4], Data::F32(vec![1.0; 16].into()));
        fs::remove_file(path).unwrap();
        fs::copy(at, path.with_extension("npy")).unwrap();
    };
    problem(
        "depth/a",
        |path| smaller(&path.with_extension("png")),
        &["4x4", "16x24"],
    );
    let flat = |path: &Path| {
        write::array(path, &[PIXELS * 3], Data::F32(vec![0.0; PIXELS * 3].into()));
    };
    problem("normals/a.npy", flat, &["[1152]", "[h, w, 3]"]);
    let colored = |path: &Path| write::rgb(path, &write::colors(0));
    problem("seg/a.png", colored, &["class ids"]);
    problem("depth/a.png", colored, &["gray"]);
    let grayish = |path: &Path| {
        fs::remove_file(path).unwrap();
        write::gray(&path.with_extension("png"), &[7; PIXELS]);
    };
    problem(
        "normals/a",
        |path| grayish(&path.with_extension("npy")),
        &["3 of 8"],
    );
}

#[test]
fn images_of_arrays_must_be_colors() {
    let folder = tempfile::tempdir().unwrap();
    write::cityscapes(folder.path());
    let path = folder.path().join("train/image/0.npy");
    let shape = [SIZE[0], SIZE[1], 3];
    write::array(&path, &shape, Data::F32(vec![200.0; PIXELS * 3].into()));
    let labels = folder.path().join("train/label/1.npy");
    write::array(&labels, &SIZE, Data::F32(vec![0.5; PIXELS].into()));
    fs::remove_file(folder.path().join("train/depth/2.npy")).unwrap();
    let data = opened("cityscapes", folder.path()).unwrap();
    let problems = check(&data, Split::Train, usize::MAX, || ()).problems;
    let [colors, halves, missing] = &problems[..] else {
        panic!("{problems:?}");
    };
    assert!(
        colors.contains("holds 200 at row 0, column 0, expected 0 to 1"),
        "{colors}"
    );
    assert!(halves.contains("expected a whole number"), "{halves}");
    assert!(missing.contains("2.npy: is missing"), "{missing}");
}

#[test]
fn what_is_hardly_meant_is_a_warning() {
    let folder = folder();
    write::gray(&folder.path().join("seg/a.png"), &[9; PIXELS]);
    write::gray(&folder.path().join("seg/b.png"), &[0; PIXELS]);
    write::gray16(&folder.path().join("depth/b.png"), &[0; PIXELS]);
    write::rgb(&folder.path().join("images/b.png"), &[7; PIXELS * 3]);
    let checked = checked(&folder);
    assert_eq!(checked.problems, [""; 0]);
    let [void, depth, color, empty] = &checked.warnings[..] else {
        panic!("{:?}", checked.warnings);
    };
    assert!(void.contains("a.png: no pixel has a class"), "{void}");
    assert!(depth.contains("b.png: no pixel has depth"), "{depth}");
    assert!(color.contains("one color"), "{color}");
    assert!(empty.contains("no pixel of thing"), "{empty}");
    assert_eq!(checked.tally.classes, [PIXELS as u64, 0]);
    assert_eq!(checked.tally.void, PIXELS as u64);
    let range = checked.tally.depth_range.unwrap();
    assert!(
        range.iter().all(|depth| (depth - 1.5).abs() < 1e-6),
        "{range:?}"
    );
}

#[test]
fn one_image_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    write::nyuv2(folder.path());
    let data = opened("nyuv2", folder.path()).unwrap();
    let warnings = check(&data, Split::Train, usize::MAX, || ()).warnings;
    assert!(
        warnings[0].starts_with("train has one sample"),
        "{warnings:?}"
    );
}

#[test]
fn a_description_that_does_not_fit_is_refused() {
    let refused = |text: &str, parts: &[&str]| {
        let folder = folder();
        write::file(&folder.path().join("dataset.toml"), text.as_bytes());
        let error = opened("folder", folder.path()).unwrap_err();
        for part in [&["dataset.toml"][..], parts].concat() {
            assert!(error.contains(part), "{error}: no `{part}`");
        }
    };
    refused("[seg]\nclasses = []\n", &["names no classes"]);
    refused("[seg]\nclasses = [\"a\", \"a\"]\n", &["twice"]);
    refused("[seg]\nnames = []\n", &["names", "classes"]);
    refused("[seg\n", &["cannot be understood"]);
    let two = "[seg]\nclasses = [\"a\", \"b\"]\n";
    refused(
        &format!("{two}[depth]\nscale = 0.0\n"),
        &["depth.scale = 0"],
    );
    refused(
        &format!("{two}[splits]\ntrain = [\"z\"]\n"),
        &["`z`", "images/z.png"],
    );
    refused(
        &format!("{two}[splits]\nval = [\"a\"]\n"),
        &["without `train`"],
    );
    refused(
        &format!("{two}[splits]\ntrain = []\n"),
        &["no sample for training"],
    );
    let twice = "[splits]\ntrain = [\"a\", \"b\"]\ntest = [\"b\"]\n";
    refused(&format!("{two}{twice}"), &["b.png twice"]);
}

#[test]
fn places_without_the_layout_are_refused() {
    let empty = tempfile::tempdir().unwrap();
    for (kind, part) in [
        ("cityscapes", "cityscape.json: is missing"),
        ("nyuv2", "nyu_v2_3task.json: is missing"),
        ("cityscapes-raw", "leftImg8bit/train: is missing"),
        ("folder", "dataset.toml: is missing"),
    ] {
        let error = opened(kind, empty.path()).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    let list = empty.path().join("cityscape.json");
    write::file(&list, b"{\"train\": [[\"a\", \"b\"]]");
    let error = opened("cityscapes", empty.path()).unwrap_err();
    assert!(error.contains("not the list of files"), "{error}");
}

#[test]
fn damaged_matlab_files_are_named() {
    for (broken, (name, whole)) in write::LABELED.into_iter().enumerate() {
        let lengths = (0..8).map(|eighths| eighths * whole.len() / 8);
        for length in lengths.chain([100, 130, whole.len() - 1]) {
            let folder = tempfile::tempdir().unwrap();
            for (number, (name, bytes)) in write::LABELED.into_iter().enumerate() {
                let bytes = &bytes[..if number == broken {
                    length
                } else {
                    bytes.len()
                }];
                write::file(&folder.path().join(name), bytes);
            }
            let found = opened("nyuv2-raw", &folder.path().join(write::LABELED[0].0));
            let problems = match found {
                Err(error) => vec![error],
                Ok(data) => check(&data, Split::Train, usize::MAX, || ()).problems,
            };
            assert!(!problems.is_empty(), "{name} of {length} bytes");
            assert!(problems[0].contains(name), "{problems:?}");
        }
    }
}

#[test]
fn a_split_of_another_set_or_with_an_image_twice_is_refused() {
    for (first, said) in [
        (5, "image 5 in `trainNdxs`, expected 1 to 4"),
        (2, "lists image 2 twice"),
        (1, "lists image 1 twice"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in write::LABELED {
            let mut bytes = bytes.to_vec();
            if name == "splits.mat" {
                let four = bytes.windows(6).position(|part| part == [4, 0, 1, 0, 3, 0]);
                bytes[four.unwrap()] = first;
            }
            write::file(&folder.path().join(name), &bytes);
        }
        let error = opened("nyuv2-raw", &folder.path().join(write::LABELED[0].0)).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

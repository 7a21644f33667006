//! Small files of data sets.

use std::fs;
use std::path::Path;

use kernels::Data;

use crate::npy::{self, Array};

/// Rows and columns of the images.
pub(super) const SIZE: [usize; 2] = [16, 24];

pub(super) const PIXELS: usize = SIZE[0] * SIZE[1];

pub(super) fn file(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

pub(super) fn array(path: &Path, shape: &[usize], data: Data) {
    let shape = shape.to_vec();
    file(path, &npy::bytes(&Array { shape, data }).unwrap());
}

/// A PNG file of the size with `bytes` of data.
pub(super) fn png(path: &Path, color: png::ColorType, depth: png::BitDepth, bytes: &[u8]) {
    let mut encoded = Vec::new();
    let [height, width] = SIZE.map(|side| u32::try_from(side).unwrap());
    let mut encoder = png::Encoder::new(&mut encoded, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette((0..=255).flat_map(|v| [v, 0, 255 - v]).collect::<Vec<u8>>());
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(bytes).unwrap();
    drop(writer);
    file(path, &encoded);
}

pub(super) fn gray(path: &Path, values: &[u8]) {
    png(
        path,
        png::ColorType::Grayscale,
        png::BitDepth::Eight,
        values,
    );
}

pub(super) fn gray16(path: &Path, values: &[u16]) {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_be_bytes()).collect();
    png(
        path,
        png::ColorType::Grayscale,
        png::BitDepth::Sixteen,
        &bytes,
    );
}

pub(super) fn rgb(path: &Path, values: &[u8]) {
    png(path, png::ColorType::Rgb, png::BitDepth::Eight, values);
}

/// A JPEG file of the size: blocks of 8x8 pixels, in row r and column c of these of the color
/// `[50 + 100 r, 40 + 80 c, 200 - 80 c]`.
pub(super) const JPEG: &[u8] = include_bytes!("blocks.jpg");

/// The labeled set of `NYUv2` and what is published apart, as MATLAB lays them out, with four images
/// of the size. Pixel `r`, `c` of image `n` has in channel `k` the color `50 n + 20 k + 3 c + 7 r`, modulo
/// 256, the depth `1 + n + r / 4 + c / 8`, and the label `r + 2 c + n` modulo 41, 0 for none. Images 4, 1
/// and 3 are for training, counted from 1.
pub(super) const LABELED: [(&str, &[u8]); 3] = [
    (
        "nyu_depth_v2_labeled.mat",
        include_bytes!("nyuv2/nyu_depth_v2_labeled.mat"),
    ),
    ("labels40.mat", include_bytes!("nyuv2/labels40.mat")),
    ("splits.mat", include_bytes!("nyuv2/splits.mat")),
];

/// An image that no other seed has.
pub(super) fn colors(seed: u8) -> Vec<u8> {
    (0..PIXELS * 3)
        .map(|at| u8::try_from(at % 97).unwrap().wrapping_add(seed))
        .collect()
}

/// AdaShare's Cityscapes with 12 training samples and 2 for tests; sample `n` has the label `n % 2`,
/// `n % 7` and `n` in its three sets, but for the first pixel, which has none.
pub(super) fn cityscapes(root: &Path) {
    let entry = |split: &str, number: usize| {
        let name = |kind: &str| format!("{split}/{kind}/{number}.npy");
        let [h, w] = SIZE;
        let image: Vec<f32> = colors(u8::try_from(number).unwrap())
            .into_iter()
            .map(|v| f32::from(v) / 255.0)
            .collect();
        array(
            &root.join(name("image")),
            &[h, w, 3],
            Data::F32(image.into()),
        );
        let mut depth = vec![0.125_f32; PIXELS];
        depth[0] = 0.0;
        array(
            &root.join(name("depth")),
            &[h, w, 1],
            Data::F32(depth.into()),
        );
        for (kind, classes) in [("label_2", 2), ("label_7", 7), ("label", 19)] {
            let mut labels = vec![i64::try_from(number % classes).unwrap(); PIXELS];
            labels[0] = -1;
            array(&root.join(name(kind)), &[h, w], Data::I64(labels.into()));
        }
        ["image", "depth", "label_2", "label_7", "label"].map(name)
    };
    let train: Vec<_> = (0..12).map(|number| entry("train", number)).collect();
    let test: Vec<_> = (0..2).map(|number| entry("val", number)).collect();
    let list = serde_json::json!({"train": train, "train1": [], "train2": [], "test": test});
    file(&root.join("cityscape.json"), list.to_string().as_bytes());
}

/// AdaShare's `NYUv2` with one sample of each split: all of class 39 but for the first pixel, which
/// has no label of any task.
pub(super) fn nyuv2(root: &Path) {
    let entry = |split: &str| {
        let name = |kind: &str| format!("{split}/{kind}");
        rgb(&root.join(name("image.png")), &colors(1));
        let mut labels = vec![39; PIXELS];
        labels[0] = 255;
        gray(&root.join(name("seg.png")), &labels);
        let mut normals = [255, 128, 128].repeat(PIXELS);
        normals[1..3].fill(255);
        rgb(&root.join(name("normal_mask.png")), &normals);
        let mut depth = vec![2.5_f32; PIXELS];
        depth[0] = 0.0;
        array(
            &root.join(name("depth.npy")),
            &SIZE,
            Data::F32(depth.into()),
        );
        ["image.png", "seg.png", "normal_mask.png", "depth.npy"].map(name)
    };
    let list = serde_json::json!({"train": [entry("train")], "test": [entry("test")]});
    file(&root.join("nyu_v2_3task.json"), list.to_string().as_bytes());
}

/// Raw Cityscapes with a training sample of two cities each and one of `val`.
pub(super) fn cityscapes_raw(root: &Path) {
    for (split, city) in [("train", "aachen"), ("train", "bochum"), ("val", "lindau")] {
        let name = |folder: &str, end: &str| {
            root.join(folder)
                .join(split)
                .join(city)
                .join(format!("{city}_000000_000019_{end}.png"))
        };
        rgb(&name("leftImg8bit", "leftImg8bit"), &colors(2));
        // Road, car, ego vehicle (void) and the license plate, whose -1 is 255.
        let labels: Vec<u8> = (0..PIXELS).map(|at| [7, 26, 1, 255][at % 4]).collect();
        gray(&name("gtFine", "gtFine_labelIds"), &labels);
        let disparity: Vec<u16> = (0..PIXELS).map(|at| [0, 1, 257, 32257][at % 4]).collect();
        gray16(&name("disparity", "disparity"), &disparity);
    }
}

/// A folder of a user with four samples, three tasks and two classes.
pub(super) fn folder(root: &Path) {
    for (number, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let at = |folder: &str, end: &str| root.join(folder).join(format!("{name}.{end}"));
        rgb(&at("images", "png"), &colors(u8::try_from(number).unwrap()));
        let labels: Vec<u8> = (0..PIXELS).map(|at| [0, 1, 9][at % 3]).collect();
        png(
            &at("seg", "png"),
            png::ColorType::Indexed,
            png::BitDepth::Eight,
            &labels,
        );
        gray16(&at("depth", "png"), &vec![1500; PIXELS]);
        let normals = [0.0_f32, 0.0, -2.0].repeat(PIXELS);
        let shape = [SIZE[0], SIZE[1], 3];
        array(&at("normals", "npy"), &shape, Data::F32(normals.into()));
    }
    file(&root.join("dataset.toml"), TOML.as_bytes());
}

pub(super) const TOML: &str = r#"
[seg]
classes = ["ground", "thing"]
ignore = 9

[depth]
unit = "meters"
scale = 0.001

[splits]
train = ["a", "b"]
val = ["c"]
test = ["d"]
"#;

//! Cityscapes as it is downloaded: `leftImg8bit/`, `gtFine/` and `disparity/` side by side.
//!
//! Each has a folder per split and city, and files `CITY_SEQUENCE_FRAME_KIND.png`. Labels are those
//! of `gtFine_labelIds`, or of `gtFine_labelTrainIds` where these have been made for every image. The benchmark keeps
//! the labels of its own test split to itself: Test is its `val`, and Validation is held out of `train`.

use std::fs;
use std::path::{Path, PathBuf};

use super::Files;
use super::coding::{Coding, DepthCoding, LabelCoding, NormalCoding};
use super::list::{Entry, Given, Lists};
use crate::data::class_set::ClassSet;
use crate::data::contents::{Contents, DepthUnit};
use crate::data::error::Problem;
use crate::data::{Class, VOID};
use crate::task::Task;

const IMAGE_END: &str = "_leftImg8bit.png";
const ID_END: &str = "_gtFine_labelIds.png";
const TRAIN_ID_END: &str = "_gtFine_labelTrainIds.png";
const DISPARITY_END: &str = "_disparity.png";

/// The label id of each train id, in order.
const LABEL_IDS: [usize; Class::COUNT] = [
    7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33,
];

/// One more than the largest label id.
const LABEL_ID_COUNT: usize = 34;

/// Opens the folder `root` with 7 or 19 `classes`.
pub(in crate::data) fn cityscapes_raw(root: &Path, classes: usize) -> Result<Files, Problem> {
    let [train, test] = splits(root, TRAIN_ID_END)?;
    let labels = train.iter().chain(&test).flat_map(|entry| &entry.seg);
    let are_train_ids = labels.into_iter().all(|path| path.exists());
    let [train, test] = match are_train_ids {
        true => [train, test],
        false => splits(root, ID_END)?,
    };
    let tasks = match train.iter().chain(&test).all(|entry| entry.depth.is_some()) {
        true => vec![Task::Segmentation, Task::Depth],
        false => vec![Task::Segmentation],
    };
    let (set, class): (_, fn(Class) -> u8) = match classes {
        7 => (ClassSet::cityscapes_groups(), group),
        _ => (ClassSet::cityscapes(), Class::id),
    };
    let given = Given {
        train,
        test,
        ..Given::default()
    };
    Ok(Files {
        coding: Coding {
            labels: coding(are_train_ids, class),
            depth: DepthCoding::Disparity,
            normals: NormalCoding { ignore: [255; 3] },
        },
        contents: Contents {
            tasks,
            classes: set,
            depth: DepthUnit::Inverse,
        },
        lists: Lists::new(root, given)?,
    })
}

/// What stored labels stand for: train ids, or label ids, whose license plate (-1) is 255 in a byte.
fn coding(train_ids: bool, class: fn(Class) -> u8) -> LabelCoding {
    let classes = if train_ids {
        Class::ALL.map(class).to_vec()
    } else {
        let mut table = vec![VOID; LABEL_ID_COUNT];
        for (of_class, id) in Class::ALL.into_iter().zip(LABEL_IDS) {
            table[id] = class(of_class);
        }
        table
    };
    LabelCoding {
        ignore: 255,
        classes,
    }
}

/// The group of a class, in the order of the category ids.
fn group(class: Class) -> u8 {
    match class {
        Class::Road | Class::Sidewalk => 0,
        Class::Building | Class::Wall | Class::Fence => 1,
        Class::Pole | Class::TrafficLight | Class::TrafficSign => 2,
        Class::Vegetation | Class::Terrain => 3,
        Class::Sky => 4,
        Class::Person | Class::Rider => 5,
        Class::Car
        | Class::Truck
        | Class::Bus
        | Class::Train
        | Class::Motorcycle
        | Class::Bicycle => 6,
    }
}

/// The samples of Train and Test, with labels in files that end so.
fn splits(root: &Path, label_end: &str) -> Result<[Vec<Entry>; 2], Problem> {
    let train = entries(root, "train", label_end)?;
    let test = match root.join("leftImg8bit/val").is_dir() {
        true => entries(root, "val", label_end)?,
        false => Vec::new(),
    };
    Ok([train, test])
}

/// The samples of a split, by city and file name. Disparity may be missing altogether.
fn entries(root: &Path, split: &str, label_end: &str) -> Result<Vec<Entry>, Problem> {
    let images = root.join("leftImg8bit").join(split);
    let (labels, depth) = (
        root.join("gtFine").join(split),
        root.join("disparity").join(split),
    );
    let has_depth = depth.is_dir();
    let mut entries = Vec::new();
    for city in listed(&images)? {
        let Some(name) = city.file_name().filter(|_| city.is_dir()) else {
            continue;
        };
        for image in listed(&city)? {
            let file = image.file_name().unwrap_or_default().to_string_lossy();
            let Some(frame) = file.strip_suffix(IMAGE_END) else {
                continue;
            };
            let seg = labels.join(name).join(format!("{frame}{label_end}"));
            let disparity = depth.join(name).join(format!("{frame}{DISPARITY_END}"));
            entries.push(Entry {
                image: image.clone(),
                seg: Some(seg),
                depth: has_depth.then_some(disparity),
                normals: None,
            });
        }
    }
    if entries.is_empty() {
        return Err(Problem::new(
            &images,
            format!("holds no CITY/*{IMAGE_END}"),
            "unpack leftImg8bit_trainvaltest.zip, gtFine_trainvaltest.zip and \
             disparity_trainvaltest.zip in one folder",
        ));
    }
    Ok(entries)
}

/// What stands in the folder `path`, sorted.
pub(super) fn listed(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let unreadable = |error: std::io::Error| Problem::unreadable(path, &error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

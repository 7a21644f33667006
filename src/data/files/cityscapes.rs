//! Cityscapes as AdaShare prepared it: arrays of 256x512 pixels, listed in `cityscape.json`.
//!
//! `{"train": [[image, depth, label2, label7, label19], ...], "test": [...]}` with paths relative to
//! the folder; `train1` and `train2`, halves of `train`, are not needed. Images are floats from 0 to 1,
//! labels -1 where there is no class, depth is inverse, 0 where there is none.

use std::path::Path;

use serde::Deserialize;

use super::Files;
use super::coding::{Coding, DepthCoding, LabelCoding, NormalCoding};
use super::list::{Entry, Given, Lists};
use super::nyuv2::listing;
use crate::data::class_set::ClassSet;
use crate::data::contents::{Contents, DepthUnit};
use crate::data::error::Problem;
use crate::task::Task;

/// The file that lists all others.
const LIST: &str = "cityscape.json";

#[derive(Deserialize)]
struct Listing {
    train: Vec<[String; 5]>,
    #[serde(default)]
    test: Vec<[String; 5]>,
}

/// Opens the folder `root` with its labels of 2, 7 or 19 `classes`.
pub(in crate::data) fn cityscapes(root: &Path, classes: usize) -> Result<Files, Problem> {
    let listing: Listing = listing(&root.join(LIST))?;
    let (column, set) = match classes {
        2 => (2, ClassSet::cityscapes_halves()),
        7 => (3, ClassSet::cityscapes_groups()),
        _ => (4, ClassSet::cityscapes()),
    };
    let entry = |files: &[String; 5]| Entry {
        image: root.join(&files[0]),
        seg: Some(root.join(&files[column])),
        depth: Some(root.join(&files[1])),
        normals: None,
    };
    let entries = |files: &[[String; 5]]| files.iter().map(entry).collect();
    let given = Given {
        train: entries(&listing.train),
        test: entries(&listing.test),
        ..Given::default()
    };
    Ok(Files {
        coding: Coding {
            labels: LabelCoding::ids(set.len(), -1),
            depth: DepthCoding::default(),
            normals: NormalCoding { ignore: [255; 3] },
        },
        contents: Contents {
            tasks: vec![Task::Segmentation, Task::Depth],
            classes: set,
            depth: DepthUnit::Inverse,
        },
        lists: Lists::new(root, given)?,
    })
}

//! `NYUv2` as AdaShare prepared it: files of 480x640 pixels, listed in `nyu_v2_3task.json`.
//!
//! `{"train": [[image, seg, normal_mask, depth], ...], "test": [...]}` with paths relative to the
//! folder. Labels are gray PNG files, 255 where there is no class; normals are colors, white where
//! there is none; depth is in meters, 0 where there is none.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Files;
use super::coding::{Coding, DepthCoding, LabelCoding, NormalCoding};
use super::list::{Entry, Given, Lists};
use crate::data::contents::Contents;
use crate::data::error::{FETCH_AGAIN, Problem};

/// The file that lists all others.
const LIST: &str = "nyu_v2_3task.json";

#[derive(Deserialize)]
struct Listing {
    train: Vec<[String; 4]>,
    #[serde(default)]
    test: Vec<[String; 4]>,
}

/// Opens the folder `root`.
pub(in crate::data) fn nyuv2(root: &Path) -> Result<Files, Problem> {
    let listing: Listing = listing(&root.join(LIST))?;
    let entry = |[image, seg, normals, depth]: &[String; 4]| Entry {
        image: root.join(image),
        seg: Some(root.join(seg)),
        depth: Some(root.join(depth)),
        normals: Some(root.join(normals)),
    };
    let entries = |files: &[[String; 4]]| files.iter().map(entry).collect();
    let given = Given {
        train: entries(&listing.train),
        test: entries(&listing.test),
        ..Given::default()
    };
    let contents = Contents::indoor();
    Ok(Files {
        coding: Coding {
            labels: LabelCoding::ids(contents.classes.len(), 255),
            depth: DepthCoding::default(),
            normals: NormalCoding { ignore: [255; 3] },
        },
        lists: Lists::new(root, given)?,
        contents,
    })
}

/// What the JSON file at `path` lists.
pub(super) fn listing<T: DeserializeOwned>(path: &Path) -> Result<T, Problem> {
    let text = fs::read_to_string(path).map_err(|error| Problem::unreadable(path, &error))?;
    serde_json::from_str(&text).map_err(|error| {
        let found = format!("is not the list of files that was expected: {error}");
        Problem::new(path, found, FETCH_AGAIN)
    })
}

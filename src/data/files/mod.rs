//! Data sets of files: one list of samples, and how each kind of file stores its values.
//!
//! A layout (`cityscapes`, `nyuv2`, `cityscapes_raw`, `folder`) only lists files and says how they
//! store images, labels, depth and normals; `read` decodes them all, and refuses what it cannot
//! stand for: the file, the pixel, what was expected, and what to do. `nyuv2_raw` alone reads its
//! samples itself, since all of them lie in one file.

mod coding;
mod jpeg;
mod list;
mod mat5;
mod png;

mod depth;
mod image;
mod labels;
mod normals;
mod pixels;

mod cityscapes;
mod cityscapes_raw;
mod folder;
mod nyuv2;
mod nyuv2_raw;

pub(super) use cityscapes::cityscapes;
pub(super) use cityscapes_raw::cityscapes_raw;
pub(super) use folder::folder;
pub(super) use nyuv2::nyuv2;
pub(super) use nyuv2_raw::{Labeled, nyuv2_raw};

use std::path::Path;

use coding::Coding;
use list::{Entry, Lists};

use super::VOID;
use super::contents::Contents;
use super::error::Problem;
use super::sample::Sample;
use super::split::Split;

/// An open data set of files.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Files {
    contents: Contents,
    coding: Coding,
    lists: Lists<Entry>,
}

impl Files {
    /// What it is about.
    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// How many samples `split` has.
    pub(super) fn len(&self, split: Split) -> usize {
        self.lists.of(split).len()
    }

    /// The image of a sample that exists.
    pub(super) fn image(&self, split: Split, index: usize) -> &Path {
        &self.lists.of(split)[index].image
    }

    /// A sample that exists, in the size of its image.
    pub(super) fn read(&self, split: Split, index: usize) -> Result<Sample, Problem> {
        let entry = &self.lists.of(split)[index];
        let (size, rgb) = image::read(&entry.image)?;
        let [height, width] = size;
        let pixels = height * width;
        let fits = |path: &Path, found: [usize; 2]| match found == size {
            true => Ok(()),
            false => Err(Problem::new(
                path,
                format!(
                    "is {}x{}, its image {} is {height}x{width}",
                    found[0],
                    found[1],
                    entry.image.display()
                ),
                "give all files of a sample one height and width",
            )),
        };
        let mut sample = Sample {
            height,
            width,
            rgb,
            label: vec![VOID; pixels],
            depth: vec![0.0; pixels],
            normal: vec![0.0; pixels * 3],
        };
        if let Some(path) = &entry.seg {
            let (found, label) = labels::read(path, &self.coding.labels)?;
            fits(path, found)?;
            sample.label = label;
        }
        if let Some(path) = &entry.depth {
            let (found, depth) = depth::read(path, self.coding.depth)?;
            fits(path, found)?;
            sample.depth = depth;
        }
        if let Some(path) = &entry.normals {
            let (found, normal) = normals::read(path, self.coding.normals)?;
            fits(path, found)?;
            sample.normal = normal;
        }
        Ok(sample)
    }
}

#[cfg(test)]
mod tests;

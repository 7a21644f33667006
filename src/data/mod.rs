//! Data sets: images with segmentation, depth and surface-normal labels.
//!
//! A [`Dataset`] is opened by name and gives a [`Sample`] for every index of a [`Split`]. Two are
//! embedded, [`scenes`], which draws procedural streets and rooms, so that everything runs without a
//! download; the others read files in the layouts that `files` knows. An [`Augmentation`] varies
//! samples for training, a [`Shelf`] keeps those that were made.

mod class_set;
pub mod classes;
mod contents;
pub mod input;
mod sample;

mod scale;

mod augmentation;

mod error;
mod name;
mod split;

mod files;
pub mod scenes;

mod dataset;
mod shelf;

pub mod check;

pub use augmentation::{Augmentation, Draw};
pub use class_set::ClassSet;
pub use classes::{Class, VOID};
pub use contents::{Contents, DepthUnit};
pub use dataset::Dataset;
pub use error::{DataError, Problem, SIZE_MAX};
pub use name::KNOWN_DATASETS;
pub use sample::{INVERSE_DEPTH_MAX, Sample, inverse_depth};
pub use shelf::Shelf;
pub use split::Split;

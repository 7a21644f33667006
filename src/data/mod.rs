//! Data sets: images with segmentation, depth and surface-normal labels.
//!
//! A [`Dataset`] is opened by name and gives a [`Sample`] for every index of a [`Split`]. The
//! embedded one, [`scenes`], draws procedural streets, so that everything runs without a download.

pub mod classes;
mod dataset;
pub mod input;
mod sample;
pub mod scenes;

pub use classes::{Class, VOID};
pub use dataset::{DataError, Dataset, KNOWN_DATASETS, Split};
pub use sample::{INVERSE_DEPTH_MAX, Sample, inverse_depth};

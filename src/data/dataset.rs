//! A data set opened by name: how many samples a split has, and each sample by index.

use std::sync::Arc;

use rayon::prelude::*;

use super::contents::Contents;
use super::error::{DataError, SIZE_MAX, SIZE_MIN};
use super::files::{self, Files, Labeled};
use super::name::Name;
use super::sample::Sample;
use super::scenes::{self, SceneKey};
use super::split::Split;

/// An open data set at a fixed image size.
///
/// A sample depends on the name, the seed, the split, the index and the size alone: never on the
/// order of calls or the number of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    height: usize,
    width: usize,
    source: Source,
    contents: Contents,
}

/// Where samples come from.
#[derive(Clone, Debug, PartialEq)]
enum Source {
    /// Streets, drawn.
    Streets { seed: u64 },
    /// Rooms, drawn.
    Rooms { seed: u64 },
    /// Files, read.
    Files(Arc<Files>),
    /// One file of all samples, read.
    Labeled(Arc<Labeled>),
}

impl Dataset {
    /// Opens the data set `name` with images of `height` x `width` pixels; of one that is drawn,
    /// `seed` picks another world of the same kind.
    ///
    /// # Errors
    /// [`DataError::Unknown`] lists the known names; [`DataError::Size`] beyond 16 to 4096 pixels a side;
    /// [`DataError::File`] where files are missing or say something else than expected.
    pub fn open(name: &str, height: usize, width: usize, seed: u64) -> Result<Self, DataError> {
        let parsed = Name::parse(name)?;
        let sides = SIZE_MIN..=SIZE_MAX;
        if !sides.contains(&height) || !sides.contains(&width) {
            return Err(DataError::Size { height, width });
        }
        let of_files = |files: Files| {
            let contents = files.contents().clone();
            (Source::Files(Arc::new(files)), contents)
        };
        let (source, contents) = match &parsed {
            Name::Scenes => (Source::Streets { seed }, Contents::street()),
            Name::Indoor => (Source::Rooms { seed }, Contents::indoor()),
            Name::Cityscapes(root, classes) => of_files(files::cityscapes(root, *classes)?),
            Name::CityscapesRaw(root, classes) => of_files(files::cityscapes_raw(root, *classes)?),
            Name::Nyuv2(root) => of_files(files::nyuv2(root)?),
            Name::Nyuv2Raw(file) => {
                let labeled = files::nyuv2_raw(file)?;
                let contents = labeled.contents().clone();
                (Source::Labeled(Arc::new(labeled)), contents)
            }
            Name::Folder(root) => of_files(files::folder(root)?),
        };
        Ok(Self {
            height,
            width,
            source,
            contents,
        })
    }

    /// What the data set `name` is about.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn contents_of(name: &str) -> Result<Contents, DataError> {
        Ok(Self::open(name, SIZE_MIN, SIZE_MIN, 0)?.contents)
    }

    /// What it is about.
    #[must_use]
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Whether its samples are drawn, as many as are asked for, and no files.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        match self.source {
            Source::Streets { .. } | Source::Rooms { .. } => true,
            Source::Files(_) | Source::Labeled(_) => false,
        }
    }

    /// How many samples `split` has. Those that are drawn are as many as Cityscapes has.
    #[must_use]
    pub fn len(&self, split: Split) -> usize {
        match (&self.source, split) {
            (Source::Files(files), split) => files.len(split),
            (Source::Labeled(labeled), split) => labeled.len(split),
            (Source::Streets { .. } | Source::Rooms { .. }, Split::Train) => 2975,
            (_, Split::Validation | Split::Test) => 500,
            (_, Split::Calibration) => 128,
        }
    }

    /// Sample `index` of `split`.
    ///
    /// # Errors
    /// [`DataError::Index`] past the end of the split, [`DataError::File`] for a file that is
    /// missing, damaged, or holds what it must not.
    pub fn sample(&self, split: Split, index: usize) -> Result<Sample, DataError> {
        let sample = self.original(split, index)?;
        Ok(sample.scaled(self.height, self.width))
    }

    /// Sample `index` of `split` in the size that it is stored in; one that is drawn has the size of
    /// the data set.
    ///
    /// # Errors
    /// As [`Self::sample`].
    pub fn original(&self, split: Split, index: usize) -> Result<Sample, DataError> {
        let len = self.len(split);
        if index >= len {
            return Err(DataError::Index { split, index, len });
        }
        let key = |seed| SceneKey { seed, split, index };
        match &self.source {
            Source::Streets { seed } => Ok(scenes::render(key(*seed), self.height, self.width)),
            Source::Rooms { seed } => Ok(scenes::render_room(key(*seed), self.height, self.width)),
            Source::Files(files) => Ok(files.read(split, index)?),
            Source::Labeled(labeled) => Ok(labeled.read(split, index)?),
        }
    }

    /// What a person calls sample `index` of `split`: its image file, or its place in it.
    #[must_use]
    pub fn label(&self, split: Split, index: usize) -> String {
        match &self.source {
            Source::Files(files) => files.image(split, index).display().to_string(),
            Source::Labeled(labeled) => labeled.label(split, index),
            Source::Streets { .. } | Source::Rooms { .. } => format!("{} {index}", split.name()),
        }
    }

    /// The samples of `split` at `indices`, in that order, made on all of rayon's threads.
    ///
    /// # Errors
    /// As [`Self::sample`], for the first of them.
    pub fn samples(&self, split: Split, indices: &[usize]) -> Result<Vec<Sample>, DataError> {
        indices
            .par_iter()
            .map(|&index| self.sample(split, index))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_cannot_be_met_say_why() {
        let message = |name, height| Dataset::open(name, height, 64, 0).unwrap_err().to_string();
        assert!(message("kitti", 64).starts_with("there is no data set 'kitti'; known: scenes"));
        assert!(message("scenes", 8).contains("8x64"));
        let data = Dataset::open("scenes", 64, 64, 0).unwrap();
        let past = data
            .samples(Split::Validation, &[0, 500])
            .unwrap_err()
            .to_string();
        assert_eq!(
            past,
            "sample 500 of split 'val' does not exist: it has 500, counted from 0"
        );
    }
}

//! A data set opened by name: how many samples a split has, and each sample by index.

use rayon::prelude::*;

use super::sample::Sample;
use super::scenes;

/// The data sets that [`Dataset::open`] knows.
pub const KNOWN_DATASETS: [&str; 1] = ["scenes"];

/// The smallest height and width, in pixels, that a street can be drawn at.
const SIZE_MIN: usize = 16;

/// Which part of a data set; no sample is in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// What weights are fitted on.
    Train,
    /// What candidates and exported models are judged on.
    Validation,
    /// What int8 ranges are read from.
    Calibration,
}

impl Split {
    /// Every split.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Calibration];

    /// The name used in commands and file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "val",
            Self::Calibration => "calibration",
        }
    }
}

/// What is wrong with a request for data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// No data set has that name.
    #[error("there is no data set '{name}'; known: {}", KNOWN_DATASETS.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The image would be too small to show anything.
    #[error(
        "scenes cannot be drawn at {height}x{width}: height and width must be {SIZE_MIN} or more"
    )]
    Size {
        /// Rows asked for.
        height: usize,
        /// Columns asked for.
        width: usize,
    },
    /// The index is past the end of the split.
    #[error("sample {index} of split '{}' does not exist: it has {len}, counted from 0", split.name())]
    Index {
        /// The split asked.
        split: Split,
        /// The index asked for.
        index: usize,
        /// How many samples the split has.
        len: usize,
    },
}

/// An open data set at a fixed image size.
///
/// A sample depends on the seed, the split, the index and the size alone: never on the order of
/// calls or the number of threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    height: usize,
    width: usize,
    seed: u64,
}

impl Dataset {
    /// Opens the data set `name` with images of `height` x `width` pixels; `seed` picks another
    /// world of the same kind.
    ///
    /// # Errors
    /// [`DataError::Unknown`] lists the known names; [`DataError::Size`] below 16 pixels a side.
    pub fn open(name: &str, height: usize, width: usize, seed: u64) -> Result<Self, DataError> {
        if !KNOWN_DATASETS.contains(&name) {
            return Err(DataError::Unknown {
                name: name.to_owned(),
            });
        }
        if height < SIZE_MIN || width < SIZE_MIN {
            return Err(DataError::Size { height, width });
        }
        Ok(Self {
            height,
            width,
            seed,
        })
    }

    /// How many samples `split` has. Train and val are as many as Cityscapes has.
    #[must_use]
    pub fn len(&self, split: Split) -> usize {
        match split {
            Split::Train => 2975,
            Split::Validation => 500,
            Split::Calibration => 128,
        }
    }

    /// Sample `index` of `split`.
    ///
    /// # Errors
    /// [`DataError::Index`] past the end of the split.
    pub fn sample(&self, split: Split, index: usize) -> Result<Sample, DataError> {
        let len = self.len(split);
        if index >= len {
            return Err(DataError::Index { split, index, len });
        }
        let key = scenes::SceneKey {
            seed: self.seed,
            split,
            index,
        };
        Ok(scenes::render(key, self.height, self.width))
    }

    /// The samples of `split` at `indices`, in that order, made on all of rayon's threads.
    ///
    /// # Errors
    /// [`DataError::Index`] if any is past the end of the split.
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
        assert_eq!(
            message("kitti", 64),
            "there is no data set 'kitti'; known: scenes"
        );
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

//! The samples of each split as files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::data::error::Problem;
use crate::data::split::Split;

/// Every so many-th sample of a training list is for validation, where no other is.
const HELD_OUT: usize = 10;

/// Samples whose ranges are enough for int8.
const CALIBRATION_MAX: usize = 128;

/// The files of one sample; none for tasks that it has no labels of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) image: PathBuf,
    pub(super) seg: Option<PathBuf>,
    pub(super) depth: Option<PathBuf>,
    pub(super) normals: Option<PathBuf>,
}

/// The samples of every split, by their files or by their numbers in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lists<T> {
    train: Vec<T>,
    validation: Vec<T>,
    calibration: Vec<T>,
    test: Vec<T>,
}

/// The lists that a data set itself has.
#[derive(Clone, Debug, Default)]
pub(super) struct Given<T> {
    pub(super) train: Vec<T>,
    pub(super) validation: Option<Vec<T>>,
    pub(super) calibration: Option<Vec<T>>,
    pub(super) test: Vec<T>,
}

/// Refuses a sample that the file at `path` lists twice.
pub(super) fn apart(path: &Path, names: impl IntoIterator<Item = String>) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for name in names {
        if seen.contains(&name) {
            return Err(Problem::new(
                path,
                format!("lists {name} twice in train, val and test"),
                "leave it in one of them, or figures are of images that were trained on",
            ));
        }
        seen.insert(name);
    }
    Ok(())
}

impl<T: Clone> Lists<T> {
    /// The splits of a data set at `place`. Where it has no list for validation, every tenth sample
    /// of its training list is held out for that; where it has none for calibration, up to 128
    /// samples spread over Train are.
    pub(super) fn new(place: &Path, given: Given<T>) -> Result<Self, Problem> {
        if given.train.is_empty() {
            return Err(Problem::new(
                place,
                "lists no sample for training",
                "list one image or more in its `train` split",
            ));
        }
        let (train, validation) = match given.validation {
            Some(validation) => (given.train, validation),
            None => held_out(given.train),
        };
        let calibration = given.calibration.unwrap_or_else(|| {
            let step = train.len().div_ceil(CALIBRATION_MAX);
            train.iter().step_by(step).cloned().collect()
        });
        Ok(Self {
            train,
            validation,
            calibration,
            test: given.test,
        })
    }

    /// The samples of `split`, in order.
    pub(super) fn of(&self, split: Split) -> &[T] {
        match split {
            Split::Train => &self.train,
            Split::Validation => &self.validation,
            Split::Calibration => &self.calibration,
            Split::Test => &self.test,
        }
    }
}

fn held_out<T>(all: Vec<T>) -> (Vec<T>, Vec<T>) {
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (index, entry) in all.into_iter().enumerate() {
        match index % HELD_OUT == HELD_OUT - 1 {
            true => validation.push(entry),
            false => train.push(entry),
        }
    }
    (train, validation)
}

//! The dense-prediction tasks: what a network says of every pixel.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The classes of a segmentation where no data set says otherwise: those of Cityscapes that are
/// trained on; void is not among them.
pub const SEGMENTATION_CLASSES: usize = 19;

/// What a head of a network predicts for every pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// One score per class, `[n, h, w, classes]`.
    #[serde(rename = "seg")]
    Segmentation,
    /// Depth in the unit of the data set, `[n, h, w, 1]`.
    Depth,
    /// The direction of the surface, `[n, h, w, 3]`; not normalized.
    Normals,
}

impl Task {
    /// Every task, in the order heads are built and outputs are listed.
    pub const ALL: [Self; 3] = [Self::Segmentation, Self::Depth, Self::Normals];

    /// The short name of commands, files and graph outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Segmentation => "seg",
            Self::Depth => "depth",
            Self::Normals => "normals",
        }
    }

    /// The channels of the prediction, where a segmentation has so many classes.
    #[must_use]
    pub const fn channels(self, classes: usize) -> usize {
        match self {
            Self::Segmentation => classes,
            Self::Depth => 1,
            Self::Normals => 3,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a task; expected one of seg, depth, normals")]
pub struct UnknownTask(String);

impl FromStr for Task {
    type Err = UnknownTask;

    fn from_str(text: &str) -> Result<Self, UnknownTask> {
        Self::ALL
            .into_iter()
            .find(|task| task.name() == text)
            .ok_or_else(|| UnknownTask(text.to_owned()))
    }
}

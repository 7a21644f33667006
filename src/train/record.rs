//! What a checkpoint says about itself: everything that its network is rebuilt from.

use std::collections::BTreeMap;

use kernels::Verified;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::training::Training;
use crate::data::Contents;
use crate::quantize::{Range, Ranges};

/// The name and version of [`CheckpointRecord`].
pub const CHECKPOINT_SCHEMA: &str = "ednas.checkpoint/1";

/// The record of a finished training, in the metadata of its checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointRecord {
    /// [`CHECKPOINT_SCHEMA`].
    pub schema: String,
    /// What the weights were trained by. They are those of the folded network where
    /// [`Training::is_folded`] says so.
    pub job: Training,
    /// Steps done, where these are fewer than the recipe has: the checkpoint of a leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What the data set was about; absent where it was as `scenes` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
    /// Smallest and largest element of each activation, by tensor of the folded network; only
    /// where int8 arithmetic was trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<NamedRanges>,
}

/// `[min, max]` of activations by tensor name.
pub type NamedRanges = BTreeMap<String, [f32; 2]>;

/// Why a record cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// There is none.
    #[error("no record of a training, expected one in the metadata under `ednas`")]
    None,
    /// It is one of something else, or of another version.
    #[error(
        "the record is `{found}`, expected `{CHECKPOINT_SCHEMA}`: it was written by another version"
    )]
    Schema {
        /// What it says it is.
        found: String,
    },
    /// A training that did not come to its end.
    #[error(
        "this is the state of an unfinished training: finish it with the same command, which \
         leaves its checkpoint beside this file"
    )]
    Unfinished,
    /// A field is missing or wrong.
    #[error("the record is broken: {0}")]
    Broken(String),
}

/// The schema of the states that unfinished trainings are resumed from.
pub const STATE_SCHEMA: &str = "ednas.train-state/1";

impl CheckpointRecord {
    /// The record of `training` on a data set with these contents, after `step` steps.
    #[must_use]
    pub fn new(
        training: &Training,
        contents: &Contents,
        step: usize,
        ranges: Option<NamedRanges>,
    ) -> Self {
        Self {
            schema: CHECKPOINT_SCHEMA.to_owned(),
            job: training.clone(),
            step: (step != training.recipe.steps).then_some(step),
            contents: (*contents != Contents::street()).then(|| contents.clone()),
            ranges,
        }
    }

    /// What the data set was about.
    #[must_use]
    pub fn contents(&self) -> Contents {
        self.contents.clone().unwrap_or_else(Contents::street)
    }

    /// Steps done.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.step.unwrap_or(self.job.recipe.steps)
    }

    /// Reads a record from the metadata of a file.
    ///
    /// # Errors
    ///
    /// [`RecordError`] for anything but a whole record of this version.
    pub fn read(value: Value) -> Result<Self, RecordError> {
        match value.get("schema").and_then(Value::as_str) {
            Some(CHECKPOINT_SCHEMA) => {}
            Some(STATE_SCHEMA) => return Err(RecordError::Unfinished),
            Some(found) => {
                let found = found.to_owned();
                return Err(RecordError::Schema { found });
            }
            None => return Err(RecordError::None),
        }
        serde_json::from_value(value).map_err(|error| RecordError::Broken(error.to_string()))
    }

    /// The ranges of the activations of `graph`, the folded network.
    #[must_use]
    pub fn ranges(&self, graph: &Verified) -> Option<Ranges> {
        let named = self.ranges.as_ref()?;
        Some(ranges_of(graph, named))
    }
}

/// `named` as the ranges of the activations of `graph`.
#[must_use]
pub fn ranges_of(graph: &Verified, named: &NamedRanges) -> Ranges {
    Ranges::by_name(graph, |name| {
        let &[min, max] = named.get(name)?;
        Some(Range { min, max })
    })
}

/// `ranges` of the activations of `graph` by name.
#[must_use]
pub fn named_ranges(graph: &Verified, ranges: &Ranges) -> NamedRanges {
    let ids = graph.tensor_ids();
    let named = |id| {
        let Range { min, max } = ranges.get(id)?;
        Some((graph[id].name.clone(), [min, max]))
    };
    ids.filter_map(named).collect()
}

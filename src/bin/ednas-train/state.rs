//! The state of a run that can be resumed: parameters, moments, and the step they belong to.
//!
//! It stands beside the checkpoint, in one file, so that a crash leaves a whole older state or a
//! whole newer one.

use std::fs;

use anyhow::{Context, Result};
use ednas::train::record::{CheckpointRecord, NamedRanges, STATE_SCHEMA};
use ednas::train::weights::{Values, Weights};
use ednas::train::{TrainJob, Training, read_checkpoint, write_checkpoint};
use kernels::Shape;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tch::Tensor;

use crate::adam::Adam;
use crate::parameters::to_vec;

const FIRST: &str = "adam/first";
const SECOND: &str = "adam/second";
const AVERAGE: &str = "average";

/// A run between two steps.
pub(crate) struct State {
    /// Every parameter.
    pub(crate) weights: Weights,
    /// The moments.
    pub(crate) adam: Adam,
    /// The moving average of the weights, where there is one.
    pub(crate) average: Option<Tensor>,
    /// Steps done.
    pub(crate) step: usize,
    /// The ranges of activations, in int8 training.
    pub(crate) ranges: Option<NamedRanges>,
}

/// What the file says of itself.
#[derive(Serialize, Deserialize)]
struct Record {
    schema: String,
    job: Training,
    step: usize,
    ranges: Option<NamedRanges>,
}

/// Writes the state of `job`.
pub(crate) fn save(job: &TrainJob, state: State) -> Result<()> {
    let mut weights = state.weights;
    let tensors = [
        (FIRST, Some(state.adam.first)),
        (SECOND, Some(state.adam.second)),
        (AVERAGE, state.average),
    ];
    for (name, tensor) in tensors {
        let Some(tensor) = tensor else {
            continue;
        };
        let values = to_vec(&tensor);
        let shape = Shape::from([values.len()]);
        weights.insert(name.to_owned(), Values { shape, values });
    }
    let record = json!(Record {
        schema: STATE_SCHEMA.to_owned(),
        job: job.training.clone(),
        step: state.step,
        ranges: state.ranges,
    });
    Ok(write_checkpoint(&job.state_path(), &weights, &record)?)
}

/// The state of the same job, if there is one.
pub(crate) fn load(job: &TrainJob) -> Result<Option<State>> {
    let path = job.state_path();
    if !path.exists() {
        return Ok(None);
    }
    let (mut weights, record) = read_checkpoint(&path)?;
    let record = match serde_json::from_value::<Record>(record) {
        Ok(record) if record.schema == STATE_SCHEMA && record.job == job.training => record,
        Ok(_) | Err(_) => return Ok(None),
    };
    let mut flat = |name: &str| {
        let values = weights
            .remove(name)
            .with_context(|| format!("the state lacks `{name}`"))?;
        anyhow::Ok(Tensor::from_slice(&values.values))
    };
    let adam = Adam {
        first: flat(FIRST)?,
        second: flat(SECOND)?,
    };
    let average = job.training.recipe.average;
    let average = average.map(|_| flat(AVERAGE)).transpose()?;
    Ok(Some(State {
        weights,
        adam,
        average,
        step: record.step,
        ranges: record.ranges,
    }))
}

/// What the job's checkpoint holds, when it is there, of this very training, and after the steps
/// that the job ends with.
pub(crate) fn finished(job: &TrainJob) -> Option<(Weights, CheckpointRecord)> {
    let (weights, record) = read_checkpoint(&job.checkpoint).ok()?;
    let record = CheckpointRecord::read(record).ok()?;
    let done = record.job == job.training && record.steps() == job.last_step();
    done.then_some((weights, record))
}

/// Removes the state, once the checkpoint stands in its place.
pub(crate) fn remove(job: &TrainJob) {
    // A state that stays is not wrong, only useless.
    let _ = fs::remove_file(job.state_path());
}

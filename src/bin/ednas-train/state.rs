//! The state of a run that can be resumed: parameters, moments, and the step they belong to.
//!
//! It stands beside the checkpoint, in one file, so that a crash leaves a whole older state or a
//! whole newer one.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use ednas::train::record::STATE_SCHEMA;
use ednas::train::weights::{Values, Weights};
use ednas::train::{TrainJob, read_checkpoint, write_checkpoint};
use kernels::Shape;
use serde_json::json;
use tch::Tensor;

use crate::adam::Adam;
use crate::parameters::to_vec;

const FIRST: &str = "adam/first";
const SECOND: &str = "adam/second";

/// Writes the state after `step` steps.
pub(crate) fn save(job: &TrainJob, mut weights: Weights, adam: &Adam, step: usize) -> Result<()> {
    for (name, moments) in [(FIRST, &adam.first), (SECOND, &adam.second)] {
        let values = to_vec(moments);
        let shape = Shape::from([values.len()]);
        weights.insert(name.to_owned(), Values { shape, values });
    }
    let record = json!({"schema": STATE_SCHEMA, "job": job.training, "step": step});
    Ok(write_checkpoint(&path(job), &weights, &record)?)
}

/// The state of the same job, if there is one: parameters, moments, and steps done.
pub(crate) fn load(job: &TrainJob) -> Result<Option<(Weights, Adam, usize)>> {
    let path = path(job);
    if !path.exists() {
        return Ok(None);
    }
    let (mut weights, record) = read_checkpoint(&path)?;
    if record["schema"] != STATE_SCHEMA || record["job"] != json!(job.training) {
        return Ok(None);
    }
    let mut moments = |name: &str| {
        let values = weights
            .remove(name)
            .with_context(|| format!("the state lacks `{name}`"))?;
        anyhow::Ok(Tensor::from_slice(&values.values))
    };
    let adam = Adam {
        first: moments(FIRST)?,
        second: moments(SECOND)?,
    };
    let step = record["step"]
        .as_u64()
        .and_then(|step| usize::try_from(step).ok());
    let step = step.context("the state lacks its step")?;
    Ok(Some((weights, adam, step)))
}

/// Removes the state, once the checkpoint stands in its place.
pub(crate) fn remove(job: &TrainJob) {
    // A state that stays is not wrong, only useless.
    let _ = fs::remove_file(path(job));
}

fn path(job: &TrainJob) -> PathBuf {
    let mut path = OsString::from(&job.checkpoint);
    path.push(".state");
    path.into()
}

//! Runs the exported int8 file with tract, and puts latencies side by side.

use std::collections::BTreeMap;

use anyhow::Context;
use hwmodels::compile::compile;
use hwmodels::profile::Profile;
use hwmodels::simulate::{Speed, simulate};
use kernels::eval::{evaluate, to_integers, to_reals};
use kernels::work::{Precision, tasks};
use kernels::{Data, Verified};
use rayon::prelude::*;

use super::candidates::Candidates;
use super::deploying::{Deployed, samples};
use super::record::{AgreementRecord, Int8Record, LatencyRecord};
use crate::data::{Sample, Split};
use crate::deploy::calibration::image;
use crate::report::Console;
use crate::task::Task;
use crate::validate::agreement::Agreement;
use crate::validate::metrics::{Evaluation, Predictions, argmax};
use crate::validate::tract;

/// Images on which tract is compared with the integer evaluation, which is the slower.
const COMPARED_IMAGES: usize = 8;

/// Inferences before timing.
const WARM_UP_RUNS: usize = 3;

/// Inferences that are timed.
const TIMED_RUNS: usize = 15;

/// What a network says of one image, at full resolution and as real numbers.
pub(super) struct Prediction {
    pub(super) classes: Option<Vec<u8>>,
    pub(super) depth: Option<Vec<f32>>,
    pub(super) normals: Option<Vec<f32>>,
}

impl Prediction {
    /// From the outputs of `graph`, in its order; integers are read as the reals they stand for.
    pub(super) fn new(graph: &Verified, outputs: &[Data]) -> anyhow::Result<Self> {
        let mut prediction = Self {
            classes: None,
            depth: None,
            normals: None,
        };
        for (&id, data) in graph.outputs.iter().zip(outputs) {
            let tensor = &graph[id];
            let values = to_reals(tensor, data)?;
            match tensor.name.parse::<Task>()? {
                Task::Segmentation => {
                    prediction.classes = Some(argmax(&values, Task::Segmentation.channels())?);
                }
                Task::Depth => prediction.depth = Some(values),
                Task::Normals => prediction.normals = Some(values),
            }
        }
        Ok(prediction)
    }

    fn borrowed(&self) -> Predictions<'_> {
        Predictions {
            classes: self.classes.as_deref(),
            depth: self.depth.as_deref(),
            normals: self.normals.as_deref(),
        }
    }
}

/// Runs the QDQ file `onnx` of a network on the validation samples.
pub(super) fn judge(
    candidates: &Candidates,
    deployed: &Deployed,
    onnx: &[u8],
    host: &Profile,
    console: &Console,
) -> anyhow::Result<Int8Record> {
    let settings = candidates.settings;
    let graph = &deployed.int8;
    let model = tract::Model::load(onnx)?;
    let samples = samples(candidates, Split::Validation, settings.validation_samples)?;
    let bar = console.bar("validating", samples.len() as u64);
    let results: Vec<(Prediction, Option<Vec<Agreement>>)> = samples
        .par_iter()
        .enumerate()
        .map(|(index, sample)| {
            let inputs = [quantized_image(graph, sample)?];
            let outputs = model.run(&inputs)?;
            let agreement = match index < COMPARED_IMAGES {
                true => Some(agreements(&outputs, &evaluate(graph, &inputs)?)?),
                false => None,
            };
            bar.inc(1);
            Ok((Prediction::new(graph, &outputs)?, agreement))
        })
        .collect::<anyhow::Result<_>>()?;
    bar.finish_and_clear();
    let mut evaluation = Evaluation::new(&settings.tasks);
    for ((prediction, _), sample) in results.iter().zip(&samples) {
        evaluation.add(&prediction.borrowed(), &sample.into())?;
    }
    let compared: Vec<&Vec<Agreement>> = results.iter().filter_map(|r| r.1.as_ref()).collect();
    let first = samples.first().context("there are no validation samples")?;
    Ok(Int8Record {
        scores: evaluation.scores()?,
        agreement: merged(graph, &compared)?,
        latency: latency(candidates, graph, &model, first, host)?,
    })
}

/// The input of an int8 network.
pub(super) fn quantized_image(graph: &Verified, sample: &Sample) -> anyhow::Result<Data> {
    let Data::F32(values) = image(sample) else {
        anyhow::bail!("an image is made of floats");
    };
    Ok(to_integers(&graph[graph.inputs[0]], &values)?)
}

fn agreements(found: &[Data], expected: &[Data]) -> anyhow::Result<Vec<Agreement>> {
    let pairs = found.iter().zip(expected);
    pairs
        .map(|(found, expected)| match (found, expected) {
            (Data::I8(found), Data::I8(expected)) => Ok(Agreement::between(found, expected)),
            _ => anyhow::bail!("int8 networks have int8 outputs, found {}", found.dtype()),
        })
        .collect()
}

fn merged(
    graph: &Verified,
    images: &[&Vec<Agreement>],
) -> anyhow::Result<BTreeMap<String, AgreementRecord>> {
    let mut records = BTreeMap::new();
    for (index, &output) in graph.outputs.iter().enumerate() {
        let of_output = images.iter().map(|image| image[index]);
        let all = of_output.fold(Agreement::default(), Agreement::merge);
        let share = |share: Option<f64>| share.context("no images were compared");
        let record = AgreementRecord {
            images: images.len(),
            max_steps: all.steps_max(),
            mean_steps: share(all.steps_mean())?,
            equal: share(all.share_equal())?,
            within_one: share(all.share_within_one())?,
        };
        records.insert(graph[output].name.clone(), record);
    }
    Ok(records)
}

fn latency(
    candidates: &Candidates,
    graph: &Verified,
    model: &tract::Model,
    sample: &Sample,
    host: &Profile,
) -> anyhow::Result<LatencyRecord> {
    let list = tasks(graph, Precision::AsIs)?;
    let on = |profile: &Profile| -> anyhow::Result<(f64, f64)> {
        let schedule = compile(profile, &list)
            .map_err(|limit| anyhow::anyhow!("{} cannot run it: {limit}", profile.name()))?;
        let estimate = simulate(profile, &schedule, Speed::Fast);
        Ok((estimate.latency_ms(), estimate.assumed_share()))
    };
    let (target_ms, target_assumed_share) = on(candidates.profile)?;
    let (host_simulated_ms, _) = on(host)?;
    let inputs = [quantized_image(graph, sample)?];
    let timing = model.time(&inputs, WARM_UP_RUNS, TIMED_RUNS)?;
    let host_measured_ms = timing.median.as_secs_f64() * 1e3;
    Ok(LatencyRecord {
        target_ms,
        target_assumed_share,
        host_simulated_ms,
        host_measured_ms,
        host_error_percent: 100.0 * (host_simulated_ms / host_measured_ms - 1.0),
    })
}

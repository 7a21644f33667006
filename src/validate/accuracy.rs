//! How good a network is on labeled images, as `kernels` evaluates it.

use anyhow::{Context, Result};
use kernels::Verified;
use kernels::eval::evaluate;
use rayon::prelude::*;

use super::images::{Images, quantized_image};
use super::metrics::{Evaluation, Scores};
use super::prediction::{Prediction, tasks};
use crate::report::Console;

/// Every metric of the tasks of `graph`, float or int8, over the first `count` of `images`.
///
/// # Errors
///
/// When an output is named after no task, the data set has fewer images or no labels, or the
/// network cannot be evaluated.
pub fn accuracy(
    graph: &Verified,
    images: &Images,
    count: usize,
    console: &Console,
) -> Result<Scores> {
    let tasks = tasks(graph).context("an output is named after no task")?;
    let samples = images.samples(0..count)?;
    let samples = samples.context("there are no labels")?;
    let bar = console.bar("judging", samples.len() as u64);
    let predictions: Vec<Prediction> = samples
        .par_iter()
        .map(|sample| {
            let outputs = evaluate(graph, &[quantized_image(graph, sample)?])?;
            bar.inc(1);
            Prediction::new(graph, &outputs)
        })
        .collect::<Result<_>>()?;
    bar.finish_and_clear();
    let mut evaluation = Evaluation::new(&tasks, images.classes());
    for (prediction, sample) in predictions.iter().zip(&samples) {
        evaluation.add(&prediction.borrowed(), &sample.into())?;
    }
    Ok(evaluation.scores()?)
}

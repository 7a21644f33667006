//! How good a trained network is on validation samples.

use ednas::task::Task;
use ednas::validate::metrics::{Evaluation, Predictions, Scores, argmax};
use tch::{Device, Tensor, no_grad};

use anyhow::Result;

use crate::network::Network;
use crate::operators::Mode;
use crate::parameters::{Parameters, to_vec};
use crate::samples::{Samples, tensors, upright};

/// Images that are run at once.
const BATCH: usize = 8;

/// Every metric of `tasks` over the validation samples; none for no samples.
pub(crate) fn evaluate(
    network: &mut Network<'_>,
    parameters: &Parameters,
    device: Device,
    tasks: &[Task],
    samples: &Samples,
) -> Result<Scores> {
    let classes = samples.contents.classes.len();
    let mut evaluation = Evaluation::new(tasks, classes);
    if samples.validation.is_empty() {
        return Ok(Scores::new());
    }
    let count = samples.validation.len();
    for first in (0..count).step_by(BATCH) {
        let chunk = samples.chunk(first..(first + BATCH).min(count))?;
        let (images, _) = tensors(&upright(&chunk), device);
        let outputs = no_grad(|| network.forward(parameters, &images, Mode::Evaluate))?.outputs;
        for (position, sample) in chunk.iter().enumerate() {
            let image = i64::try_from(position)?;
            let of = |task| {
                let output = tasks.iter().zip(&outputs).find(|(of, _)| **of == task);
                output.map(|(_, output): (_, &Tensor)| to_vec(&output.get(image)))
            };
            let scores = of(Task::Segmentation);
            let classes = scores.map(|scores| argmax(&scores, classes)).transpose()?;
            let (depth, normals) = (of(Task::Depth), of(Task::Normals));
            let predictions = Predictions {
                classes: classes.as_deref(),
                depth: depth.as_deref(),
                normals: normals.as_deref(),
            };
            evaluation.add(&predictions, &(&**sample).into())?;
        }
    }
    Ok(evaluation.scores()?)
}

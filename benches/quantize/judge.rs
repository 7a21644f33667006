//! What a quantized network says, held against the truth and against the float network.

use ednas::data::Sample;
use ednas::deploy::calibration::image;
use ednas::quantize::Power;
use ednas::task::Task;
use ednas::validate::metrics::{Evaluation, Predictions, argmax};
use kernels::eval::{evaluate, to_integers, to_reals};
use kernels::{Data, Verified};
use rayon::prelude::*;

use super::table::Row;

/// The outputs of a network for one image, in its order, channels last.
pub(super) type Outputs = Vec<Vec<f32>>;

/// Validation images, and what the float network says of them.
pub(super) struct Judge<'a> {
    pub(super) samples: &'a [Sample],
    pub(super) tasks: Vec<Task>,
    float: Vec<Outputs>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(float: &Verified, samples: &'a [Sample]) -> anyhow::Result<Self> {
        let names = float.outputs.iter().map(|&id| float[id].name.parse());
        Ok(Self {
            samples,
            tasks: names.collect::<Result<_, _>>()?,
            float: outputs(float, samples)?,
        })
    }

    /// The row of a network that `kernels` evaluates.
    pub(super) fn evaluated(&self, name: &str, graph: &Verified) -> anyhow::Result<Row> {
        self.row(name, &outputs(graph, self.samples)?)
    }

    /// The row of a network by its outputs for every image.
    pub(super) fn row(&self, name: &str, outputs: &[Outputs]) -> anyhow::Result<Row> {
        let mut evaluation = Evaluation::new(&self.tasks, ednas::task::SEGMENTATION_CLASSES);
        let mut powers = vec![Power::default(); self.tasks.len()];
        for ((outputs, float), sample) in outputs.iter().zip(&self.float).zip(self.samples) {
            self.add(&mut evaluation, outputs, sample)?;
            for ((power, float), output) in powers.iter_mut().zip(float).zip(outputs) {
                *power += Power::between(float, output);
            }
        }
        let powers = self.tasks.iter().copied().zip(powers);
        Ok(Row::new(name, evaluation.scores()?, powers.collect()))
    }

    fn add(
        &self,
        evaluation: &mut Evaluation,
        outputs: &Outputs,
        sample: &Sample,
    ) -> anyhow::Result<()> {
        let of = |task: Task| {
            let position = self.tasks.iter().position(|known| *known == task);
            position.map(|position| outputs[position].as_slice())
        };
        let scores = of(Task::Segmentation);
        let classes = scores.map(|scores| argmax(scores, ednas::task::SEGMENTATION_CLASSES));
        let classes = classes.transpose()?;
        let predictions = Predictions {
            classes: classes.as_deref(),
            depth: of(Task::Depth),
            normals: of(Task::Normals),
        };
        evaluation.add(&predictions, &sample.into())?;
        Ok(())
    }
}

fn outputs(graph: &Verified, samples: &[Sample]) -> anyhow::Result<Vec<Outputs>> {
    let of_sample = |sample: &Sample| -> anyhow::Result<Outputs> {
        let Data::F32(reals) = image(sample) else {
            anyhow::bail!("an image is made of floats");
        };
        let input = to_integers(&graph[graph.inputs[0]], &reals)?;
        let outputs = evaluate(graph, &[input])?;
        let pairs = graph.outputs.iter().zip(&outputs);
        let reals = pairs.map(|(&id, data)| to_reals(&graph[id], data));
        Ok(reals.collect::<Result<_, _>>()?)
    };
    samples.par_iter().map(of_sample).collect()
}

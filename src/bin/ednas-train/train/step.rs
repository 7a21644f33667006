//! One step of a run: the gradient of a batch, and what the optimizer makes of it.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result, ensure};
use ednas::data::Contents;
use ednas::task::Task;
use ednas::train::feed::Batch;
use tch::{Kind, Tensor, no_grad};

use super::{DECAY, Run};
use crate::losses::{Truth, loss};
use crate::network::Replaced;
use crate::operators::{Mode, extent};
use crate::parameters::Leaf;
use crate::rules::{Contest, Losses};
use crate::samples::{Samples, part};

/// What a batch says of the weights.
struct Attempt {
    losses: Losses,
    /// Their weighted sum.
    total: Tensor,
    leaves: Vec<Leaf>,
}

impl Run<'_> {
    /// One step; the losses, which are on the device.
    pub(super) fn one_step(&mut self, samples: &Samples, batch: &Batch) -> Result<Losses> {
        let recipe = &self.job.training.recipe;
        let rate = recipe.learning_rate(self.step);
        let parts = extent(recipe.parts.get());
        let share = |whole: Tensor| match parts {
            1 => whole,
            _ => whole / parts,
        };
        let (mut gradient, mut losses) = (None, Losses::new());
        for images in self.parts(batch) {
            let part = part(batch, images, self.device);
            let (of_part, losses_of_part) = self.gradient(&part, &samples.contents)?;
            gradient = sum(gradient, share(of_part));
            for (task, loss) in losses_of_part {
                let loss = sum(losses.remove(&task), share(loss));
                losses.extend(loss.map(|loss| (task, loss)));
            }
        }
        let turn = self.rule.turn(self.step, rate);
        let gradient = gradient.context("a step has images")?;
        let mut flat = self.parameters.flat();
        self.adam.step(&mut flat, &gradient, &turn);
        if let (Some(average), Some(kept)) = (&mut self.average, recipe.kept_of_average(self.step))
        {
            let _ = no_grad(|| average.lerp_(&flat, 1.0 - kept));
        }
        Ok(losses)
    }

    /// The positions of the images that are run at a time.
    pub(super) fn parts(&self, batch: &Batch) -> impl Iterator<Item = Range<usize>> + use<> {
        let (images, parts) = (batch.size[0], self.job.training.recipe.parts.get());
        (0..parts).map(move |part| images * part / parts..images * (part + 1) / parts)
    }

    /// The gradient of the losses of some images, and these.
    fn gradient(&self, images: &(Tensor, Truth), contents: &Contents) -> Result<(Tensor, Losses)> {
        let rival = match self.rule.rival(&self.parameters, self.step) {
            Some(drawn) => Some(no_grad(|| self.attempt(drawn, images, contents))?.losses),
            None => None,
        };
        let drawn = self.rule.drawn(&self.parameters, self.step);
        let attempt = self.attempt(drawn, images, contents)?;
        let contest = Contest {
            drawn: &attempt.losses,
            rival: rival.as_ref(),
        };
        let penalty = self.rule.penalty(&self.parameters, self.step, contest);
        let total = match penalty {
            Some(penalty) => attempt.total + penalty,
            None => attempt.total,
        };
        let gradient = self.parameters.gradient(&total, &attempt.leaves);
        let losses = attempt.losses.into_iter();
        Ok((
            gradient,
            losses.map(|(task, loss)| (task, loss.detach())).collect(),
        ))
    }

    /// The losses of some images, where `replaced` stands in place of some parameters.
    fn attempt(
        &self,
        replaced: Replaced,
        (images, truth): &(Tensor, Truth),
        contents: &Contents,
    ) -> Result<Attempt> {
        let recipe = &self.job.training.recipe;
        let mode = Mode::Train {
            decay: DECAY,
            precision: recipe.precision,
        };
        let pass = self
            .network
            .forward_with(replaced, &self.parameters, images, mode)
            .with_context(|| format!("step {}; {}", self.step, self.remedy()))?;
        let mut total = Tensor::zeros([0_i64; 0], (Kind::Float, self.device));
        let mut losses = Losses::new();
        for (&task, output) in self.job.training.tasks.iter().zip(&pass.outputs) {
            let loss = loss(task, output, truth, recipe.depth_loss);
            total += &loss * recipe.weight(task, contents.depth);
            losses.insert(task, loss);
        }
        Ok(Attempt {
            losses,
            total,
            leaves: pass.leaves,
        })
    }

    /// The losses as numbers, which waits for the device.
    pub(super) fn numbers(&self, losses: &Losses) -> Result<BTreeMap<Task, f64>> {
        let number = |(&task, loss): (&Task, &Tensor)| {
            let value = loss.double_value(&[]);
            ensure!(
                value.is_finite(),
                "the {task} loss is {value} at step {}; {}",
                self.step,
                self.remedy()
            );
            Ok((task, value))
        };
        losses.iter().map(number).collect()
    }
}

fn sum(sum: Option<Tensor>, term: Tensor) -> Option<Tensor> {
    Some(match sum {
        Some(sum) => sum + term,
        None => term,
    })
}

//! One job: from initial weights, a checkpoint or a state, to a checkpoint and its metrics.

mod step;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ednas::data::DepthUnit;
use ednas::task::Task;
use ednas::train::batches::Batches;
use ednas::train::feed::{Batch, Feed, Ingredients};
use ednas::train::protocol::Outcome;
use ednas::train::{
    Arithmetic, CheckpointRecord, Event, Precision, TrainJob, Weights, write_checkpoint,
};
use ednas::validate::metrics::Scores;
use kernels::Verified;
use serde_json::json;
use tch::{Device, Tensor, no_grad};

use crate::adam::Adam;
use crate::evaluate::evaluate;
use crate::network::Network;
use crate::operators::Mode;
use crate::pace::Pace;
use crate::parameters::Parameters;
use crate::rules::Rule;
use crate::samples::{Samples, Store, part};
use crate::start::{Beginning, beginning};
use crate::state::{self, State};

/// What running statistics keep of themselves per step: short runs need them to follow fast.
const DECAY: f64 = 0.9;

/// Training images whose statistics the batch norms end with, at most.
const STATISTICS_IMAGES: usize = 128;

/// Threads that make batches, at most: beyond, they wait for training.
const FEEDERS_MAX: usize = 8;

const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// Does `job`; `tell` is called with its events but the last.
///
/// # Errors
///
/// When the job cannot be done: what is wrong with it, or which loss stopped being a number.
pub(crate) fn train(
    job: &TrainJob,
    store: &mut Store,
    tell: &mut dyn FnMut(&Event) -> Result<()>,
) -> Result<Outcome> {
    check(job)?;
    let Beginning { graph, weights } = beginning(&job.training)?;
    let samples = store.samples(job)?;
    tch::set_num_threads(i32::try_from(job.threads)?);

    let mut run = Run::begin(job, &graph, weights, samples)?;
    tell(&Event::Started {
        id: job.id,
        step: run.step,
        attempt: None,
    })?;
    let (losses, images_per_s) = run.advance(samples, tell)?;
    run.finish(samples)?;
    Ok(Outcome {
        id: job.id,
        steps: run.step,
        losses,
        scores: run.scores(samples)?,
        images_per_s,
        checkpoint: job.checkpoint.clone(),
        inherited: run.inherited,
        decided: run.rule.decided(&run.parameters),
    })
}

fn check(job: &TrainJob) -> Result<()> {
    if let Some(problem) = job.training.recipe.problem() {
        bail!("recipe: {problem}");
    }
    ensure!(job.threads > 0, "threads is 0, expected at least 1");
    ensure!(
        job.training.start.is_none() || job.training.inherit.is_none(),
        "the job has both `start` and `inherit`, expected one of them: fine-tuning starts from all \
         weights of its own network"
    );
    ensure!(
        !(job.training.model()?.method.is_open() && job.training.is_folded()),
        "{} is a network whose policy is open, expected one with a policy: train the one that was \
         decided on, and fine-tune that",
        job.training.network
    );
    let arithmetic = job.training.start.as_ref().map(|start| start.arithmetic);
    ensure!(
        !job.training.is_folded() || job.training.recipe.precision.is_single(),
        "precision is mixed, expected single: networks are fine-tuned in what they will be run in"
    );
    ensure!(
        arithmetic != Some(Arithmetic::Int8 { calibration: 0 }),
        "calibration is 0, expected at least 1 sample"
    );
    Ok(())
}

/// A run between two steps.
struct Run<'j> {
    job: &'j TrainJob,
    device: Device,
    network: Network<'j>,
    /// Every parameter of the network, also those nobody reads.
    weights: Weights,
    parameters: Parameters,
    rule: Rule,
    adam: Adam,
    /// The moving average of the trained parameters, `[total]`, where the recipe asks for one.
    average: Option<Tensor>,
    step: usize,
    /// The checkpoint is there already.
    finished: bool,
    /// The share of the weights that came from another network.
    inherited: Option<f64>,
}

impl<'j> Run<'j> {
    /// Where the job stands: at `weights`, the values that the parameters of `graph` start from,
    /// or further on.
    fn begin(
        job: &'j TrainJob,
        graph: &'j Verified,
        mut weights: Weights,
        samples: &Samples,
    ) -> Result<Self> {
        let device = Device::cuda_if_available();
        let mut step = 0;
        let (mut moments, mut average) = (None, None);
        let (mut ranges, mut finished, mut inherited) = (None, false, None);
        let there = |wanted: bool| wanted.then(|| state::finished(job)).flatten();
        if let Some((done, record)) = there(job.resume) {
            (weights, step, finished) = (done, job.last_step(), true);
            ranges = record.ranges;
        } else if let Some(state) = kept(job)? {
            (weights, step, ranges) = (state.weights, state.step, state.ranges);
            moments = Some(state.adam);
            average = state.average;
        } else {
            if let Some(parent) = &job.training.inherit {
                inherited = Some(parent.give(&mut weights)?);
            }
            Rule::begin(&job.training, &mut weights)?;
        }
        let parameters = Parameters::new(graph, &weights, device)?;
        let rule = Rule::new(&job.training, graph, &parameters)?;
        let adam = moments.unwrap_or_else(|| Adam::new(&parameters.flat()));
        let average = job.training.recipe.average.map(|_| {
            let average = average.unwrap_or_else(|| parameters.flat().copy());
            average.to_device(device)
        });
        Ok(Self {
            job,
            device,
            network: Network::new(&job.training, (graph, &parameters), ranges, samples, device)?,
            weights,
            parameters,
            rule,
            adam: adam.on(device),
            average,
            step,
            finished,
            inherited,
        })
    }

    /// Does the steps that are left; the losses of the last one, and images per second.
    fn advance(
        &mut self,
        samples: &Samples,
        tell: &mut dyn FnMut(&Event) -> Result<()>,
    ) -> Result<(BTreeMap<Task, f64>, f64)> {
        let recipe = &self.job.training.recipe;
        let ingredients = Ingredients {
            augmentation: recipe.augmentation,
            ..self.ingredients(samples)
        };
        let last_step = self.job.last_step();
        let mut feed = Feed::start(&ingredients, self.step..last_step, self.feeders())?;
        let pace = Pace::start(self.step, last_step, recipe.batch_size);
        let (mut told, mut saved) = (Instant::now(), Instant::now());
        let mut numbers = BTreeMap::new();
        while self.step < last_step {
            let losses = self.one_step(samples, &next(&mut feed, self.step)?)?;
            self.step += 1;
            let last = self.step == last_step;
            if last || told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                numbers = self.numbers(&losses)?;
                let loss = self.weighted(&numbers, samples.contents.depth);
                tell(&pace.event(self.job.id, self.step, loss))?;
            }
            if !last && saved.elapsed().as_secs_f64() >= self.job.state_every_s {
                self.numbers(&losses)?;
                self.save()?;
                saved = Instant::now();
            }
        }
        Ok((numbers, pace.images_per_s(self.step)))
    }

    /// The training samples in the order of the job, only mirrored.
    fn ingredients(&self, samples: &Samples) -> Ingredients {
        let training = &self.job.training;
        let count = samples.train.len();
        Ingredients {
            shelf: Arc::clone(&samples.train),
            batches: Batches::new(count, training.recipe.batch_size, training.seed),
            augmentation: None,
        }
    }

    /// Threads that make batches.
    fn feeders(&self) -> usize {
        self.job.threads.min(FEEDERS_MAX)
    }

    fn weighted(&self, losses: &BTreeMap<Task, f64>, depth: DepthUnit) -> f64 {
        let recipe = &self.job.training.recipe;
        let each = losses
            .iter()
            .map(|(&task, loss)| recipe.weight(task, depth) * loss);
        each.sum()
    }

    fn remedy(&self) -> String {
        let rate = self.job.training.recipe.learning_rate_max;
        format!("a lower learning_rate_max may help (it is {rate})")
    }

    fn save(&mut self) -> Result<()> {
        self.parameters.store(&mut self.weights);
        let state = State {
            weights: self.weights.clone(),
            adam: self.adam.shallow_clone(),
            average: self.average.as_ref().map(Tensor::shallow_clone),
            step: self.step,
            ranges: self.network.ranges().cloned(),
        };
        state::save(self.job, state)
    }

    /// Keeps the state for the legs that follow, takes the average of the weights for these where the
    /// recipe says so, gives the batch norms the statistics of the trained weights, and writes the
    /// checkpoint.
    fn finish(&mut self, samples: &Samples) -> Result<()> {
        if self.finished {
            return Ok(());
        }
        let more = self.step < self.job.training.recipe.steps;
        if more {
            self.save()?;
        }
        if let Some(average) = &self.average {
            no_grad(|| self.parameters.flat().copy_(average));
        }
        self.rule.decide(&mut self.parameters);
        if self.step > 0 && self.parameters.has_statistics() {
            self.estimate_statistics(samples)?;
        }
        self.parameters.store(&mut self.weights);
        for (name, values) in self.weights.iter() {
            self.weights.checked(name, &values.shape).with_context(|| {
                format!("training diverged by step {}; {}", self.step, self.remedy())
            })?;
        }
        let ranges = self.network.ranges().cloned();
        let record =
            CheckpointRecord::new(&self.job.training, &samples.contents, self.step, ranges);
        write_checkpoint(&self.job.checkpoint, &self.weights, &json!(record))?;
        if !more {
            state::remove(self.job);
        }
        Ok(())
    }

    /// Every metric of the job's tasks on the validation samples.
    fn scores(&mut self, samples: &Samples) -> Result<Scores> {
        let (parameters, tasks) = (&self.parameters, &self.job.training.tasks);
        evaluate(&mut self.network, parameters, self.device, tasks, samples)
    }

    /// The running statistics follow the weights with a delay; their means over a few batches at
    /// the end do not.
    fn estimate_statistics(&mut self, samples: &Samples) -> Result<()> {
        self.parameters.clear_statistics();
        let batch_size = self.job.training.recipe.batch_size;
        let count = (STATISTICS_IMAGES.min(samples.train.len()) / batch_size).max(1);
        let mut feed = Feed::start(&self.ingredients(samples), 0..count, self.feeders())?;
        let mut seen = 0.0;
        for index in 0..count {
            let batch = next(&mut feed, index)?;
            for images in self.parts(&batch) {
                let (images, _) = part(&batch, images, self.device);
                let mode = Mode::Train {
                    decay: seen / (seen + 1.0),
                    precision: Precision::Single,
                };
                no_grad(|| self.network.forward(&self.parameters, &images, mode))?;
                seen += 1.0;
            }
        }
        Ok(())
    }
}

/// The state that the job goes on from, if it may and there is one.
fn kept(job: &TrainJob) -> Result<Option<State>> {
    let state = if job.resume { state::load(job)? } else { None };
    if let Some(state) = &state {
        let (done, last) = (state.step, job.last_step());
        ensure!(
            done <= last,
            "the state {} is {done} steps on, expected {last} at most: `stop_at` only grows from leg \
             to leg",
            job.state_path().display()
        );
    }
    Ok(state)
}

/// The batch of `step`, which `feed` has next.
fn next(feed: &mut Feed, step: usize) -> Result<Batch> {
    let batch = feed.next();
    let batch = batch.with_context(|| format!("the images of step {step} were not made"))?;
    batch.with_context(|| format!("step {step}"))
}

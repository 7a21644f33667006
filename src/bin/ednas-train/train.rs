//! One job: from initial weights, or a state, to a checkpoint and its metrics.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ednas::space::Model;
use ednas::space::ednas::{FusedDefinition, NetworkOptions};
use ednas::task::Task;
use ednas::train::batches::{Batches, Pick};
use ednas::train::protocol::Outcome;
use ednas::train::recipe::loss_weight;
use ednas::train::{Event, TrainJob, Weights, read_checkpoint, write_checkpoint};
use ednas::validate::metrics::Scores;
use kernels::{Verified, live::live};
use serde_json::json;
use tch::{Device, Tensor, no_grad};

use crate::adam::Adam;
use crate::evaluate::evaluate;
use crate::execute::Program;
use crate::losses::loss;
use crate::operators::Mode;
use crate::pace::Pace;
use crate::parameters::Parameters;
use crate::samples::{Samples, batch};
use crate::state;

/// What running statistics keep of themselves per step: short runs need them to follow fast.
const DECAY: f64 = 0.9;

/// Training images whose statistics the batch norms end with, at most.
const STATISTICS_IMAGES: usize = 128;

const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// The schema of a checkpoint's record.
const CHECKPOINT: &str = "ednas.checkpoint/1";

/// Does `job`; `tell` is called with its events but the last.
///
/// # Errors
///
/// When the job cannot be done: what is wrong with it, or which loss stopped being a number.
pub(crate) fn train(
    job: &TrainJob,
    samples: &mut Samples,
    tell: &mut dyn FnMut(&Event) -> Result<()>,
) -> Result<Outcome> {
    check(job)?;
    let network = network(job)?;
    let graph = live(&network);
    samples.load(job)?;
    tch::set_num_threads(i32::try_from(job.threads)?);

    let mut run = Run::begin(job, &network, &graph)?;
    tell(&Event::Started {
        id: job.id,
        step: run.step,
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
    })
}

fn check(job: &TrainJob) -> Result<()> {
    if let Some(problem) = job.recipe.problem() {
        bail!("recipe: {problem}");
    }
    ensure!(job.threads > 0, "threads is 0, expected at least 1");
    Ok(())
}

/// The job's network, whole.
fn network(job: &TrainJob) -> Result<Verified> {
    let model = Model::parse(&job.network, FusedDefinition::default())?;
    let options = NetworkOptions {
        size: [job.height, job.width],
        tasks: job.tasks.clone(),
        upsampling: job.upsampling,
    };
    let mut networks = model.networks(&options)?;
    ensure!(
        networks.len() == 1,
        "{} is {} networks, one per task; give each task a job of its own",
        job.network,
        networks.len()
    );
    Ok(networks.remove(0))
}

/// A run between two steps.
struct Run<'j> {
    job: &'j TrainJob,
    device: Device,
    program: Program<'j>,
    /// Every parameter of the network, also those nobody reads.
    weights: Weights,
    parameters: Parameters,
    adam: Adam,
    step: usize,
    /// The checkpoint is there already.
    finished: bool,
}

impl<'j> Run<'j> {
    /// Where the job stands; `graph` is the part of `network` that its outputs need.
    fn begin(job: &'j TrainJob, network: &Verified, graph: &'j Verified) -> Result<Self> {
        let device = Device::cuda_if_available();
        let mut weights = Weights::initial(network, job.seed);
        let mut step = 0;
        let mut moments = None;
        let mut finished = false;
        if job.resume {
            if let Some(done) = checkpoint_of(job) {
                (weights, step, finished) = (done, job.recipe.steps, true);
            } else if let Some((found, adam, steps)) = state::load(job)? {
                (weights, step, moments) = (found, steps, Some(adam));
            }
        }
        let parameters = Parameters::new(graph, &weights, device)?;
        let adam = moments.unwrap_or_else(|| Adam::new(&parameters.flat()));
        Ok(Self {
            job,
            device,
            program: Program::new(graph, device)?,
            weights,
            parameters,
            adam: adam.on(device),
            step,
            finished,
        })
    }

    /// Does the steps that are left; the losses of the last one, and images per second.
    fn advance(
        &mut self,
        samples: &Samples,
        tell: &mut dyn FnMut(&Event) -> Result<()>,
    ) -> Result<(BTreeMap<Task, f64>, f64)> {
        let recipe = &self.job.recipe;
        let mut batches = Batches::new(samples.train.len(), recipe.batch_size, self.job.seed);
        let pace = Pace::start(self.step, recipe.steps, recipe.batch_size);
        let (mut told, mut saved) = (Instant::now(), Instant::now());
        let mut losses = BTreeMap::new();
        while self.step < recipe.steps {
            losses = self.one_step(samples, &batches.of_step(self.step))?;
            self.step += 1;
            let last = self.step == recipe.steps;
            if last || told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                tell(&pace.event(self.job.id, self.step, weighted(&losses)))?;
            }
            if !last && saved.elapsed().as_secs_f64() >= self.job.state_every_s {
                self.save()?;
                saved = Instant::now();
            }
        }
        Ok((losses, pace.images_per_s(self.step)))
    }

    fn one_step(&mut self, samples: &Samples, picks: &[Pick]) -> Result<BTreeMap<Task, f64>> {
        let (images, truth) = batch(&samples.train, picks, self.device);
        let mode = Mode::Train { decay: DECAY };
        let outputs = self
            .program
            .run(&self.parameters.tensors(), &[&images], mode)?;
        let mut total = Tensor::from(0.0_f32).to_device(self.device);
        let mut losses = BTreeMap::new();
        for (&task, output) in self.job.tasks.iter().zip(&outputs) {
            let loss = loss(task, output, &truth, self.job.recipe.depth_loss);
            let value = loss.double_value(&[]);
            let step = self.step;
            ensure!(
                value.is_finite(),
                "the {task} loss is {value} at step {step}; a lower learning_rate_max may help \
                 (it is {})",
                self.job.recipe.learning_rate_max
            );
            losses.insert(task, value);
            total += loss * loss_weight(task);
        }
        let gradient = self.parameters.gradient(&total);
        let rate = self.job.recipe.learning_rate(self.step);
        self.adam
            .step(&mut self.parameters.flat(), &gradient, self.step, rate);
        Ok(losses)
    }

    fn save(&mut self) -> Result<()> {
        self.parameters.store(&mut self.weights);
        state::save(self.job, self.weights.clone(), &self.adam, self.step)
    }

    /// Gives the batch norms the statistics of the trained weights, and writes the checkpoint.
    fn finish(&mut self, samples: &Samples) -> Result<()> {
        if self.finished {
            return Ok(());
        }
        if self.step > 0 {
            self.estimate_statistics(samples)?;
        }
        self.parameters.store(&mut self.weights);
        for (name, values) in self.weights.iter() {
            self.weights
                .checked(name, &values.shape)
                .with_context(|| format!("training diverged by step {}", self.step))?;
        }
        let record = json!({"schema": CHECKPOINT, "job": state::identity(self.job)});
        write_checkpoint(&self.job.checkpoint, &self.weights, &record)?;
        state::remove(self.job);
        Ok(())
    }

    /// Every metric of the job's tasks on the validation samples.
    fn scores(&self, samples: &Samples) -> Result<Scores> {
        let (parameters, tasks) = (&self.parameters, &self.job.tasks);
        let samples = &samples.validation;
        evaluate(&self.program, parameters, self.device, tasks, samples)
    }

    /// The running statistics follow the weights with a delay; their means over a few batches at
    /// the end do not.
    fn estimate_statistics(&mut self, samples: &Samples) -> Result<()> {
        self.parameters.clear_statistics();
        let batch_size = self.job.recipe.batch_size;
        let count = (STATISTICS_IMAGES.min(samples.train.len()) / batch_size).max(1);
        let mut batches = Batches::new(samples.train.len(), batch_size, self.job.seed);
        let tensors = self.parameters.tensors();
        for index in 0..count {
            let (images, _) = batch(&samples.train, &batches.of_step(index), self.device);
            let decay = index as f64 / (index + 1) as f64;
            no_grad(|| {
                self.program
                    .run(&tensors, &[&images], Mode::Train { decay })
            })?;
        }
        Ok(())
    }
}

/// The weights of the job's checkpoint, when it is there and of this very job.
fn checkpoint_of(job: &TrainJob) -> Option<Weights> {
    let (weights, record) = read_checkpoint(&job.checkpoint).ok()?;
    let same = record["schema"] == CHECKPOINT && record["job"] == state::identity(job);
    same.then_some(weights)
}

fn weighted(losses: &BTreeMap<Task, f64>) -> f64 {
    losses
        .iter()
        .map(|(&task, loss)| loss_weight(task) * loss)
        .sum()
}

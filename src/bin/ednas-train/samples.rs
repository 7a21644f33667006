//! The samples of a job, and batches of them as tensors.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use ednas::data::{Contents, Dataset, Sample, Shelf, Split, VOID};
use ednas::task::Task;
use ednas::train::feed::Batch;
use ednas::train::{Arithmetic, DataChoice, TrainJob, Training};
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use crate::losses::Truth;
use crate::operators::extent;

/// The samples of one choice of data, kept from one job to the next.
#[derive(Default)]
pub(crate) struct Store {
    kept: Option<(Key, Samples)>,
}

/// What samples follow from: the data, and height, width, calibration samples and threads.
type Key = (DataChoice, [usize; 4]);

/// The samples of a job, made when they are first asked for.
pub(crate) struct Samples {
    /// What the data set is about.
    pub(crate) contents: Contents,
    /// In the order of the split.
    pub(crate) train: Arc<Shelf>,
    /// In the order of the split.
    pub(crate) validation: Shelf,
    /// What the first ranges of activations are taken from; none in float training.
    pub(crate) calibration: Vec<Arc<Sample>>,
    /// The threads of the job.
    pool: rayon::ThreadPool,
}

impl Store {
    /// The samples of `job`.
    pub(crate) fn samples(&mut self, job: &TrainJob) -> Result<&Samples> {
        let training = &job.training;
        let calibration = calibration_samples(training);
        let extents = [training.height, training.width, calibration, job.threads];
        let key = (training.data.clone(), extents);
        let kept = self.kept.take().filter(|(kept, _)| *kept == key);
        let kept = match kept {
            Some(kept) => kept,
            None => (key, open(job, calibration)?),
        };
        let (_, samples) = self.kept.insert(kept);
        fits(training, &samples.contents)?;
        Ok(samples)
    }
}

impl Samples {
    /// The validation samples of these numbers.
    pub(crate) fn chunk(&self, numbers: Range<usize>) -> Result<Vec<Arc<Sample>>> {
        self.pool.install(|| chunk(&self.validation, numbers))
    }
}

fn chunk(shelf: &Shelf, numbers: Range<usize>) -> Result<Vec<Arc<Sample>>> {
    let samples = numbers.into_par_iter().map(|number| Ok(shelf.get(number)?));
    samples.collect()
}

fn open(job: &TrainJob, calibration: usize) -> Result<Samples> {
    let training = &job.training;
    let choice = &training.data;
    ensure!(
        choice.train > 0,
        "data.train is 0, expected at least 1 sample"
    );
    let dataset = Dataset::open(&choice.name, training.height, training.width, choice.seed)?;
    let shelf = |split: Split, count: usize| {
        Shelf::new(dataset.clone(), split, count)
            .with_context(|| format!("data set {}", choice.name))
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.threads)
        .build()?;
    let for_ranges = shelf(Split::Calibration, calibration)?;
    Ok(Samples {
        train: Arc::new(shelf(Split::Train, choice.train)?),
        validation: shelf(choice.judged_on.split(), choice.validation)?,
        calibration: pool.install(|| chunk(&for_ranges, 0..calibration))?,
        contents: dataset.contents().clone(),
        pool,
    })
}

/// Refuses a data set that has no labels of a task, or other classes than the network.
fn fits(training: &Training, contents: &Contents) -> Result<()> {
    let name = &training.data.name;
    if let Some(lacks) = contents.lacks(&training.tasks) {
        bail!("data set {name} {lacks}");
    }
    let (found, classes) = (training.classes, contents.classes.len());
    ensure!(
        found == classes || !training.tasks.contains(&Task::Segmentation),
        "classes is {found}, expected {classes}, as many as data set {name} has"
    );
    Ok(())
}

fn calibration_samples(training: &Training) -> usize {
    let arithmetic = training.start.as_ref().map(|start| start.arithmetic);
    match arithmetic {
        Some(Arithmetic::Int8 { calibration }) => calibration,
        Some(Arithmetic::Float) | None => 0,
    }
}

/// The images `[n, h, w, 3]` and the truth of a batch.
pub(crate) fn tensors(batch: &Batch, device: Device) -> (Tensor, Truth) {
    part(batch, 0..batch.size[0], device)
}

/// As [`tensors`], of the images at these positions.
pub(crate) fn part(batch: &Batch, images: Range<usize>, device: Device) -> (Tensor, Truth) {
    let [_, height, width] = batch.size;
    let shape = |channels| [images.len(), height, width, channels].map(extent);
    let values = |channels: usize| {
        let of_image = height * width * channels;
        images.start * of_image..images.end * of_image
    };
    let float = |all: &[f32], channels: usize| {
        let tensor = Tensor::from_slice(&all[values(channels)]);
        tensor.reshape(shape(channels)).to_device(device)
    };
    let classes = &batch.classes[values(1)];
    let truth = Truth {
        classes: Tensor::from_slice(classes)
            .reshape(&shape(1)[..3])
            .to_device(device)
            .to_kind(Kind::Int64),
        has_classes: classes.iter().any(|&class| class != i64::from(VOID)),
        depth: float(&batch.depth, 1),
        normals: float(&batch.normals, 3),
    };
    (float(&batch.images, 3), truth)
}

/// A batch of samples as they are, which have one size.
pub(crate) fn upright(samples: &[Arc<Sample>]) -> Batch {
    let Some(first) = samples.first() else {
        return Batch::default();
    };
    let mut batch = Batch::of(samples.len(), first.height, first.width);
    for sample in samples {
        batch.add(sample, false);
    }
    batch
}

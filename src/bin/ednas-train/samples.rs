//! The samples of a job in memory, and batches of them as tensors.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use ednas::data::{Dataset, Sample, Split, input::network_input};
use ednas::train::batches::Pick;
use ednas::train::{Arithmetic, DataChoice, TrainJob, Training};
use tch::{Device, Kind, Tensor};

use crate::losses::Truth;
use crate::operators::extent;

/// The samples of one choice of data, kept from one job to the next.
#[derive(Default)]
pub(crate) struct Samples {
    key: Option<(DataChoice, [usize; 3])>,
    /// In the order of the split.
    pub(crate) train: Vec<Sample>,
    /// In the order of the split.
    pub(crate) validation: Vec<Sample>,
    /// What the first ranges of activations are taken from; none in float training.
    pub(crate) calibration: Vec<Sample>,
}

impl Samples {
    /// Makes the samples of `job` on its threads, unless they are here already.
    pub(crate) fn load(&mut self, job: &TrainJob) -> Result<()> {
        let training = &job.training;
        let choice = &training.data;
        let calibration = calibration_samples(training);
        let key = (
            choice.clone(),
            [training.height, training.width, calibration],
        );
        if self.key.as_ref() == Some(&key) {
            return Ok(());
        }
        ensure!(
            choice.train > 0,
            "data.train is 0, expected at least 1 sample"
        );
        let dataset = Dataset::open(&choice.name, training.height, training.width, choice.seed)?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(job.threads)
            .build()?;
        let take = |split: Split, count: usize| {
            let indices: Vec<usize> = (0..count).collect();
            pool.install(|| dataset.samples(split, &indices))
                .with_context(|| format!("data set {}", choice.name))
        };
        self.key = None;
        self.train = take(Split::Train, choice.train)?;
        self.validation = take(Split::Validation, choice.validation)?;
        self.calibration = take(Split::Calibration, calibration)?;
        self.key = Some(key);
        Ok(())
    }
}

fn calibration_samples(training: &Training) -> usize {
    let arithmetic = training.start.as_ref().map(|start| start.arithmetic);
    match arithmetic {
        Some(Arithmetic::Int8 { calibration }) => calibration,
        Some(Arithmetic::Float) | None => 0,
    }
}

/// The images `[n, h, w, 3]` and the truth of the chosen samples, which are of one size.
pub(crate) fn batch(samples: &[Sample], picks: &[Pick], device: Device) -> (Tensor, Truth) {
    let (height, width) = (samples[0].height, samples[0].width);
    let mut images: Vec<f32> = Vec::with_capacity(picks.len() * height * width * 3);
    let mut classes: Vec<i64> = Vec::with_capacity(picks.len() * height * width);
    let mut depth: Vec<f32> = Vec::with_capacity(picks.len() * height * width);
    let mut normals: Vec<f32> = Vec::with_capacity(picks.len() * height * width * 3);
    for pick in picks {
        let sample = &samples[pick.index];
        for pixel in (0..height).flat_map(|row| row_of_pixels(row, width, pick.mirrored)) {
            let color = pixel * 3..pixel * 3 + 3;
            images.extend(sample.rgb[color.clone()].iter().map(|&v| network_input(v)));
            classes.push(i64::from(sample.label[pixel]));
            depth.push(sample.depth[pixel]);
            let [x, y, z] = [0, 1, 2].map(|axis| sample.normal[pixel * 3 + axis]);
            normals.extend([if pick.mirrored { -x } else { x }, y, z]);
        }
    }
    let shape = |channels: i64| [extent(picks.len()), extent(height), extent(width), channels];
    let float = |values: &[f32], channels| {
        Tensor::from_slice(values)
            .reshape(shape(channels))
            .to_device(device)
    };
    let truth = Truth {
        classes: Tensor::from_slice(&classes)
            .reshape(&shape(1)[..3])
            .to_device(device)
            .to_kind(Kind::Int64),
        depth: float(&depth, 1),
        normals: float(&normals, 3),
    };
    (float(&images, 3), truth)
}

/// The picks of samples as they are.
pub(crate) fn upright(range: Range<usize>) -> Vec<Pick> {
    let pick = |index| Pick {
        index,
        mirrored: false,
    };
    range.map(pick).collect()
}

fn row_of_pixels(row: usize, width: usize, mirrored: bool) -> impl Iterator<Item = usize> {
    (0..width).map(move |column| {
        let column = if mirrored { width - 1 - column } else { column };
        row * width + column
    })
}

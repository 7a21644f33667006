//! What networks are run on: images of a data set with their labels, or noise.

use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use kernels::eval::to_integers;
use kernels::{Data, DataType, Tensor, Verified};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::prediction::tasks;
use crate::data::{Contents, Dataset, Sample, Split};
use crate::deploy::calibration::image;
use crate::task::Task;

/// Where inputs come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Images {
    /// The validation split of a data set.
    Labeled {
        /// Its name.
        name: String,
        /// Its seed.
        seed: u64,
        /// At the size of the network's input.
        data: Dataset,
    },
    /// Integers of all sizes.
    Noise {
        /// What they are drawn from.
        seed: u64,
    },
}

impl Images {
    /// The data set `name` at the size of the one image that `graph` takes.
    ///
    /// # Errors
    ///
    /// When there is no such data set, or the network takes something else than one RGB image.
    pub fn labeled(name: &str, seed: u64, graph: &Verified) -> Result<Self> {
        let image = match &*graph.inputs {
            [id] => graph[*id].shape.nhwc(),
            _ => None,
        };
        let [height, width] = match image {
            Some([1, height, width, 3]) => [height, width],
            Some(_) | None => {
                let shapes = graph.inputs.iter().map(|&id| graph[id].shape.to_string());
                let found = shapes.collect::<Vec<_>>().join(" and ");
                bail!("a data set gives one RGB image [1, h, w, 3], the network takes {found}")
            }
        };
        let data = Dataset::open(name, height, width, seed)?;
        fits(graph, name, data.contents())?;
        Ok(Self::Labeled {
            name: name.to_owned(),
            seed,
            data,
        })
    }

    /// How many classes labels have; none of noise.
    #[must_use]
    pub fn classes(&self) -> usize {
        match self {
            Self::Labeled { data, .. } => data.contents().classes.len(),
            Self::Noise { .. } => 0,
        }
    }

    /// How many samples there are; `None` when there is no end.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Labeled { data, .. } => Some(data.len(Split::Validation)),
            Self::Noise { .. } => None,
        }
    }

    /// What they are, in words.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Labeled { name, seed, .. } => {
                format!("data set {name}, seed {seed}, validation split")
            }
            Self::Noise { seed } => format!("noise, seed {seed}"),
        }
    }

    /// The samples with these numbers, with their labels; none of noise.
    ///
    /// # Errors
    ///
    /// When the data set has fewer.
    pub fn samples(&self, numbers: Range<usize>) -> Result<Option<Vec<Sample>>> {
        match self {
            Self::Noise { .. } => Ok(None),
            Self::Labeled { name, data, .. } => {
                let numbers: Vec<usize> = numbers.collect();
                let samples = data.samples(Split::Validation, &numbers);
                Ok(Some(samples.with_context(|| format!("data set {name}"))?))
            }
        }
    }

    /// What `graph` takes for the samples with these numbers, in its order.
    ///
    /// # Errors
    ///
    /// When the data set has fewer, or an input is of a type that images are not quantized to.
    pub fn inputs(&self, graph: &Verified, numbers: Range<usize>) -> Result<Vec<Vec<Data>>> {
        match (self, self.samples(numbers.clone())?) {
            (Self::Noise { seed }, _) => numbers
                .map(|number| noises(graph, seed.wrapping_add(number as u64)))
                .collect(),
            (Self::Labeled { .. }, samples) => samples
                .iter()
                .flatten()
                .map(|sample| Ok(vec![quantized_image(graph, sample)?]))
                .collect(),
        }
    }
}

/// Refuses a data set that has other classes than `graph`, or none of a task of it.
fn fits(graph: &Verified, name: &str, contents: &Contents) -> Result<()> {
    let Some(tasks) = tasks(graph) else {
        return Ok(());
    };
    if let Some(lacks) = contents.lacks(&tasks) {
        bail!("data set {name} {lacks}");
    }
    for (task, &id) in tasks.iter().zip(&graph.outputs) {
        let (&[_, _, _, classes], Task::Segmentation) = (&graph[id].shape[..], task) else {
            continue;
        };
        let known = contents.classes.len();
        ensure!(
            classes == known,
            "the network tells {classes} classes apart, data set {name} has {known}: give --data the one \
             that it was trained on"
        );
    }
    Ok(())
}

/// The one input of `graph` for an image, quantized where the input is.
///
/// # Errors
///
/// When the input is of a type that images are not quantized to.
pub fn quantized_image(graph: &Verified, sample: &Sample) -> Result<Data> {
    let Data::F32(values) = image(sample) else {
        bail!("an image is made of floats");
    };
    let &input = graph.inputs.first().context("a network has an input")?;
    Ok(to_integers(&graph[input], &values)?)
}

fn noises(graph: &Verified, seed: u64) -> Result<Vec<Data>> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let inputs = graph.inputs.iter().map(|&id| &graph[id]);
    inputs.map(|tensor| noise(tensor, &mut random)).collect()
}

fn noise(tensor: &Tensor, random: &mut impl Rng) -> Result<Data> {
    let elements = 0..tensor.shape.elements();
    Ok(match tensor.dtype {
        DataType::I8 => Data::I8(elements.map(|_| random.random()).collect()),
        DataType::U8 => Data::U8(elements.map(|_| random.random()).collect()),
        DataType::F32 => Data::F32(elements.map(|_| random.random_range(-1.0..1.0)).collect()),
        DataType::I32 | DataType::I64 | DataType::Foreign { .. } => {
            bail!(
                "input `{}` is {}, expected f32, i8 or u8",
                tensor.name,
                tensor.dtype
            )
        }
    })
}

//! What is deployed: a float network with values, wherever it comes from, ready to be quantized.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use kernels::live::live;
use kernels::{DataType, Verified, fold};
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::untrained::initialize;
use crate::data::input::input_range;
use crate::data::{ClassSet, Contents};
use crate::model_file::{self, Shapes};
use crate::quantize::{Choice, Options, Range, Ranges};
use crate::space::Model;
use crate::space::ednas::{NetworkOptions, Upsampling};
use crate::task::Task;
use crate::train::{Weights, restore};

/// A float network to deploy.
#[derive(Clone, Debug)]
pub struct Source {
    /// As it runs: batch norms folded, activations fused; every constant has values.
    pub graph: Verified,
    /// Where it comes from.
    pub origin: Origin,
    /// How its heads return to the size of the image; nothing for networks of others.
    pub upsampling: Option<Upsampling>,
    /// The data set that it was trained for; nothing for networks of others.
    pub data: Option<DataOrigin>,
    /// What the classes and the depth of its outputs are; of networks of others, nobody knows.
    pub contents: Contents,
    /// The ranges of activations that int8 arithmetic was trained with, where it was.
    pub ranges: Option<Ranges>,
}

/// Where a network comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// Random values by a seed.
    Untrained {
        /// The name or genome.
        network: String,
        /// Picks the values.
        seed: u64,
    },
    /// Values from a training.
    Trained {
        /// The name or genome.
        network: String,
        /// Steps of the training.
        steps: usize,
        /// Picked the values it began with.
        seed: u64,
    },
    /// A model file of another tool.
    File {
        /// Its name, without the folder.
        name: String,
    },
}

/// A data set, and which of its worlds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataOrigin {
    /// Such as `scenes`.
    pub name: String,
    /// Picks the world.
    pub seed: u64,
    /// Height and width of the images in pixels.
    pub size: [usize; 2],
    /// What is predicted of them.
    pub tasks: Vec<Task>,
    /// The first so many samples of the validation split judge the network.
    pub validation_samples: usize,
}

impl Source {
    /// The network of `model` with random values by `seed`; `calibration` are images for the
    /// statistics of its batch norms.
    ///
    /// # Errors
    ///
    /// When the model is several networks, or options do not fit it.
    pub fn untrained(
        model: &Model,
        options: &NetworkOptions,
        seed: u64,
        calibration: &Calibration,
    ) -> anyhow::Result<Self> {
        let networks = model.networks(options)?;
        let [network] = &networks[..] else {
            bail!(
                "{} is {} networks, one per task: give one task with --tasks",
                model.name,
                networks.len()
            );
        };
        let weights = Weights::initial_of(&model.method, &options.tasks, network, seed);
        let values = initialize(&live(network), &weights, &calibration.samples)?;
        Ok(Self {
            graph: fold(&values),
            origin: Origin::Untrained {
                network: model.name.clone(),
                seed,
            },
            upsampling: Some(options.upsampling),
            data: None,
            contents: contents(options.classes),
            ranges: None,
        })
    }

    /// The trained network of the checkpoint at `path`.
    ///
    /// # Errors
    ///
    /// When the file is no checkpoint, or its tensors are not those of its network.
    pub fn checkpoint(path: &Path) -> anyhow::Result<Self> {
        let restored = restore(path)?;
        let contents = restored.record.contents();
        let job = restored.record.job;
        Ok(Self {
            graph: restored.graph,
            origin: Origin::Trained {
                network: job.network,
                steps: job.recipe.steps,
                seed: job.seed,
            },
            upsampling: Some(job.upsampling),
            data: Some(DataOrigin {
                name: job.data.name,
                seed: job.data.seed,
                size: [job.height, job.width],
                tasks: job.tasks,
                validation_samples: job.data.validation,
            }),
            contents,
            ranges: restored.ranges,
        })
    }

    /// The range of its inputs, where that is known: images are prepared as
    /// [`input`](crate::data::input) says.
    #[must_use]
    pub fn input_range(&self) -> Option<Range> {
        match self.origin {
            Origin::Untrained { .. } | Origin::Trained { .. } => {
                let [min, max] = input_range();
                Some(Range { min, max })
            }
            Origin::File { .. } => None,
        }
    }

    /// How it is quantized where nothing is asked for. Quantization-aware training has seen its
    /// rounding and keeps its ranges.
    #[must_use]
    pub fn quantization(&self) -> Options {
        let default = Options::default();
        let learned = self.ranges.clone().map(Choice::Learned);
        Options {
            choice: learned.unwrap_or_else(|| default.choice.clone()),
            inputs: self.input_range(),
            ..default
        }
    }

    /// The float network in a model file; `shapes` are extents that the file leaves open.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, lacks values, or holds integers where a float network has
    /// reals.
    pub fn file(path: &Path, shapes: &Shapes) -> anyhow::Result<Self> {
        let network = live(&fold(&model_file::read(path, shapes)?));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        only_floats(&network).with_context(|| format!("cannot quantize `{}`", path.display()))?;
        Ok(Self {
            graph: network,
            origin: Origin::File {
                name: name.into_owned(),
            },
            upsampling: None,
            data: None,
            contents: Contents::street(),
            ranges: None,
        })
    }
}

/// What an untrained network of so many classes is taken to predict: those of Cityscapes where there
/// are as many, else numbered ones.
fn contents(classes: usize) -> Contents {
    let street = Contents::street();
    match classes == street.classes.len() {
        true => street,
        false => Contents {
            classes: ClassSet::new((0..classes).map(|id| format!("class {id}"))),
            ..street
        },
    }
}

/// Refuses a network that is quantized already, or takes something else than reals.
fn only_floats(network: &Verified) -> anyhow::Result<()> {
    if let Some(tensor) = network.tensors.iter().find(|t| t.quantization.is_some()) {
        bail!(
            "`{}` is quantized to {} already: give the float model",
            tensor.name,
            tensor.dtype
        );
    }
    for &id in network.inputs.iter().chain(&network.outputs) {
        let tensor = &network[id];
        ensure!(
            tensor.dtype == DataType::F32,
            "`{}` is {}, expected a network from f32 to f32",
            tensor.name,
            tensor.dtype
        );
    }
    Ok(())
}

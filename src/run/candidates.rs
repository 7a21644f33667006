//! Networks as the stages of a run need them: as graphs, as prices, as training jobs.

use std::path::PathBuf;

use anyhow::Context;
use hwmodels::profile::Profile;
use kernels::Verified;
use kernels::live::live;
use kernels::work::Precision;

use super::settings::Settings;
use crate::data::{Contents, Dataset};
use crate::deploy::Target;
use crate::price::Pricer;
use crate::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use crate::space::{Model, SpaceFile};
use crate::train::{self, DataChoice, Judged, Recipe, TrainJob};

/// How often a training keeps its state, in seconds.
const STATE_EVERY_S: f64 = 30.0;

/// What the stages of a run share.
pub(super) struct Candidates<'a> {
    pub(super) settings: &'a Settings,
    pub(super) profile: &'a Profile,
    /// How heads return to the size of the image, as the target needs.
    pub(super) upsampling: Upsampling,
    /// What the data set is about.
    pub(super) contents: Contents,
    /// What networks cost on the machine, in 8-bit integers.
    pub(super) pricer: Pricer,
}

/// A training job without its place in the run.
pub(super) struct Training {
    pub(super) id: u64,
    pub(super) steps: usize,
    pub(super) checkpoint: PathBuf,
}

impl<'a> Candidates<'a> {
    /// The networks of a run with these settings on this machine.
    ///
    /// # Errors
    /// When the data set cannot be opened, or the size or the tasks do not fit.
    pub(super) fn new(settings: &'a Settings, profile: &'a Profile) -> anyhow::Result<Self> {
        let upsampling = Target::of(profile).upsampling;
        let contents = Dataset::contents_of(&settings.data)?;
        let options = options(settings, &contents, upsampling);
        let space = SpaceFile::open(&format!("ednas/{}", settings.fused()?))?;
        Ok(Self {
            settings,
            profile,
            upsampling,
            contents,
            pricer: Pricer::new(&space, vec![profile.clone()], options, Precision::Int8)?,
        })
    }

    /// The part of a genome's network that a machine runs, without values.
    pub(super) fn graph(&self, genome: &str) -> anyhow::Result<Verified> {
        let model = Model::parse(genome, self.settings.fused()?)?;
        let networks = model.networks(&options(self.settings, &self.contents, self.upsampling))?;
        let network = networks.first().context("a genome has a network")?;
        Ok(live(network))
    }

    /// The job that trains a genome's network.
    pub(super) fn job(&self, genome: &str, training: Training) -> TrainJob {
        let settings = self.settings;
        TrainJob {
            id: training.id,
            training: train::Training {
                network: genome.to_owned(),
                fused: FusedDefinition::default(),
                tasks: settings.tasks.clone(),
                classes: self.contents.classes.len(),
                height: settings.size[0],
                width: settings.size[1],
                upsampling: self.upsampling,
                data: DataChoice {
                    name: settings.data.clone(),
                    seed: settings.seed,
                    train: settings.train_samples,
                    validation: settings.validation_samples,
                    judged_on: Judged::Validation,
                },
                recipe: Recipe::of_steps(training.steps),
                seed: settings.seed,
                start: None,
                inherit: None,
            },
            threads: settings.threads,
            checkpoint: training.checkpoint,
            state_every_s: STATE_EVERY_S,
            resume: true,
            stop_at: None,
            state: None,
        }
    }
}

fn options(settings: &Settings, contents: &Contents, upsampling: Upsampling) -> NetworkOptions {
    NetworkOptions {
        size: settings.size,
        tasks: settings.tasks.clone(),
        classes: contents.classes.len(),
        upsampling,
    }
}

//! Networks as the stages of a run need them: as graphs, as prices, as training jobs.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use hwmodels::compile::{Compiler, Infeasible};
use hwmodels::profile::Profile;
use hwmodels::simulate::{Estimate, Speed, simulate};
use kernels::Verified;
use kernels::live::live;
use kernels::work::Precision;

use super::settings::Settings;
use crate::deploy::Target;
use crate::space::Model;
use crate::space::ednas::{FusedDefinition, Lowering, NetworkOptions, Trunk, Upsampling};
use crate::train::{self, DataChoice, Recipe, TrainJob};

/// How often a training keeps its state, in seconds.
const STATE_EVERY_S: f64 = 30.0;

/// What the stages of a run share.
pub(super) struct Candidates<'a> {
    pub(super) settings: &'a Settings,
    pub(super) profile: &'a Profile,
    /// How heads return to the size of the image, as the target needs.
    pub(super) upsampling: Upsampling,
    /// Remembers the parts of the networks that were priced.
    lowering: Mutex<Lowering>,
    /// Remembers how their layers are cut.
    compiler: Compiler<'a>,
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
    /// When the size or the tasks do not fit.
    pub(super) fn new(settings: &'a Settings, profile: &'a Profile) -> anyhow::Result<Self> {
        let upsampling = Target::of(profile).upsampling;
        let options = options(settings, upsampling);
        Ok(Self {
            settings,
            profile,
            upsampling,
            lowering: Mutex::new(Lowering::new(options, Precision::Int8)?),
            compiler: Compiler::new(profile),
        })
    }

    /// The part of a genome's network that a machine runs, without values.
    pub(super) fn graph(&self, genome: &str) -> anyhow::Result<Verified> {
        let model = Model::parse(genome, self.settings.fused()?)?;
        let networks = model.networks(&options(self.settings, self.upsampling))?;
        let network = networks.first().context("a genome has a network")?;
        Ok(live(network))
    }

    /// A trunk's network on the machine, in 8-bit integers.
    pub(super) fn price(&self, trunk: &Trunk) -> anyhow::Result<Result<Estimate, Infeasible>> {
        let list = self
            .lowering
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .tasks(trunk)?;
        let schedule = self.compiler.compile(&list);
        Ok(schedule.map(|schedule| simulate(self.profile, &schedule, Speed::Fast)))
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
                height: settings.size[0],
                width: settings.size[1],
                upsampling: self.upsampling,
                data: DataChoice {
                    name: settings.data.clone(),
                    seed: settings.seed,
                    train: settings.train_samples,
                    validation: settings.validation_samples,
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

fn options(settings: &Settings, upsampling: Upsampling) -> NetworkOptions {
    NetworkOptions {
        size: settings.size,
        tasks: settings.tasks.clone(),
        upsampling,
    }
}

//! Networks as the stages of a run need them: as graphs, as prices, as training jobs.

use std::path::PathBuf;

use anyhow::Context;
use hwmodels::compile::{Infeasible, compile};
use hwmodels::profile::Profile;
use hwmodels::simulate::{Estimate, Speed, simulate};
use kernels::fold::fold;
use kernels::live::live;
use kernels::work::{Precision, tasks};
use kernels::{Verified, op::Coordinates};

use super::settings::Settings;
use crate::space::Model;
use crate::space::ednas::NetworkOptions;
use crate::train::protocol::{DataChoice, TrainJob};
use crate::train::recipe::Recipe;

/// How often a training keeps its state, in seconds.
const STATE_EVERY_S: f64 = 30.0;

/// What the stages of a run share.
pub(super) struct Candidates<'a> {
    pub(super) settings: &'a Settings,
    pub(super) profile: &'a Profile,
    /// How the last upsampling maps positions, as the target needs.
    pub(super) upsampling: Coordinates,
}

/// A training job without its place in the run.
pub(super) struct Training {
    pub(super) id: u64,
    pub(super) steps: usize,
    pub(super) checkpoint: PathBuf,
}

impl Candidates<'_> {
    /// The part of a genome's network that a machine runs, without values.
    pub(super) fn graph(&self, genome: &str) -> anyhow::Result<Verified> {
        let model = Model::parse(genome, self.settings.fused()?)?;
        let options = NetworkOptions {
            size: self.settings.size,
            tasks: self.settings.tasks.clone(),
            upsampling: self.upsampling,
        };
        let networks = model.networks(&options)?;
        let network = networks.first().context("a genome has a network")?;
        Ok(live(network))
    }

    /// A network on the machine, in 8-bit integers.
    pub(super) fn price(&self, graph: &Verified) -> anyhow::Result<Result<Estimate, Infeasible>> {
        let list = tasks(&fold(graph), Precision::Int8)?;
        Ok(compile(self.profile, &list).map(|s| simulate(self.profile, &s, Speed::Fast)))
    }

    /// The job that trains a genome's network.
    pub(super) fn job(&self, genome: &str, training: Training) -> TrainJob {
        let settings = self.settings;
        TrainJob {
            id: training.id,
            network: genome.to_owned(),
            tasks: settings.tasks.clone(),
            height: settings.size[0],
            width: settings.size[1],
            upsampling: self.upsampling.into(),
            data: DataChoice {
                name: settings.data.clone(),
                seed: settings.seed,
                train: settings.train_samples,
                validation: settings.validation_samples,
            },
            recipe: Recipe::of_steps(training.steps),
            seed: settings.seed,
            threads: settings.threads,
            checkpoint: training.checkpoint,
            state_every_s: STATE_EVERY_S,
            resume: true,
        }
    }
}

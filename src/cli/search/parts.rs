//! What the arguments of a search come to: the space, the pricer, the plan, the trainings.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail, ensure};
use hwmodels::profile::Profile;
use kernels::work::Precision;
use serde_json::json;

use super::super::options::kept;
use super::super::profile;
use super::{Args, EvaluatorName};
use crate::data::Dataset;
use crate::deploy::Target;
use crate::evaluate::Job;
use crate::price::{Aggregate, Pricer};
use crate::search::Plan;
use crate::space::ednas::{FusedDefinition, NetworkOptions, named};
use crate::space::{Decoder, Genome, Model, SpaceFile};
use crate::train::{DataChoice, Judged, Recipe, Training};
use crate::validate::metrics::Metric;

/// How often a training keeps its state, in seconds.
const STATE_EVERY_S: f64 = 30.0;

/// What the average of the weights keeps of itself in a step where rungs compare it
/// (`docs/cheaper-searching.md` has what it is worth).
const AVERAGE_AT_RUNGS: f64 = 0.95;

/// Arguments about the training of candidates.
#[derive(clap::Args)]
pub(super) struct TrainingArgs {
    /// With --evaluator train: the data set.
    #[arg(long, default_value = "scenes")]
    data: String,

    /// With --evaluator train: steps that a candidate is trained.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) steps: usize,

    /// With --evaluator train: samples of the training split.
    #[arg(long, value_name = "N", default_value_t = 512)]
    train_samples: usize,

    /// With --evaluator train: samples of the validation split.
    #[arg(long, value_name = "N", default_value_t = 64)]
    validation_samples: usize,

    /// With --evaluator train: judge the moving average of the weights, which keeps this share of
    /// itself in a step, in place of the weights of the last step [default: 0.95 with --rungs, else 0].
    #[arg(long, value_name = "SHARE", value_parser = kept)]
    average: Option<f64>,
}

/// The space and what prices its genomes.
pub(super) struct Parts {
    file: SpaceFile,
    machines: Vec<Profile>,
    options: NetworkOptions,
    pub(super) pricer: Pricer,
}

impl Args {
    /// The space, and what prices its genomes.
    pub(super) fn parts(&self) -> anyhow::Result<Parts> {
        let file = SpaceFile::open(&self.space)?;
        let machines = self.machines(&file)?;
        let target = machines.first().map(Target::of);
        let options = NetworkOptions {
            size: self.size,
            tasks: self.tasks.clone(),
            classes: Dataset::contents_of(&self.training.data)?.classes.len(),
            // All machines run one network, in the form that the first of them takes.
            upsampling: target.context("a search needs a machine")?.upsampling,
        };
        let pricer = match &file.decoder {
            Some(Decoder::Profile(_)) => {
                let network = Model::parse(&self.network, FusedDefinition::default())?;
                let network = &network.architecture;
                Pricer::of_machines(&file, network, options.clone(), Precision::Int8)?
            }
            Some(Decoder::Ednas(_) | Decoder::Mobiledet | Decoder::Pyramid) | None => {
                Pricer::new(&file, machines.clone(), options.clone(), Precision::Int8)?
            }
        };
        let pricer = pricer.aggregated(across(&self.across)?)?;
        Ok(Parts {
            file,
            machines,
            options,
            pricer,
        })
    }

    /// The machines by name; for a space of machines the one that it varies.
    fn machines(&self, file: &SpaceFile) -> anyhow::Result<Vec<Profile>> {
        if let Some(Decoder::Profile(base)) = &file.decoder {
            ensure!(
                self.profile.is_empty() && self.evaluator == EvaluatorName::Simulate,
                "the genomes of `{}` are machines: leave out --profile, and give the network that \
                 they run with --network; they are simulated, not trained",
                self.space
            );
            return Ok(vec![Profile::clone(base)]);
        }
        match self.profile.as_slice() {
            [] => Ok(vec![profile::load("coral-edgetpu")?]),
            names => names.iter().map(|name| profile::load(name)).collect(),
        }
    }

    /// The plan of the search.
    pub(super) fn plan<'a>(&self, parts: &'a Parts) -> anyhow::Result<Plan<'a>> {
        let is_trained = self.evaluator == EvaluatorName::Train;
        let tasks = is_trained.then_some(self.tasks.as_slice());
        let target_ms = match self.goal.wants_target() {
            true => Some(parts.baseline_ms()?),
            false => None,
        };
        let learned = Metric::ALL.into_iter();
        let learned = learned.filter(|m| is_trained && self.tasks.contains(&m.task()));
        let learned: Vec<String> = learned.map(|m| m.name().to_owned()).collect();
        if let Some(known) = parts.known() {
            self.goal.check(&known, &learned)?;
        }
        Ok(Plan {
            space: parts.pricer.space(),
            controller: self.controller.controller()?,
            seed: self.seed,
            initial: parts.baseline().into_iter().collect(),
            workers: match self.evaluator {
                EvaluatorName::Simulate => self.workers.asked().unwrap_or(NonZeroUsize::MIN),
                EvaluatorName::Train => self.workers.workers(),
            },
            trials: self.trials,
            goal: self.goal.goal(tasks, target_ms)?,
            cheaper: self.cheaper.cheaper(is_trained, self.training.steps)?,
            pace: self.pace(),
            settings: self.settings(parts),
        })
    }

    /// What else a journal must match to be continued.
    fn settings(&self, parts: &Parts) -> BTreeMap<String, serde_json::Value> {
        let names: Vec<&str> = parts.machines.iter().map(Profile::name).collect();
        let mut settings = BTreeMap::from([
            ("profiles".to_owned(), json!(names)),
            ("across".to_owned(), json!(self.across)),
            ("tasks".to_owned(), json!(self.tasks)),
            ("size".to_owned(), json!(self.size)),
        ]);
        if let Some(Decoder::Profile(_)) = &parts.file.decoder {
            settings.insert("network".to_owned(), json!(self.network));
        }
        let TrainingArgs {
            data,
            steps: _,
            train_samples,
            validation_samples,
            average: _,
        } = &self.training;
        match self.evaluator {
            EvaluatorName::Simulate => {
                settings.insert("evaluator".to_owned(), json!("simulate"));
            }
            EvaluatorName::Train => {
                settings.extend([
                    ("evaluator".to_owned(), json!("train")),
                    ("data".to_owned(), json!(data)),
                    ("steps".to_owned(), json!(self.steps())),
                    ("threads".to_owned(), json!(self.workers.threads())),
                    ("train_samples".to_owned(), json!(train_samples)),
                    ("validation_samples".to_owned(), json!(validation_samples)),
                    ("average".to_owned(), json!(self.average())),
                ]);
            }
        }
        settings
    }

    /// Steps of a whole training.
    pub(super) fn steps(&self) -> usize {
        self.cheaper.steps().unwrap_or(self.training.steps)
    }

    /// What the average of the weights keeps of itself: rungs compare single steps at a high learning
    /// rate, which say little.
    fn average(&self) -> Option<f64> {
        let at_rungs = self.cheaper.steps().map(|_| AVERAGE_AT_RUNGS);
        let share = self.training.average.or(at_rungs);
        share.filter(|&share| share > 0.0)
    }

    /// What the trainings of a search have in common.
    pub(super) fn job(&self, parts: &Parts, plan: &Plan, folder: PathBuf) -> Job {
        let [height, width] = self.size;
        Job {
            training: Training {
                network: String::new(),
                fused: FusedDefinition::default(),
                tasks: self.tasks.clone(),
                classes: parts.options.classes,
                height,
                width,
                upsampling: parts.options.upsampling,
                data: DataChoice {
                    name: self.training.data.clone(),
                    seed: self.seed,
                    train: self.training.train_samples,
                    validation: self.training.validation_samples,
                    judged_on: Judged::Validation,
                },
                recipe: Recipe {
                    average: self.average(),
                    ..Recipe::of_steps(self.steps())
                },
                seed: self.seed,
                start: None,
                inherit: None,
            },
            space: self.space.clone(),
            threads: self.workers.threads().get(),
            state_every_s: STATE_EVERY_S,
            folder,
            inherit_steps: plan.cheaper.inherit_steps,
        }
    }
}

impl Parts {
    /// EfficientNet-B0 as a genome of the space, where it is one.
    fn baseline(&self) -> Option<Genome> {
        let Some(Decoder::Ednas(fused)) = &self.file.decoder else {
            return None;
        };
        let text = named::efficientnet_b0(*fused).text().ok()?;
        let (_, body) = text.rsplit_once('/')?;
        let space = self.pricer.space();
        space.parse(&format!("{}/{body}", space.name())).ok()
    }

    /// The latency of EfficientNet-B0 on the machines, which rewards aim at.
    fn baseline_ms(&self) -> anyhow::Result<f64> {
        if let Some(Decoder::Profile(_)) = &self.file.decoder {
            bail!(
                "the genomes of the space are machines, and all run one network: say what to look \
                 for with --objective, such as `minimize:latency_ms`"
            );
        }
        let pricer = Pricer::new(
            &SpaceFile::named("ednas")?,
            self.machines.clone(),
            self.options.clone(),
            Precision::Int8,
        )?;
        let baseline = named::efficientnet_b0(FusedDefinition::default()).genome()?;
        let measures = pricer.price(&baseline).map_err(|why| {
            anyhow!("EfficientNet-B0, whose latency is the target, does not run: {why}; give a --target-latency-ms")
        })?;
        Ok(measures.together.latency_ms)
    }

    /// What a candidate measures without training, by the first genomes that measure anything.
    fn known(&self) -> Option<BTreeMap<String, f64>> {
        let first = self.pricer.space().genomes().take(FIRST);
        let mut candidates = self.baseline().into_iter().chain(first);
        let measures = candidates.find_map(|genome| self.pricer.price(&genome).ok())?;
        Some(measures.metrics())
    }
}

/// Genomes that are priced to learn what is measured.
const FIRST: usize = 16;

/// Parses `worst` or `weighted:0.7,0.3`.
fn across(text: &str) -> anyhow::Result<Aggregate> {
    if text == "worst" {
        return Ok(Aggregate::Worst);
    }
    let weights = text.strip_prefix("weighted:").map(|weights| {
        let weights = weights.split(',').map(|weight| weight.trim().parse().ok());
        weights.collect::<Option<Vec<f64>>>()
    });
    match weights {
        Some(Some(weights)) => Ok(Aggregate::Weighted(weights)),
        Some(None) | None => bail!(
            "--across {text}: expected `worst` or `weighted:` and a number for each profile, such as \
             `weighted:0.7,0.3`"
        ),
    }
}

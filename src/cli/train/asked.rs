//! What the arguments of `ednas train` ask for, as a training, and what is wrong with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};

use super::Args;
use crate::cli::options::target;
use crate::data::{Augmentation, Dataset, Split};
use crate::deploy::Target;
use crate::fingerprint::fingerprint;
use crate::space::ednas::FusedDefinition;
use crate::task::Task;
use crate::train::{
    Arithmetic, DataChoice, DepthLoss, Judged, Precision, Recipe, Start, Training, restore,
};

/// What a network is built for where nothing is said.
const DEFAULT_TARGET: &str = "coral";
const DEFAULT_SIZE: usize = 128;

const FIRST_STEPS: usize = 800;
/// With these, trainings of one start in floats and in int8 stay close; more moves them apart by more
/// than int8 costs.
const FINE_TUNING_STEPS: usize = 100;
const FINE_TUNING_RATE: f64 = 5e-5;

impl Args {
    /// The training that the arguments ask for; what they leave open is as `--from` was trained,
    /// or the default.
    pub(super) fn training(&self) -> anyhow::Result<Training> {
        let target = target(self.target.as_deref(), self.profile.as_deref())?;
        let Some(from) = &self.from else {
            return self.changed(first(target, self.data(), self.classes()?)?);
        };
        let trained = restore(from)?.record.job;
        if let Some(target) = target {
            target.accepts(trained.upsampling)?;
        }
        let training = self.changed(fine_tuning(&trained, self.data()))?;
        if let Some(difference) = training.network_difference(&trained) {
            bail!("{} is of another network: {difference}", from.display());
        }
        let bytes = fs::read(from).with_context(|| from.display().to_string())?;
        let start = Start {
            checkpoint: from.clone(),
            fingerprint: fingerprint(bytes),
            arithmetic: self.arithmetic(),
        };
        Ok(Training {
            start: Some(start),
            ..training
        })
    }

    /// `base` with what the arguments say otherwise.
    fn changed(&self, base: Training) -> anyhow::Result<Training> {
        let [height, width] = self.size.unwrap_or([base.height, base.width]);
        let recipe = Recipe {
            steps: self.steps.unwrap_or(base.recipe.steps),
            batch_size: self.batch,
            learning_rate_max: self.learning_rate.unwrap_or(base.recipe.learning_rate_max),
            augmentation: self.augmentation(),
            depth_loss: match self.jared_lambda {
                Some(lambda) => DepthLoss::of_lambda(lambda),
                None => base.recipe.depth_loss,
            },
            task_weights: self.weights(base.recipe.task_weights),
            unit_rate: self.unit_rate,
            parts: self.parts,
            precision: match self.mixed {
                true => Precision::Mixed,
                false => Precision::Single,
            },
            average: self.average.filter(|&share| share > 0.0),
            warm_up: base.recipe.warm_up,
        };
        let training = Training {
            network: self.model.clone().unwrap_or(base.network),
            fused: self.fused.unwrap_or(base.fused),
            classes: self.classes()?,
            tasks: self.tasks.clone().unwrap_or(base.tasks),
            height,
            width,
            recipe,
            seed: self.seed,
            ..base
        };
        self.check(&training)?;
        Ok(training)
    }

    /// The classes of the data set.
    fn classes(&self) -> anyhow::Result<usize> {
        Ok(Dataset::contents_of(&self.data)?.classes.len())
    }

    /// How samples are varied, where that is asked for.
    fn augmentation(&self) -> Option<Augmentation> {
        self.augment.then_some(Augmentation {
            scale_min: self.scale[0],
            scale_max: self.scale[1],
        })
    }

    /// `base` with what the arguments say otherwise.
    fn weights(&self, mut base: BTreeMap<Task, f64>) -> BTreeMap<Task, f64> {
        base.extend(self.task_weights.iter().copied());
        base
    }

    fn data(&self) -> DataChoice {
        DataChoice {
            name: self.data.clone(),
            seed: self.data_seed,
            train: self.train_samples,
            validation: self.validation_samples,
            judged_on: Judged::Validation,
        }
    }

    const fn arithmetic(&self) -> Arithmetic {
        match self.quantize_aware {
            true => Arithmetic::Int8 {
                calibration: self.calibration_samples,
            },
            false => Arithmetic::Float,
        }
    }

    /// Refuses what the worker would refuse later, in the words of the command line.
    fn check(&self, training: &Training) -> anyhow::Result<()> {
        let steps = training.recipe.steps;
        ensure!(steps > 0, "--steps is {steps}, expected 1 or more");
        ensure!(self.threads > 0, "--threads is 0, expected 1 or more");
        if let Some(problem) = training.recipe.problem() {
            bail!("{problem}");
        }
        training.graph()?;
        ensure!(
            !training.model()?.method.is_open() || self.from.is_none(),
            "the policy of {} is open, and only networks with one are fine-tuned: train the one that \
             was decided on first",
            training.network
        );
        ensure!(
            !self.mixed || self.from.is_none(),
            "--mixed is for the first training of a network: leave it out"
        );
        let joins_by_units = training.model()?.method.has_units();
        ensure!(
            self.unit_rate == 1.0 || (joins_by_units && self.from.is_none()),
            "--unit-rate is for the first training of methods with units, such as cross-stitch-edge: \
             leave it out"
        );
        for (task, _) in &self.task_weights {
            ensure!(
                training.tasks.contains(task),
                "--task-weights has {task}, which is not among the heads: leave it out"
            );
        }
        let data = &training.data;
        let set = Dataset::open(&data.name, training.height, training.width, data.seed)?;
        if let Some(lacks) = set.contents().lacks(&training.tasks) {
            bail!("--data {} {lacks}", data.name);
        }
        let calibration = self.quantize_aware.then_some(self.calibration_samples);
        for (option, split, asked, least) in [
            ("--train-samples", Split::Train, Some(data.train), 1),
            (
                "--validation-samples",
                Split::Validation,
                Some(data.validation),
                0,
            ),
            ("--calibration-samples", Split::Calibration, calibration, 1),
        ] {
            let Some(asked) = asked else {
                continue;
            };
            let most = set.len(split);
            ensure!(
                (least..=most).contains(&asked),
                "{option} is {asked}, expected {least} to {most}, as many as {} has",
                data.name
            );
        }
        ensure!(
            self.from.as_ref() != Some(&self.out),
            "--from and --out are the same file, {}: give the new weights a name of their own",
            self.out.display()
        );
        writable(&self.out)
    }
}

/// A first training, but for its network.
fn first(target: Option<Target>, data: DataChoice, classes: usize) -> anyhow::Result<Training> {
    let target = target.map_or_else(|| Target::named(DEFAULT_TARGET), Ok)?;
    Ok(Training {
        network: String::new(),
        fused: FusedDefinition::default(),
        tasks: Task::ALL.to_vec(),
        classes,
        height: DEFAULT_SIZE,
        width: DEFAULT_SIZE,
        upsampling: target.upsampling,
        data,
        recipe: Recipe::of_steps(FIRST_STEPS),
        seed: 0,
        start: None,
        inherit: None,
    })
}

/// A training that goes on from the end of `trained`.
fn fine_tuning(trained: &Training, data: DataChoice) -> Training {
    Training {
        data,
        recipe: Recipe {
            learning_rate_max: FINE_TUNING_RATE,
            depth_loss: trained.recipe.depth_loss,
            task_weights: trained.recipe.task_weights.clone(),
            ..Recipe::of_steps(FINE_TUNING_STEPS)
        },
        start: None,
        inherit: None,
        ..trained.clone()
    }
}

/// Says before a long training that its end could not be written.
fn writable(path: &Path) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let tried = fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    tried.with_context(|| format!("cannot write {}", path.display()))?;
    ensure!(
        !path.is_dir(),
        "cannot write {}: it is a folder",
        path.display()
    );
    Ok(())
}

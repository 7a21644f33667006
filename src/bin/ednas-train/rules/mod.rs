//! What a method asks of training beside its graph.
//!
//! There is one training loop. A rule says what it adds: values that are drawn for parameters, a
//! penalty, and which parameters a step moves, how far. Most methods add nothing.

mod adashare;
mod den;
mod orthogonality;

use std::collections::BTreeMap;

use anyhow::Result;
use ednas::space::Method;
use ednas::space::ednas::Architecture;
use ednas::task::Task;
use ednas::train::{Training, Weights};
use kernels::{Graph, TensorId};
use tch::Tensor;

use self::adashare::GateSearch;
use self::den::LevelSearch;
use crate::adam::Turn;
use crate::network::Replaced;
use crate::pace::count;
use crate::parameters::Parameters;

/// The share of the steps before a policy is looked for.
const WARM_UP: f64 = 0.2;

/// The highest learning rate of a policy.
const RATE: f64 = 0.01;

/// The losses of two draws of a step, by task: that which the weights learn from, and its rival where
/// there is one.
#[derive(Clone, Copy)]
pub(crate) struct Contest<'l> {
    pub(crate) drawn: &'l Losses,
    pub(crate) rival: Option<&'l Losses>,
}

/// The loss of each task, a scalar.
pub(crate) type Losses = BTreeMap<Task, Tensor>;

/// What looks for a policy while a network with gates is trained.
trait PolicySearch {
    /// The gates of step `step`.
    fn drawn(&self, parameters: &Parameters, step: usize) -> Replaced;

    /// Other gates for the same step, where the policy learns from which of two are better.
    fn rival(&self, _parameters: &Parameters, _step: usize) -> Option<Replaced> {
        None
    }

    /// What the policy of step `step` costs; nothing before there is one.
    fn penalty(&self, parameters: &Parameters, step: usize, contest: Contest) -> Option<Tensor>;

    /// What step `step` moves, where the weights move at `rate`.
    fn turn(&self, step: usize, rate: f64) -> Turn<'_>;

    /// Gives every gate the number that it has from now on.
    fn decide(&self, parameters: &mut Parameters);

    /// The network that gates which are decided leave.
    fn decided(&self, parameters: &Parameters) -> Method;
}

/// The rule of one training.
pub(crate) struct Rule {
    /// Rates of the parameters as multiples of the recipe's; absent where all are 1.
    multiples: Option<Tensor>,
    /// Weights whose halves are kept apart.
    apart: Vec<TensorId>,
    /// What looks for a policy, while that is open.
    search: Option<Box<dyn PolicySearch>>,
}

impl Rule {
    /// The rule of `training`, whose network is `graph`. Folded networks have none: they are
    /// fine-tuned as they are.
    pub(crate) fn new(training: &Training, graph: &Graph, parameters: &Parameters) -> Result<Self> {
        let model = training.model()?;
        let (method, recipe) = (&model.method, &training.recipe);
        if training.is_folded() {
            return Ok(Self {
                multiples: None,
                apart: Vec::new(),
                search: None,
            });
        }
        let rate = |name: &str| match method.is_unit(name) {
            true => recipe.unit_rate,
            false => 1.0,
        };
        let subspaces = method.subspaces(&model.architecture, &training.tasks, graph);
        let apart = parameters.named();
        let apart = apart.filter(|(name, ..)| subspaces.iter().any(|other| other == name));
        Ok(Self {
            multiples: (recipe.unit_rate != 1.0).then(|| parameters.numbers(rate)),
            apart: apart.map(|(_, id, _)| id).collect(),
            search: Open::of(method)
                .map(|open| open.search(training, &model.architecture, parameters)),
        })
    }

    /// Sets what a training begins with, before its first step.
    pub(crate) fn begin(training: &Training, weights: &mut Weights) -> Result<()> {
        let Some(open) = Open::of(&training.model()?.method) else {
            return Ok(());
        };
        let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let Some(first) = open.first_logit(&name) else {
                continue;
            };
            if let Some(mut logit) = weights.remove(&name) {
                logit.values.fill(first);
                weights.insert(name, logit);
            }
        }
        Ok(())
    }

    /// What step `step` reads in place of some parameters.
    pub(crate) fn drawn(&self, parameters: &Parameters, step: usize) -> Replaced {
        let search = self.search.as_ref();
        search.map_or_else(Replaced::new, |search| search.drawn(parameters, step))
    }

    /// What step `step` reads in place of the same parameters once more, to compare the losses.
    pub(crate) fn rival(&self, parameters: &Parameters, step: usize) -> Option<Replaced> {
        self.search.as_ref()?.rival(parameters, step)
    }

    /// What is added to the losses in step `step`.
    pub(crate) fn penalty(
        &self,
        parameters: &Parameters,
        step: usize,
        contest: Contest,
    ) -> Option<Tensor> {
        let search = self.search.as_ref();
        let of_policy = search.and_then(|search| search.penalty(parameters, step, contest));
        of_policy.or_else(|| orthogonality::penalty(parameters, &self.apart))
    }

    /// What step `step` moves, where all else moves at `rate`.
    pub(crate) fn turn(&self, step: usize, rate: f64) -> Turn<'_> {
        match &self.search {
            Some(search) => search.turn(step, rate),
            None => Turn {
                step,
                rate,
                moving: None,
                multiples: self.multiples.as_ref(),
            },
        }
    }

    /// Ends what is only looked for in training: the network is then as it is deployed.
    pub(crate) fn decide(&self, parameters: &mut Parameters) {
        if let Some(search) = &self.search {
            search.decide(parameters);
        }
    }

    /// The network that was decided on, by name.
    pub(crate) fn decided(&self, parameters: &Parameters) -> Option<String> {
        let search = self.search.as_ref()?;
        Some(search.decided(parameters).to_string())
    }
}

/// What an open policy is about.
enum Open {
    /// Which blocks are run.
    Blocks,
    /// How much of each.
    Levels,
}

impl Open {
    /// Nothing where a method has no policy, or one that is decided.
    fn of(method: &Method) -> Option<Self> {
        match method {
            Method::AdaShare(None) => Some(Self::Blocks),
            Method::Den(None) => Some(Self::Levels),
            Method::MultiTask
            | Method::SingleTask
            | Method::CrossStitch
            | Method::Sluice
            | Method::NddrCnn
            | Method::Mtan
            | Method::AdaShare(Some(_))
            | Method::Den(Some(_)) => None,
        }
    }

    /// What the gate called `name` starts from; nothing where it is none.
    fn first_logit(&self, name: &str) -> Option<f32> {
        match self {
            Self::Blocks => adashare::first_logit(name),
            Self::Levels => den::first_logit(name),
        }
    }

    fn search(
        &self,
        training: &Training,
        network: &Architecture,
        parameters: &Parameters,
    ) -> Box<dyn PolicySearch> {
        match self {
            Self::Blocks => Box::new(GateSearch::new(training, network, parameters)),
            Self::Levels => Box::new(LevelSearch::new(training, network, parameters)),
        }
    }
}

/// `part` of `steps`, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a count"
)]
fn share(steps: usize, part: f64) -> usize {
    (count(steps) * part).ceil() as usize
}

#[cfg(test)]
mod tests;

//! What a method asks of training beside its graph.
//!
//! There is one training loop. A rule says what it adds: values that are drawn for parameters, a
//! penalty, and which parameters a step moves, how far. Most methods add nothing.

mod orthogonality;
mod policy;

use anyhow::Result;
use ednas::space::Method;
use ednas::train::{Training, Weights};
use kernels::{Graph, TensorId};
use tch::Tensor;

use self::policy::PolicySearch;
use crate::adam::Turn;
use crate::network::Replaced;
use crate::parameters::Parameters;

/// The rule of one training.
pub(crate) struct Rule {
    /// Rates of the parameters as multiples of the recipe's; absent where all are 1.
    multiples: Option<Tensor>,
    /// Weights whose halves are kept apart.
    apart: Vec<TensorId>,
    /// The policy that is looked for.
    search: Option<PolicySearch>,
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
            search: (*method == Method::AdaShare(None))
                .then(|| PolicySearch::new(training, &model.architecture, parameters)),
        })
    }

    /// Sets what a training begins with, before its first step.
    pub(crate) fn begin(training: &Training, weights: &mut Weights) -> Result<()> {
        if training.model()?.method == Method::AdaShare(None) {
            policy::begin(weights);
        }
        Ok(())
    }

    /// What step `step` reads in place of some parameters.
    pub(crate) fn drawn(&self, parameters: &Parameters, step: usize) -> Replaced {
        let search = self.search.as_ref();
        search.map_or_else(Replaced::new, |search| search.drawn(parameters, step))
    }

    /// What is added to the losses in step `step`.
    pub(crate) fn penalty(&self, parameters: &Parameters, step: usize) -> Option<Tensor> {
        let search = self.search.as_ref();
        let of_policy = search.and_then(|search| search.penalty(parameters, step));
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
        let policy = search.policy(parameters);
        Some(Method::AdaShare(Some(policy)).to_string())
    }
}

#[cfg(test)]
mod tests;

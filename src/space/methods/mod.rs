//! Multi-task methods: how the tasks of a model share a trunk.
//!
//! A [`Method`] is a graph ([`Method::networks`]), values that its own parameters start from
//! ([`Method::initial`]), and the parameters that training treats otherwise ([`Method::is_unit`]).
//! `docs/methods.md` has them side by side. A method that nothing but a graph defines needs no more
//! to train, to quantize and to export than any other network.

pub mod adashare;
pub mod den;
pub mod policy;

mod paths;
mod stages;
mod towers;
mod units;

mod cross_stitch;
mod mtan;
mod nddr_cnn;
pub mod sluice;

use std::fmt;

use kernels::{Graph, Verified, verify};

use self::policy::{Policy, PolicyError};
use self::units::Units;
use super::ednas::layers::Layers;
use super::ednas::{Architecture, NetworkError, NetworkOptions, network};
use crate::task::Task;

/// How the tasks of a model share the trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// One network with a head per task.
    MultiTask,
    /// One network per task, run one after another.
    SingleTask,
    /// One network per task, mixed after each stage, channel by channel.
    CrossStitch,
    /// As cross-stitch, with two subspaces per task and heads that mix layers.
    Sluice,
    /// One network per task, each stage reduced from the channels of all tasks.
    NddrCnn,
    /// One trunk, with attention modules per task.
    Mtan,
    /// One trunk whose residual blocks each task runs or skips; which ones is open without a
    /// policy.
    AdaShare(Option<Policy>),
    /// One trunk of whose blocks each task runs the first groups of channels; how many is open
    /// without a policy.
    Den(Option<Policy>),
}

impl Method {
    /// Every method, those that learn a policy with an open one.
    pub const ALL: [Self; 8] = [
        Self::SingleTask,
        Self::MultiTask,
        Self::CrossStitch,
        Self::Sluice,
        Self::NddrCnn,
        Self::Mtan,
        Self::AdaShare(None),
        Self::Den(None),
    ];

    /// The name of its network over the trunk of EfficientNet-B0, without a policy.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MultiTask => "mt-edge",
            Self::SingleTask => "st-edge",
            Self::CrossStitch => "cross-stitch-edge",
            Self::Sluice => "sluice-edge",
            Self::NddrCnn => "nddr-cnn-edge",
            Self::Mtan => "mtan-edge",
            Self::AdaShare(_) => "adashare-edge",
            Self::Den(_) => "den-edge",
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        match self {
            Self::MultiTask => "hard sharing: one network, a head per task",
            Self::SingleTask => "single-task: a network per task",
            Self::CrossStitch => "a network per task, mixed channel by channel after each stage",
            Self::Sluice => {
                "a network per task, mixed by subspaces after each stage, and layers mixed for heads"
            }
            Self::NddrCnn => {
                "a network per task, each stage reduced by a 1x1 convolution over all tasks"
            }
            Self::Mtan => "one trunk, attention modules per task and stage",
            Self::AdaShare(None) => {
                "one trunk whose residual blocks each task runs or skips, still open"
            }
            Self::AdaShare(Some(_)) => "one trunk whose residual blocks each task runs or skips",
            Self::Den(None) => "one trunk of whose blocks each task runs some channels, still open",
            Self::Den(Some(_)) => "one trunk of whose blocks each task runs some channels",
        }
    }

    /// The method that `text` names; nothing where it names none.
    ///
    /// # Errors
    /// [`PolicyError`] for what stands behind `adashare-edge:` or `den-edge:`, where `network` has
    /// other choices too.
    pub fn parse(text: &str, network: &Architecture) -> Result<Option<Self>, PolicyError> {
        let (name, policy) = match text.split_once(':') {
            Some((name, policy)) => (name, Some(policy)),
            None => (text, None),
        };
        let known = Self::ALL.into_iter().find(|method| method.name() == name);
        let Some(policy) = policy else {
            return Ok(known);
        };
        Ok(match known {
            Some(Self::AdaShare(_)) => {
                let blocks = adashare::residual_blocks(network).len();
                let policy = Policy::parse(policy, blocks, adashare::CHOICES)?;
                Some(Self::AdaShare(Some(policy)))
            }
            Some(Self::Den(_)) => {
                let blocks = den::elastic_blocks(network).len();
                let policy = Policy::parse(policy, blocks, den::CHOICES)?;
                Some(Self::Den(Some(policy)))
            }
            Some(_) | None => None,
        })
    }

    /// Whether a policy is still to be learned.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::AdaShare(None) | Self::Den(None))
    }

    /// The graphs to run for one image, in order: one, or one per task.
    ///
    /// # Errors
    /// [`NetworkError`] for a size or tasks that do not fit.
    pub fn networks(
        &self,
        name: &str,
        network: &Architecture,
        options: &NetworkOptions,
    ) -> Result<Vec<Verified>, NetworkError> {
        match self {
            Self::MultiTask => Ok(vec![super::ednas::network(name, network, options)?]),
            Self::SingleTask => {
                options.check()?;
                let tasks = options.tasks.iter();
                tasks
                    .map(|&task| single_task(name, network, task, options))
                    .collect()
            }
            Self::CrossStitch
            | Self::Sluice
            | Self::NddrCnn
            | Self::Mtan
            | Self::AdaShare(_)
            | Self::Den(_) => Ok(vec![self.together(name, network, options)?]),
        }
    }

    /// The one graph of a method that joins its tasks in a way of its own.
    fn together(
        &self,
        name: &str,
        network: &Architecture,
        options: &NetworkOptions,
    ) -> Result<Verified, NetworkError> {
        options.check()?;
        let mut layers = Layers::new(name);
        let image = layers.input("image", options.image());
        let built = &mut layers;
        let predictions = match self {
            Self::CrossStitch => cross_stitch::build(built, network, options, image)?,
            Self::Sluice => sluice::build(built, network, options, image)?,
            Self::NddrCnn => nddr_cnn::build(built, network, options, image)?,
            Self::Mtan => mtan::build(built, network, options, image)?,
            Self::AdaShare(policy) => {
                adashare::build(built, network, options, image, policy.as_ref())?
            }
            Self::Den(policy) => den::build(built, network, options, image, policy.as_ref())?,
            Self::MultiTask | Self::SingleTask => {
                unreachable!("plain networks are assembled from their parts")
            }
        };
        for prediction in predictions {
            layers.output(prediction);
        }
        Ok(verify(layers.finish())?)
    }

    /// What joins the tasks, where that is something of its own.
    fn units(&self) -> Option<Units> {
        match self {
            Self::CrossStitch => Some(cross_stitch::UNITS),
            Self::Sluice => Some(sluice::UNITS),
            Self::NddrCnn => Some(nddr_cnn::UNITS),
            Self::MultiTask | Self::SingleTask | Self::Mtan | Self::AdaShare(_) | Self::Den(_) => {
                None
            }
        }
    }

    /// Whether there is something of its own that joins the tasks, which may be trained at another
    /// rate.
    #[must_use]
    pub fn has_units(&self) -> bool {
        self.units().is_some()
    }

    /// Whether the parameter called `name` belongs to that.
    #[must_use]
    pub fn is_unit(&self, name: &str) -> bool {
        self.units().is_some_and(|units| units.have(name))
    }

    /// What parameters of the units of `graph`, a network of this method for `tasks`, start from, by
    /// name. Those that are not listed start as in any network.
    #[must_use]
    pub fn initial(&self, graph: &Graph, tasks: &[Task]) -> Vec<(String, Vec<f32>)> {
        let Some(units) = self.units() else {
            return Vec::new();
        };
        let constants = graph.constant_ids().map(|id| &graph[id]);
        let values = constants
            .filter(|tensor| units.have(&tensor.name))
            .filter_map(|tensor| {
                let values = (units.initial)(&tensor.name, &tensor.shape, tasks.len())?;
                Some((tensor.name.clone(), values))
            });
        values.collect()
    }

    /// The weights whose halves a penalty keeps apart, by name; none but in sluice networks.
    #[must_use]
    pub fn subspaces(&self, network: &Architecture, tasks: &[Task], graph: &Graph) -> Vec<String> {
        match self {
            Self::Sluice => sluice::subspaces(network, tasks, graph),
            Self::MultiTask
            | Self::SingleTask
            | Self::CrossStitch
            | Self::NddrCnn
            | Self::Mtan
            | Self::AdaShare(_)
            | Self::Den(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Self::AdaShare(Some(policy)) | Self::Den(Some(policy)) = self {
            write!(f, ":{policy}")?;
        }
        Ok(())
    }
}

/// The network of one task alone.
fn single_task(
    name: &str,
    architecture: &Architecture,
    task: Task,
    options: &NetworkOptions,
) -> Result<Verified, NetworkError> {
    let options = NetworkOptions {
        tasks: vec![task],
        ..options.clone()
    };
    network(&format!("{name}-{task}"), architecture, &options)
}

#[cfg(test)]
mod tests;

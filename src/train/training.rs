//! What decides trained weights: the network, the data, the recipe, the seed, and where the
//! weights start.

use std::path::PathBuf;

use kernels::Verified;
use serde::{Deserialize, Serialize};

use super::inherit::Inherit;
use super::recipe::Recipe;
use crate::data::Split;
use crate::space::Model;
use crate::space::ednas::{FusedDefinition, NetworkError, NetworkOptions, Upsampling};
use crate::space::model::ModelError;
use crate::task::{SEGMENTATION_CLASSES, Task};

/// One network and how it is trained. Equal trainings on equal numbers of threads give equal
/// weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// A named multi-task network or the text of a genome.
    pub network: String,
    /// What a Fused-IBN of a named network is; a genome's text says it itself.
    #[serde(default)]
    pub fused: FusedDefinition,
    /// What it predicts, one head each.
    pub tasks: Vec<Task>,
    /// The classes of a segmentation, as many as the data set has.
    #[serde(default = "street_classes", skip_serializing_if = "are_street_classes")]
    pub classes: usize,
    /// Rows of the images; a multiple of 128.
    pub height: usize,
    /// Columns of the images; a multiple of 128.
    pub width: usize,
    /// How heads return to the size of the image, as the target needs.
    pub upsampling: Upsampling,
    /// What it is trained and judged on.
    pub data: DataChoice,
    /// Length, learning rate and losses.
    pub recipe: Recipe,
    /// Picks the initial weights and the order of the images.
    pub seed: u64,
    /// Where weights start that have been trained before; absent for a network's first training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// Whose weights a first training begins with, as far as they fit; absent where all are
    /// random. Not together with `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherit: Option<Inherit>,
}

const fn street_classes() -> usize {
    SEGMENTATION_CLASSES
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
const fn are_street_classes(classes: &usize) -> bool {
    *classes == SEGMENTATION_CLASSES
}

/// A data set and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataChoice {
    /// The name of the data set, such as `scenes`.
    pub name: String,
    /// Its seed.
    pub seed: u64,
    /// The first so many samples of the training split; at least 1.
    pub train: usize,
    /// The first so many samples of the split that it is judged on; 0 leaves the evaluation out.
    pub validation: usize,
    /// Which split that is.
    #[serde(default, skip_serializing_if = "Judged::is_usual")]
    pub judged_on: Judged,
}

/// The split that a trained network is judged on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judged {
    /// What networks are chosen by.
    #[default]
    Validation,
    /// What nothing is chosen by: for figures of a report.
    Test,
}

impl Judged {
    /// The split.
    #[must_use]
    pub const fn split(self) -> Split {
        match self {
            Self::Validation => Split::Validation,
            Self::Test => Split::Test,
        }
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )]
    const fn is_usual(&self) -> bool {
        matches!(self, Self::Validation)
    }
}

/// The checkpoint that fine-tuning starts from.
///
/// Its batch norms are folded into the convolutions first and the weights and biases of these are
/// trained: what is trained is what is deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The file, of the same network.
    pub checkpoint: PathBuf,
    /// The [`fingerprint`](crate::fingerprint::fingerprint) of its bytes.
    pub fingerprint: String,
    /// How the network computes while it is fine-tuned.
    pub arithmetic: Arithmetic,
}

/// What a network computes with while it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Arithmetic {
    /// Single precision.
    Float,
    /// The int8 arithmetic of the quantized network.
    Int8 {
        /// The first so many samples of the calibration split give the first ranges of
        /// activations; at least 1.
        calibration: usize,
    },
}

/// Why there is no network to train.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainingError {
    /// The text names no network.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The size or the tasks do not fit.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Several networks, none of which does all tasks.
    #[error("{network} is {count} networks, one per task; give each task a training of its own")]
    Several {
        /// What was asked for.
        network: String,
        /// How many networks it is.
        count: usize,
    },
}

impl Training {
    /// The whole network, without values.
    ///
    /// # Errors
    ///
    /// [`TrainingError`] when the network, the size or the tasks do not fit.
    pub fn graph(&self) -> Result<Verified, TrainingError> {
        let mut networks = self.model()?.networks(&self.options())?;
        match (networks.pop(), networks.len()) {
            (Some(network), 0) => Ok(network),
            (_, others) => Err(TrainingError::Several {
                network: self.network.clone(),
                count: others + 1,
            }),
        }
    }

    /// The image and the heads of the network.
    #[must_use]
    pub fn options(&self) -> NetworkOptions {
        NetworkOptions {
            size: [self.height, self.width],
            tasks: self.tasks.clone(),
            classes: self.classes,
            upsampling: self.upsampling,
        }
    }

    /// The network before it is built.
    ///
    /// # Errors
    ///
    /// [`ModelError`] when the text names no network.
    pub fn model(&self) -> Result<Model, ModelError> {
        Model::parse(&self.network, self.fused)
    }

    /// What the network of `other` has otherwise than this one's, as `name: other's, own`; nothing
    /// when both are the same.
    #[must_use]
    pub fn network_difference(&self, other: &Self) -> Option<String> {
        let words = |t: &Self| {
            let tasks: Vec<&str> = t.tasks.iter().map(|task| task.name()).collect();
            [
                ("the model", t.network.clone()),
                ("a Fused-IBN", t.fused.to_string()),
                ("the heads", tasks.join(",")),
                ("the number of classes", t.classes.to_string()),
                ("the size", format!("{}x{}", t.height, t.width)),
                ("the upsampling", t.upsampling.to_string()),
            ]
        };
        let pairs = words(self).into_iter().zip(words(other));
        let differences: Vec<String> = pairs
            .filter(|(own, others)| own != others)
            .map(|((what, own), (_, others))| format!("{what} is {others} there, {own} here"))
            .collect();
        (!differences.is_empty()).then(|| differences.join("; "))
    }

    /// Whether batch norms are folded into convolutions before training.
    #[must_use]
    pub const fn is_folded(&self) -> bool {
        self.start.is_some()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use kernels::op::Coordinates;

    use super::*;

    /// A training that nothing is wrong with.
    pub(in crate::train) fn training() -> Training {
        Training {
            network: "mt-edge".to_owned(),
            fused: FusedDefinition::default(),
            tasks: vec![Task::Segmentation, Task::Depth],
            classes: SEGMENTATION_CLASSES,
            height: 128,
            width: 256,
            upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
            data: DataChoice {
                name: "scenes".to_owned(),
                seed: 1,
                train: 512,
                validation: 64,
                judged_on: Judged::Validation,
            },
            recipe: Recipe::of_steps(100),
            seed: 3,
            start: None,
            inherit: None,
        }
    }

    #[test]
    fn a_network_per_task_is_refused() {
        let several = Training {
            network: "st-edge".to_owned(),
            ..training()
        };
        let error = several.graph().unwrap_err().to_string();
        assert!(error.contains("st-edge is 2 networks"), "{error}");
    }

    #[test]
    fn the_network_is_the_one_of_the_size_and_the_tasks() {
        let graph = training().graph().unwrap();
        assert_eq!(graph[graph.inputs[0]].shape.nhwc(), Some([1, 128, 256, 3]));
        assert_eq!(graph.outputs.len(), 2);
    }
}

//! The named metrics, their tasks and directions, and what can be wrong with predictions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::definition::Definition;
use crate::task::Task;

/// A metric of the paper's tables (section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Mean intersection over union of the classes, percent.
    #[serde(rename = "mIoU")]
    MeanIou,
    /// Share of labeled pixels with the right class, percent.
    #[serde(rename = "PAcc")]
    PixelAccuracy,
    /// Mean absolute error of depth, in the unit of the labels.
    #[serde(rename = "AbsE")]
    AbsoluteError,
    /// Mean of absolute error over true depth, a fraction.
    #[serde(rename = "RelE")]
    RelativeError,
    /// Mean angle between predicted and true normal, degrees.
    #[serde(rename = "MeanE")]
    MeanAngle,
    /// Normals within 11.25 degrees, percent.
    #[serde(rename = "t11")]
    Within11,
    /// Normals within 22.5 degrees, percent.
    #[serde(rename = "t22")]
    Within22,
    /// Normals within 30 degrees, percent.
    #[serde(rename = "t30")]
    Within30,
}

/// One figure per metric.
pub type Scores = BTreeMap<Metric, f64>;

/// Which way a metric improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
}

impl Metric {
    /// Every metric, task by task.
    pub const ALL: [Self; 8] = [
        Self::MeanIou,
        Self::PixelAccuracy,
        Self::AbsoluteError,
        Self::RelativeError,
        Self::MeanAngle,
        Self::Within11,
        Self::Within22,
        Self::Within30,
    ];

    /// The short name of tables, records and reward settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeanIou => "mIoU",
            Self::PixelAccuracy => "PAcc",
            Self::AbsoluteError => "AbsE",
            Self::RelativeError => "RelE",
            Self::MeanAngle => "MeanE",
            Self::Within11 => "t11",
            Self::Within22 => "t22",
            Self::Within30 => "t30",
        }
    }

    /// The task it judges.
    #[must_use]
    pub const fn task(self) -> Task {
        match self {
            Self::MeanIou | Self::PixelAccuracy => Task::Segmentation,
            Self::AbsoluteError | Self::RelativeError => Task::Depth,
            Self::MeanAngle | Self::Within11 | Self::Within22 | Self::Within30 => Task::Normals,
        }
    }

    /// Which way it improves.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::MeanIou
            | Self::PixelAccuracy
            | Self::Within11
            | Self::Within22
            | Self::Within30 => Direction::HigherIsBetter,
            Self::AbsoluteError | Self::RelativeError | Self::MeanAngle => Direction::LowerIsBetter,
        }
    }

    /// The unit of its figures, empty for a bare number.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::MeanIou
            | Self::PixelAccuracy
            | Self::Within11
            | Self::Within22
            | Self::Within30 => "%",
            Self::MeanAngle => "deg",
            Self::AbsoluteError | Self::RelativeError => "",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Metric {
    type Err = MetricError;

    fn from_str(name: &str) -> Result<Self, MetricError> {
        Self::ALL
            .into_iter()
            .find(|metric| metric.name() == name)
            .ok_or_else(|| MetricError::Unknown {
                name: name.to_owned(),
            })
    }
}

/// Why there is no figure.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// No metric has the name.
    #[error(
        "`{name}` is not a metric; expected one of {}",
        Metric::ALL.map(Metric::name).join(", ")
    )]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// No definition has the name.
    #[error(
        "`{name}` is no definition of the metrics; expected one of {}",
        Definition::ALL.map(Definition::name).join(", ")
    )]
    UnknownDefinition {
        /// The name asked for.
        name: String,
    },
    /// A network that produced NaN or infinity.
    #[error("{count} of {total} predicted {task} values are not finite; the network has diverged")]
    NotFinite {
        /// The task of the head.
        task: Task,
        /// How many values.
        count: usize,
        /// Out of how many.
        total: usize,
    },
    /// Prediction and truth have different sizes.
    #[error("{task}: {found} predicted values for {expected} in the truth")]
    Size {
        /// The task.
        task: Task,
        /// Values in the truth.
        expected: usize,
        /// Values predicted.
        found: usize,
    },
    /// A class that does not exist, in prediction or truth.
    #[error("a {place} of class {found} where there are {classes}, counted from 0")]
    Class {
        /// "prediction" or "label".
        place: &'static str,
        /// The class met.
        found: u8,
        /// How many there are.
        classes: usize,
    },
    /// A task is evaluated, but the prediction lacks it.
    #[error("the {task} task is evaluated, but no {task} prediction was given")]
    Missing {
        /// The task.
        task: Task,
    },
    /// No pixel had a label, so that a mean would divide by 0.
    #[error("no pixel of the images has a {task} label: there is nothing to measure")]
    NothingLabeled {
        /// The task.
        task: Task,
    },
    /// A gain over a baseline whose metric is 0, or metrics that only one side has.
    #[error("{metric} cannot be compared: model {model:?}, baseline {baseline:?}")]
    Incomparable {
        /// The metric.
        metric: Metric,
        /// The model's figure.
        model: Option<f64>,
        /// The baseline's figure.
        baseline: Option<f64>,
    },
}

/// Refuses values that are NaN or infinite.
pub(super) fn check_finite(task: Task, values: &[f32]) -> Result<(), MetricError> {
    match values.iter().filter(|v| !v.is_finite()).count() {
        0 => Ok(()),
        count => Err(MetricError::NotFinite {
            task,
            count,
            total: values.len(),
        }),
    }
}

/// Refuses a prediction of another size than the truth.
pub(super) fn check_size(task: Task, expected: usize, found: usize) -> Result<(), MetricError> {
    if expected == found {
        Ok(())
    } else {
        Err(MetricError::Size {
            task,
            expected,
            found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_unknown_ones_list_the_known() {
        for metric in Metric::ALL {
            assert_eq!(metric.name().parse(), Ok(metric));
        }
        let message = "IoU".parse::<Metric>().unwrap_err().to_string();
        assert_eq!(
            message,
            "`IoU` is not a metric; expected one of mIoU, PAcc, AbsE, RelE, MeanE, t11, t22, t30"
        );
    }
}

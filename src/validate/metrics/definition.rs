//! Whose definition of the metrics: figures of one are not comparable with those of another.
//!
//! | | `standard` | `adashare-cityscapes` | `adashare-nyuv2` |
//! |---|---|---|---|
//! | mIoU over | classes in truth or prediction | classes with a true positive | as left |
//! | PAcc | labeled pixels of the set | all pixels: void is an error | labeled pixels, mean over batches |
//! | AbsE, RelE | labeled pixels of the set | mean over batches | mean over batches |
//! | MeanE and shares | between directions | between directions | between stored colors |
//!
//! A batch is what one call of [`Evaluation::add`](super::Evaluation::add) is given, and counts as much
//! as it has pixels. Stored colors are `(n + 1) * 127.5`: all of them point into one eighth of space,
//! so that angles between them are a third of those between directions or so.
//!
//! Source: `base_env.py` and `test.py` of AdaShare (github.com/sunxm2357/AdaShare, commit 0615a47).
//! Shares count an angle on the threshold, in all three.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::metric::MetricError;

/// A definition of the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Definition {
    /// The usual one: sums over the labeled pixels of the whole set.
    #[default]
    Standard,
    /// AdaShare's for Cityscapes.
    #[serde(rename = "adashare-cityscapes")]
    AdaShareCityscapes,
    /// AdaShare's for `NYUv2`.
    #[serde(rename = "adashare-nyuv2")]
    AdaShareNyuV2,
}

impl Definition {
    /// Every definition.
    pub const ALL: [Self; 3] = [
        Self::Standard,
        Self::AdaShareCityscapes,
        Self::AdaShareNyuV2,
    ];

    /// The name of options and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::AdaShareCityscapes => "adashare-cityscapes",
            Self::AdaShareNyuV2 => "adashare-nyuv2",
        }
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Definition {
    type Err = MetricError;

    fn from_str(name: &str) -> Result<Self, MetricError> {
        let found = Self::ALL.into_iter().find(|known| known.name() == name);
        found.ok_or_else(|| MetricError::UnknownDefinition {
            name: name.to_owned(),
        })
    }
}

/// A mean over batches, each weighted by its size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct BatchMean {
    sum: f64,
    weight: f64,
}

impl BatchMean {
    /// Adds the figure of a batch of so many pixels; none where nothing in it is labeled.
    pub(super) fn add(&mut self, figure: Option<f64>, pixels: usize) {
        if let Some(figure) = figure {
            self.sum += figure * pixels as f64;
            self.weight += pixels as f64;
        }
    }

    /// The mean; none before the first batch.
    pub(super) fn mean(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

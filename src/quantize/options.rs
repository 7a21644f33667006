//! What a quantization is asked for.

use std::fmt;
use std::str::FromStr;

use super::ranges::{Range, Ranges};

/// How the range of an activation is chosen from the values that calibration saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// The smallest and the largest value.
    MinMax,
    /// The range that holds this share of the values, in percent, above 50 and at most 100; half
    /// of the rest is cut off at each end.
    Percentile(f64),
    /// The range of the least mean squared error.
    Mse,
    /// The range whose quantized distribution diverges least from the true one (Kullback-Leibler).
    Entropy,
}

impl Method {
    /// The methods that a mixed choice picks from, in the order they are tried.
    pub const CANDIDATES: [Self; 4] = [
        Self::MinMax,
        Self::Percentile(PERCENTILE),
        Self::Mse,
        Self::Entropy,
    ];
}

/// The percentile where none is named.
const PERCENTILE: f64 = 99.99;

/// One method for all activations, or for each its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// The same for every activation.
    All(Method),
    /// For each activation the method that disturbs the outputs of the network least.
    Auto,
    /// The ranges that int8 arithmetic was trained with.
    Learned(Ranges),
}

/// What [`super::run`] is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The ranges of activations.
    pub choice: Choice,
    /// Whether the mean error of every channel is put into its bias.
    pub bias_correction: bool,
    /// The range of every input of the network, where it is known whatever the samples hold.
    pub inputs: Option<Range>,
    /// What is said of the result.
    pub judged: Judged,
}

/// What is measured of an int8 network, on a few of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Nothing.
    Nothing,
    /// The signal-to-noise ratio of every output.
    Outputs,
    /// The same of every layer, and what quantizing the layer alone does to the outputs.
    Layers,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            choice: Choice::All(Method::Mse),
            bias_correction: false,
            inputs: None,
            judged: Judged::Nothing,
        }
    }
}

/// A word that names no method.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a calibration method; expected minmax, percentile:99.99 (above 50, at most 100), \
     mse, entropy or auto"
)]
pub struct UnknownMethod(String);

impl FromStr for Choice {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        let unknown = || UnknownMethod(text.to_owned());
        let method = match text.split_once(':') {
            Some(("percentile", share)) => {
                let share: f64 = share.parse().map_err(|_| unknown())?;
                if !(share > 50.0 && share <= 100.0) {
                    return Err(unknown());
                }
                Method::Percentile(share)
            }
            Some(_) => return Err(unknown()),
            None => match text {
                "auto" => return Ok(Self::Auto),
                "minmax" => Method::MinMax,
                "percentile" => Method::Percentile(PERCENTILE),
                "mse" => Method::Mse,
                "entropy" => Method::Entropy,
                _ => return Err(unknown()),
            },
        };
        Ok(Self::All(method))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MinMax => f.write_str("minmax"),
            Self::Percentile(share) => write!(f, "percentile:{share}"),
            Self::Mse => f.write_str("mse"),
            Self::Entropy => f.write_str("entropy"),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(method) => method.fmt(f),
            Self::Auto => f.write_str("auto"),
            Self::Learned(_) => f.write_str("learned in training"),
        }
    }
}

/// The method in a few words, such as `mse, biases corrected`.
impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.choice.fmt(f)?;
        if self.bias_correction {
            f.write_str(", biases corrected")?;
        }
        Ok(())
    }
}

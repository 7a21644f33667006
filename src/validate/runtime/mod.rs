//! What runs a network: four runtimes behind one interface.
//!
//! `kernels` and tract are part of this program. LiteRT and onnxruntime are Python packages; each
//! is driven by a script that is embedded here and runs in a process of its own, so that a crash
//! is a message.

mod kernels;
mod python;
mod raw;
mod script;
#[cfg(feature = "validate")]
mod tract;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ::kernels::Data;
use anyhow::Result;
use exporters::Format;

use super::network::Network;
use crate::report::Progress;

pub use python::{Child, Python};

/// A runtime by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuntimeName {
    /// The integer evaluation of this program.
    Kernels,
    /// Google's runtime for TFLite, with its default delegate XNNPACK.
    LiteRt,
    /// Microsoft's runtime for ONNX.
    OnnxRuntime,
    /// Sonos' runtime, on the QDQ file.
    Tract,
}

impl RuntimeName {
    /// Every runtime, those of exact integers first: the first one present is what others are held
    /// against.
    pub const ALL: [Self; 4] = [Self::Kernels, Self::LiteRt, Self::OnnxRuntime, Self::Tract];

    /// The name of options and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernels => "kernels",
            Self::LiteRt => "litert",
            Self::OnnxRuntime => "onnxruntime",
            Self::Tract => "tract",
        }
    }

    /// Whether it computes int8 as LiteRT does, to the bit. The others read quantize-dequantize
    /// pairs, which leave rounding to them.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        match self {
            Self::Kernels | Self::LiteRt => true,
            Self::OnnxRuntime | Self::Tract => false,
        }
    }

    /// The format of the file that it runs; `None` where it evaluates the graph itself.
    #[must_use]
    pub const fn format(self) -> Option<Format> {
        match self {
            Self::Kernels => None,
            Self::LiteRt => Some(Format::TfLite),
            Self::OnnxRuntime | Self::Tract => Some(Format::Onnx),
        }
    }

    /// The runtime, ready to run.
    ///
    /// # Errors
    ///
    /// [`Absent`] when it is not on this machine.
    pub fn find(self) -> Result<Box<dyn Runtime>, Absent> {
        match self {
            Self::Kernels => Ok(Box::new(kernels::Kernels)),
            Self::LiteRt => Ok(Box::new(script::Script::find(&script::LITERT)?)),
            Self::OnnxRuntime => Ok(Box::new(script::Script::find(&script::ONNXRUNTIME)?)),
            #[cfg(feature = "validate")]
            Self::Tract => Ok(Box::new(tract::Tract)),
            #[cfg(not(feature = "validate"))]
            Self::Tract => Err(Absent {
                what: self.name().to_owned(),
                why: "this program was built without it".to_owned(),
                remedy: "build with the default features".to_owned(),
            }),
        }
    }
}

impl fmt::Display for RuntimeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RuntimeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|name| name.name() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is not a runtime; expected one of {names}")
        })
    }
}

/// A tool that is not on this machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is not there: {why}; {remedy}")]
pub struct Absent {
    /// The tool.
    pub what: String,
    /// What was looked for.
    pub why: String,
    /// How to get it.
    pub remedy: String,
}

/// How often a network is run to time it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// Runs before, which are not timed.
    pub warm_up: usize,
    /// Runs that are timed; 1 or more.
    pub timed: usize,
}

/// How long one inference takes on one thread, without the time that it waited for a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Inferences that were timed.
    pub runs: usize,
    /// Half of them took at most this.
    pub median: Duration,
    /// The fastest.
    pub min: Duration,
}

impl Timing {
    /// Of the times of some runs; `None` without any.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        Some(Self {
            runs: times.len(),
            median: *times.get(times.len() / 2)?,
            min: *times.first()?,
        })
    }
}

/// What runs a network on one thread, or many samples on several.
pub trait Runtime {
    /// Which one it is.
    fn name(&self) -> RuntimeName;

    /// Its release, and how it is set.
    fn version(&self) -> &str;

    /// Runs `network` on `samples`: for each, elements of the inputs in, elements of the outputs
    /// out, both in the order of the graph and channels last. `bar` counts samples.
    ///
    /// # Errors
    ///
    /// When the runtime cannot load or run the network, or gives other outputs than the graph has.
    fn run(
        &self,
        network: &Network,
        samples: &[Vec<Data>],
        bar: &Progress,
    ) -> Result<Vec<Vec<Data>>>;

    /// Times `network` on one sample, on one thread.
    ///
    /// # Errors
    ///
    /// When the runtime cannot load or run the network.
    fn time(&self, network: &Network, sample: &[Data], repeats: Repeats) -> Result<Timing>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_unknown_ones_list_the_known() {
        for name in RuntimeName::ALL {
            assert_eq!(name.name().parse(), Ok(name));
        }
        assert_eq!(
            "tflite".parse::<RuntimeName>(),
            Err(
                "`tflite` is not a runtime; expected one of kernels, litert, onnxruntime, tract"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_timing_is_the_middle_and_the_fastest() {
        let ms = Duration::from_millis;
        let timing = Timing::of(vec![ms(5), ms(1), ms(3)]);
        let expected = Timing {
            runs: 3,
            median: ms(3),
            min: ms(1),
        };
        assert_eq!(timing, Some(expected));
        assert_eq!(Timing::of(Vec::new()), None);
    }
}

//! One measured latency, and what is known of how it was taken.

use std::collections::BTreeMap;
use std::fmt;

use hwmodels::profile::Setup;

use crate::microbench::stacks;

/// A latency and where, how and on what it was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Where it stands.
    pub place: Place,
    /// What it is called; unique in its file.
    pub id: String,
    /// The network in the words of whoever measured; empty where nothing is said.
    pub model: String,
    /// The file of the network; empty where it is a stack.
    pub model_file: String,
    /// The stack of layers that the row describes instead.
    pub stack: Option<stacks::Row>,
    /// The accelerator, as a product; empty where nothing is said, as below.
    pub device: String,
    /// What connects it to the host.
    pub link: String,
    /// The machine around it.
    pub host: String,
    /// Its clock or operating point.
    pub clock: String,
    /// One inference, milliseconds; above 0.
    pub latency_ms: f64,
    /// Which figure of the runs it is.
    pub statistic: Statistic,
    /// Runs that the figure is of, where told.
    pub runs: Option<u64>,
    /// Runs before the first that counts, where told.
    pub warmup_runs: Option<u64>,
    /// What the time is of.
    pub includes: Includes,
    /// The network, where a column says so; measurements of one network share it.
    pub network: Option<String>,
    /// The family of the network, where a column says so.
    pub family: Option<String>,
    /// Who measured, or where it was published.
    pub source: String,
    /// Every other column that says something.
    pub notes: BTreeMap<String, String>,
}

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
}

/// Which figure of several runs a latency is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// The mean.
    Mean,
    /// The median.
    Median,
    /// The fastest.
    Min,
    /// The slowest.
    Max,
    /// The time that this percentage of runs keeps to, 1 to 99; not 50.
    Percentile(u8),
    /// Not told.
    Unstated,
}

/// What a measured time is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Includes {
    /// The network, from input in host memory to result in host memory.
    Network,
    /// The same, part of the network having run on the host.
    HostOperators,
    /// Work before or after the network too.
    Pipeline,
    /// Not told.
    Unstated,
}

impl Measurement {
    /// Where and how it was measured, in the words of whoever measured.
    #[must_use]
    pub fn setup(&self) -> Setup<'_> {
        Setup {
            device: &self.device,
            link: &self.link,
            host: &self.host,
            clock: &self.clock,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Statistic::Mean => f.write_str("mean"),
            Statistic::Median => f.write_str("median"),
            Statistic::Min => f.write_str("min"),
            Statistic::Max => f.write_str("max"),
            Statistic::Percentile(percent) => write!(f, "p{percent}"),
            Statistic::Unstated => f.write_str("unstated"),
        }
    }
}

impl Includes {
    /// The name in reports, which is also how a column `includes` spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Includes::Network => "network",
            Includes::HostOperators => "host-operators",
            Includes::Pipeline => "pipeline",
            Includes::Unstated => "unstated",
        }
    }
}
